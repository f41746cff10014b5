"""Progress of runs on stderr: redrawn lines in a terminal, a line now and then elsewhere."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TextIO

from omnisend_tui.cli.output import clean, fit, pad, width
from omnisend_tui.cli.words import looks_back, stage_word, status_word, waits_for_recovery
from omnisend_tui.formats import duration, number, percent
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot

REDRAW_SECONDS = 0.25
LINE_SECONDS = 10.0
_BAR = 20
_LEAST_BAR = 6
_DROPPED = (1, 3, 0)  # of the figures, in this order, where the window is narrow


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
    """One line a run every ten seconds, and whenever its status or stage changes."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._told: dict[str, tuple[str, float]] = {}

    def draw(self, snapshots: Sequence[Snapshot]) -> None:
        now = self._clock()
        for snapshot in snapshots:
            told, when = self._told.get(snapshot.run_id, ("", 0.0))
            does = looks_back() if waits_for_recovery(snapshot) else doing(snapshot)
            if does == told and (snapshot.ended or now - when < LINE_SECONDS):
                continue
            self._told[snapshot.run_id] = (does, now)
            self._stream.write(plain_line(snapshot) + "\n")
        self._stream.flush()

    def clear(self) -> None:
        pass


class RedrawnDrawing:
    """One line a run, redrawn in place; needs a terminal that moves its cursor."""

    def __init__(self, stream: TextIO, size: Callable[[], tuple[int, int]]) -> None:
        self._stream = stream
        self._size = size
        self._lines = 0
        self._signs = "━─" if _can_show(stream, "━─") else "#-"

    def draw(self, snapshots: Sequence[Snapshot]) -> None:
        columns, rows = self._size()
        active = [snapshot for snapshot in snapshots if not snapshot.ended]
        shown = active[: max(1, rows - 1)]
        names = min(16, max((width(clean(each.export)) for each in shown), default=0))
        self.clear()
        for snapshot in shown:
            # Ctrl+C may come between two lines.
            self._lines += 1
            # A full last column would wrap on some terminals, and break the next redraw.
            self._stream.write(drawn_line(snapshot, names, self._signs, columns - 1) + "\n")
        self._stream.flush()

    def clear(self) -> None:
        if self._lines:
            # A terminal shows ^C where the cursor stands, and moves it.
            self._stream.write(f"\r\x1b[{self._lines}A\x1b[J")
            self._stream.flush()
        self._lines = 0


def terminal_size(stream: TextIO) -> Callable[[], tuple[int, int]]:
    """A function that gives columns and rows of the terminal behind ``stream``."""
    import os

    def size() -> tuple[int, int]:
        try:
            found = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            found = shutil.get_terminal_size()
        return found.columns or 80, found.lines or 24

    return size


def plain_line(snapshot: Snapshot) -> str:
    """``Name: sending, 42 %, 2,100/5,000, 12,000/min, 0:14 left, 40/360 requests, 12 rejects``."""
    if waits_for_recovery(snapshot):
        return f"{clean(snapshot.export)}: {looks_back()}"
    share = percent(snapshot.closed, snapshot.total, ended=snapshot.ended)
    parts = [doing(snapshot), share, *_figures(snapshot)]
    return f"{clean(snapshot.export)}: " + ", ".join(part for part in parts if part)


def drawn_line(snapshot: Snapshot, name_cells: int, signs: str, cells: int) -> str:
    """The same with a bar in at most ``cells``; ``signs`` are those of its done and open part.

    The bar shrinks first, then why the budget is low, the rate, the budget and done/total; rejects
    stay.
    """
    name = pad(fit(clean(snapshot.export), name_cells), name_cells)
    start = f"{name}  {pad(doing(snapshot), 10)}  "
    if waits_for_recovery(snapshot):
        return fit(f"{name}  {looks_back()}", cells)
    share = percent(snapshot.closed, snapshot.total, ended=snapshot.ended).rjust(5)
    for figures in _fewer_and_fewer(snapshot):
        end = f" {share}  " + "  ".join(figures)
        bar = min(_BAR, cells - width(start) - width(end))
        if bar >= _LEAST_BAR:
            break
    bar = max(_LEAST_BAR, bar)
    full = min(bar, bar * snapshot.closed // snapshot.total) if snapshot.total else 0
    return fit(start + signs[0] * full + signs[1] * (bar - full) + end, cells)


def doing(snapshot: Snapshot) -> str:
    """The stage of a run that moves, else its status."""
    if snapshot.status != "running":
        return status_word(snapshot.status)
    return stage_word(snapshot.stage)


def _fewer_and_fewer(snapshot: Snapshot) -> Iterator[list[str]]:
    """Figures for windows of less and less width."""
    yield _figures(snapshot)
    figures = dict(enumerate(_figures(snapshot, why=False)))
    yield list(figures.values())
    for dropped in _DROPPED if len(figures) == len(_DROPPED) + 2 else ():
        del figures[dropped]
        yield list(figures.values())


def _figures(snapshot: Snapshot, *, why: bool = True) -> list[str]:
    """``why``: whether it says that the budget is low since others use it too."""
    total = "?" if snapshot.total is None else number(snapshot.total)
    figures = [f"{number(snapshot.closed)}/{total}"]
    if not snapshot.ended:
        figures.append(_("{rate}/min").format(rate=number(snapshot.rate_per_minute)))
        figures.append(_("{time} left").format(time=duration(snapshot.seconds_left)))
    used, limit = number(snapshot.budget_used), number(snapshot.budget_limit)
    requests = _("{used}/{limit} requests").format(used=used, limit=limit)
    if why and snapshot.budget_lowered and not snapshot.ended:
        requests += " " + _("(others use it too)")
    figures.append(requests)
    rejects = ngettext("{rejected} reject", "{rejected} rejects", snapshot.rejected)
    figures.append(rejects.format(rejected=number(snapshot.rejected)))
    return figures


def _can_show(stream: TextIO, signs: str) -> bool:
    try:
        signs.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
