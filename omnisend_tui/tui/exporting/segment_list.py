"""The segments of a source: several are chosen, others left out, and the union is counted."""

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from omnisend_tui.bare_names import bare_segments
from omnisend_tui.errors import AppError
from omnisend_tui.formats import moment_at, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.sources.base import MOST_MEMBERSHIPS, ProfileSource, Segment, Selection
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.looking import Looked, count_several, selection_of
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import (
    Line,
    between,
    clean,
    clip,
    cut,
    left,
    length,
    right,
    wrapped,
)  # fmt: skip
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.page import sentence_of

_PAUSE = 0.4  # seconds: what is chosen in passing isn't counted
_FIGURES, _WHEN = 9, 12  # cells of the profiles and of the last refresh


class SegmentList(Vertical):
    """Changes the segments of the draft; each change and each count is a ``Changed``."""

    DEFAULT_CSS = """
    SegmentList { height: 1fr; }
    """

    class Changed(Message):
        """Other segments, or something was counted."""

    def __init__(self, draft: ExportDraft, now: Callable[[], datetime]) -> None:
        """``now`` is on the user's clock."""
        super().__init__(id="choosing")
        self._draft = draft
        self._now = now
        self._known: tuple[Segment, ...] = ()
        self._bare: dict[str, str] = {}
        self._gone: frozenset[str] = frozenset()
        self.dated = False
        """Whether the source tells when its segments were refreshed."""
        self._opened: ProfileSource | None = None
        self._count: Attempt[int] | None = None
        self._several: Attempt[int] | None = None
        self._error: AppError | None = None
        self.picker = Picker((), self._segment, id="segments")

    def compose(self) -> ComposeResult:
        yield self.picker
        yield Lines(self._union, classes="text")

    def on_mount(self) -> None:
        self._waiting = self.set_timer(_PAUSE, self._begin, pause=True)
        self.set_interval(0.1, self._look)

    def on_unmount(self) -> None:
        self._stop()

    @property
    def shown(self) -> bool:
        """Whether there are segments to choose from."""
        return bool(self._known)

    @property
    def failure(self) -> AppError | None:
        """Why the chosen segments couldn't be counted."""
        return self._error

    def heading(self, start: Line, width: int) -> Line:
        """``start``, and what the cells at the end of each row are."""
        end = _("Profiles")
        if self.dated:
            end = right(end, _FIGURES) + "  " + left(_("Refreshed"), _WHEN)
        return between(start, ((end, "muted"),), width - 2)

    def marked(self) -> str:
        """The segment under the bar, '' for none."""
        index = self.picker.index
        return self._known[index].name if index is not None else ""

    def fill(self, looked: Looked | None) -> None:
        """Shows the segments of a source, and those of the export that it no longer has."""
        self._stop()
        self._error = None
        if looked is None:
            self._known, self._opened, self._gone, self.dated = (), None, frozenset(), False
            self.picker.set_names(())
            return
        export = self._draft.export
        names = {each.name for each in looked.segments}
        wanted = dict.fromkeys((*export.segments, *export.except_segments))
        profiles = 0 if looked.by_column else None
        lost = [Segment(name, profiles) for name in wanted if name not in names]
        self._known = (*lost, *looked.segments)
        self._bare = bare_segments(each.name for each in self._known)
        self._gone = frozenset(e.name for e in lost if looked.lists_all)
        self.dated = any(each.refreshed is not None for each in looked.segments)
        self._opened = looked.opened
        listed = [each.name for each in self._known]
        chosen = export.segments[0] if export.segments else ""
        searched = [f"{each.label} {each.name}".strip() for each in self._known]
        self.picker.set_names(searched, listed.index(chosen) if chosen in listed else 0)
        self._begin()

    def choose(self) -> None:
        """Chooses the marked segment, or no longer."""
        if name := self.marked():
            self._draft.choose(name)
            self._changed()

    def leave_out(self) -> None:
        """Leaves the profiles of the marked segment out, or no longer."""
        if name := self.marked():
            self._draft.leave_out(name)
            self._changed()

    def counting(self) -> bool:
        """Whether the number of profiles isn't known yet, and will be."""
        return bool(
            self._error is None
            and self._opened is not None
            and self._draft.total() is None
            and not self._draft.segments_fault()
        )

    # Counting.

    def _changed(self) -> None:
        self._stop()
        self._error = None
        self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE, self._begin)
        self.post_message(self.Changed())

    def _stop(self) -> None:
        for attempt in (self._count, self._several):
            if attempt is not None:
                attempt.stop.set()
        self._count = self._several = None

    def _begin(self) -> None:
        draft, opened, selection = self._draft, self._opened, selection_of(self._draft.export)
        if opened is None or self._error is not None or self._count or self._several:
            return
        if draft.segments_fault():
            return
        if draft.total() is None:
            self._count = Attempt(lambda attempt: opened.count(selection, attempt.stop))
        elif len(selection.segments) > 1 and draft.in_several() is None:
            self._several = Attempt(lambda attempt: count_several(opened, selection, attempt.stop))

    def _look(self) -> None:
        source = self._draft.export.source
        selection = selection_of(self._draft.export)
        done = self._take(self._count, self._draft.counts, (source, selection))
        if done:
            self._count = None
        elif self._take(self._several, self._draft.several, (source, selection)):
            self._several, done = None, True
        if done:
            self._begin()
            self.post_message(self.Changed())

    def _take(
        self,
        attempt: Attempt[int] | None,
        counts: dict[tuple[str, Selection], int],
        key: tuple[str, Selection],
    ) -> bool:
        """Keeps what an attempt counted; whether it is done."""
        if attempt is None or not attempt.done:
            return False
        if attempt.result is not None:
            counts[key] = attempt.result
        else:
            self._error = attempt.error
        return True

    # What it says.

    def _segment(self, index: int, width: int) -> Line:
        segment, export = self._known[index], self._draft.export
        sign, ink = ("  ", "")
        if segment.name in export.segments:
            sign, ink = ("● ", "accent")
        elif segment.name in export.except_segments:
            sign, ink = ("✖ ", "warning")
        told = "–" if segment.profiles is None else number(segment.profiles)
        end: Line = ((told, "muted"),)
        if segment.name in self._gone:
            end = ((_("gone"), "warning"),)
        elif self.dated:
            when = left(moment_at(segment.refreshed, self._now()), _WHEN)
            end = ((f"{right(told, _FIGURES)}  {when}", "muted"),)
        start: Line = ((sign, ink), (clean(cut(segment.label or segment.name, width)), ""))
        bare = self._bare[segment.name]
        named: Line = ((f"  {clean(cut(bare, width))}", "muted"),)
        fits = length(start) + length(named) + length(end) < width
        if segment.label not in ("", bare) and fits:
            start = (*start, *named)
        return between(start, end, width)

    def _union(self, width: int) -> Sequence[Line]:
        if not self._known:
            return []
        return [*self._named(width), *self._counted(width)]

    def _named(self, width: int) -> Sequence[Line]:
        """What the marked segment is called inside; where no segment is found, where to name it."""
        index = self.picker.index
        if index is None and self._opened is not None and self._adds_names():
            told = _("One that isn't listed is named in the source: 3, then e.")
            return [(), *wrapped(told, width, "muted")]
        segment = self._known[index] if index is not None else None
        if segment is None or segment.label in ("", self._bare[segment.name]):
            return [()] * any(each.label for each in self._known)
        start: Line = ((_("Its name is kept:") + " ", "muted"),)
        return [clip((*start, (clean(cut(segment.name, width)), "")), width)]

    def _adds_names(self) -> bool:
        source = self._draft.workspace.config.sources.get(self._draft.export.source)
        return source is not None and source.lists_segments

    def _counted(self, width: int) -> Sequence[Line]:
        draft, export = self._draft, self._draft.export
        if self._error is not None:
            return [(), *wrapped(f"✖ {sentence_of(self._error)}", width, "error")]
        count = len(export.segments)
        if count > MOST_MEMBERSHIPS or (count and draft.segments_fault()):
            return [(), *wrapped(f"✖ {draft.segments_fault()}", width, "error")]
        told = ngettext("{count} segment", "{count} segments", count).format(count=number(count))
        if export.except_segments:
            out = len(export.except_segments)
            told += ", " + ngettext(
                "{count} left out", "{count} left out", out
            ).format(count=number(out))  # fmt: skip
        total = draft.total()
        if not count:
            do = _("No segment is chosen yet: F5 or Space chooses the marked one.")
            lines = wrapped(do, width, "muted")
            return [(), *lines, *([((told, "muted"),)] if export.except_segments else [])]
        if total is None:
            return [(), ((told + " ", ""), (_("● counting"), "accent"))]
        profiles = ngettext("{count} profile", "{count} profiles", total)
        told += ", " + profiles.format(count=number(total))
        several = draft.in_several()
        if count > 1 and several:
            told += ", " + _("{count} in several").format(count=number(several))
        return [(), *wrapped(told, width, "bold")]
