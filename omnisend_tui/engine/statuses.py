"""Which statuses a batch may carry, decided right before it is sent (spec.md, e-mail status)."""

from functools import partial

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV, Closed, Sending
from omnisend_tui.engine.outbox import Outgoing, email_of
from omnisend_tui.engine.refused import refused
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.engine.unsubscribed import revives, still_listed
from omnisend_tui.masking import mask_addresses
from omnisend_tui.omnisend.errors import Refusal
from omnisend_tui.omnisend.models import Contact

_ONE_REFUSED = (400, 404, 409, 422)


def as_it_may_be_sent(context: Context, batch: Outgoing) -> Outgoing | None:
    """The batch as it may be sent; None where nobody of it is left.

    People of whom it is unclear whether they have the status are looked up; who is unsubscribed by
    now gets none, and isn't sent at all where that alone would subscribe. Raises ``Stopped`` and
    what the client does; what is decided by then is kept.
    """
    if not may_subscribe(context, batch) and not batch.unclear:
        return batch
    alone, denied = _look_up(context, batch)
    listed = still_listed(context)
    for position, sealed in enumerate(batch.sealed):
        if sealed[:SIV] in listed and position not in denied:
            _withhold(context, batch, position)
            if revives(context):
                alone.add(position)
    return _without(context, batch, sorted(alone), denied) if alone or denied else batch


def may_subscribe(context: Context, batch: Outgoing) -> bool:
    """Whether a batch depends on the list of the unsubscribed being right."""
    return revives(context) or any(batch.statuses)


def _look_up(context: Context, batch: Outgoing) -> tuple[set[int], dict[int, str]]:
    """Whom an upsert would revive, and whom Omnisend doesn't want to be asked for, and why."""
    alone: set[int] = set()
    denied: dict[int, str] = {}
    for position in sorted(batch.unclear):
        email = email_of(batch.bodies[position])
        ask = partial(_ask, context, email)
        try:
            found = with_retries(context, ask, worth_another, context.stop)
        except Refusal as error:
            if error.status not in _ONE_REFUSED:
                raise
            denied[position] = error.message
            continue
        status = _status(found, email)
        if status == "subscribed":
            batch.statuses[position], batch.sending[position] = b"", Sending.WITHHELD
        elif status != "nonSubscribed":
            _withhold(context, batch, position)
            if revives(context):
                alone.add(position)
                continue  # asked for again where this ends early
        batch.unclear.discard(position)
    return alone, denied


def _ask(context: Context, email: str) -> Contact | None:
    context.counters.add(requests=1)
    return context.client.find_contact(email, context.outbox.halt)


def _status(contact: Contact | None, email: str) -> str:
    """What Omnisend has; whatever isn't understood is no reason to subscribe anybody."""
    if contact is None:
        return "nonSubscribed"
    if email.lower() not in contact.emails:
        return "another contact"
    return contact.email_status(email) or "nonSubscribed"


def _withhold(context: Context, batch: Outgoing, position: int) -> None:
    if batch.statuses and batch.statuses[position]:
        batch.statuses[position], batch.sending[position] = b"", Sending.WITHHELD
        context.counters.add(left_unsubscribed=1)


def _without(
    context: Context, batch: Outgoing, alone: list[int], denied: dict[int, str]
) -> Outgoing | None:
    """A batch of the others, in its place; ``alone`` stay as they are, ``denied`` are rejects."""
    ledger, size = context.ledger, len(batch.bodies)
    rest = [i for i in range(size) if i not in alone and i not in denied]
    part = batch.part(context.next_number(), rest, batch.losses) if rest else None
    context.record([part] if part else [], instead=1)
    ledger.withhold([batch.sealed[i] for i in alone if batch.sending and batch.sending[i]])
    ledger.close_batches(
        [
            Closed(
                ledger.row_of(batch.number),
                "confirmed" if denied else "replaced",
                refused={i: mask_addresses(words) for i, words in denied.items()},
                dropped=[i for i in range(size) if i not in denied],
            )
        ]
    )
    context.reject([refused(batch, i, words) for i, words in denied.items()])
    context.forgo_tags(batch, [*alone, *denied])
    context.counters.add(unchanged=len(alone), to_send=-len(alone) - len(denied))
    if part is None:
        context.outbox.closed()
    return part
