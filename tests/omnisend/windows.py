"""A clock for budgets, and what Omnisend's window holds at most."""

import threading
from bisect import bisect_left


class Clock:
    """A clock that only a waiting caller moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Waiting(threading.Event):
    """A stop event whose waits move the clock instead of sleeping."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now += timeout or 0.0
        return False


def most_in_a_window(times: list[float]) -> int:
    times = sorted(times)
    return max(bisect_left(times, start + 60) - at for at, start in enumerate(times))
