"""Batches of which nobody knows whether Omnisend took them: found in its list, or given up."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from omnisend_tui.engine.paging import SKEW, moment, older_follow
from omnisend_tui.omnisend.models import Batch, BatchItems


class Watched(Protocol):
    """A batch that can be watched."""

    @property
    def size(self) -> int: ...

    def emails(self) -> list[str]:
        """The addresses of its contacts, by position."""
        ...


B = TypeVar("B", bound=Watched)


@dataclass(slots=True)
class Lost(Generic[B]):
    """``since``: nobody posts it any more (``Context.ticks``).

    ``created``: the earliest time of its post (seconds since the epoch).
    """

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


class LostBatches(Generic[B]):
    """Known by origin or id, or else by their contacts. Usable from several threads.

    ``items`` asks Omnisend for a batch's items and raises what the client does.
    """

    def __init__(self, items: Callable[[str], BatchItems]) -> None:
        self._items = items
        self._lock = threading.Lock()
        self._entries: dict[str, Lost[B]] = {}
        self._origins: dict[str, str] = {}  # by Omnisend's id, where that is known
        self._shown: dict[str, _Shown] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, origin: str, entry: Lost[B], batch_id: str = "") -> None:
        with self._lock:
            self._entries[origin] = entry
            if batch_id:
                self._origins[batch_id] = origin

    def search(self) -> "Search[B]":
        """For one listing; whoever is lost later may have stood on a page that was read before."""
        with self._lock:
            return Search(self, dict(self._entries))

    def give_up(self, since: float) -> list[B]:
        """Those that a whole listing didn't show and that are looked for since then or longer."""
        with self._lock:
            over = [
                origin
                for origin, entry in self._entries.items()
                if entry.looked and entry.since <= since
            ]
            return [self._entries.pop(origin).batch for origin in over]

    def give_up_all(self) -> list[B]:
        with self._lock:
            batches = [entry.batch for entry in self._entries.values()]
            self._entries.clear()
            return batches

    # For a search.

    def origin_of(self, state: Batch) -> str:
        """The origin by which a listed batch may be looked for, '' where it has none."""
        with self._lock:
            return self._origins.get(state.batch_id) or state.origin or ""

    def take(self, origin: str) -> B:
        """It is lost no more."""
        with self._lock:
            return self._entries.pop(origin).batch

    def looked_for(self, origins: Sequence[str]) -> None:
        """A whole listing didn't show these."""
        with self._lock:
            for origin in origins:
                if origin in self._entries:
                    self._entries[origin].looked = True

    def show(self, state: Batch, wanted: Sequence[Counter[str]]) -> Counter[str]:
        """The addresses in a batch; asked again once it moved while some of ``wanted`` may come."""
        shown = self._shown.get(state.batch_id)
        if shown is None or (
            not shown.state.ended
            and shown.state != state
            and any(is_part(shown.emails, one) for one in wanted)
        ):
            items = self._items(state.batch_id)
            told = [*(items.errors or []), *(items.responses or [])]
            emails = Counter(email for item in told if (email := item.email.strip().lower()))
            shown = self._shown[state.batch_id] = _Shown(emails, state)
        return shown.emails


class Search(Generic[B]):
    """What one listing tells of ``lost``, which were lost when it began."""

    def __init__(self, batches: LostBatches[B], lost: dict[str, Lost[B]]) -> None:
        self._batches = batches
        self._lost = lost
        self._undecided: set[str] = set()

    def __len__(self) -> int:
        """How many weren't listed so far."""
        return len(self._lost)

    def recognise(self, state: Batch) -> B | None:
        """The lost batch that ``state``, which is none of the known ones, shows."""
        if not self._lost:
            return None
        origin = self._batches.origin_of(state)
        if origin not in self._lost:
            origin = self._by_contacts(state)
        if not origin:
            return None
        del self._lost[origin]
        return self._batches.take(origin)

    def listed_by(self, page: Sequence[Batch]) -> bool:
        """Whether only older batches follow than those that are looked for."""
        return not self._lost or older_follow(
            page, min(entry.created for entry in self._lost.values())
        )

    def end(self) -> None:
        """The listing was whole: who may still show in a batch under way stays undecided."""
        self._batches.looked_for([*(self._lost.keys() - self._undecided)])

    def _by_contacts(self, state: Batch) -> str:
        """Of batches without an origin the items are compared; '' where it is none of the lost."""
        origins = candidates(state, self._lost)
        if not origins:
            return ""
        shown = self._batches.show(state, [self._lost[origin].contacts for origin in origins])
        if not shown:
            self._undecided.update(() if state.ended else origins)
            return ""
        for origin in origins:
            contacts = self._lost[origin].contacts
            part = is_part(shown, contacts)
            if shown == contacts or (part and state.status == "stopped"):
                return origin
            if part and not state.ended:
                self._undecided.add(origin)
        return ""


def candidates(state: Batch, lost: dict[str, Lost[B]]) -> list[str]:
    """Those that a listed batch may be, as far as can be told without its items."""
    if state.origin:
        return []
    created = moment(state.created_at)
    return [
        origin
        for origin, entry in lost.items()
        if state.total_count in (None, entry.batch.size)
        and (created is None or created >= entry.created - SKEW)
    ]


def is_part(some: Counter[str], of: Counter[str]) -> bool:
    """Whether every address of ``some`` is in ``of``, as many times."""
    return all(of[email] >= times for email, times in some.items())
