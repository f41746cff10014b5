"""Who agreed to get mail: the cells of a consent column, and what is sent for a yes (spec.md)."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from omnisend_tui.mapping.texts import trim

_YES = frozenset(["yes", "true", "1", "kyllä"])
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_LONGEST = 60
# Systems write an empty date as 0001, 1753, 1900 or 1970: that is nobody's opt-in.
_EARLIEST_YEAR = 1990


class OptIns:
    """Reads a consent column; ``now`` (aware) bounds the times, ``source`` names the consent."""

    def __init__(self, source: str, now: datetime) -> None:
        self._source = msgspec.json.encode(source)
        self._now = now
        self._known = lru_cache(maxsize=32768)(self._members)

    def read(self, cells: Iterable[str | None]) -> list[bytes]:
        """For each cell the members of the contact's identifier that subscribe it; b'' is a no.

        A yes is one of a few words, or a past time as ISO 8601 has it; without an offset it is UTC.
        """
        return [self._known(cell) if cell and len(cell) <= _LONGEST else b"" for cell in cells]

    def _members(self, cell: str) -> bytes:
        text = trim(cell)
        if unicodedata.normalize("NFC", text).casefold() in _YES:
            return self._subscribed(None)
        moment = _moment(text)
        if moment is None or moment > self._now:
            return b""
        return self._subscribed(moment)

    def _subscribed(self, moment: datetime | None) -> bytes:
        """``statusChangedAt`` is the opt-in's own time: the run's would make an old yes new."""
        changed = created = b""
        if moment is not None:
            told = f'"{moment:%Y-%m-%dT%H:%M:%SZ}"'.encode()
            changed, created = b',"statusChangedAt":' + told, b',"createdAt":' + told
        return b"".join(
            (
                b'"channels":{"email":{"status":"subscribed"',
                changed,
                b'}},"consent":{"source":',
                self._source,
                created,
                b"}",
            )
        )


def _moment(text: str) -> datetime | None:
    """The time in UTC; None for what is no time."""
    upper = text.upper()
    if not _MOMENT.fullmatch(upper):
        return None
    try:
        moment = datetime.fromisoformat(upper)
    except ValueError:
        return None
    if not _EARLIEST_YEAR <= moment.year < datetime.max.year:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
