"""How often and for how long a request is tried again."""

from collections.abc import Callable

from tenacity import RetryCallState
from tenacity.stop import stop_base

from omnisend_tui.errors import AppError

WORTH_WAITING = 60.0  # seconds that somebody in front of a screen waits when the server says so
_HOUR = 3600.0  # that others wait; what is asked for seriously is minutes (contracts/dataverse.md)
_FEW = 3  # tries of an answer that comes whole and makes no sense


class Trouble(Exception):
    """An attempt that failed and is worth another.

    ``wait``: seconds, as the server asked for; ``few``: it hardly gets better by itself.
    """

    def __init__(
        self, reason: str, error: AppError, wait: float | None = None, *, few: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error
        self.wait = wait
        self.few = few


class Patience(stop_base):
    """Ends the tries of one request after a silence, or after few answers without any sense.

    Waits that the server asked for are no silence, as long as they come to no more than whoever
    waits has time for.
    """

    def __init__(self, patience: float, ticks: Callable[[], float]) -> None:
        self._patience = patience
        self._ticks = ticks
        self._since: float | None = None
        self._granted = max(patience, WORTH_WAITING if patience <= WORTH_WAITING else _HOUR)
        self._senseless = 0

    def __call__(self, state: RetryCallState) -> bool:
        now = self._ticks()
        if self._since is None:
            self._since = now
        over = now - self._since > self._patience
        if trouble := trouble_of(state):
            granted = min(trouble.wait or 0.0, self._granted)
            self._granted -= granted
            self._since += granted
            self._senseless += trouble.few
        return over or self._senseless >= _FEW


def trouble_of(state: RetryCallState) -> Trouble | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Trouble) else None
