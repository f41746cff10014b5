"""The part of a brand's limit that this app takes, and who takes how much of it.

The shop's other tools use Omnisend's limit too, so a 429 can come within this app's own share. Each
one lowers the share for all processes, and quiet minutes win it back.
"""

from collections.abc import Iterable
from dataclasses import dataclass

WINDOW = 60.05  # seconds; the fraction covers the clocks' grain

_LOWER = 0.8  # what is left of the share after a 429
_FLOOR = 0.1  # of the limit, below which the share is never lowered
_WON_BACK = 0.05  # of the limit, in each minute without a 429


@dataclass(frozen=True, slots=True)
class Brand:
    """A row of ``brand``: times of the clock, and the part of the limit that was left at the last
    429. What it was then is won back from ``not_before`` on.
    """

    not_before: float
    next_at: float
    held_at: float
    share: float
    lowered_until: float

    def share_at(self, now: float) -> float:
        quiet = max(0.0, now - self.not_before)
        return min(1.0, self.share + _WON_BACK * quiet / 60)

    def lowered(self, now: float) -> float:
        """The share after a 429 now. What was sent before the last lowering is in Omnisend's window
        for a minute yet, so that a 429 in that time says nothing new.
        """
        if now < self.lowered_until:
            return self.share_at(now)
        return max(_FLOOR, self.share_at(now) * _LOWER)


@dataclass(frozen=True, slots=True)
class Rival:
    """Another run, or what is none, that takes slots of the brand: how many are in the window, and
    seconds since the latest of them.
    """

    slots: int
    ago: float


@dataclass(frozen=True, slots=True)
class Use:
    """The window as it is: requests in each of its last 60 seconds, oldest first, whoever made
    them (those under way are in the last); who else did, and how many of the asker's are under way;
    whether a 429 holds everybody, and whether the share is lowered since others use the brand's
    limit too; how many slots batches leave to other requests; the requests that others want yet,
    and how many of them go before the asker's.
    """

    allowed: int
    chart: tuple[int, ...]
    rivals: tuple[Rival, ...] = ()
    under_way: int = 0
    held: bool = False
    lowered: bool = False
    kept: int = 0
    wanted: int = 0
    first: int = 0

    @property
    def used(self) -> int:
        return sum(self.chart)


def chart_and_rivals(
    slots: Iterable[tuple[str, float]], taker: str, now: float
) -> tuple[tuple[int, ...], tuple[Rival, ...], int]:
    """Of ``Use``, as ``taker`` sees it, with its ``under_way``. ``slots``: taker, and when it is
    free; the latest first.
    """
    chart = [0] * 60
    under_way = 0
    rivals: dict[str, Rival] = {}
    for who, free_at in slots:
        ago = max(0.0, now + WINDOW - free_at)
        chart[59 - min(59, int(ago))] += 1
        if who != taker:
            seen = rivals.get(who, Rival(0, ago))
            rivals[who] = Rival(seen.slots + 1, seen.ago)
        else:
            under_way += free_at > now + WINDOW
    return tuple(chart), tuple(rivals.values()), under_way
