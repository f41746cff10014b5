"""Who is in which of the selected segments, in about 25 bytes each."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources.base import MOST_MEMBERSHIPS, Selection

_BUCKETS = 1 << 14
_ID = 16  # bytes of an id, in front of 8 bytes of bits
_RECORD = _ID + 8
_GUID = 36  # signs of an id with dashes
# Bits of a record: one for each segment, then:
_SEGMENTS = (1 << MOST_MEMBERSHIPS) - 1
_OUT, _UPPER, _TAKEN, _DASHED = 1 << 63, 1 << 62, 1 << 61, 1 << 60
_OUT_OR_TAKEN = (_OUT | _TAKEN) >> 56
_TAKEN_BYTE = _TAKEN >> 56
_KEPT_TEXTS = 20_000

Names = frozenset[str]


class Members:
    """The members of a selection's segments, each with the bits of those that it is in.

    Bit i stands for segment i; with more of them than there are bits for, bit 0 stands for any.
    Ids that differ only in their case, in blanks around them or in a GUID's dashes are one.
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
        self.unread = 0
        """Rows of which nobody can tell who is in what."""
        self._buckets: list[bytearray | None] = [None] * _BUCKETS
        self._odd: dict[bytes, str] = {}
        self._known: dict[str | None, int | None] = {}
        self._met: dict[str, bool] = dict.fromkeys([*self._bits, *selection.except_segments], False)

    @property
    def wanted(self) -> list[str]:
        """The segments whose memberships are needed."""
        return list(self._met)

    @property
    def missing(self) -> list[str]:
        """Segments that nobody was found in."""
        return [name for name, met in self._met.items() if not met]

    def add(self, rows: Sequence[tuple[str | None, ...]]) -> None:
        """Adds rows of id and names.

        Rows of others, whom a filter let through, are passed over. Whose names can't be read is
        left out where any segment is: that one may be among them. ``SourceError``
        'members_nameless' where a row doesn't say who is left out.
        """
        known, buckets = self._known, self._buckets
        for id_, names in rows:
            try:
                bits = known[names]
            except KeyError:
                bits = self._bits_of(names)
            if bits is None:
                self.unread += 1
                bits = _OUT if self._out else 0
            if not bits:
                continue
            key, written = _packed(id_) if id_ else (b"", 0)
            odd = not key
            if odd and not (key := _key(id_ or "")):
                if bits & _OUT:
                    raise _nameless()
                self.unread += 1
                continue
            number = hash(key) % _BUCKETS
            bucket = buckets[number]
            if bucket is None:
                bucket = buckets[number] = bytearray()
            at = _find(bucket, key)
            if at < 0:
                if odd:
                    self._odd[key] = id_ or ""
                bucket += key + (bits | written).to_bytes(8, "big")
                self._count(0, bits)
                continue
            before = int.from_bytes(bucket[at + _ID : at + _RECORD], "big")
            if before | bits != before:
                bucket[at + _ID : at + _RECORD] = (before | bits).to_bytes(8, "big")
                self._count(before, before | bits)

    def take(self, ids: Sequence[str | None]) -> list[int]:
        """The bits of each id; 0 where it isn't in the selection, or was taken before."""
        found, buckets, everybody = [], self._buckets, self.everybody
        for id_ in ids:
            if not id_:
                found.append(0)
                continue
            key, _written = _packed(id_)
            if not key and not (key := _key(id_)):
                found.append(0)
                continue
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
        """The ids that aren't left out, as they were written first, in order (other texts than 32
        hex digits and GUIDs in any).
        """
        found = sorted(each[: _ID + 1] for each in self._records() if not each[_ID] & _OUT >> 56)
        for each in found:
            key = each[:_ID]
            yield self._odd.get(key) or _unpacked(key, each[_ID] << 56)

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

    def _bits_of(self, text: str | None) -> int | None:
        """The bits of a row's names; None where they can't be read."""
        if len(self._known) > _KEPT_TEXTS:
            self._known.clear()
        names = names_in(text or "")
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
    """An id of 32 hex digits, or a GUID, as 16 bytes, and bits that say how it is written.

    b'' for any other text, and for one in both cases.
    """
    dashed = 0
    if len(id_) == _GUID and id_[8] == id_[13] == id_[18] == id_[23] == "-":
        id_, dashed = id_.replace("-", ""), _DASHED
    try:
        key = bytes.fromhex(id_) if len(id_) == 2 * _ID else b""
    except ValueError:
        return b"", 0
    told = key.hex()
    if told == id_:
        return key, dashed
    return (key, dashed | _UPPER) if told.upper() == id_ else (b"", 0)


def _unpacked(key: bytes, written: int) -> str:
    text = key.hex()
    if written & _DASHED:
        text = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return text.upper() if written & _UPPER else text


def _key(id_: str) -> bytes:
    """16 bytes for an id in whatever way it is written; b'' for one of nothing but blanks."""
    plain = id_.strip().casefold()
    if not plain:
        return b""
    key, _written = _packed(plain)
    return key or blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=_ID).digest()


def _find(bucket: bytearray, key: bytes) -> int:
    at = bucket.find(key)
    while at >= 0 and at % _RECORD:  # a match across two records is none
        at = bucket.find(key, at + 1)
    return at


def _nameless() -> SourceError:
    return SourceError(
        "members_nameless",
        _("Somebody is left out by a segment, but Customer Insights doesn't say who."),
        _("Look at that segment in Customer Insights; a refresh may mend it."),
    )
