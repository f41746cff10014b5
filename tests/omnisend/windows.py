"""A clock for budgets, and what Omnisend's window holds at most."""

import threading


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
    return max(sum(1 for t in times if start <= t < start + 60) for start in times)
