"""Who is in which of the selected segments, in about 25 bytes each."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.sources.base import MOST_MEMBERSHIPS, Selection

_BUCKETS = 1 << 14
_ID = 16  # bytes of an id, in front of 8 bytes of bits
_RECORD = _ID + 8
# Bits of a record: one for each segment, then:
_SEGMENTS = (1 << MOST_MEMBERSHIPS) - 1
_OUT, _UPPER, _TAKEN = 1 << 63, 1 << 62, 1 << 61
_OUT_OR_TAKEN = (_OUT | _TAKEN) >> 56
_TAKEN_BYTE = _TAKEN >> 56
_KEPT_TEXTS = 20_000

Names = frozenset[str]


class Members:
    """The members of a selection's segments, each with the bits of those that it is in.

    Bit i stands for segment i; with more of them than there are bits for, bit 0 stands for any.
    """

    def __init__(self, selection: Selection) -> None:
        few = len(selection.segments) <= MOST_MEMBERSHIPS
        self._bits: dict[str, int] = {}
        for at, name in enumerate(selection.segments):
            self._bits[name] = self._bits.get(name, 0) | 1 << (at if few else 0)
        self.everybody = self._bits.pop(ALL_PROFILES, 0)
        """The bits that each profile has, whether a member or not."""
        self._out = frozenset(selection.except_segments)
        self.left_out = 0
        """Members of the segments that are left out."""
        self.size = 0
        """Members that aren't left out."""
        self._buckets: list[bytearray | None] = [None] * _BUCKETS
        self._odd: dict[bytes, str] = {}
        self._known: dict[str, int | None] = {}
        self._met: dict[str, bool] = dict.fromkeys([*self._bits, *selection.except_segments], False)

    @property
    def wanted(self) -> list[str]:
        """The segments whose memberships are needed."""
        return list(self._met)

    @property
    def missing(self) -> list[str]:
        """Segments that nobody was found in."""
        return [name for name, met in self._met.items() if not met]

    def add(self, rows: Sequence[tuple[str | None, ...]]) -> int:
        """Adds rows of id and names; returns how many had names that can't be read.

        Rows of others, whom a filter let through, are passed over.
        """
        unread, known, buckets = 0, self._known, self._buckets
        for id_, names in rows:
            if not id_ or not names:
                continue
            try:
                bits = known[names]
            except KeyError:
                bits = self._bits_of(names)
            if bits is None:
                unread += 1
                continue
            if not bits:
                continue
            key, upper = _packed(id_)
            if not key:
                key, upper = self._keep(id_), 0
            number = hash(key) % _BUCKETS
            bucket = buckets[number]
            if bucket is None:
                bucket = buckets[number] = bytearray()
            at = _find(bucket, key)
            if at < 0:
                bucket += key + (bits | upper).to_bytes(8, "big")
                self._count(0, bits)
                continue
            before = int.from_bytes(bucket[at + _ID : at + _RECORD], "big")
            if before | bits != before:
                bucket[at + _ID : at + _RECORD] = (before | bits).to_bytes(8, "big")
                self._count(before, before | bits)
        return unread

    def take(self, ids: Sequence[str | None]) -> list[int]:
        """The bits of each id; 0 where it isn't in the selection, or was taken before."""
        found, buckets, everybody = [], self._buckets, self.everybody
        for id_ in ids:
            if not id_:
                found.append(0)
                continue
            key, _upper = _packed(id_)
            if not key:
                key = _hashed(id_)
            bucket = buckets[hash(key) % _BUCKETS]
            at = -1 if bucket is None else _find(bucket, key)
            if bucket is None or at < 0:
                found.append(everybody)
                continue
            first = bucket[at + _ID]
            if first & _OUT_OR_TAKEN:
                found.append(0)
                continue
            bucket[at + _ID] = first | _TAKEN_BYTE
            bits = int.from_bytes(bucket[at + _ID : at + _RECORD], "big") & _SEGMENTS
            found.append(bits | everybody)
        return found

    def ids(self) -> Iterator[str]:
        """The ids that aren't left out, in order (those that aren't 32 hex digits in any)."""
        found = sorted(each[: _ID + 1] for each in self._records() if not each[_ID] & _OUT >> 56)
        for each in found:
            key = each[:_ID]
            text = key.hex()
            yield self._odd.get(key) or (text.upper() if each[_ID] & _UPPER >> 56 else text)

    def digest(self) -> str:
        """Stays the same while everybody is in the same segments, in whatever order they come."""
        whole = 0
        for each in self._records():
            bits = int.from_bytes(each[_ID:], "big") & (_SEGMENTS | _OUT)
            told = blake2b(each[:_ID] + bits.to_bytes(8, "big"), digest_size=16).digest()
            whole += int.from_bytes(told, "big")
        return f"{whole & (1 << 128) - 1:032x}"

    def _records(self) -> Iterator[bytes]:
        for bucket in self._buckets:
            if bucket is not None:
                for at in range(0, len(bucket), _RECORD):
                    yield bytes(bucket[at : at + _RECORD])

    def _bits_of(self, text: str) -> int | None:
        """The bits of a row's names; None where they can't be read."""
        if len(self._known) > _KEPT_TEXTS:
            self._known.clear()
        names = names_in(text)
        bits: int | None = None
        if names is not None:
            bits = 0
            for name in names:
                bits |= self._bits.get(name, 0)
                if name in self._met:
                    self._met[name] = True
            if not self._out.isdisjoint(names):
                bits |= _OUT
        self._known[text] = bits
        return bits

    def _count(self, before: int, now: int) -> None:
        self.left_out += bool(now & _OUT) - bool(before & _OUT)
        self.size += _is_in(now) - _is_in(before)

    def _keep(self, id_: str) -> bytes:
        key = _hashed(id_)
        self._odd[key] = id_
        return key


def reduced(selection: Selection) -> Selection:
    """The same people by as few segments as will do."""
    if ALL_PROFILES in selection.segments:
        return Selection((ALL_PROFILES,), selection.except_segments)
    return selection


def names_in(text: str) -> Names | None:
    """The names of a membership's text, a JSON list; None where it can't be read.

    The quotation marks of the list may have backslashes in front, as they have in a filter.
    """
    for told in (text, f'"{text}"'):
        try:
            found = msgspec.json.decode(told)
            if isinstance(found, str):
                found = msgspec.json.decode(found)
            return msgspec.convert(found, type=Names)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return None


def _is_in(bits: int) -> bool:
    return bool(bits & _SEGMENTS) and not bits & _OUT


def _packed(id_: str) -> tuple[bytes, int]:
    """An id of 32 hex digits as 16 bytes, and the bit of its case; b'' for any other text."""
    try:
        key = bytes.fromhex(id_) if len(id_) == 2 * _ID else b""
    except ValueError:
        return b"", 0
    told = key.hex()
    if told == id_:
        return key, 0
    return (key, _UPPER) if told.upper() == id_ else (b"", 0)


def _hashed(id_: str) -> bytes:
    return blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=_ID).digest()


def _find(bucket: bytearray, key: bytes) -> int:
    at = bucket.find(key)
    while at >= 0 and at % _RECORD:  # a match across two records is none
        at = bucket.find(key, at + 1)
    return at
