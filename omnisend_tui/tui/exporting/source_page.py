"""Source and segment: both lists side by side, and how many profiles each segment has."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.permissions import may
from omnisend_tui.sources.base import Segment
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.draft import ExportDraft, Looked, look_at
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.page import Page, sentence_of

_PAUSE = 0.3  # seconds: passing by a source doesn't open it


class SourcePage(Page[ExportDraft]):
    """The marked source is opened and counted in a thread; then one of its segments is marked."""

    DEFAULT_CSS = """
    SourcePage #sides { height: 1fr; }
    SourcePage #left { width: 2fr; margin-right: 2; }
    SourcePage #right { width: 3fr; }
    """

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        self._known = draft.sources()
        self._attempt: Attempt[Looked] | None = None
        self._error: AppError | None = None
        self._segments: tuple[Segment, ...] = ()
        names = [each.name for each in self._known]
        chosen = draft.export.source
        self._sources = Picker(
            names, self._source, index=names.index(chosen) if chosen in names else 0, id="sources"
        )
        self._picker = Picker((), self._segment, id="segments")

    def title_line(self) -> str:
        return _("Source and segment")

    def compose(self) -> ComposeResult:
        if not self._known:
            yield Lines(self._nothing, classes="text")
            return
        with Horizontal(id="sides"):
            with Vertical(id="left"):
                yield Lines(lambda _width: [((_("Source"), "muted"),)])
                yield self._sources
            with Vertical(id="right"):
                yield Lines(self._heading)
                yield Lines(self._state, classes="text")
                yield self._picker

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._waiting = self.set_timer(_PAUSE, self._open, pause=True)
        if self._known:
            self._open()

    def about(self) -> tuple[str, str]:
        return _("segment"), _(
            "Some of a source's profiles, by a column that names segments or by a condition. All"
            " profiles is in every source. The numbers were counted just now."
        )

    def ready(self) -> bool:
        return bool(self._segments)

    def problem(self) -> str:
        index = self._picker.index
        if not self._segments:
            return ""
        if index is None:
            return _("Choose a segment.")
        self.draft.take_segment(self._segments[index].name)
        return ""

    # Opening the marked source.

    @on(Picker.Marked, "#sources")
    def _another(self) -> None:
        self._attempt, self._error, self._segments = None, None, ()
        self._picker.set_names(())
        self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE, self._open)
        self._all()

    @on(Picker.Marked, "#segments")
    def _segment_marked(self) -> None:
        self._all()

    @on(Choices.Taken)
    @on(Input.Submitted)
    def _taken(self, event: Choices.Taken | Input.Submitted) -> None:
        event.stop()
        if self._sources not in event.control.ancestors:
            self.wizard.action_next()
        elif self._segments:
            self._picker.focus_first()

    def _open(self) -> None:
        index = self._sources.index
        if index is None:
            return
        source = self._known[index]
        self.draft.take_source(source.name)
        if (known := self.draft.looked.get(source.id)) is not None:
            self._fill(known)
            return
        workspace = self.draft.workspace
        self._attempt = Attempt(lambda _attempt: look_at(workspace, source))
        self._all()

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None or not attempt.done:
            return
        self._attempt, self._error = None, attempt.error
        index = self._sources.index
        if attempt.result is not None and index is not None:
            self.draft.looked[self._known[index].id] = attempt.result
            self._fill(attempt.result)
        self._all()

    def _fill(self, looked: Looked) -> None:
        self._segments = looked.segments
        names = [segment.name for segment in looked.segments]
        chosen = self.draft.export.segments[0]
        self._picker.set_names(names, names.index(chosen) if chosen in names else 0)
        self._all()

    def _all(self) -> None:
        self.wizard.renew()

    # What it says.

    def _heading(self, width: int) -> Sequence[Line]:
        start, end = ((_("Segment"), "muted"),), ((_("Profiles") + " ", "muted"),)
        return [between(start, end, width)]

    def _state(self, width: int) -> Sequence[Line]:
        if self._error is not None:
            return wrapped(f"✖ {sentence_of(self._error)}", width, "error")
        if self.complaint:
            return self.complaint_lines(width)
        if not self._segments and self._sources.index is not None:
            return [(("● ", "accent"), (_("Counting the profiles"), ""))]
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
        return ((cut(clean(self._known[index].name), width), ""),)

    def _segment(self, index: int, width: int) -> Line:
        segment = self._segments[index]
        profiles = "–" if segment.profiles is None else number(segment.profiles)
        name = clean(cut(segment.name, width))
        return between(((name, ""),), ((profiles, "muted"),), width)
