"""Data matching: a row for each attribute, the first profiles as they would be sent, and counts."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from omnisend_tui.config.models import Attribute
from omnisend_tui.engine.preview import Sample
from omnisend_tui.i18n import N_, _
from omnisend_tui.mapping.fields import CUSTOM, FIELDS
from omnisend_tui.tui.exporting import matching_lines as drawn
from omnisend_tui.tui.exporting.column_picker import ColumnPicker
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.facts import field_word
from omnisend_tui.tui.exporting.matching_work import Matching
from omnisend_tui.tui.exporting.row_dialog import AddDialog, RowDialog, can_transform
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, wrapped
from omnisend_tui.tui.widgets.table import Table, TableRow
from omnisend_tui.tui.wizard.page import Page

_ADD = "+"
_LOOK = 0.1  # seconds between two looks at what goes on


class MatchTable(Table):
    """Enter is the page's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.page_key('Enter')", N_("Choose"), show=False, priority=True),
    ]


class MatchingPage(Page[ExportDraft]):
    """Which column feeds which field. The source is read and counted in threads."""

    full: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "do('add')", show=False),
        Binding("delete", "do('remove')", show=False),
        Binding("t", "do('transform')", show=False),
        Binding("n", "do('turn')", show=False),
    ]

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        draft.see_mapping()
        self._work = Matching(draft)
        self._table = MatchTable(id="matches")
        self._at = 0  # the first of the profiles shown

    def title_line(self) -> str:
        return _("Data matching")

    def compose(self) -> ComposeResult:
        yield self._table
        yield Lines(self._preview, id="preview", classes="text")
        yield Lines(self._whole, id="whole", classes="text")

    def on_mount(self) -> None:
        self._work.start()
        self.set_interval(_LOOK, self._look)

    def on_unmount(self) -> None:
        self.stop()

    def stop(self) -> None:
        self.draft.field_at = self._table.marked or ""
        self._work.stop()

    def ready(self) -> bool:
        return bool(self._work.mapping) and not self._work.fault

    def problem(self) -> str:
        return self._work.fault

    def own_keys(self) -> Sequence[Key]:
        if self._table.marked == _ADD:
            keys = [Key("Enter", _("Add"), "add"), Key("n", _("Next three"), "turn")]
            return [*keys, Key("a", _("Add"), "add")] if self.wizard.wide else keys
        keys = [
            Key("Enter", _("Choose"), "choose"),
            Key("Del", _("Remove"), "remove"),
            Key("t", _("Transform"), "transform"),
        ]
        if self.wizard.wide:  # elsewhere the last row and the line above the profiles say them
            keys += [Key("a", _("Add"), "add"), Key("n", _("Next three"), "turn")]
        return keys

    def about(self) -> tuple[str, str]:
        return _("data matching"), _(
            "Which column feeds which field of Omnisend. Enter chooses a column, t a fixed value,"
            " letters and dates; n shows the next three profiles. What isn't matched stays as it"
            " is in Omnisend."
        )

    def show(self) -> None:
        self._table.show(drawn.table_columns(self.draft.export.source), self._rows())
        self._mark(self.draft.field_at)
        self.draft.field_at = ""
        super().show()

    def _look(self) -> None:
        if not self._work.look():
            return
        counts = self._work.counts
        # Beneath a dialog each change draws the whole dimmed page: only the end is worth that.
        if self.app.screen is self.wizard or (counts is not None and counts.done):
            self.wizard.renew()

    # Keys.

    def action_do(self, what: str) -> None:
        getattr(self, f"do_{what}")()

    @on(Table.RowSelected)
    def _row_pressed(self, event: Table.RowSelected) -> None:
        event.stop()
        self.do_add() if self._table.marked == _ADD else self.do_choose()

    @on(Lines.Pressed, "#preview")
    def _preview_pressed(self, event: Lines.Pressed) -> None:
        if event.y == 1:
            self.do_turn()

    def do_turn(self) -> None:
        """The next three profiles; after the last ones the first."""
        following = self._at + drawn.SHOWN
        self._at = following if following < len(self._work.samples) else 0
        self.wizard.renew()

    def do_choose(self) -> None:
        if (field := self._table.marked) is not None:
            self._pick(field, partial(self._chosen, field))

    def do_remove(self) -> None:
        field = self._table.marked
        if field == "email":
            self.wizard.say(_("Omnisend knows a contact by its e-mail address, so it stays."))
        elif field is None or self._work.of(field) is None:
            self.wizard.say(_("This field isn't matched, so nothing of it is sent."))
        else:
            self._take(field, None)

    def do_add(self) -> None:
        if self._has_rows():
            self.app.push_screen(AddDialog(self._work.free()), self._adding)

    def do_transform(self) -> None:
        field = self._table.marked
        old = self._work.of(field) if field is not None else None
        if old is None and field in FIELDS:
            old = Attribute(field=field)  # what has no column may be the same for all
        if old is None or not can_transform(old):
            self.wizard.say(_("It is sent as it is: trimmed, and in the form that Omnisend takes."))
        else:
            self._transform(old.field, old)

    # What the dialogs end with.

    def _chosen(self, field: str, column: str | None) -> None:
        if column is not None:
            self._work.choose(field, column)
            self._taken(field)

    def _adding(self, field: str | None) -> None:
        if field is not None:
            chosen = self._custom if field == CUSTOM else partial(self._chosen, field)
            self._pick(field, chosen)

    def _custom(self, name: str | None) -> None:
        rows = self._work.rows
        if name and rows is not None:
            column = next(each for each in rows.columns if each.name == name)
            self._transform("", self._work.custom(column))

    def _transform(self, old: str, attribute: Attribute) -> None:
        def ended(wanted: Attribute | None) -> None:
            if wanted is not None:
                self._take(old, wanted)

        column = self._work.names.get(attribute.column, attribute.column)
        fault = partial(self._work.fault_of, old)
        self.app.push_screen(RowDialog(attribute, column, fault), ended)

    def _pick(self, field: str, chosen: Callable[[str | None], None]) -> None:
        if not self._has_rows() or self._work.rows is None:
            return
        old = self._work.of(field)
        picker = ColumnPicker(
            _("A custom property") if field == CUSTOM else field_word(field),
            "" if field.startswith(CUSTOM) else field,
            self._work.rows,
            column=old.column if old is not None else "",
            may_be_none=field not in (CUSTOM, "email"),
        )
        self.app.push_screen(picker, chosen)

    def _take(self, old: str, wanted: Attribute | None) -> None:
        self._work.take(old, wanted)
        self._taken(wanted.field if wanted is not None else "")

    def _taken(self, field: str) -> None:
        self.wizard.renew()
        self._mark(field)

    def _mark(self, field: str) -> None:
        fields = self._work.fields()
        if field in fields:
            self._table.move_cursor(row=fields.index(field))

    def _has_rows(self) -> bool:
        if self._work.rows is None:
            self.wizard.say(self._work.error or _("The source is being read; one moment."))
        return self._work.rows is not None

    # What is shown.

    def _shown(self) -> Sequence[Sample]:
        return self._work.samples[self._at : self._at + drawn.SHOWN]

    def _rows(self) -> list[TableRow]:
        work = self._work
        first = [*self._shown(), *work.samples]
        rows = []
        for field in work.fields():
            attribute = work.of(field)
            sure = work.sure(attribute) if attribute is not None else None
            row = drawn.match_row(field, attribute, sure, work.names, first, work.counts)
            rows.append(row)
        return [*rows, drawn.add_row(_ADD)]

    def _state(self, width: int) -> list[Line]:
        """What stands where profiles would: why there are none."""
        work = self._work
        if work.fault or work.error:
            return wrapped(f"✖ {work.fault or work.error}", width, "error")
        if work.reading:
            return [(("● ", "accent"), (_("Reading the first profiles"), ""))]
        if not work.samples:
            return wrapped(_("Nobody is in this segment."), width, "muted")
        return []

    def _preview(self, width: int) -> Sequence[Line]:
        if self.wizard.wide:
            return []
        told = self._state(width)
        lines = told or [drawn.preview_line(each, width) for each in self._shown()]
        lines += [()] * (drawn.SHOWN - len(lines))
        return [(), drawn.preview_heading(len(self._shown()), self._work.counts, width), *lines]

    def beside(self, width: int) -> Sequence[Line]:
        heading = drawn.pane_heading(len(self._shown()), self._work.counts, width)
        lines: list[Line] = [*heading, ()]
        room = (self.screen.size.height - 9) // drawn.SHOWN - 1
        for each in self._shown() if not self._state(width) else ():
            lines += [*drawn.preview_block(each, width, room), ()]
        return [*lines, *self._state(width)]

    def _whole(self, width: int) -> Sequence[Line]:
        counts = self._work.counts
        lines: list[Line] = [(), drawn.whole_heading(counts, width)]
        if counts is None:
            return [*lines, ()]
        if self.wizard.wide:
            return [*lines, *drawn.whole_table(counts, self._work.mapping, width)]
        return [*lines, drawn.whole_line(counts, width)]
