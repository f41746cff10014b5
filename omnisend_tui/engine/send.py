"""Sends batches: takes a slot of the budget, posts, and hands on what Omnisend accepted."""

import threading
from collections.abc import Callable
from functools import partial

from omnisend_tui.engine.confirm import Confirmer
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import Closed
from omnisend_tui.engine.outbox import MOST_LOSSES, Outgoing
from omnisend_tui.engine.refused import refused
from omnisend_tui.engine.retry import Outage, surely_not_done, with_retries, worth_another
from omnisend_tui.engine.statuses import as_it_may_be_sent, may_subscribe
from omnisend_tui.engine.unsubscribed import WhileListIsFresh
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.contacts import with_status
from omnisend_tui.masking import mask_addresses
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.omnisend.errors import NotOmnisend, Refusal, Unreachable

_ITEM_REFUSALS = (400, 413, 422)


def send(context: Context, confirmer: Confirmer) -> None:
    """Works until the outbox is done or the run stops; one of several alike threads."""
    while (batch := context.outbox.take()) is not None:
        try:
            _send_one(context, confirmer, batch)
        except Stopped:
            _not_asked(context, batch)


def origin_of(run_id: str, number: int) -> str:
    """Unique per batch, so that one whose answer was lost is found by listing."""
    return f"omnisend-tui/{run_id}/{number}"


def take_back(context: Context) -> None:
    """What waits to be sent needn't be looked for by the next run. Once the senders ended."""
    ledger, batches = context.ledger, context.outbox.clear()
    never_sent = [batch for batch in batches if not batch.losses]
    ledger.close_batches(
        [
            Closed(ledger.row_of(batch.number), "dropped", dropped=range(batch.size))
            for batch in never_sent
        ]
    )
    ledger.drop([ledger.row_of(batch.number) for batch in batches if batch.losses])
    context.counters.add(batches=-len(batches))


def _send_one(context: Context, confirmer: Confirmer, taken: Outgoing) -> None:
    batch = _decided(context, taken)
    if batch is None:
        return
    origin = origin_of(context.job.run_id, batch.number)
    began = context.clock()
    # A decision that grew old ends the wait for a request; then the batch is decided anew.
    halt = WhileListIsFresh(context) if may_subscribe(context, batch) else context.outbox.halt
    again = _surely_not_subscribed if any(batch.statuses) else surely_not_done
    try:
        batch_id = with_retries(
            context,
            partial(_post, context, origin, _as_sent(context, batch), halt),
            again,
            context.stop,
        )
    except Stopped:
        _not_asked(context, batch)  # which may be another than the one that was taken
        return
    except (Unreachable, NotOmnisend, Refusal) as error:
        _not_accepted(context, confirmer, batch, error, again, began)
        return
    context.ledger.posted(batch.number, batch_id)
    context.counters.add(sent=len(batch.bodies), batches_open=1)
    if context.counters.snapshot().stage == "reading" and context.counters.enter("sending"):
        context.log("sending_began")
    confirmer.expect(batch_id, batch)


def _not_asked(context: Context, batch: Outgoing) -> None:
    """The run stopped or paused before a request went out; after a pause it is taken again."""
    context.counters.add(requests=-1)
    context.outbox.give_back(batch)


def _decided(context: Context, batch: Outgoing) -> Outgoing | None:
    """The batch with the statuses that it may carry; None where it isn't to be sent now."""
    try:
        return as_it_may_be_sent(context, batch)
    except (Unreachable, NotOmnisend, Refusal) as error:
        if not context.stop.is_set():
            lasting = worth_another(error)
            certain = isinstance(error, Refusal) and error.status in (401, 403, 410)
            context.fail(_outage(error) if lasting else error, abandon=lasting or certain)
    except AppError as error:  # Omnisend's list, or the ledger
        context.fail(error)
    context.outbox.give_back(batch)
    return None


def _surely_not_subscribed(error: BaseException) -> bool:
    """As ``surely_not_done``, for batches with statuses: 408 and 503 may come from half way."""
    return surely_not_done(error) and not (
        isinstance(error, Refusal) and error.status in (408, 503)
    )


def _post(context: Context, origin: str, bodies: list[bytes], halt: threading.Event) -> str:
    context.counters.add(requests=1)
    return context.client.post_batch(origin, bodies, halt, context.posts_left() + 1)


def _as_sent(context: Context, batch: Outgoing) -> list[bytes]:
    """The bodies with their statuses, and the tags that a contact lacks where they ride along."""
    bodies = batch.bodies
    if any(batch.statuses):
        bodies = [
            with_status(body, members) for body, members in zip(bodies, batch.statuses, strict=True)
        ]
    if context.riding:
        bodies = [
            context.head(adds) + body[1:] for body, adds in zip(bodies, batch.adds, strict=True)
        ]
    return bodies


def _not_accepted(
    context: Context,
    confirmer: Confirmer,
    batch: Outgoing,
    error: Unreachable | NotOmnisend | Refusal,
    again: Callable[[BaseException], bool],
    began: float,
) -> None:
    if isinstance(error, Refusal) and error.status in _ITEM_REFUSALS:
        context.answered()
        _divide(context, batch, error)
    elif again(error):
        if not context.stop.is_set():
            context.fail(_outage(error), abandon=True)
        context.outbox.give_back(batch)
    elif isinstance(error, Refusal) and error.status < 500 and error.status != 408:
        context.fail(error, abandon=error.status in (401, 403, 410))
        context.outbox.give_back(batch)
    elif batch.losses >= MOST_LOSSES:
        context.fail(error)
        _lost(context, batch)
    else:
        batch.losses += 1
        context.counters.add(retries=1)
        try:
            # Before it is looked for, and may be found.
            _lost(context, batch)
            context.log("batch_lost", batch=batch.number)
        finally:
            confirmer.look_for(origin_of(context.job.run_id, batch.number), batch, began)


def _lost(context: Context, batch: Outgoing) -> None:
    """Nobody knows whether Omnisend took it."""
    context.lost_at = context.ticks()
    context.counters.add(batches_lost=1)
    context.ledger.close_batches([Closed(context.ledger.row_of(batch.number), "posted")])


def _divide(context: Context, batch: Outgoing, error: Refusal) -> None:
    """A request that was refused as a whole: halves show which contact it was, the rest goes on."""
    size, row = len(batch.bodies), context.ledger.row_of(batch.number)
    if size == 1:
        refusal = Closed(row, "confirmed", refused={0: mask_addresses(error.message)})
        context.ledger.close_batches([refusal])
        context.reject([refused(batch, 0, error.message)])
        context.forgo_tags(batch, [0])
        context.counters.add(to_send=-1, batches_confirmed=1, batches_with_errors=1)
        context.judge_rejects()
    else:
        halves = [list(range(size // 2)), list(range(size // 2, size))]
        parts = [batch.part(context.next_number(), half, batch.losses) for half in halves]
        context.record(parts, instead=1)
        context.ledger.close_batches([Closed(row, "replaced", dropped=range(size))])
        context.outbox.put_again(*parts)
    context.outbox.closed()


def _outage(error: AppError) -> AppError:
    return Outage(
        _("Omnisend could not be reached for too long: {message}").format(message=error.message),
        error.hint,
    )
