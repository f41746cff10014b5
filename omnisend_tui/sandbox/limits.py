"""Omnisend's rate limit: so many requests in any 60 seconds, and the stricter one for tags."""

import math
from collections import deque

WINDOW = 60.0


class SlidingWindow:
    """At most ``limit`` requests in any ``seconds``; those refused don't count."""

    def __init__(self, limit: int, seconds: float = WINDOW) -> None:
        self.limit = limit
        self.seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> int:
        """0 where a request fits at ``now`` (seconds of one clock), else whole seconds to wait."""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        if len(self._times) < self.limit:
            return 0
        return max(1, math.ceil(self._times[0] + self.seconds - now))

    def take(self, now: float) -> None:
        """Counts a request that ``wait`` let through."""
        self._times.append(now)


class Limits:
    """The windows of one brand."""

    def __init__(self, requests_per_minute: int, tag_requests_per_minute: int) -> None:
        self._all = SlidingWindow(requests_per_minute)
        self._tags = SlidingWindow(tag_requests_per_minute)

    def take(self, now: float, *, tags: bool = False) -> int:
        """Counts a request and gives 0, or the seconds after which it may come again."""
        windows = (self._all, self._tags) if tags else (self._all,)
        seconds = max(window.wait(now) for window in windows)
        if not seconds:
            for window in windows:
                window.take(now)
        return seconds
