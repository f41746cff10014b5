"""Confirms batches: lists them until Omnisend has processed them, and closes their accounts."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import Closed
from omnisend_tui.engine.outbox import MOST_LOSSES, Outgoing
from omnisend_tui.engine.refused import email_of, refused
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.models import LISTED_BATCHES, Batch, BatchItems

_PLENTY = 10  # free slots with which polling needn't be thrifty
_MOST_PAGES = 40  # of one listing: 10,000 batches


@dataclass(slots=True)
class _Lost:
    batch: Outgoing
    since: float
    looked: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of a batch's contacts, by position."""

    created: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)
    again: list[int] = field(default_factory=list)


class Confirmer:
    """Knows open batches by id and lost ones by origin; usable from the senders' threads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._open: dict[str, Outgoing] = {}
        self._lost: dict[str, _Lost] = {}
        self._since = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
        self._first_page = 0  # where the oldest open batch was listed, if the oldest come first
        self._moved_at = context.clock()
        self._in_vain = 0  # listings in a row that showed nothing new
        self._last_states: dict[str, int | None] = {}

    def expect(self, batch_id: str, batch: Outgoing) -> None:
        with self._lock:
            self._open[batch_id] = batch

    def look_for(self, origin: str, batch: Outgoing) -> None:
        """A batch whose answer was lost is looked for before it is sent again."""
        with self._lock:
            self._lost[origin] = _Lost(batch, self._context.clock())

    @property
    def empty(self) -> bool:
        with self._lock:
            return not self._open and not self._lost

    def work(self, senders_done: threading.Event) -> None:
        """Polls until nothing is open and nothing more will come, or the run is abandoned."""
        context = self._context
        while not context.abandon.is_set():
            last = senders_done.is_set()  # asked first: a sender registers, then ends
            if self.empty:
                self._moved_at = context.clock()
                if last:
                    return
                senders_done.wait(0.05)
                continue
            moved_at = self._moved_at
            self._poll()
            self._in_vain = 0 if self._moved_at > moved_at else self._in_vain + 1
            self._give_up_lost()
            if self._standstill():
                return
            self._rest()

    def _rest(self) -> None:
        """Waits until the next listing is due, or nothing is open any more."""
        context = self._context
        began = context.clock()
        while context.clock() < began + self._pause() and not context.abandon.is_set():
            context.abandon.wait(min(0.25, context.job.patience.poll))
            if self.empty and not context.outbox.waiting:
                return

    def _pause(self) -> float:
        """Short while the budget has room to spare, else within the slots kept for polling."""
        context = self._context
        budget, poll = context.client.budget, context.job.patience.poll
        if context.stop.is_set():  # nothing more is sent: the slots are for confirming
            return poll
        spare = budget.limit - budget.used() - context.posts_left()
        longest = 60.0 / max(1, budget.reserve)
        if spare > _PLENTY:
            return min(longest, max(poll, 60.0 / spare))
        if spare > 0:
            return min(longest, poll * float(2 ** min(self._in_vain, 10)))
        return longest

    def _poll(self) -> None:
        """Reads pages until all that is open was seen; either order of the list is right."""
        context = self._context
        with self._lock:
            wanted = set(self._open)
            lost = dict(self._lost)
        offset = self._first_page
        first_open: int | None = None
        whole = offset == 0  # a part of the list proves nothing about a lost batch
        for _page in range(_MOST_PAGES):
            listed = with_retries(
                context, partial(self._list, offset), worth_another, context.abandon
            )
            for state in listed:
                self._look_at(state)
                if state.origin in lost and state.batch_id not in wanted:
                    self._found(state)
                    del lost[state.origin]
                    wanted.add(state.batch_id)
                if state.batch_id in wanted:
                    wanted.discard(state.batch_id)
                    if not state.ended and first_open is None:
                        first_open = offset
            self._close([state for state in listed if state.ended])
            oldest_first = _oldest_first(listed)
            if len(listed) < LISTED_BATCHES or (not wanted and not lost):
                break
            offset += LISTED_BATCHES
            if oldest_first is False and self._first_page:
                offset = self._first_page = 0
        if wanted or lost:  # what was not found may stand before the page where this began
            self._first_page = 0
        elif _oldest_first(listed):
            self._first_page = first_open if first_open is not None else offset
        else:
            self._first_page = 0
        with self._lock:
            for origin in lost:  # those that got lost meanwhile were not looked for
                if whole and origin in self._lost:
                    self._lost[origin].looked = True

    def _list(self, offset: int) -> list[Batch]:
        self._context.counters.add(requests=1)
        return self._context.client.list_batches(offset, self._since, self._context.abandon)

    def _found(self, state: Batch) -> None:
        with self._lock:
            entry = self._lost.pop(state.origin or "")
            self._open[state.batch_id] = entry.batch
        context = self._context
        context.ledger.posted(entry.batch.number, state.batch_id)
        context.counters.add(sent=len(entry.batch.bodies), batches_open=1)
        context.log("batch_found", batch=entry.batch.number)

    def _look_at(self, state: Batch) -> None:
        """Notes that a batch of the brand moved, whoever sent it."""
        if self._last_states.get(state.batch_id) != state.finished_count:
            self._last_states[state.batch_id] = state.finished_count
            self._moved_at = self._context.clock()

    def _close(self, ended: list[Batch]) -> None:
        """Closes those that are open here; one transaction for all."""
        with self._lock:
            known = [(self._open[one.batch_id], one) for one in ended if one.batch_id in self._open]
        if not known:
            return
        self._account([(batch, self._outcome(batch, state)) for batch, state in known])
        with self._lock:
            for _batch, state in known:
                del self._open[state.batch_id]

    def _outcome(self, batch: Outgoing, state: Batch) -> Outcome:
        if state.status == "finished" and not state.errors_count:
            return Outcome(accepted=set(range(len(batch.bodies))))
        context = self._context
        items = with_retries(
            context, partial(self._items, state.batch_id), worth_another, context.abandon
        )
        outcome = outcome_of(batch, state, items)
        if outcome.again and batch.losses >= MOST_LOSSES:
            words = _("Omnisend kept ending its batch early")
            outcome.refused.update(dict.fromkeys(outcome.again, words))
            outcome.again = []
        return outcome

    def _items(self, batch_id: str) -> BatchItems:
        self._context.counters.add(requests=1)
        return self._context.client.batch_items(batch_id, self._context.abandon)

    def _account(self, closed: list[tuple[Outgoing, Outcome]]) -> None:
        """Ledger first: what the counts call confirmed must survive a crash."""
        context = self._context
        again = [
            batch.part(context.next_number(), outcome.again, batch.losses + 1)
            for batch, outcome in closed
            if outcome.again
        ]
        context.record(again)
        context.ledger.close_batches(
            [
                Closed(
                    batch.number,
                    "confirmed",
                    [batch.sealed[i] for i in (*outcome.refused, *outcome.again)],
                    len(outcome.refused),
                )
                for batch, outcome in closed
            ]
        )
        for batch, outcome in closed:
            self._count(batch, outcome)
        context.outbox.put_again(*again)
        for _batch in closed:
            context.outbox.closed()
        if any(outcome.refused for _batch, outcome in closed):
            context.judge_rejects()

    def _count(self, batch: Outgoing, outcome: Outcome) -> None:
        context = self._context
        if outcome.again:
            context.log("batch_stopped", batch=batch.number)
            context.counters.add(sent=-len(outcome.again), retries=1)
        if outcome.refused:
            context.log("batch_errors", batch=batch.number, errors=len(outcome.refused))
            context.reject([refused(batch, i, words) for i, words in outcome.refused.items()])
        created, updated = len(outcome.created), len(outcome.updated)
        accepted = len(outcome.accepted)
        context.counters.add(
            created=created,
            updated=updated,
            accepted=accepted,
            confirmed=created + updated + accepted,
            batches_open=-1,
        )

    def _give_up_lost(self) -> None:
        """Not listed for long enough counts as not accepted: it is sent again."""
        context = self._context
        now = context.clock()
        with self._lock:
            over = [
                origin
                for origin, entry in self._lost.items()
                if entry.looked and now - entry.since >= context.job.patience.lost
            ]
            entries = [self._lost.pop(origin) for origin in over]
        for entry in entries:
            context.log("batch_not_found", batch=entry.batch.number)
            context.outbox.put_again(entry.batch)
            context.outbox.closed()

    def _standstill(self) -> bool:
        """Nothing moved for too long: what is open is rejected as unconfirmed (spec.md)."""
        context = self._context
        if context.clock() - self._moved_at < context.job.patience.standstill:
            return False
        with self._lock:
            batches = [*self._open.values(), *(entry.batch for entry in self._lost.values())]
            self._open.clear()
            self._lost.clear()
        context.stop.set()
        for batch in batches:
            context.log("batch_unconfirmed", batch=batch.number)
            context.ledger.close_batches([Closed(batch.number, "unconfirmed")])
            context.reject([refused(batch, i, "", "unconfirmed") for i in range(len(batch.bodies))])
            context.outbox.closed()
        context.counters.set(batches_open=0)
        return True


def outcome_of(batch: Outgoing, state: Batch, items: BatchItems) -> Outcome:
    """Sorts a batch's contacts by Omnisend's lists, matched by address and never by place."""
    places = {email_of(body): i for i, body in enumerate(batch.bodies)}
    outcome = Outcome()
    nameless = ""
    told = [(item, True) for item in items.errors or []]
    told += [(item, item.code >= 400) for item in items.responses or []]
    for item, failed in told:
        place = places.get(item.email.strip().lower())
        if place is None:
            nameless = nameless or (item.problem if failed else "")
        elif failed:
            outcome.refused.setdefault(place, item.problem)
        elif place not in outcome.refused:
            kinds = {201: outcome.created, 200: outcome.updated}
            kinds.get(item.code, outcome.accepted).add(place)
    known = outcome.created | outcome.updated | outcome.accepted | outcome.refused.keys()
    rest = sorted(set(places.values()) - known)
    if nameless or (state.errors_count or 0) > len(outcome.refused):
        # Errors that name nobody: each contact without a good answer may be meant.
        outcome.refused.update(dict.fromkeys(rest, nameless or _("Omnisend didn't say why")))
    elif state.status == "stopped":
        outcome.again = rest
    else:
        outcome.accepted.update(rest)
    return outcome


def _oldest_first(listed: list[Batch]) -> bool | None:
    """The order of a page by its times; None where it doesn't show."""
    if not listed or listed[0].created_at == listed[-1].created_at:
        return None
    return (listed[0].created_at or "") < (listed[-1].created_at or "")
