"""How long requests have to wait for a brand's window, which other runs may want too.

The rules are those of ``omnisend/budget.py``: whoever wants least goes first, so that a run ends
when it and all who want less have what they want, as if one run made all of these requests.
"""

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import accumulate

import msgspec

from omnisend_tui.omnisend.share import WINDOW

_FORESEEN = 60  # seconds; then each slot is taken again a window later
_NOTHING = 1e-6  # of a request


class Share(msgspec.Struct, frozen=True, array_like=True):
    """One limit: ``allowed`` requests in a window, of which ``chart`` were made (``Use``).

    Others want ``wanted`` yet, of which ``first`` go before this run's. ``under_way`` are this
    run's in the chart whose answers didn't come yet.
    """

    allowed: int
    chart: tuple[int, ...]
    wanted: int = 0
    first: int = 0
    under_way: int = 0

    @property
    def used(self) -> int:
        return sum(self.chart)


def until(
    requests: int,
    share: Share,
    *,
    at_once: float = math.inf,
    paced: bool = True,
    ready: int = 0,
    later: float = 0.0,
) -> float:
    """Seconds until so many are made, at most ``at_once`` in a second. ``paced``: also where nobody
    else wants any.

    Those after the first ``ready`` can't be made before ``later``.
    """
    if requests <= 0:
        return 0.0
    left, behind = float(share.first + requests), share.wanted - share.first
    chart = deque(map(float, share.chart))
    free, pace = float(share.allowed - share.used), share.allowed / WINDOW
    even = False
    for second in range(_FORESEEN):
        free += chart.popleft()
        may = left - (requests - ready) if second + 1 <= later else left
        even = left + behind > free and (paced or share.wanted > 0)
        made = max(0.0, min(may, free, at_once, pace if even else math.inf))
        left -= made
        free -= made
        chart.append(made)
        if left < _NOTHING:
            return second + 0.5
    windows, place = divmod(math.ceil(left) - 1, share.allowed)
    last = max(freed(chart, place - free), (place + 1) / pace if even else 0.0)
    return max(_FORESEEN + WINDOW * windows + last, requests / at_once)


def freed(chart: Iterable[float], oldest: float) -> float:
    """In how many seconds so many of the oldest requests of a window leave it, and one more."""
    if oldest < 0:
        return 0.0
    second = bisect_right([*accumulate(chart)], oldest)
    return WINDOW - 60 + min(second, 59) + 0.5
