"""How long requests have to wait for a brand's window, which other runs may want too.

The rules are those of ``omnisend/budget.py``: whose requests fit the free window makes them at
once, so that small runs go before large ones wherever many slots get free together; the others are
paced, and who waits for a slot gets it as likely as anybody else.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from omnisend_tui.omnisend.budget import budget_reserve
from omnisend_tui.omnisend.share import WINDOW

LOOKS = 4  # requests for the states of batches towards a run's end
_SECONDS = 60  # of the chart
_FORESEEN = 4 * _SECONDS  # what comes later is shared evenly
_TOGETHER = 2  # times the even pace: so many get free at once, or are made
_FITS, _BARELY = 0.9, 0.5  # of the free slots, at such a time and else: looks take some of them
_ACTIVE = 10.0  # seconds of silence after which a rival may be gone
_MISSED = 10  # even parts that it let pass by then


class Share(msgspec.Struct, frozen=True, array_like=True):
    """One limit: ``allowed`` requests in a window, of which ``chart`` were made (``Use``).

    ``rivals`` are others who share it: seconds since each one's latest request, and how many it
    wanted yet. ``under_way`` are this run's in the chart whose answers didn't come yet.
    """

    allowed: int
    chart: tuple[int, ...]
    rivals: tuple[tuple[float, int], ...] = ()
    under_way: int = 0

    @property
    def used(self) -> int:
        return sum(self.chart)


def whole(share: Share) -> Share:
    """The window with the slots that batches leave to other requests."""
    return msgspec.structs.replace(share, allowed=share.allowed + 2 * budget_reserve(share.allowed))


def wanted(share: Share) -> list[int]:
    """What each rival wants yet that goes on: while nobody gets a slot, silence says nothing."""
    missed = _MISSED * (1 + len(share.rivals))
    return [
        requests
        for ago, requests in share.rivals
        if ago < _ACTIVE or sum(share.chart[-int(ago) :]) < missed
    ]


def until(
    requests: int, share: Share, *, paced: bool = True, ready: int = 0, later: float = 0.0
) -> float:
    """Seconds until so many are made, without rivals. What fits the free window goes out as the
    slots get free, more of it may be paced evenly; then each slot is taken again a window later.

    Those after the first ``ready`` can't be made before ``later``.
    """
    if requests <= 0:
        return 0.0
    windows, place = divmod(requests - 1, share.allowed)
    first = freed(share, place)
    if place >= ready:
        first = max(first, later)
    if windows and paced:
        first = max(first, (place + 1) * WINDOW / share.allowed)
    return first + WINDOW * windows


def freed(share: Share, place: int) -> float:
    """In how many seconds a slot of the window is free, counted from the first to be."""
    oldest = place - (share.allowed - share.used)  # those that are free already come first
    if oldest < 0:
        return 0.0
    second = bisect_right([*accumulate(share.chart)], oldest)
    return WINDOW - 60 + min(second, 59) + 0.5


def until_beside(requests: int, others: Sequence[int], share: Share, at_once: float) -> float:
    """Seconds until so many are made, where ``others`` want so many each.

    A run that doesn't wait for slots makes ``at_once`` in a second.
    """
    left = [float(each) for each in (requests, *others)]
    chart = deque(float(made) for made in share.chart)
    free, pace = float(share.allowed - share.used), share.allowed / _SECONDS
    for second in range(_FORESEEN):
        lately = max(chart[-1], chart[-2], chart[0])
        free += chart.popleft()
        before = free
        part = _FITS if lately > _TOGETHER * pace else _BARELY
        waiting = []
        for run in sorted(range(len(left)), key=left.__getitem__):
            if left[run] > part * free:
                waiting.append(run)
                continue
            made = min(left[run], at_once)
            left[run] -= made
            free -= made
        slots = max(0.0, min(free, pace))
        for place, run in enumerate(waiting):  # the smallest may want less than an even part
            made = min(left[run], slots / (len(waiting) - place))
            left[run] -= made
            slots -= made
            free -= made
        if left[0] < 1e-6:
            return second + (0.5 if 0 in waiting else 0.0)
        chart.append(before - free)
    return _FORESEEN + sum(min(left[0], each) for each in left) * WINDOW / share.allowed
