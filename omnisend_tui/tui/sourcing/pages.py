"""The pages of a source: its files, its columns, its name."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from omnisend_tui import forms
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.emails import mask
from omnisend_tui.permissions import why_not
from omnisend_tui.profiles import Column
from omnisend_tui.tui.sourcing.draft import SourceDraft, end_of
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, wrapped
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.fields import F, FieldPage, FieldRow
from omnisend_tui.tui.wizard.page import Page
from omnisend_tui.tui.wizard.save import WorkingPage

_ENTRIES = 9  # lines of what a path may go on with


class PathRow(FieldRow):
    """The path, which completes."""

    def _widget(self) -> Widget:
        return PathInput(str(self._first), id=self.field.name)


class FilesPage(FieldPage[SourceDraft], WorkingPage[SourceDraft, tuple[Column, ...]]):
    """Where the profiles are; Next opens the files."""

    def title_line(self) -> str:
        return _("Files with profiles")

    def compose(self) -> ComposeResult:
        yield PathRow(forms.PATH, self.draft.value("path"))
        yield Lines(self.complaint_lines, classes="text complaint")
        yield Lines(self.words, classes="text")

    def own_keys(self) -> Sequence[Key]:
        field = self._field()
        return [Key("Tab", _("Complete"), "complete")] if field and field.offers() else []

    def do_complete(self) -> None:
        if (field := self._field()) is not None:
            field.complete()

    @on(PathInput.Found)
    def _found(self, event: PathInput.Found) -> None:
        event.stop()
        self.wizard.renew()

    @on(PathInput.Completed)
    def _completed(self, event: PathInput.Completed) -> None:
        event.stop()
        if (field := self._field()) is not None and field.take_completed():
            self.wizard.go_on()

    def _field(self) -> PathInput | None:
        return next(iter(self.query(PathInput)), None)

    def problem(self) -> str:
        return why_not(self.draft.workspace.actor, "manage_sources") or super().problem()

    def work(self) -> tuple[Column, ...]:
        opened = self.draft.workspace.open_source(self.draft.source)
        return tuple(opened.columns())

    def worked(self, result: tuple[Column, ...]) -> None:
        self.draft.take_columns(result)
        self.wizard.advance()

    def failed(self, error: AppError) -> None:
        if self.draft.take_error(error):
            self.wizard.advance()
        else:
            super().failed(error)
            if (field := self._field()) is not None:
                field.focus()

    def ready(self) -> bool:
        return not self.busy()

    def may_go_on(self) -> bool:
        """A path is opened as Tab completes it, however long its folder takes to answer."""
        if not self.ready():
            return False
        field = self._field()
        if field is not None and field.waits():
            self.wizard.renew()
            return False
        return True

    def busy(self) -> bool:
        field = self._field()
        return self._attempt is not None or (field is not None and field.awaited)

    def stop(self) -> None:
        self._attempt = None
        if (field := self._field()) is not None:
            field.give_up()

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._attempt is not None and event.value.strip() != self.draft.typed:
            # What is being opened is no longer what is wanted.
            self.stop()
            self.wizard.renew()
        super().on_input_changed(event)

    def words(self, width: int) -> Sequence[Line]:
        field = self._field()
        if self.busy():
            waits = field is not None and field.awaited
            told = _("Completing {path}") if waits else _("Opening {path}")
            path = field.value if field is not None and waits else self.draft.source.path
            path = end_of(path, max(10, width - 2 - cell_len(told.format(path=""))))
            return [(), (("● ", "accent"), (told.format(path=path), ""))]
        found = field.lines(width, _ENTRIES) if field is not None else ()
        if found:
            return [(), *found]
        return [
            (),
            *wrapped(
                _("One file, or many of a kind: ~/exports/people-*.csv. New files that fit the"
                  " pattern are read by the next run."), width,
            ),
            *wrapped(_("CSV, TSV, NDJSON and Parquet, also compressed."), width, "muted"),
        ]  # fmt: skip


class ColumnsPage(Page[SourceDraft]):
    """Which column is the key, and which names the segments; both may be none."""

    def __init__(self, draft: SourceDraft) -> None:
        super().__init__(draft)
        names = [column.name for column in draft.columns]
        chosen = draft.source.key or draft.source.segments_column
        index = names.index(chosen) if chosen in names else 0
        self._picker = Picker(names, self._column, index=index)

    def title_line(self) -> str:
        return _("Key and segments")

    def compose(self) -> ComposeResult:
        yield Lines(self._chosen, classes="text")
        yield self._picker

    def own_keys(self) -> Sequence[Key]:
        source, marked = self.draft.source, self._marked()
        if not marked:
            return ()
        is_key, names = marked == source.key, marked == source.segments_column
        return [
            Key("F5", _("No key") if is_key else _("Key"), "key"),
            Key("F6", _("No segments") if names else _("Segments"), "segments"),
        ]

    def about(self) -> tuple[str, str]:
        return _("columns"), _(
            "The key names a profile in lists of rejects, and lets a run export the rejects"
            " again. A customer number is good; without one the row number is used.\n\nThe segments"
            " column holds the names of a profile's segments, with ; or | between them.\n\nWhere"
            " their names tell, both columns are proposed."
        )

    def do_key(self) -> None:
        self._toggle("key")

    def do_segments(self) -> None:
        self._toggle("segments_column")

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    @on(Picker.Marked)
    def _moved(self) -> None:
        self.wizard.renew()

    def _marked(self) -> str:
        index = self._picker.index
        return "" if index is None else self.draft.columns[index].name

    def _toggle(self, field: str) -> None:
        if marked := self._marked():
            self.draft.choose(field, marked)
            self.wizard.renew()

    def _chosen(self, width: int) -> Sequence[Line]:
        source, wrong = self.draft.source, self.draft.wrong()
        return [
            _choice(_("Key"), source.key, _("none, the row number is used"), width),
            _choice(_("Segments"), source.segments_column, _("none, only All profiles"), width),
            *wrapped(f"! {wrong}" if wrong else "", width, "warning"),
            (),
            *wrapped(
                _("The key tells profiles apart, in lists of rejects for example; the segments"
                  " column holds the names of a profile's segments. F5 and F6 choose the marked"
                  " column as the one or the other."), width, "muted",
            ),
            (),
        ]  # fmt: skip

    def _column(self, index: int, width: int) -> Line:
        column, source = self.draft.columns[index], self.draft.source
        roles = [_("key")] if column.name == source.key else []
        roles += [_("segments")] if column.name == source.segments_column else []
        name = left(clean(cut(column.name, width)), 26)
        samples = ", ".join(cut(clean(masked(sample)), 30) for sample in column.samples)
        end: Line = ((", ".join(roles), "accent bold"),) if roles else ()
        return between(((name, ""), ("  ", ""), (samples, "muted")), end, width)


class NamePage(FieldPage[F]):
    """What the source is called."""

    def title_line(self) -> str:
        return _("Name of the source")

    def fields(self) -> Sequence[forms.Field]:
        return (forms.NAME,)

    def words(self, width: int) -> Sequence[Line]:
        text = _("Exports choose a source by this name. It can be changed later.")
        return [(), *wrapped(text, width)]


def _choice(label: str, column: str, none: str, width: int) -> Line:
    piece = (cut(clean(column), width - 14), "bold") if column else (none, "muted")
    return ((left(label, 14), "muted"), piece)


def masked(sample: str) -> str:
    """A value as the screens of a source show it: addresses are masked."""
    return mask(sample) if "@" in sample else sample
