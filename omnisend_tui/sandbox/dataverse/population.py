"""What a sandbox's tables are made of, and the people whom a test lists."""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from omnisend_tui.sandbox.dataverse.options import Person, Value

_TIME = "%Y-%m-%dT%H:%M:%SZ"


class SegmentFacts(msgspec.Struct, frozen=True):
    """A segment as its metadata tells of it."""

    name: str
    label: str
    members: int


class Population(Protocol):
    """Customers in the order of their ids; a rank is a place in it.

    Rows are JSON objects as text, with the table's key and etag, as of a ``generation``: 0, and 1
    more with every refresh of the data.
    """

    size: int

    def customer_id(self, rank: int) -> str: ...

    def rank(self, customer_id: str) -> int:
        """How many ids are before ``customer_id``, which is in lower case."""
        ...

    def members(self, pattern: re.Pattern[str] | None, ranks: Iterable[int]) -> Iterator[int]:
        """Those of ``ranks`` with a row of memberships, where its text holds ``pattern``."""
        ...

    def newest(self, generation: int) -> Iterator[int]:
        """All ranks, the last changed first."""
        ...

    def profiles(self, ranks: Sequence[int], columns: Sequence[str], generation: int) -> list[str]:
        """Rows of profiles."""
        ...

    def memberships(
        self, ranks: Sequence[int], columns: Sequence[str], generation: int
    ) -> list[str]:
        """Rows of memberships."""
        ...

    def segments(self) -> list[SegmentFacts]: ...

    def further_columns(self) -> tuple[str, ...]:
        """Columns of profiles beyond the usual ones."""
        ...


def time_of(generation: int, first: datetime) -> str:
    """When the data of ``generation`` were made: an hour after the one before."""
    return (first + timedelta(hours=generation)).strftime(_TIME)


def segments_text(names: Iterable[str]) -> str:
    """What a row of memberships holds: a JSON list of names, as text."""
    return msgspec.json.encode(list(names)).decode()


def key_of(customer_id: str, table: str = "") -> str:
    """A GUID for the row of a customer."""
    digest = hashlib.md5(f"{table}{customer_id}".encode(), usedforsecurity=False).hexdigest()
    return guid_of(digest)


def guid_of(digits: str) -> str:
    """32 hex digits in the form of a GUID."""
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(parts)


class Listed:
    """The people of ``DataverseOptions.people``; each refresh changes all of them."""

    def __init__(self, people: Sequence[Person], first: datetime) -> None:
        found = {
            person.customer_id
            or hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest(): person
            for number, person in enumerate(people)
        }
        self.size = len(found)
        self._first = first
        # In any case, as comparisons are.
        self._ids = sorted(found, key=str.lower)
        self._keys = [customer_id.lower() for customer_id in self._ids]
        self._people = [found[customer_id] for customer_id in self._ids]

    def customer_id(self, rank: int) -> str:
        return self._ids[rank]

    def rank(self, customer_id: str) -> int:
        return bisect_left(self._keys, customer_id)

    def members(self, pattern: re.Pattern[str] | None, ranks: Iterable[int]) -> Iterator[int]:
        for rank in ranks:
            text = self._text(rank)
            if text is not None and (pattern is None or pattern.search(text)):
                yield rank

    def newest(self, generation: int) -> Iterator[int]:
        return iter(range(self.size))

    def profiles(self, ranks: Sequence[int], columns: Sequence[str], generation: int) -> list[str]:
        return [self._profile(rank, columns, generation) for rank in ranks]

    def memberships(
        self, ranks: Sequence[int], columns: Sequence[str], generation: int
    ) -> list[str]:
        rows = []
        for rank in ranks:
            customer_id = self._ids[rank]
            row = self._system(rank, generation) | {
                "msdynci_segmentmembershipid": key_of(customer_id, "membership"),
                "msdynci_customerid": customer_id,
                "msdynci_segments": self._text(rank),
                "msdynci_segmentprovider": "CustomerInsights",
                "msdynci_segmentmembershiptype": "Customer",
                "msdynci_identifier": customer_id,
            }
            rows.append(_encoded(row, columns))
        return rows

    def segments(self) -> list[SegmentFacts]:
        counts: dict[str, int] = {}
        for person in self._people:
            for name in dict.fromkeys(person.segments):
                counts[name] = counts.get(name, 0) + 1
        return [SegmentFacts(name, name, counts[name]) for name in sorted(counts)]

    def further_columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for person in self._people for name in person.values))

    def _profile(self, rank: int, columns: Sequence[str], generation: int) -> str:
        person = self._people[rank]
        names = (person.first_name, person.last_name)
        row: dict[str, Value] = self._system(rank, generation) | {
            "msdynci_customerprofileid": key_of(self._ids[rank]),
            "msdynci_customerid": self._ids[rank],
            "msdynci_firstname": person.first_name,
            "msdynci_lastname": person.last_name,
            "msdynci_fullname": " ".join(name for name in names if name) or None,
            "msdynci_emailaddress1": person.email,
        }
        return _encoded(row | person.values, columns)

    def _text(self, rank: int) -> str | None:
        person = self._people[rank]
        if person.segments_text is not None:
            return person.segments_text
        return segments_text(person.segments) if person.segments else None

    def _system(self, rank: int, generation: int) -> dict[str, Value]:
        return {
            "createdon": time_of(0, self._first),
            "modifiedon": time_of(generation, self._first),
            "versionnumber": 1_000_000 + (generation + 1) * self.size - rank,
            "statecode": 0,
        }


def _encoded(row: dict[str, Value], columns: Sequence[str]) -> str:
    """The row with its ``columns``; one that nobody has a value for is null."""
    etag = {"@odata.etag": f'W/"{row["versionnumber"]}"'}
    return msgspec.json.encode(etag | {name: row.get(name) for name in columns}).decode()
