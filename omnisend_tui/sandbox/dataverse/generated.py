"""Any number of made-up customers, computed from their ranks: a million takes no memory."""

import math
import random
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from omnisend_tui.sandbox.dataverse.population import (
    SegmentFacts,
    guid_of,
    segments_text,
    time_of,
)
from omnisend_tui.sandbox.samples import CITIES, COUNTRIES, FIRST, LAST, STREETS, email_of

# name -> label, each how manieth customer is in it. Some are like another one to a wildcard, a
# prefix, or a quotation mark.
SEGMENTS: dict[str, tuple[str, int]] = {
    "Newsletter": ("Newsletter subscribers", 1),
    "VIP": ("Very important people", 4),
    "VIP lapsed": ("Lapsed very important people", 12),
    "Loyalty gold": ("Loyalty: gold", 10),
    "Win back": ("Win back", 5),
    'Summer "sale"': ('Summer "sale" visitors', 8),
    "O'Brien fans": ("O'Brien fans", 30),
    "Kesän ystävät 🌞 2026": ("Kesän ystävät", 6),
    "50% club": ("Half-price club", 20),
    "500 club": ("The 500 best", 24),
    "A_B": ("Test group A_B", 15),
    "AxB": ("Test group AxB", 40),
    "North\\South": ("North\\South", 60),
    "Shop [Turku]": ("Shop in Turku", 120),
}
_PERIOD = 120  # what every share above divides
_FEW = 16_384
_WORD = (1 << 64) - 1
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # odd, of random looking bits
_CHANGED = 50  # each refresh changes one in so many profiles
_STEPS = (7919, 104_729, 1_299_709)  # primes

# Ids, numbers (from 0), random bits and last changes of some customers.
People = tuple[list[str], list[int], list[int], list[int]]


class Generated:
    """``profiles`` customers, the same for one ``seed``; their ids are spread evenly at random.

    Their data are as odd as those of ``write_samples``.
    """

    def __init__(self, profiles: int, seed: int, prefix: str, first: datetime) -> None:
        self.size = profiles
        self._seed = seed
        self._first = first
        self._step = next(step for step in _STEPS if math.gcd(step, max(1, profiles)) == 1)
        # A few ids lie as random ones do, and are kept. Of many each has its share of all ids.
        self._few = _random_ids(profiles, seed) if profiles <= _FEW else []
        self._names = {prefix + name: facts for name, facts in SEGMENTS.items()}
        self._texts = [
            segments_text(
                name for place, name in enumerate(self._names) if self._is_in(place, residue)
            )
            for residue in range(_PERIOD)
        ]

    def customer_id(self, rank: int) -> str:
        return self._few[rank] if self._few else self._ids((rank,), self._bits((rank,)))[0]

    def rank(self, customer_id: str) -> int:
        return bisect_left(range(self.size), customer_id, key=self.customer_id)

    def members(self, pattern: re.Pattern[str] | None, ranks: Iterable[int]) -> Iterator[int]:
        if pattern is None:
            return iter(ranks)
        fits = [bool(pattern.search(text)) for text in self._texts]
        if not any(fits):
            return iter(())
        size, step, seed = self.size, self._step, self._seed
        return (rank for rank in ranks if fits[(rank * step + seed) % size % _PERIOD])

    def newest(self, generation: int) -> Iterator[int]:
        last = max(0, generation - _CHANGED + 1)
        for changed in range(generation, last - 1, -1):
            for rank in range(self.size):
                if _last_change(self._number(rank), generation) == changed:
                    yield rank

    def profiles(self, ranks: Sequence[int], columns: Sequence[str], generation: int) -> list[str]:
        return self._rows(ranks, columns, generation, _PROFILE)

    def memberships(
        self, ranks: Sequence[int], columns: Sequence[str], generation: int
    ) -> list[str]:
        return self._rows(ranks, columns, generation, _MEMBERSHIP)

    def segments(self) -> list[SegmentFacts]:
        return [
            SegmentFacts(name, label, self._count(place))
            for place, (name, (label, _share)) in enumerate(self._names.items())
        ]

    def further_columns(self) -> tuple[str, ...]:
        return ()

    def _is_in(self, place: int, residue: int) -> bool:
        share = [*self._names.values()][place][1]
        # Another remainder for each, so that not all are in the same customers.
        return residue % share == place * 7 % share

    def _count(self, place: int) -> int:
        whole, rest = divmod(self.size, _PERIOD)
        inside = [self._is_in(place, residue) for residue in range(_PERIOD)]
        return whole * sum(inside) + sum(inside[:rest])

    def _number(self, rank: int) -> int:
        return (rank * self._step + self._seed) % self.size

    def _bits(self, ranks: Sequence[int]) -> list[int]:
        """64 bits a rank that look random, another number for each."""
        one, two, three = _MIX
        mixed = [(rank + self._seed) * one & _WORD for rank in ranks]
        mixed = [(bits ^ bits >> 30) * two & _WORD for bits in mixed]
        mixed = [(bits ^ bits >> 27) * three & _WORD for bits in mixed]
        return [bits ^ bits >> 31 for bits in mixed]

    def _ids(self, ranks: Sequence[int], bits: Sequence[int]) -> list[str]:
        if self._few:
            return [self._few[rank] for rank in ranks]
        size, factor = self.size, _MIX[0]
        return [
            f"{((rank << 64) + (one * factor & _WORD)) // size:016x}{one:016x}"
            for rank, one in zip(ranks, bits, strict=True)
        ]

    def _people(self, ranks: Sequence[int], generation: int) -> People:
        size, step, seed = self.size, self._step, self._seed
        bits = self._bits(ranks)
        numbers = [(rank * step + seed) % size for rank in ranks]
        changes = (
            [_last_change(number, generation) for number in numbers]
            if generation
            else [0] * len(numbers)
        )
        return self._ids(ranks, bits), numbers, bits, changes

    def _rows(
        self,
        ranks: Sequence[int],
        columns: Sequence[str],
        generation: int,
        made: dict[str, Callable[[People], list[str]]],
    ) -> list[str]:
        people = self._people(ranks, generation)
        versions = self._versions(ranks, people)

        def cells(column: str) -> Sequence[object]:
            if column == "versionnumber":
                return versions
            if column == "modifiedon":
                times = {
                    change: f'"{time_of(change, self._first)}"' for change in sorted(set(people[3]))
                }
                return [times[change] for change in people[3]]
            if column == "createdon":
                day = self._first - timedelta(days=30)
                return [f'"{time_of(-(n % 9000), day)}"' for n in people[1]]
            if column == "statecode":
                return ["0"] * len(versions)
            if column == "msdynci_segments":
                texts = [segments_text([text])[1:-1] for text in self._texts]
                return [texts[number % _PERIOD] for number in people[1]]
            return made[column](people)

        template = ",".join(f'"{column}":%s' for column in columns)
        line = '{"@odata.etag":"W/\\"%s\\"",' + template + "}"
        rows = zip(versions, *(cells(column) for column in columns), strict=True)
        return [line % row for row in rows]

    def _versions(self, ranks: Sequence[int], people: People) -> list[int]:
        size = self.size
        return [
            1_000_000 + (change + 1) * size - rank
            for rank, change in zip(ranks, people[3], strict=True)
        ]


