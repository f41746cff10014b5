"""Tells that runs ended, whoever ran them: in the app, by the terminal's bell, in its title."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.notifications import SeverityLevel

from omnisend_tui.errors import AppError
from omnisend_tui.formats import number, percent
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot, Status
from omnisend_tui.sentences import hook_sentence
from omnisend_tui.tui.live import View
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.tui.words import profiles
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.engine.run import Run

_NAME = "omnisend-tui"
_TOGETHER = 1.0  # seconds: runs that end within them are told at once
_TITLE_CELLS = 120
_NAMED, _NAME_CELLS = 3, 24  # of exports that ended together
_TITLELESS = ("linux", "dumb", "")  # terminals that would print the title, or have none
# In the order of their weight; whoever cancels a run knows that it ended.
_TOLD: tuple[Status, ...] = (
    "failed", "interrupted", "finished_with_rejects", "finished",
)  # fmt: skip


def endings(before: View, after: View) -> list[Snapshot]:
    """The runs that ended between two looks, but for those that somebody cancelled."""
    known = {row.export.id: row.run for row in before.rows}
    found = []
    for row in after.rows:
        run, earlier = row.run, known.get(row.export.id)
        if run is None or run.status not in _TOLD or row.export.id not in known:
            continue
        same = earlier is not None and earlier.run_id == run.run_id
        if not (same and earlier is not None and earlier.ended):
            found.append(run)
    return found


def ending_words(runs: Sequence[Snapshot]) -> tuple[str, SeverityLevel]:
    """One sentence for all that ended, and how grave it is."""
    counts: Counter[str] = Counter(run.status for run in runs)
    worst = next(status for status in _TOLD if counts[status])
    severity: SeverityLevel = "information" if worst == "finished" else "warning"
    if worst == "failed":
        severity = "error"
    if len(runs) == 1:
        return _one(runs[0]), severity
    parts = [
        words.format(count=number(counts[status]))
        + (_named(runs, status) if status == worst else "")
        for status, words in _how(counts)
    ]
    told = ngettext("{count} export ended: {how}.", "{count} exports ended: {how}.", len(runs))
    return told.format(count=number(len(runs)), how=", ".join(parts)), severity


def title_of(view: View, last: Sequence[Snapshot]) -> str:
    """The terminal's title: what runs, or else what ended last, without control signs."""
    running = [row.run for row in view.rows if row.run is not None and not row.run.ended]
    if running:
        told = ngettext("{count} running", "{count} running", len(running))
        words = told.format(count=number(len(running)))
        counted = [run for run in running if run.total]
        total = sum(run.total or 0 for run in counted)
        done = percent(sum(run.closed for run in counted), total, ended=False)
        words = ", ".join(part for part in (words, done) if part)
    elif last:
        words = ending_words(last)[0].rstrip(".")
    else:
        return _NAME
    return clean(f"{_NAME}: {words}")[:_TITLE_CELLS]


@dataclass
class Telling:
    """Looks once a pulse at what changed; ``terminal`` is the value of TERM."""

    terminal: str
    _before: View | None = None
    _ended: list[Snapshot] = field(default_factory=list)
    _known: set[tuple[str, float | None]] = field(default_factory=set)
    _last: tuple[Snapshot, ...] = ()
    _since: float = 0.0
    _title: str = ""

    def look(self, view: View, now: float) -> tuple[str, SeverityLevel] | None:
        """What is to be told now, if anything; ``now`` is in seconds and never runs back.

        What can't be read is no news: it is compared with what was read last.
        """
        if view.failure is None:
            found = endings(self._before, view) if self._before is not None else []
            self._before = view
            # Two looks may overlap, and the older one come last.
            fresh = [run for run in found if (run.run_id, run.finished_at) not in self._known]
            self._known |= {(run.run_id, run.finished_at) for run in fresh}
            if fresh and not self._ended:
                self._since = now
            self._ended += fresh
        if not self._ended or now - self._since < _TOGETHER:
            return None
        self._last, self._ended = tuple(self._ended), []
        return ending_words(self._last)

    def title(self, view: View) -> str:
        """What the terminal is to be sent so that its title is right; '' where it is already."""
        title = title_of(view, self._last)
        if self.terminal in _TITLELESS or title == self._title:
            return ""
        # The first one keeps the title that the terminal had, for ``untitled``.
        kept = "" if self._title else "\x1b[22;2t"
        self._title = title
        return f"{kept}\x1b]2;{title}\x07"

    def untitled(self) -> str:
        """What gives the terminal its own title back; '' where it was never changed.

        A terminal that can't keep a title has none afterwards.
        """
        was, self._title = self._title, ""
        return "\x1b]2;\x07\x1b[23;2t" if was else ""


def failed_hooks(workspace: Workspace, over: Sequence["Run"]) -> list[str]:
    """A sentence for each hook of these runs that failed."""
    from omnisend_tui.hooks import failures

    try:
        lines = [line for run in over for line in failures(workspace.state, run.job.run_id)]
    except AppError as error:
        return [error.message]
    return [hook_sentence(line.parameters) for line in lines]


def _one(run: Snapshot) -> str:
    values = {"export": run.export, "profiles": profiles(run.read)}
    if run.status == "finished":
        return _("“{export}” finished: {profiles}.").format(**values)
    if run.status == "finished_with_rejects":
        told = ngettext(
            "“{export}” finished: {profiles}, {rejected} reject.",
            "“{export}” finished: {profiles}, {rejected} rejects.",
            run.rejected,
        )
        return told.format(**values, rejected=number(run.rejected))
    if run.status == "interrupted":
        return _("“{export}” was interrupted; r resumes it.").format(**values)
    why = run.error.message if run.error is not None else ""
    return _("“{export}” failed. {why}").format(**values, why=why).strip()


def _named(runs: Sequence[Snapshot], status: Status) -> str:
    """`` (A, B, C, …)``: those with a status; '' where there are many, and nothing is amiss."""
    names = [cut(clean(run.export), _NAME_CELLS) for run in runs if run.status == status]
    if status == "finished" and len(names) > _NAMED:
        return ""
    more = ["…"] if len(names) > _NAMED else []
    return f" ({', '.join([*names[:_NAMED], *more])})"


def _how(counts: Counter[str]) -> list[tuple[str, str]]:
    words = {
        "finished": ngettext("{count} finished", "{count} finished", counts["finished"]),
        "finished_with_rejects": ngettext(
            "{count} with rejects", "{count} with rejects", counts["finished_with_rejects"]
        ),
        "failed": ngettext("{count} failed", "{count} failed", counts["failed"]),
        "interrupted": ngettext(
            "{count} interrupted", "{count} interrupted", counts["interrupted"]
        ),
    }
    return [(status, text) for status, text in words.items() if counts[status]]
