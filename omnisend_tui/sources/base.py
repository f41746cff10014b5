"""What every source offers, and the records that leave it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from omnisend_tui.profiles import Chunk, Column, UnreadableRow

__all__ = [
    "MOST_MEMBERSHIPS",
    "Chunk",
    "Column",
    "ProfileSource",
    "Segment",
    "Selection",
    "UnreadableRow",
]

MOST_MEMBERSHIPS = 60  # segments whose bits fit a BIGINT of SQL


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment and its number of profiles.

    None where counting would cost a full read, or where its condition can't be used.
    """

    name: str
    profiles: int | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Profiles in any of ``segments`` and in none of ``except_segments``."""

    segments: tuple[str, ...]
    except_segments: tuple[str, ...] = ()


class ProfileSource(Protocol):
    """Errors are ``SourceError`` with a sentence; each method may be called from any thread."""

    def columns(self) -> list[Column]: ...

    def segments(self) -> list[Segment]:
        """'All profiles' first."""
        ...

    def count(self, selection: Selection) -> int:
        """Profiles in ``selection``, each once (rows that can't be parsed may be missing)."""
        ...

    def read(
        self,
        selection: Selection,
        columns: Sequence[str],
        stop: Event,
        chunk_rows: int = 2000,
        *,
        memberships: bool = False,
    ) -> Iterator[Chunk]:
        """Streams the selection; ends early and quietly once ``stop`` is set.

        With ``memberships`` each chunk says which of ``selection.segments`` (``MOST_MEMBERSHIPS``
        of them, else ``ValueError``) each of its rows is in. A row isn't in a segment whose
        condition is NULL for it.

        A column that isn't there is a ``SourceError`` 'column_missing' before the first chunk; a
        file that changed meanwhile is 'source_changed' at the end.
        """
        ...