def _random_ids(number: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return sorted(f"{chance.getrandbits(128):032x}" for _ in range(number))


def _last_change(number: int, generation: int) -> int:
    """The generation that changed a customer last; 0 for who is as at first."""
    return max(0, generation - (generation - number) % _CHANGED)


def _quoted(texts: Sequence[str]) -> list[str]:
    return [f'"{text}"' for text in texts]


_FIRST, _LAST, _COUNTRIES = _quoted(FIRST), _quoted(LAST), _quoted(COUNTRIES)
_CITIES = [f'"{city}"' for city, _code in CITIES]
_CODES = [f'"{code}"' for _city, code in CITIES]
_FULL = [f'"{first} {last}"' for first in FIRST for last in LAST]


def _odd(bits: int) -> int:
    return (bits >> 16) % 1000


def _emails(people: People) -> list[str]:
    found = (email_of(n + 1, _odd(b)) for n, b in zip(people[1], people[2], strict=True))
    return [f'"{email}"' if email else "null" for email in found]


def _phones(people: People) -> list[str]:
    return [
        '"call me"' if _odd(b) < 4 else f'"+35840{1_000_000 + n % 9_000_000}"'
        for n, b in zip(people[1], people[2], strict=True)
    ]


def _countries(people: People) -> list[str]:
    most = len(_COUNTRIES)
    return ['"Atlantis"' if 7 <= _odd(b) < 10 else _COUNTRIES[(b >> 28) % most] for b in people[2]]


def _births(people: People) -> list[str]:
    return [
        f'"{1945 + (b >> 32) % 60}-{1 + (b >> 38) % 12:02}-{1 + (b >> 42) % 28:02}T00:00:00Z"'
        for b in people[2]
    ]


def _points(people: People) -> list[str]:
    return [
        str((b >> 47) % 5000 + 7 * change) for b, change in zip(people[2], people[3], strict=True)
    ]


def _ids(people: People) -> list[str]:
    return [f'"{one}"' for one in people[0]]


_PROFILE: dict[str, Callable[[People], list[str]]] = {
    "msdynci_customerprofileid": lambda people: [f'"{guid_of(one)}"' for one in people[0]],
    "msdynci_customerid": _ids,
    "msdynci_firstname": lambda people: [_FIRST[b % len(_FIRST)] for b in people[2]],
    "msdynci_lastname": lambda people: [_LAST[(b >> 8) % len(_LAST)] for b in people[2]],
    "msdynci_fullname": lambda people: [
        _FULL[b % len(_FIRST) * len(_LAST) + (b >> 8) % len(_LAST)] for b in people[2]
    ],
    "msdynci_emailaddress1": _emails,
    "msdynci_telephone1": _phones,
    "msdynci_address1_line1": lambda people: [
        f'"{STREETS[n % len(STREETS)]} {1 + n % 90}"' for n in people[1]
    ],
    "msdynci_address1_city": lambda people: [_CITIES[(b >> 24) % len(_CITIES)] for b in people[2]],
    "msdynci_address1_postalcode": lambda people: [
        _CODES[(b >> 24) % len(_CODES)] for b in people[2]
    ],
    "msdynci_address1_country": _countries,
    "msdynci_birthdate": _births,
    "msdynci_gendercode": lambda people: ['"female"' if n % 2 else '"mies"' for n in people[1]],
    "msdynci_loyaltypoints": _points,
    "msdynci_marketingconsent": lambda people: ["true" if b >> 63 else "false" for b in people[2]],
}
_MEMBERSHIP: dict[str, Callable[[People], list[str]]] = {
    "msdynci_segmentmembershipid": lambda people: [f'"{guid_of(one[::-1])}"' for one in people[0]],
    "msdynci_customerid": _ids,
    "msdynci_segmentprovider": lambda people: ['"CustomerInsights"'] * len(people[0]),
    "msdynci_segmentmembershiptype": lambda people: ['"Customer"'] * len(people[0]),
    "msdynci_identifier": _ids,
}
