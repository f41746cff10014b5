"""Progress of runs on stderr: redrawn lines in a terminal, a line now and then elsewhere."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TextIO

from omnisend_tui.cli.output import clean, fit, pad, width
from omnisend_tui.cli.words import doing
from omnisend_tui.formats import duration, number, percent
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import looking_back, looks_back

REDRAW_SECONDS = 0.25
LINE_SECONDS = 10.0
_BAR = 20
_LEAST_BAR = 6
_DROPPED = (1, 3, 0)  # of the figures, in this order, where the window is narrow
_NAME_CELLS, _DOING_CELLS, _SHARE_CELLS = 16, 10, 5
_GAPS = 2 + 2 + 1 + _SHARE_CELLS + 2  # of a line, and the share in it
_BRIEF = frozenset(
    {"budget", "asked", "export", "tags"}
)  # what is waited for again and again: no news


class Drawing(Protocol):
    """Shows snapshots; ``draw`` is called about four times a second with all runs in one order."""

    def draw(self, snapshots: Sequence[Snapshot]) -> None: ...

    def clear(self) -> None:
        """Takes away what would stand in the way of other lines."""
        ...


class NoDrawing:
    def draw(self, snapshots: Sequence[Snapshot]) -> None:
        pass

    def clear(self) -> None:
        pass


class LinesDrawing:
    """One line a run every ten seconds, and whenever what it does changes."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._told: dict[str, tuple[tuple[str, str, str], float]] = {}

    def draw(self, snapshots: Sequence[Snapshot]) -> None:
        now = self._clock()
        for snapshot in snapshots:
            told, when = self._told.get(snapshot.run_id, (("", "", ""), 0.0))
            waits = "" if snapshot.waiting_for in _BRIEF else snapshot.waiting_for
            status = "cancelling" if snapshot.cancelling else snapshot.status
            does = (status, snapshot.stage, waits)
            if does == told and (snapshot.ended or now - when < LINE_SECONDS):
                continue
            self._told[snapshot.run_id] = (does, now)
            self._stream.write(plain_line(snapshot) + "\n")
        self._stream.flush()

    def clear(self) -> None:
        pass


