"""When a request is tried again, and how long it waits for that (contracts/omnisend.md)."""

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, sleep_using_event
from tenacity.stop import stop_base

from omnisend_tui.engine.context import Context
from omnisend_tui.errors import AppError
from omnisend_tui.omnisend.errors import NotOmnisend, Refusal, Unreachable

_SHORTEST, _LONGEST = 0.5, 30.0  # seconds between tries

T = TypeVar("T")


class Outage(AppError):
    """No usable answer came for longer than the run's patience: the run is interrupted."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__("outage", message, hint)


def surely_not_done(error: BaseException) -> bool:
    """Whether the request certainly had no effect and is worth another try."""
    if isinstance(error, Refusal):
        return error.status in (408, 429, 503)
    return isinstance(error, Unreachable) and not error.arrived


def worth_another(error: BaseException) -> bool:
    """Whether a request that only reads is worth another try."""
    if isinstance(error, Refusal):
        return error.status in (408, 429) or error.status >= 500
    return isinstance(error, Unreachable | NotOmnisend)


def with_retries(
    context: Context,
    request: Callable[[], T],
    again: Callable[[BaseException], bool],
    stop: threading.Event,
) -> T:
    """``request`` until it succeeds, fails for good, or the patience for outages ends."""
    retrying = Retrying(
        retry=retry_if_exception(again),
        wait=_pause,
        stop=_Patience(context, stop),
        sleep=sleep_using_event(stop),
        before_sleep=lambda state: _note(context, state),
        reraise=True,
    )

    def attempt() -> T:
        try:
            return request()
        except (Refusal, Unreachable, NotOmnisend) as error:
            context.counters.answer(str(error.status) if isinstance(error, Refusal) else "network")
            raise

    result = retrying(attempt)
    context.answered()
    return result


class _Patience(stop_base):
    """Ends the tries with ``stop``, or after a silence that counts from the first failure.

    Before that nothing may have been asked for long: the run was paused, the machine asleep.
    """

    def __init__(self, context: Context, stop: threading.Event) -> None:
        self._context = context
        self._stop = stop
        self._failed_at: float | None = None

    def __call__(self, _state: RetryCallState) -> bool:
        now = self._context.ticks()
        if self._failed_at is None:
            self._failed_at = now
        silent = now - max(self._context.last_answer, self._failed_at)
        return self._stop.is_set() or silent > self._context.job.patience.outage


def pause_after(error: BaseException | None, attempt: int) -> float:
    """Seconds: what the server says, else doubling from half a second with jitter.

    ``attempt`` counts from 1.
    """
    if isinstance(error, Refusal) and error.retry_after is not None:
        return error.retry_after
    longest = min(_LONGEST, _SHORTEST * 2 ** min(attempt - 1, 10))
    return random.uniform(longest / 2, longest)


def _pause(state: RetryCallState) -> float:
    return pause_after(state.outcome.exception() if state.outcome else None, state.attempt_number)


def _note(context: Context, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    seconds = state.next_action.sleep if state.next_action else 0.0
    context.counters.add(retries=1)
    if isinstance(error, Refusal):
        if error.status == 429:
            context.answered()
            context.client.budget.hold(seconds)
            context.log_folded("rate_limited", seconds=round(seconds))
        else:
            context.unanswered("retry")
            context.log_folded(
                "retry", status=error.status, seconds=round(seconds), trace=error.trace
            )
    else:
        context.unanswered("network")  # told by ``Fresh``, once an outage
