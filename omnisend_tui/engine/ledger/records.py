"""What goes into the ledger and comes out of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, NamedTuple

SIV = 16  # bytes at the head of a sealed address: a keyed hash of it

Verb = Literal["give", "take"]


class Fate(IntEnum):
    """What became of a contact that was sent. From REFUSED on Omnisend doesn't have it."""

    ACCEPTED = 0
    CREATED = 1
    UPDATED = 2
    REFUSED = 3


class Sending(IntEnum):
    """What a contact of a batch means for its e-mail status once it is confirmed."""

    NOTHING = 0
    CARRIED = 1  # ``subscribed`` is in it, or is taken out since it isn't needed any more
    WITHHELD = 2  # Omnisend lists the person as unsubscribed


class Consent(IntEnum):
    """Whether ``subscribed`` may still be sent for a contact."""

    OPEN = 0
    SETTLED = 1  # sent and confirmed, or withheld: never again
    UNCLEAR = 2  # nobody knows whether Omnisend has it, so the person is looked up first


@dataclass(frozen=True, slots=True)
class Item:
    """One contact of a batch: its sealed address and the hash of what is sent.

    ``adds`` are the tags that it lacks, ``result`` those that it has once it got them; both are
    numbers of sets (``Ledger.tag_set``), 0 is none. ``status`` is a ``Sending``.
    """

    sealed: bytes
    hash: bytes
    adds: int = 0
    result: int = 0
    status: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """A batch that ended as confirmed, unconfirmed, replaced or dropped; or is posted, and its
    answer was lost, or recorded again, since it never arrived. Contacts are told by position.

    ``row`` names the batch (``Ledger.row_of``). ``refused`` says why. ``dropped`` ones don't count:
    they are sent again in another batch. ``unclear`` are those of ``refused`` that Omnisend may
    have taken all the same.
    """

    row: int
    state: str
    refused: Mapping[int, str] = field(default_factory=dict)
    created: Sequence[int] = ()
    updated: Sequence[int] = ()
    dropped: Sequence[int] = ()
    unclear: Sequence[int] = ()


class Known(NamedTuple):
    """What the ledger has of a contact: the run (``Ledger.run``) that confirmed it last, and how.

    ``hash`` is of what was confirmed, empty where nobody knows what Omnisend has. ``given`` are the
    tags that it has, ``owed`` those that it may have: they were asked for, and no answer is known.
    ``status`` is a ``Consent``. ``first_run`` is the run that confirmed it first, 0 where that
    isn't known or never happened.
    """

    hash: bytes
    run: int
    fate: int
    given: int
    owed: int
    status: int = 0
    first_run: int = 0

    @property
    def confirmed(self) -> bool:
        """Whether Omnisend surely has it."""
        return bool(self.run or self.hash)


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch of which nobody knows whether Omnisend has it; ``batch_id`` '' before the answer.

    ``state`` is recorded, posted or unconfirmed. A crash leaves the latest posts recorded only.
    """

    row: int
    run_id: str
    number: int
    batch_id: str
    contacts: int
    state: str


@dataclass(frozen=True, slots=True)
class TagRow:
    """A contact that is to get or to lose ``tags``, and has ``result`` afterwards (set numbers)."""

    sealed: bytes
    tags: int
    result: int


@dataclass(frozen=True, slots=True)
class TagWork:
    """What fits into one tag request. ``ids`` are for ``TagLog.done``."""

    verb: Verb
    tags: frozenset[str]
    sealed: Sequence[bytes]
    ids: Sequence[int]


def content_hash(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()
