"""Which lines of a run's log are one too many: of a kind, one in some seconds is enough."""

import threading

_QUIET = 10.0  # seconds


class Folding:
    """Usable from any thread; moments are seconds that never run back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[str, tuple[float, int]] = {}

    def see(self, kind: str, now: float) -> int | None:
        """How many of a ``kind`` weren't told since its last line; None where this one isn't."""
        with self._lock:
            told = self._told.get(kind)
            if told is not None and now - told[0] < _QUIET:
                self._told[kind] = (told[0], told[1] + 1)
                return None
            self._told[kind] = (now, 0)
            return told[1] if told is not None else 0
