"""Options: each with its value and one sentence of what it does to people."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from omnisend_tui import forms
from omnisend_tui.config.models import Source
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.sources.columns import find_column
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.consenting import Consenting, consent_warning, counting_line
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.looking import Looked, column_label, look_at
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.lines import Draw, Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, clip, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.fields import FieldPage, FieldRow
from omnisend_tui.tui.wizard.page import sentence_of

_CONSENT = (forms.CONSENT_COLUMN.name, forms.CONSENT_SOURCE.name)
_NONE = "–"


class OptionsPage(FieldPage[ExportDraft]):
    """Safe defaults; ``subscribed`` asks for the consent, says for how many, and asks once more.

    Marking or searching a consent column is looking: Enter or a click chooses it.
    """

    DEFAULT_CSS = """
    OptionsPage #options { height: 1fr; scrollbar-size-vertical: 1; }
    OptionsPage #options .told { padding-left: 20; }
    OptionsPage #consent { height: auto; }
    OptionsPage #columns { height: 5; margin-left: 20; }
    OptionsPage .complaint { height: auto; max-height: 4; }
    """

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        self._columns: list[str] = []
        self._looking: Attempt[Looked] | None = None
        self._consenting = Consenting(self)
        self._error: AppError | None = None
        self._picker = Picker((), self._column, click_takes=True, id="columns")
        self._wrong = draft.wrong.pop("Options", "")  # what it was opened for

    def title_line(self) -> str:
        return _("Options")

    def fields(self) -> Sequence[forms.Field]:
        return [each for each in forms.EXPORT_OPTIONS if each.name not in _CONSENT]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="options", can_focus=False):
            for field in self.fields():
                yield FieldRow(field, self.draft.value(field.name))
                yield Lines(self._told(field), classes="text told")
                if field is forms.EMAIL_STATUS:
                    with Vertical(id="consent"):
                        yield from self._consent()
        yield Lines(self.complaint_lines, classes="text complaint")

    def _consent(self) -> Iterable[Widget]:
        column = forms.CONSENT_COLUMN
        yield Lines(self._heading, classes="text")
        yield self._picker
        yield Lines(self._meaning, classes="text told")
        yield Lines(self._told(column), classes="text told")
        source = forms.CONSENT_SOURCE
        yield FieldRow(source, self.draft.value(source.name))
        yield Lines(self._told(source), classes="text told")

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._fill()
        self._show_consent()

    def on_unmount(self) -> None:
        self._consenting.stop()

    def first_field(self) -> Widget | None:
        if not (self._wrong and self._subscribes()):
            return None
        self.call_after_refresh(self._picker.scroll_visible)
        return self._picker.first

    def about(self) -> tuple[str, str]:
        focused = self.screen.focused
        if focused is not None and self._picker in focused.ancestors:
            return _(forms.CONSENT_COLUMN.label), _(forms.CONSENT_COLUMN.help)
        return super().about()

    # Taking what was entered.

    def problem(self) -> str:
        self._wrong = ""
        fault = self.keep() or self.draft.segments_fault() or self.draft.formats_fault()
        if not fault and self._gone(self._chosen()):
            fault = _("The source has no column “{column}” any more: choose another.").format(
                column=clean(self._chosen())
            )
        if fault and self._subscribes():
            if not self._chosen() or self._gone(self._chosen()):
                self._picker.focus_first()
                self.call_after_refresh(self._picker.scroll_visible)
            elif not self.draft.export.consent_source:
                field = self.query_one(f"#{forms.CONSENT_SOURCE.name}")
                field.focus()
                # The sentence takes the room of the last lines.
                self.call_after_refresh(field.scroll_visible)
        return fault

    def keep(self) -> str:
        return super().problem()

    def go_on(self) -> None:
        self._consenting.settle(self.wizard.advance, lambda: None)

    def _subscribes(self) -> bool:
        row = self.query_one(f"#row-{forms.EMAIL_STATUS.name}", FieldRow)
        return bool(row.value())

    def _chosen(self) -> str:
        return self.draft.export.consent_column

    def _gone(self, column: str) -> bool:
        """Whether the source is known to have no such column."""
        found = self.draft.found()
        if found is None or not column:
            return False
        return find_column([each.name for each in found.columns], column) is None

    @on(Choices.Taken)
    @on(Input.Submitted)
    def _take_column(self, event: Choices.Taken | Input.Submitted) -> None:
        index = self._picker.index
        if self._picker not in event.control.ancestors:
            return
        event.stop()
        event.prevent_default()
        if index is None:
            return
        column = self._columns[index - 1] if index else ""
        self.draft.export = replace(self.draft.export, consent_column=column)
        self.complaint = self._wrong = ""
        self._error = None
        self._count()
        if column:
            self.query_one(f"#{forms.CONSENT_SOURCE.name}").focus()
        self.wizard.renew()

    # Counting who agreed.

    @on(Choices.Marked)
    def _another_choice(self) -> None:
        self.complaint = ""
        self._show_consent()
        self.wizard.renew()

    def _show_consent(self) -> None:
        shown = self._subscribes()
        self.query_one("#consent").display = shown
        if not shown:
            return
        source, workspace = self._source(), self.draft.workspace
        if self.draft.found() is None and source is not None and self._looking is None:
            self._looking = Attempt(lambda _attempt: look_at(workspace, source))
        self._count()

    def _source(self) -> Source | None:
        return self.draft.workspace.config.sources.get(self.draft.export.source)

    def _fill(self) -> None:
        """Shows the columns of the source, and the chosen one though it be gone."""
        found, chosen = self.draft.found(), self._chosen()
        names = [column.name for column in found.columns] if found is not None else []
        chosen = find_column(names, chosen) or chosen
        if chosen and chosen not in names:
            names.insert(0, chosen)
        self._columns = names
        inside = self._picker.has_focus_within
        called = [f"{column_label(found, name)} {name}".strip() for name in names]
        self._picker.set_names([_NONE, *called], names.index(chosen) + 1 if chosen else 0)
        if inside:
            self._picker.focus_first()

    def _count(self) -> None:
        if self.draft.found() is not None and not self._gone(self._chosen()):
            self._consenting.count()
        else:
            self._consenting.stop()

    def _look(self) -> None:
        looking = self._looking
        if looking is None or not looking.done:
            self._consenting.look()
            return
        self._looking, self._error = None, looking.error
        source = self._source()
        if looking.result is not None and source is not None:
            self.draft.looked[source.id] = looking.result
            self._fill()
            if not self._consenting.counting:
                self._count()
        self.wizard.renew()

    # What it says.

    def complaint_lines(self, width: int) -> list[Line]:
        if self._wrong and not self.complaint:
            return wrapped(f"✖ {self._wrong}", width, "error")
        return [*super().complaint_lines(width), *self._consenting.lines()]

    def _told(self, field: forms.Field) -> Draw:
        def lines(width: int) -> Sequence[Line]:
            risky = field.kind == "choice" and bool(
                self.query_one(f"#row-{field.name}", FieldRow).value()
            )
            return wrapped(_(field.help), width, "warning" if risky else "muted")

        return lines

    def _meaning(self, width: int) -> Sequence[Line]:
        if (error := self._error or self._consenting.error) is not None:
            return wrapped(f"✖ {sentence_of(error)}", width, "error")
        if not self._chosen():
            return []
        warning = consent_warning(self.draft)
        lines = wrapped(f"! {warning}", width, "warning") if warning else []
        counted = self.draft.consent_count()
        if counted is None:
            return [*lines, counting_line()] if self._consenting.counting else lines
        told = _(
            "{yes} of {people} people say yes here: they get the marketing mail of the shop."
        ).format(yes=number(counted.agreed), people=number(counted.valid))
        if counted.mixed:
            told += " " + ngettext(
                "{count} address says yes and no in several rows: its first row holds.",
                "{count} addresses say yes and no in several rows: their first row holds.",
                counted.mixed,
            ).format(count=number(counted.mixed))
        return [*lines, *wrapped(told, width, "warning")]

    def _heading(self, _width: int) -> Sequence[Line]:
        label = _(forms.CONSENT_COLUMN.label)
        return [((label, "muted"), ("   Enter", "accent"), (" " + _("chooses"), "muted"))]

    def _column(self, index: int, width: int) -> Line:
        name = self._columns[index - 1] if index else ""
        sign = ("● " if name == self._chosen() else "  ", "accent")
        if not name:
            return (sign, (_("none chosen"), "muted"))
        if self._gone(name):
            end: Line = ((_("gone"), "warning"),)
            return between((sign, (clean(cut(name, width)), "")), end, width)
        label = clean(cut(column_label(self.draft.found(), name), width))
        told = cut(clean(cut(name, width)), width - 2)
        if not label or label == told:
            return (sign, (told, ""))
        return clip((sign, (label, ""), ("  ", ""), (told, "muted")), width)