class RedrawnDrawing:
    """One line a run, redrawn in place; needs a terminal that moves its cursor.

    ``watching``: what ends leaves its last line, and where nothing runs that is said.
    """

    def __init__(
        self, stream: TextIO, size: Callable[[], tuple[int, int]], *, watching: bool = False
    ) -> None:
        self._stream = stream
        self._size = size
        self._watching = watching
        self._drawn: list[int] = []  # the cells of each line that stands there
        self._signs = "━─" if _can_show(stream, "━─") else "#-"

    def draw(self, snapshots: Sequence[Snapshot]) -> None:
        columns, rows = self._size()
        active = [snapshot for snapshot in snapshots if not snapshot.ended]
        ended = [plain_line(each) for each in snapshots if each.ended and self._watching]
        # A full last column would wrap on some terminals, and break the next redraw.
        lines = self._lines(active, columns - 1, max(1, rows - 1))
        above = self._back(columns)
        # Ctrl+C may come while it writes.
        self._drawn = [width(line) for line in lines]
        self._stream.write(above + "".join(f"{line}\n" for line in [*ended, *lines]))
        self._stream.flush()

    def clear(self) -> None:
        with contextlib.suppress(OSError):  # the terminal may be what was closed
            self._stream.write(self._back(self._size()[0]))
            self._stream.flush()
        self._drawn = []

    def _lines(self, active: Sequence[Snapshot], cells: int, room: int) -> list[str]:
        """At most ``room`` lines; the last says how many more there are."""
        if not active:
            return [fit(nothing_runs(), cells)] if self._watching else []
        shown = active if len(active) <= room else active[: room - 1]
        lines = drawn_lines(shown, self._signs, cells)
        if more := len(active) - len(shown):
            told = ngettext("… and {count} more", "… and {count} more", more)
            lines.append(fit(told.format(count=number(more)), cells))
        return lines

    def _back(self, columns: int) -> str:
        """What brings the cursor to the first line and clears from there.

        A window that became narrower has wrapped what stands there.
        """
        lines = sum(max(1, -(-cells // columns)) for cells in self._drawn)
        # A terminal shows ^C where the cursor stands, and moves it.
        return f"\r\x1b[{lines}A\x1b[J" if lines else ""


def drawing_on(stream: TextIO, *, redrawn: bool, watching: bool = False) -> Drawing:
    """What draws on ``stream``; ``redrawn``: it is a terminal whose lines can be drawn again."""
    if redrawn:
        return RedrawnDrawing(stream, terminal_size(stream), watching=watching)
    return LinesDrawing(stream, time.monotonic)


def can_redraw(stream: TextIO) -> bool:
    """Whether it is a terminal that moves its cursor."""
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def nothing_runs() -> str:
    return _("Nothing runs just now.")


def terminal_size(stream: TextIO) -> Callable[[], tuple[int, int]]:
    """A function that gives columns and rows of the terminal behind ``stream``."""

    def size() -> tuple[int, int]:
        try:
            found = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            found = shutil.get_terminal_size()
        return found.columns or 80, found.lines or 24

    return size


def plain_line(snapshot: Snapshot) -> str:
    """``Name: sending, 42 %, 2,100/5,000, 12,000/min, 0:14 left, 40/360 requests, 12 rejects``."""
    if looks_back(snapshot):
        return f"{clean(snapshot.export)}: {looking_back()}"
    share = percent(snapshot.closed, snapshot.total, ended=snapshot.ended_well)
    parts = [doing(snapshot), share, *_figures(snapshot)]
    return f"{clean(snapshot.export)}: " + ", ".join(part for part in parts if part)


def drawn_lines(snapshots: Sequence[Snapshot], signs: str, cells: int) -> list[str]:
    """The same as columns with a bar, in at most ``cells``; ``signs`` are those of its done and
    open part.

    The bars, which are of one length, shrink first, then why the budget is low, the rate, the
    budget and done/total go; rejects stay.
    """
    names = min(_NAME_CELLS, max((width(clean(each.export)) for each in snapshots), default=0))
    moving = [each for each in snapshots if not looks_back(each)]
    does = max([_DOING_CELLS, *(width(doing(each)) for each in moving)])
    bar, ends = _LEAST_BAR, [""] * len(moving)
    for figures in _fewer_and_fewer(moving):
        ends = ["  ".join(row) for row in figures]
        longest = max((width(end) for end in ends), default=0)
        bar = min(_BAR, cells - names - does - longest - _GAPS)
        if bar >= _LEAST_BAR:
            break
    bar = max(_LEAST_BAR, bar)
    rest = iter(ends)
    lines = []
    for each in snapshots:
        line = pad(fit(clean(each.export), names), names) + "  "
        if looks_back(each):
            line += looking_back()
        else:
            full = min(bar, bar * each.closed // each.total) if each.total else 0
            share = percent(each.closed, each.total, ended=each.ended_well).rjust(_SHARE_CELLS)
            line += f"{pad(doing(each), does)}  {signs[0] * full}{signs[1] * (bar - full)}"
            line += f" {share}  {next(rest)}"
        lines.append(fit(line, cells))
    return lines


def _fewer_and_fewer(snapshots: Sequence[Snapshot]) -> Iterator[list[list[str]]]:
    """Figures of each, as columns at the right edge, for windows of less and less width."""
    yield _as_columns([_figures(each) for each in snapshots], set())
    brief = [_figures(each, why=False) for each in snapshots]
    for dropped in range(len(_DROPPED) + 1):
        yield _as_columns(brief, set(_DROPPED[:dropped]))


def _as_columns(rows: list[list[str]], dropped: set[int]) -> list[list[str]]:
    columns = [
        [" " * (max(map(width, column)) - width(figure)) + figure for figure in column]
        for at, column in enumerate(zip(*rows, strict=True))
        if at not in dropped and any(column)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _figures(snapshot: Snapshot, *, why: bool = True) -> list[str]:
    """Done, rate, time left, requests and rejects, '' for what there isn't.

    ``why``: whether it says that the budget is low since others use it too.
    """
    total = "?" if snapshot.total is None else number(snapshot.total)
    rate = left = requests = ""
    if not snapshot.ended:
        rate = _("{rate}/min").format(rate=number(snapshot.rate_per_minute))
        used, limit = number(snapshot.budget_used), number(snapshot.budget_limit)
        requests = _("{used}/{limit} requests").format(used=used, limit=limit)
        if why and snapshot.budget_lowered:
            requests += " " + _("(others use it too)")
    if snapshot.time_left is not None:
        left = _("{time} left").format(time=duration(snapshot.time_left))
    rejects = ngettext("{rejected} reject", "{rejected} rejects", snapshot.rejected)
    rejects = rejects.format(rejected=number(snapshot.rejected))
    return [f"{number(snapshot.closed)}/{total}", rate, left, requests, rejects]


def _can_show(stream: TextIO, signs: str) -> bool:
    try:
        signs.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
