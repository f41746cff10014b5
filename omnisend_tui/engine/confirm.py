"""Confirms the batches of a run: closes their accounts once Omnisend has processed them."""

import threading
from collections.abc import Sequence

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import Closed
from omnisend_tui.engine.outbox import MOST_LOSSES, Outgoing
from omnisend_tui.engine.outcome import Outcome
from omnisend_tui.engine.refused import refused
from omnisend_tui.engine.watch import Watch
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.models import Batch


class Confirmer:
    """Takes batches from the senders' threads; ``work`` runs in one of its own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watch: Watch[Outgoing] = Watch(
            context, self, context.abandon, context.clock(), posts_left=context.posts_left
        )

    def expect(self, batch_id: str, batch: Outgoing) -> None:
        """Omnisend took a batch."""
        self._watch.expect(batch_id, batch)

    def look_for(self, origin: str, batch: Outgoing, posted_at: float) -> None:
        """A batch whose answer was lost is looked for before it is sent again."""
        self._watch.look_for(origin, batch, posted_at)

    def work(self, senders_done: threading.Event) -> None:
        """Polls until nothing is open and nothing more will come, or the run is abandoned."""
        self._watch.work(senders_done)

    # The accounts of what is watched.

    def found(self, batch: Outgoing, batch_id: str) -> None:
        context = self._context
        context.ledger.posted(batch.number, batch_id)
        context.counters.add(sent=len(batch.bodies), batches_open=1, batches_lost=-1)
        context.log("batch_found", batch=batch.number)

    def ended(self, batches: Sequence[tuple[Outgoing, Batch]]) -> None:
        """Ledger first: what the counts call confirmed must survive a crash."""
        context = self._context
        closed = [(batch, self._outcome(batch, state)) for batch, state in batches]
        again = [
            batch.part(context.next_number(), outcome.again, batch.losses + 1)
            for batch, outcome in closed
            if outcome.again
        ]
        context.record(again)
        context.ledger.close_batches(
            [outcome.closed(context.ledger.row_of(batch.number)) for batch, outcome in closed]
        )
        for batch, outcome in closed:
            self._count(batch, outcome)
        context.outbox.put_again(*again)
        for _batch in closed:
            context.outbox.closed()
        if any(outcome.refused for _batch, outcome in closed):
            context.judge_rejects()

    def not_found(self, batches: Sequence[Outgoing]) -> None:
        """They are sent again; who may have got a status by them is looked up before."""
        context = self._context
        row_of = context.ledger.row_of
        context.ledger.close_batches(
            [Closed(row_of(batch.number), "recorded") for batch in batches]
        )
        for batch in batches:
            batch.unclear.update(i for i, members in enumerate(batch.statuses) if members)
            context.counters.add(batches_lost=-1)
            context.log("batch_not_found", batch=batch.number)
            context.outbox.put_again(batch)
            context.outbox.closed()

    def stuck(self, batches: Sequence[Outgoing]) -> None:
        """What is open is rejected as unconfirmed (spec.md); the next run looks it up."""
        context = self._context
        context.standstill = True
        context.stop.set()
        row_of = context.ledger.row_of
        context.ledger.close_batches(
            [Closed(row_of(batch.number), "unconfirmed") for batch in batches]
        )
        for batch in batches:
            context.log("batch_unconfirmed", batch=batch.number)
            context.reject([refused(batch, i, "", "unconfirmed") for i in range(len(batch.bodies))])
            context.outbox.closed()
        context.counters.add(batches_unconfirmed=len(batches))
        context.counters.set(batches_open=0, batches_lost=0)

    def _outcome(self, batch: Outgoing, state: Batch) -> Outcome:
        outcome = self._watch.outcome(batch, state)
        if outcome.again and batch.losses >= MOST_LOSSES:
            words = _("Omnisend kept ending its batch early")
            outcome.refused.update(dict.fromkeys(outcome.again, words))
            outcome.again = []
        return outcome

    def _count(self, batch: Outgoing, outcome: Outcome) -> None:
        context = self._context
        if outcome.again:
            context.log("batch_stopped", batch=batch.number)
            context.counters.add(sent=-len(outcome.again), retries=1)
        if outcome.refused:
            context.log("batch_errors", batch=batch.number, errors=len(outcome.refused))
            context.reject([refused(batch, i, words) for i, words in outcome.refused.items()])
            context.forgo_tags(batch, outcome.refused)
        created, updated = len(outcome.created), len(outcome.updated)
        accepted = len(outcome.accepted)
        lost = outcome.refused.keys() | set(outcome.again)
        context.counters.add(
            created=created,
            updated=updated,
            accepted=accepted,
            confirmed=created + updated + accepted,
            subscribed=sum(
                bool(members) and i not in lost for i, members in enumerate(batch.statuses)
            ),
            batches_open=-1,
            batches_confirmed=1,
            batches_with_errors=bool(outcome.refused),
        )
