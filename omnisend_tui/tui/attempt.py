"""Something that takes a while, done in a thread of its own and looked at, never waited for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.log import log_exception

T = TypeVar("T")


class Attempt(Generic[T]):
    """One try. ``stop`` asks it to end early; what it still does then is nobody's concern.

    The thread dies with the process: quitting never waits for a server.
    """

    def __init__(self, work: Callable[["Attempt[T]"], T]) -> None:
        self.stop = threading.Event()
        self.steps: tuple[tuple[str, float], ...] = ()
        self.result: T | None = None
        self.error: AppError | None = None
        self._work = work
        self._done = threading.Event()
        threading.Thread(target=self._run, name="attempt", daemon=True).start()

    @property
    def done(self) -> bool:
        return self._done.is_set()

    def note(self, step: str, seconds: float = 0.0) -> None:
        """One part is done; called by the work."""
        self.steps = (*self.steps, (step, seconds))

    def _run(self) -> None:
        try:
            self.result = self._work(self)
        except AppError as error:
            self.error = error
        except Exception as error:
            if self.stop.is_set():
                return
            log_exception(error)
            self.error = AppError(
                "unexpected",
                _("Something unexpected happened ({kind}).").format(kind=type(error).__name__),
                _("Details are in the log."),
            )
        finally:
            self._done.set()
