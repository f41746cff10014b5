"""Batches on their way from the reader to the senders."""

import threading
from collections import deque
from dataclasses import dataclass, field

import msgspec

from omnisend_tui.engine.halt import Halt

OPEN_BATCHES = 1000  # their bodies stay in memory, about 40 MB, until Omnisend has processed them
_WAITING = 40  # ready to be sent: enough for a burst, few enough to stay small
SENDERS = 4  # batches that are posted at once
MOST_LOSSES = 5  # tries of one batch that ended without a clear answer


class _Identifier(msgspec.Struct):
    type: str
    id: str


class _Contact(msgspec.Struct):
    identifiers: list[_Identifier]


def email_of(body: bytes) -> str:
    """The address in an encoded contact; the mapping puts it first."""
    return msgspec.json.decode(body, type=_Contact).identifiers[0].id


@dataclass(slots=True)
class Outgoing:
    """A batch of encoded contacts; all lists are of the same order as ``bodies``.

    ``adds`` are the tags that a contact lacks, ``results`` those that it has once it got them
    (``Ledger.tag_set``). ``statuses`` are what makes contacts subscribed (``with_status``), b'' for
    none, and ``sending`` what that means (``Sending``); both are empty where the export sends no
    status. ``unclear`` are the positions of people who are to be looked up first.
    """

    number: int
    bodies: list[bytes] = field(repr=False)
    keys: list[str]
    sealed: list[bytes] = field(repr=False)
    adds: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    losses: int = 0
    statuses: list[bytes] = field(default_factory=list)
    sending: list[int] = field(default_factory=list)
    unclear: set[int] = field(default_factory=set)

    def part(self, number: int, positions: list[int], losses: int) -> "Outgoing":
        """A new batch of some of the contacts."""
        return Outgoing(
            number,
            [self.bodies[i] for i in positions],
            [self.keys[i] for i in positions],
            [self.sealed[i] for i in positions],
            [self.adds[i] for i in positions],
            [self.results[i] for i in positions],
            losses,
            [self.statuses[i] for i in positions] if self.statuses else [],
            [self.sending[i] for i in positions] if self.sending else [],
            {place for place, i in enumerate(positions) if i in self.unclear},
        )

    @property
    def size(self) -> int:
        return len(self.bodies)

    def emails(self) -> list[str]:
        """The addresses of its contacts."""
        return [email_of(body) for body in self.bodies]


class Outbox:
    """A bounded queue that knows how many batches are open, waiting ones included."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._changed = threading.Condition()
        self._waiting: deque[Outgoing] = deque()
        self._open = 0
        self._coming = 0
        self._complete = False
        self.halt = Halt(stop)

    def put(self, *batches: Outgoing) -> bool:
        """Waits while too many batches are open; False once the run stops: they aren't sent then,
        but all are put.
        """
        with self._changed:
            self._coming += len(batches)
            for batch in batches:
                while self.full and not self._stop.is_set():
                    self._changed.wait(0.25)
                self._coming -= 1
                self._open += 1
                self._waiting.append(batch)
                self._changed.notify_all()
            return not self._stop.is_set()

    def put_again(self, *batches: Outgoing) -> None:
        """Batches that replace one that is open go first and don't wait."""
        with self._changed:
            self._open += len(batches)
            self._waiting.extendleft(reversed(batches))
            self._changed.notify_all()

    def take(self) -> Outgoing | None:
        """The next batch; None once the run stops or all is closed."""
        with self._changed:
            while not self._stop.is_set():
                if self._waiting and not self.halt.paused:
                    self._changed.notify_all()
                    return self._waiting.popleft()
                if self._complete and self._open == 0:
                    return None
                self._changed.wait(0.25)
            return None

    def closed(self) -> None:
        """One batch has its outcome, or was replaced."""
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def complete(self) -> None:
        """No more batches will be put."""
        with self._changed:
            self._complete = True
            self._changed.notify_all()

    def give_back(self, batch: Outgoing) -> None:
        """A batch that was taken and not sent."""
        with self._changed:
            self._waiting.appendleft(batch)
            self._changed.notify_all()

    def clear(self) -> list[Outgoing]:
        """Those that wait to be sent; they are in the outbox no more."""
        with self._changed:
            waiting = list(self._waiting)
            self._waiting.clear()
            self._open -= len(waiting)
            return waiting

    def pause(self, paused: bool) -> None:
        with self._changed:
            if paused:
                self.halt.set()
            else:
                self.halt.clear()
            self._changed.notify_all()

    @property
    def full(self) -> bool:
        """Whether ``put`` would wait."""
        return self._open >= OPEN_BATCHES or len(self._waiting) >= _WAITING

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def unsent(self) -> int:
        """Batches that wait to be sent, or to be put."""
        return len(self._waiting) + self._coming
