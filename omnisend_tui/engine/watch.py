"""Watches batches: lists them until lost ones are found and open ones are processed."""

import math
import threading
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.lost import B, Lost, LostBatches, Search, Watched
from omnisend_tui.engine.outcome import Outcome, outcome_of
from omnisend_tui.engine.paging import Paging
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.omnisend.budget import LOOKING
from omnisend_tui.omnisend.models import LISTED_BATCHES, Batch, BatchItems
from omnisend_tui.omnisend.share import Use

_PLENTY = 10  # free slots with which polling needn't be thrifty
# Of the shortest time between listings: while batches are still being sent, and what a listing that
# shows nothing new adds.
_WHILE_SENDING = 5.0
_CALMER, _CALMEST = 1.5, 10.0
# Once all is sent: how many times as often it is listed as the slots kept for polling allow.
_SOONER = 4
_MANY = 500  # open batches: more would hold up the reader
_MOST_PAGES = 400  # of one listing: 100,000 batches


def sooner(longest: float, use: Use, pages: int) -> float:
    """Seconds between listings of so many pages while others use up the window, and this run has
    nothing to do but confirm. ``longest`` is what the slots kept for polling allow for one page.
    """
    fair = 60.0 / (use.allowed * LOOKING) * (1 + len(use.rivals))
    return max(longest / _SOONER, pages * min(longest, fair))


B_contra = TypeVar("B_contra", bound=Watched, contravariant=True)


class Account(Protocol[B_contra]):
    """Who keeps the accounts of watched batches."""

    def found(self, batch: B_contra, batch_id: str) -> None:
        """Omnisend has a batch that was lost."""

    def ended(self, batches: Sequence[tuple[B_contra, Batch]]) -> None:
        """Omnisend has processed these."""

    def not_found(self, batches: Sequence[B_contra]) -> None:
        """These were lost, and Omnisend lists them nowhere."""

    def stuck(self, batches: Sequence[B_contra]) -> None:
        """Nothing moves any more: nobody will know what became of these."""


