"""What the sandbox has counted, for tests and benchmarks."""

from collections import Counter, deque

from omnisend_tui.sandbox.limits import WINDOW


class Statistics:
    """Counts requests and answers; a request counts whether it was refused or not."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.with_key = 0
        self.most_in_window = 0
        self._times: deque[float] = deque()

    def arrived(self, method: str, path: str) -> None:
        """A request, ``path`` with the names of its parts (``/batches/{batchID}``)."""
        self.requests[f"{method} {path}"] += 1

    def knew_key(self, now: float) -> None:
        """The request had the right key: it counts for the brand."""
        self.with_key += 1
        self._times.append(now)
        while self._times[0] <= now - WINDOW:
            self._times.popleft()
        self.most_in_window = max(self.most_in_window, len(self._times))

    def answered(self, status: int) -> None:
        """An answer; 0 where the connection was cut."""
        self.answers[status] += 1

    def document(self) -> dict[str, object]:
        """Everything so far."""
        return {
            "requests": dict(self.requests),
            "answers": {str(status): n for status, n in dict(self.answers).items()},
            "requests_with_key": self.with_key,
            "max_requests_60s": self.most_in_window,
        }
