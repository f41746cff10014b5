"""Source and segments: both lists side by side, and how many profiles the chosen ones have."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.permissions import may
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.looking import Looked, look_at
from omnisend_tui.tui.exporting.segment_list import SegmentList
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.page import Page, sentence_of

_PAUSE = 0.3  # seconds: passing by a source doesn't open it


class SourcePage(Page[ExportDraft]):
    """The marked source is opened and counted in a thread; then some of its segments are chosen."""

    DEFAULT_CSS = """
    SourcePage #sides { height: 1fr; }
    SourcePage #left { width: 2fr; margin-right: 2; }
    SourcePage #right { width: 3fr; }
    SourcePage.-dated #left { width: 24; }
    SourcePage.-dated #right { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", show=False),
        Binding("slash", "search", show=False),
    ]

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        self._names = [each.name for each in draft.sources()]
        self._attempt: Attempt[Looked] | None = None
        self._error: AppError | None = None
        self._going = False  # Next was pressed while the profiles were being counted
        chosen = draft.export.source
        if chosen and chosen not in self._names:
            self._names.insert(0, chosen)  # it is gone, and says so
        index = self._names.index(chosen) if chosen else 0
        self._settled = (
            bool(chosen) or len(self._names) == 1
        )  # the source is, so segments come next
        self._told = draft.wrong.pop("Source", "")
        self._sources = Picker(self._names, self._source, index=index, id="sources")
        self._wanted = self._names[index] if self._names else ""  # the source that is chosen
        self._list = SegmentList(draft, lambda: self.omnisend.now())

    def title_line(self) -> str:
        return _("Source and segments")

    def compose(self) -> ComposeResult:
        if not self._names:
            yield Lines(self._nothing, classes="text")
            return
        with Horizontal(id="sides"):
            with Vertical(id="left"):
                yield Lines(lambda _width: [((_("Source"), "muted"),)])
                yield self._sources
            with Vertical(id="right"):
                yield Lines(self._heading)
                yield Lines(self._state, classes="text")
                yield self._list

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._waiting = self.set_timer(_PAUSE, self._open, pause=True)
        if self._names:
            self._open()

    def own_keys(self) -> Sequence[Key]:
        if not self._list.shown:
            return ()
        name, export = self._list.marked(), self.draft.export
        out = _("Don't leave out") if name in export.except_segments else _("Leave out")
        choose = _("Don't choose") if name in export.segments else _("Choose")
        return [Key("F5", choose, "choose"), Key("F6", out, "leave_out")]

    def about(self) -> tuple[str, str]:
        told = _(
            "F5 or Space chooses the marked segment, Enter does and then goes on. Who is in"
            " several is read once and gets all their tags. F6 leaves out who is in a segment,"
            " even if another one has them. The numbers were counted just now."
        )
        source = self.draft.workspace.config.sources.get(self._wanted)
        if source is not None and source.lists_segments:
            told += " " + _("A segment that isn't listed is named in the source: 3, then e.")
        return _("segments"), told

    def first_field(self) -> Widget | None:
        return self._list.picker.first if self._settled and self._error is None else None

    def ready(self) -> bool:
        return self._list.shown or self._error is not None

    def problem(self) -> str:
        if self._error is not None:
            # What is stored may stay: its file may be back tomorrow.
            before, name = self.draft.before, self.draft.export.source
            stays = before is not None and before.source == name
            known = name in self.draft.workspace.config.sources
            return "" if stays and known else sentence_of(self._error)
        if not self._list.shown:
            return ""
        if self._list.failure is not None:
            return sentence_of(self._list.failure)
        return self.draft.segments_fault()

    def go_on(self) -> None:
        if self._list.counting():
            self._going = True
        else:
            super().go_on()

    # Choosing.

    def action_choose(self) -> None:
        if self._sources.has_focus_within:
            self._to_segments()
        else:
            self.do_choose()

    def action_search(self) -> None:
        if self._list.shown:
            self._list.picker.search()

    def do_choose(self) -> None:
        self._list.choose()

    def do_leave_out(self) -> None:
        self._list.leave_out()

    @on(SegmentList.Changed)
    def _changed(self, event: SegmentList.Changed) -> None:
        event.stop()
        if self._going and not self._list.counting():
            self._going = False
            self.wizard.go_on()
        self.complaint = ""
        self._all()

    @on(Picker.Marked, "#segments")
    def _segment_marked(self) -> None:
        self._all()

    @on(Choices.Taken)
    @on(Input.Submitted)
    def _taken(self, event: Choices.Taken | Input.Submitted) -> None:
        event.stop()
        if self._sources in event.control.ancestors:
            self._choose_source()
            self._to_segments()
        elif self._list.marked() in self.draft.export.segments:
            self.wizard.action_next()
        else:
            self._going = False
            self.do_choose()

    def _to_segments(self) -> None:
        if self._error is None:
            self._list.picker.focus_first()

    # Opening the chosen source.

    @on(Picker.Marked, "#sources")
    def _source_marked(self, event: Picker.Marked) -> None:
        # Searching only looks.
        if not event.typed:
            self._choose_source()

    def _choose_source(self) -> None:
        index = self._sources.index
        if index is None or self._names[index] == self._wanted:
            return
        self._wanted, self._told = self._names[index], ""
        self._attempt, self._error, self._going = None, None, False
        self._list.fill(None)
        self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE, self._open)
        self._all()

    def _open(self) -> None:
        workspace, name = self.draft.workspace, self._wanted
        self.draft.take_source(name)
        try:
            source = workspace.source(name)
        except AppError as error:
            self._fail(error)
            return
        if (known := self.draft.looked.get(source.id)) is not None:
            self._fill(known)
        else:
            self._attempt = Attempt(lambda _attempt: look_at(workspace, source))
        self._all()

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None or not attempt.done:
            return
        self._attempt = None
        if attempt.error is not None:
            self._fail(attempt.error)
        elif attempt.result is not None:
            source = self.draft.workspace.source(self._wanted)
            self.draft.looked[source.id] = attempt.result
            self._fill(attempt.result)
        self._all()

    def _fill(self, looked: Looked) -> None:
        inside = self._list.picker.has_focus_within
        self.draft.propose(looked)
        self._list.fill(looked)
        self.set_class(self._list.dated, "-dated")
        if inside:
            self._list.picker.focus_first()

    def _fail(self, error: AppError) -> None:
        self._error = error
        if self._list.picker.has_focus_within:
            self._sources.focus_first()
        self._all()

    def _all(self) -> None:
        self.wizard.renew()

    # What it says.

    def _heading(self, width: int) -> Sequence[Line]:
        start: Line = ((_("Segments"), "muted"),)
        if self._list.shown:
            start = (*start, ("   /", "accent"), (" " + _("searches"), "muted"))
        return [self._list.heading(start, width)]

    def _state(self, width: int) -> Sequence[Line]:
        if self._error is not None:
            return wrapped(f"✖ {sentence_of(self._error)}", width, "error")
        if not self._list.shown:
            return [(("● ", "accent"), (_("Counting the profiles"), ""))]
        if self._told:
            return wrapped(f"✖ {self._told}", width, "error")
        if self.complaint and not self.draft.export.segments:
            return self.complaint_lines(width)
        return []

    def _nothing(self, width: int) -> Sequence[Line]:
        told = _("This workspace has no source yet, so there are no profiles to export.")
        do = (
            _("Leave with Esc and add one: 3 shows the sources, n makes one.")
            if may(self.draft.workspace.actor, "manage_sources")
            else _("Ask an administrator of this workspace to add one.")
        )
        return [*wrapped(told, width, "warning"), (), *wrapped(do, width)]

    def _source(self, index: int, width: int) -> Line:
        name = self._names[index]
        sign = "● " if name == self._wanted else "  "
        return ((sign, "accent"), (cut(clean(name), width - 2), ""))
