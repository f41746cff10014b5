"""What keeps requests that change something from going out: a pause, or the end of the run."""

import threading

_GLANCE = 0.1  # seconds between looks


class Halt(threading.Event):
    """Set while the run is paused, and once it stops; ``set`` and ``clear`` are the pause alone."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop
        self.pauses = 0
        """How many pauses ended so far."""

    def clear(self) -> None:
        self.pauses += 1
        super().clear()

    @property
    def paused(self) -> bool:
        return super().is_set()

    def is_set(self) -> bool:
        return super().is_set() or self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Until the run stops, so that this is told at once; a pause alone cuts no wait short."""
        return self._stop.wait(timeout) or self.is_set()

    def outlast(self) -> None:
        """Waits for the end of a pause, or of the run."""
        while self.paused and not self._stop.is_set():
            self._stop.wait(_GLANCE)
