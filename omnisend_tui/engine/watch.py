"""Watches batches: lists them until lost ones are found and open ones are processed."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.outcome import Outcome, outcome_of
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.omnisend.models import LISTED_BATCHES, Batch, BatchItems

_PLENTY = 10  # free slots with which polling needn't be thrifty
_MOST_PAGES = 400  # of one listing: 100,000 batches
_SKEW = 60.0  # seconds that Omnisend's clock may be behind


class Watched(Protocol):
    """A batch that can be watched."""

    @property
    def size(self) -> int: ...

    def emails(self) -> list[str]:
        """The addresses of its contacts, by position."""
        ...


B = TypeVar("B", bound=Watched)
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


@dataclass(slots=True)
class _Lost(Generic[B]):
    """``since``: when the search began. ``created``: the earliest time of its post."""

    batch: B
    since: float
    created: float
    looked: bool = False
    _contacts: Counter[str] | None = None

    @property
    def contacts(self) -> Counter[str]:
        """The addresses, which few searches need."""
        if self._contacts is None:
            self._contacts = Counter(self.batch.emails())
        return self._contacts


@dataclass(frozen=True, slots=True)
class _Shown:
    """The addresses that a listed batch showed when it was in ``state``."""

    emails: Counter[str]
    state: Batch


class Watch(Generic[B]):
    """Knows open batches by id; lost ones by origin or id, or else by their contacts.

    Usable from several threads, one of which calls ``work``. ``known`` are ids that can't be those
    of lost batches. ``posts_left`` are requests that the budget is to be kept free for.
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
        self._lost: dict[str, _Lost[B]] = {}
        self._lost_ids: dict[str, str] = {}
        self._known = set(known)
        self._shown: dict[str, _Shown] = {}
        self._first_page = 0  # where the oldest open batch was listed, if the oldest come first
        self._pages = 1  # of the last listing
        self._moved_at = context.clock()
        self._in_vain = 0  # listings in a row that showed nothing new
        self._last_states: dict[str, int | None] = {}

    def expect(self, batch_id: str, batch: B) -> None:
        """A batch that Omnisend took."""
        with self._lock:
            self._open[batch_id] = batch
            self._known.add(batch_id)

    def look_for(self, origin: str, batch: B, created: float, batch_id: str = "") -> None:
        """A batch of which nobody knows whether Omnisend took it, at ``created`` or later."""
        entry = _Lost(batch, self._context.clock(), created)
        with self._lock:
            self._lost[origin] = entry
            if batch_id:
                self._lost_ids[batch_id] = origin

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
                self._moved_at = context.clock()
                if ending:
                    return
                last.wait(0.05)
                continue
            moved_at = self._moved_at
            self._poll()
            self._in_vain = 0 if self._moved_at > moved_at else self._in_vain + 1
            self._give_up_lost()
            if context.clock() - self._moved_at >= context.job.patience.standstill:
                self._give_up_all()
                return
            self._rest()

    def outcome(self, batch: B, state: Batch) -> Outcome:
        """What became of a batch that ended; asks for its items where the counts don't tell."""
        if state.status == "finished" and not state.errors_count:
            return Outcome(accepted=set(range(batch.size)))
        return outcome_of(batch.emails(), state, self._items(state.batch_id))

    # The pace.

    def _rest(self) -> None:
        """Waits until the next listing is due, or nothing is open any more."""
        context = self._context
        began = context.clock()
        while context.clock() < began + self._pause() and not self._stop.is_set():
            self._stop.wait(min(0.25, context.job.patience.poll))
            if self.empty and not context.outbox.waiting:
                return

    def _pause(self) -> float:
        """Short while the budget has room to spare, else within the slots kept for polling."""
        context = self._context
        budget, poll = context.client.budget, context.job.patience.poll
        if context.stop.is_set():  # nothing more is sent: the slots are for confirming
            return poll
        spare = budget.allowed - budget.used() - self._posts_left()
        longest = 60.0 / max(1, budget.reserve)
        if spare > _PLENTY:
            return min(longest, max(poll, 60.0 * self._pages / spare))
        if spare > 0:
            return min(longest, poll * float(2 ** min(self._in_vain, 10)))
        return longest

    # A listing.

    def _poll(self) -> None:
        """Reads pages until all that is open was seen; either order of the list is right."""
        with self._lock:
            wanted, lost = set(self._open), dict(self._lost)
        offset = self._first_page
        first_open: int | None = None
        undecided: set[str] = set()
        whole = offset == 0  # a part of the list proves nothing about a lost batch
        for page in range(_MOST_PAGES):
            self._pages = page + 1
            listed = self._list(offset)
            for state in listed:
                self._look_at(state)
                self._recognise(state, lost, wanted, undecided)
                if state.batch_id in wanted:
                    wanted.discard(state.batch_id)
                    if not state.ended and first_open is None:
                        first_open = offset
            self._end([state for state in listed if state.ended])
            oldest_first = _oldest_first(listed)
            if len(listed) < LISTED_BATCHES or (not wanted and _all_listed(listed, lost)):
                break
            offset += LISTED_BATCHES
            if oldest_first is False and self._first_page:
                offset = self._first_page = 0
        else:
            whole = False
        if wanted or lost or not oldest_first:
            self._first_page = 0  # what was not found may stand before the page where this began
        else:
            self._first_page = first_open if first_open is not None else offset
        with self._lock:
            for origin in lost.keys() - undecided:
                if whole and origin in self._lost:
                    self._lost[origin].looked = True

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
            self._moved_at = self._context.clock()

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

    # Lost ones.

    def _recognise(
        self, state: Batch, lost: dict[str, _Lost[B]], wanted: set[str], undecided: set[str]
    ) -> None:
        """Moves a batch from ``lost`` to ``wanted`` where ``state`` is it."""
        with self._lock:
            known = state.batch_id in self._known
            origin = self._lost_ids.get(state.batch_id) or state.origin or ""
        if not lost or known:
            return
        if origin not in lost:
            origin = self._by_contacts(state, lost, undecided)
        if not origin:
            return
        with self._lock:
            entry = self._lost.pop(origin)
            self._open[state.batch_id] = entry.batch
            self._known.add(state.batch_id)
        self._account.found(entry.batch, state.batch_id)
        del lost[origin]
        wanted.add(state.batch_id)

    def _by_contacts(self, state: Batch, lost: dict[str, _Lost[B]], undecided: set[str]) -> str:
        """Of batches without an origin the items are compared; '' where it is none of the lost."""
        candidates = _candidates(state, lost)
        if not candidates:
            return ""
        shown = self._show(state, [lost[origin].contacts for origin in candidates])
        if not shown:
            undecided.update(() if state.ended else candidates)
            return ""
        for origin in candidates:
            contacts = lost[origin].contacts
            part = _part(shown, contacts)
            if shown == contacts or (part and state.status == "stopped"):
                return origin
            if part and not state.ended:
                undecided.add(origin)
        return ""

    def _show(self, state: Batch, wanted: list[Counter[str]]) -> Counter[str]:
        """The addresses in a batch; asked again once it moved while some of ``wanted`` may come."""
        shown = self._shown.get(state.batch_id)
        if shown is None or (
            not shown.state.ended
            and shown.state != state
            and any(_part(shown.emails, one) for one in wanted)
        ):
            items = self._items(state.batch_id)
            told = [*(items.errors or []), *(items.responses or [])]
            emails = Counter(email for item in told if (email := item.email.strip().lower()))
            shown = self._shown[state.batch_id] = _Shown(emails, state)
        return shown.emails

    def _give_up_lost(self) -> None:
        """Not listed for long enough counts as not accepted."""
        now, patience = self._context.clock(), self._context.job.patience.lost
        with self._lock:
            over = [
                origin
                for origin, entry in self._lost.items()
                if entry.looked and now - entry.since >= patience
            ]
            batches = [self._lost.pop(origin).batch for origin in over]
        if batches:
            self._account.not_found(batches)

    def _give_up_all(self) -> None:
        with self._lock:
            batches = [*self._open.values(), *(entry.batch for entry in self._lost.values())]
            self._open.clear()
            self._lost.clear()
        self._account.stuck(batches)


def _candidates(state: Batch, lost: dict[str, _Lost[B]]) -> list[str]:
    """Those that a listed batch may be, as far as can be told without its items."""
    if state.origin:
        return []
    created = _moment(state.created_at)
    return [
        origin
        for origin, entry in lost.items()
        if state.total_count in (None, entry.batch.size)
        and (created is None or created >= entry.created - _SKEW)
    ]


def _part(some: Counter[str], of: Counter[str]) -> bool:
    return all(of[email] >= times for email, times in some.items())


def _all_listed(listed: list[Batch], lost: dict[str, _Lost[B]]) -> bool:
    """Whether only older batches follow than those that are looked for."""
    if not lost:
        return True
    oldest = _moment(listed[-1].created_at)
    earliest = min(entry.created for entry in lost.values()) - _SKEW
    return _oldest_first(listed) is False and oldest is not None and oldest < earliest


def _oldest_first(listed: list[Batch]) -> bool | None:
    """The order of a page by its times; None where it doesn't show."""
    if not listed or listed[0].created_at == listed[-1].created_at:
        return None
    return (listed[0].created_at or "") < (listed[-1].created_at or "")


def _moment(text: str | None) -> float | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
