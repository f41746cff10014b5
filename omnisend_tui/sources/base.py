"""What every source offers, and the records that leave it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source and up to a few values of it, as text."""

    name: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment and its number of profiles, None where counting would cost a full read."""

    name: str
    profiles: int | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Profiles in any of ``segments`` and in none of ``except_segments``."""

    segments: tuple[str, ...]
    except_segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that can't be parsed. ``key`` says where it stands (a line number)."""

    key: str
    detail: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some thousand rows. A row holds its cells (text or None) in the order asked for, then its key.

    The key is the key column's text or, without one, the number of the row in the source (int,
    from 1). Rows are in the source's order.
    """

    rows: list[tuple[Any, ...]]
    unreadable: list[UnreadableRow] = field(default_factory=list)


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
        self, selection: Selection, columns: Sequence[str], stop: Event, chunk_rows: int = 2000
    ) -> Iterator[Chunk]:
        """Streams the selection; ends early and quietly once ``stop`` is set.

        A column that isn't there is a ``SourceError`` 'column_missing' before the first chunk; a
        file that changed meanwhile is 'source_changed' at the end.
        """
        ...
