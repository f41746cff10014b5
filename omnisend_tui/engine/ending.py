"""How a run ends: what stops its rooms, and the verdict on all of it."""

import threading
from collections.abc import Callable

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.retry import Outage
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.log import log_exception
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.omnisend.errors import Refusal, Unreachable
from omnisend_tui.progress import RunError, Status


def in_thread(context: Context, work: Callable[[], None]) -> threading.Thread:
    """``guarded`` in a thread of its own, which has begun."""
    thread = threading.Thread(target=guarded, args=(context, work), daemon=True)
    thread.start()
    return thread


def guarded(context: Context, work: Callable[[], None]) -> None:
    """A room's failure ends the run with a sentence; details of a surprise go to the log."""
    try:
        work()
    except Stopped:
        pass
    except Unreachable as error:
        context.fail(Outage(error.message, error.hint), abandon=True)
    except Refusal as error:
        lasting = error.status >= 500
        context.fail(Outage(error.message, error.hint) if lasting else error, abandon=True)
    except AppError as error:
        lasting = error.code in ("source_unreachable", "source_busy")
        context.fail(Outage(error.message, error.hint) if lasting else error)
    except Exception as error:
        log_exception(error)
        context.fail(
            AppError(
                "unexpected",
                _("Something unexpected ended the run."),
                _("Details are in the log; `omnisend-tui doctor` tells where it is."),
            )
        )


def verdict(context: Context, *, cancelled: bool) -> tuple[Status, RunError | None]:
    """Once nothing of the run is at work any more."""
    failure = context.failure
    now = context.counters.snapshot()
    # Whoever cancels while Omnisend can't be reached has a cancelled run.
    if failure is not None and not (cancelled and isinstance(failure, Outage)):
        status: Status = "interrupted" if isinstance(failure, Outage) else "failed"
        return status, RunError.of(failure)
    if cancelled:
        return "cancelled", None
    if context.standstill and (now.on_their_way or now.reading_done_at is None):
        return "failed", RunError(
            "standstill",
            _("Omnisend processed nothing for {minutes} minutes, so the rest wasn't sent.").format(
                minutes=number(round(context.job.patience.standstill / 60))
            ),
            _("Run the export again later: it looks first for what Omnisend did meanwhile."),
        )
    if now.on_their_way or now.reading_done_at is None:
        return "failed", RunError(
            "not_accounted",
            _("{count} profiles have no outcome.").format(count=now.on_their_way),
            _("Run the export again; contacts are updated, never doubled."),
        )
    return ("finished_with_rejects" if now.rejected else "finished"), None