class Watch(Generic[B]):
    """Knows open batches by id; lost ones by origin or id, or else by their contacts.

    Usable from several threads, one of which calls ``work``. ``known`` are ids that can't be those
    of lost batches. ``posts_left`` are requests that the budget is to be kept free for. Batches may
    be as old as ``since`` (seconds since the epoch).
    """

    def __init__(
        self, context: Context, account: Account[B], stop: threading.Event, since: float, *,
        posts_left: Callable[[], int], known: Collection[str] = (),
    ) -> None:  # fmt: skip
        self._context = context
        self._account = account
        self._stop = stop
        self._day = (datetime.fromtimestamp(since, UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
        self._posts_left = posts_left
        self._lock = threading.Lock()
        self._open: dict[str, B] = {}
        self._known = set(known)
        self._lost: LostBatches[B] = LostBatches(self._items)
        self._paging = Paging()
        self._moved_at = context.ticks()
        self._listed_at = -math.inf
        self._in_vain = 0  # listings in a row that showed nothing new
        self._last_states: dict[str, int | None] = {}

    def expect(self, batch_id: str, batch: B) -> None:
        """A batch that Omnisend took."""
        with self._lock:
            self._open[batch_id] = batch
            self._known.add(batch_id)

    def look_for(
        self, origin: str, batch: B, created: float, batch_id: str = "", since: float | None = None
    ) -> None:
        """A batch of which nobody knows whether Omnisend took it, at ``created`` or later (seconds
        since the epoch).

        ``since``: surely nobody posts it any more, from then on (``Context.ticks``); without it,
        from now on.
        """
        now = self._context.ticks()
        lost = Lost(batch, now if since is None else min(now, since), created)
        self._lost.add(origin, lost, batch_id)

    @property
    def empty(self) -> bool:
        with self._lock:
            return not self._open and not self._lost

    def work(self, last: threading.Event) -> None:
        """Polls until nothing is open and, as ``last`` says, nothing more will come."""
        context = self._context
        while not self._stop.is_set():
            ending = last.is_set()  # asked first: a sender registers, then ends
            if self.empty:
                self._moved_at = context.ticks()
                if ending:
                    return
                last.wait(0.05)
                continue
            if not self._rested():
                return
            moved_at = self._moved_at
            self._poll()
            self._listed_at = context.ticks()
            self._in_vain = 0 if self._moved_at > moved_at else self._in_vain + 1
            self._give_up_lost()
            if context.ticks() - self._moved_at >= context.job.patience.standstill:
                self._give_up_all()
                return

    def outcome(self, batch: B, state: Batch) -> Outcome:
        """What became of a batch that ended; asks for its items where the counts don't tell."""
        if state.status == "finished" and not state.errors_count:
            return Outcome(accepted=set(range(batch.size)))
        return outcome_of(batch.emails(), state, self._items(state.batch_id))

    # The pace.

    def _rested(self) -> bool:
        """Waits until the next listing is due; False where the watch ends meanwhile."""
        context = self._context
        while context.ticks() < self._listed_at + self._pause() and not self._stop.is_set():
            self._stop.wait(min(0.25, context.job.patience.poll))
        return not self._stop.is_set()

    def _pause(self) -> float:
        """Short while the budget has room to spare, else within the slots kept for polling."""
        context = self._context
        budget, poll = context.client.budget, context.job.patience.poll
        if context.stop.is_set():  # nothing more is sent: the slots are for confirming
            return poll
        posts_left = self._posts_left()
        spare = budget.allowed - budget.used() - posts_left
        longest = 60.0 / max(1, budget.reserve)
        if spare > _PLENTY:
            calm = poll * min(_CALMEST, _CALMER**self._in_vain)
            if posts_left and len(self._open) < _MANY:  # nobody waits for an answer yet
                calm = max(calm, poll * _WHILE_SENDING)
            return max(calm, 60.0 * self._paging.pages / spare)
        if spare > 0:
            return min(longest, poll * float(2 ** min(self._in_vain, 10)))
        return longest if posts_left else sooner(longest, budget.use(), self._paging.pages)

    # A listing.

    def _poll(self) -> None:
        """Reads pages until all that is open was seen; either order of the list is right."""
        with self._lock:
            wanted = set(self._open)
        search = self._lost.search()
        paging = self._paging
        offset = paging.first
        first_open: int | None = None
        whole = offset == 0  # a part of the list proves nothing about a lost batch
        for page in range(_MOST_PAGES):
            paging.pages = page + 1
            listed = self._list(offset)
            for state in listed:
                self._look_at(state)
                self._recognise(state, search, wanted)
                if state.batch_id in wanted:
                    wanted.discard(state.batch_id)
                    if not state.ended and first_open is None:
                        first_open = offset
            self._end([state for state in listed if state.ended])
            if len(listed) < LISTED_BATCHES or (not wanted and search.listed_by(listed)):
                break
            offset = paging.after(offset, listed)
        else:
            whole = False
        if wanted or search:
            paging.first = 0  # what was not found may stand before the page where this began
        else:
            paging.begin_next(offset, listed, first_open)
        if whole:
            search.end()

    def _list(self, offset: int) -> list[Batch]:
        def ask() -> list[Batch]:
            self._context.counters.add(requests=1)
            return self._context.client.list_batches(offset, self._day, self._stop)

        return with_retries(self._context, ask, worth_another, self._stop)

    def _items(self, batch_id: str) -> BatchItems:
        def ask() -> BatchItems:
            self._context.counters.add(requests=1)
            return self._context.client.batch_items(batch_id, self._stop)

        return with_retries(self._context, ask, worth_another, self._stop)

    def _look_at(self, state: Batch) -> None:
        """Notes that a batch of the brand moved, whoever sent it."""
        if self._last_states.get(state.batch_id) != state.finished_count:
            self._last_states[state.batch_id] = state.finished_count
            self._moved_at = self._context.ticks()

    def _end(self, ended: list[Batch]) -> None:
        """Hands on those that are open here, all at once."""
        with self._lock:
            known = [(self._open[one.batch_id], one) for one in ended if one.batch_id in self._open]
        if not known:
            return
        self._account.ended(known)
        with self._lock:
            for _batch, state in known:
                del self._open[state.batch_id]

    def _recognise(self, state: Batch, search: Search[B], wanted: set[str]) -> None:
        """A lost batch that ``state`` shows is open from then on, and wanted."""
        with self._lock:
            known = state.batch_id in self._known
        batch = None if known else search.recognise(state)
        if batch is None:
            return
        self.expect(state.batch_id, batch)
        self._account.found(batch, state.batch_id)
        wanted.add(state.batch_id)

    # Giving up.

    def _give_up_lost(self) -> None:
        """Not listed for long enough counts as not accepted."""
        context = self._context
        if batches := self._lost.give_up(context.ticks() - context.job.patience.lost):
            self._account.not_found(batches)

    def _give_up_all(self) -> None:
        with self._lock:
            batches = [*self._open.values()]
            self._open.clear()
        self._account.stuck([*batches, *self._lost.give_up_all()])
