"""Columns and rows of profiles, as they pass from a source to the mapping."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source and up to a few values of it, as text.

    ``label`` is what people call it, where the source knows; exports keep the ``name``.
    """

    name: str
    samples: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that can't be parsed. ``key`` says where it stands (a line number)."""

    key: str
    detail: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some thousand rows. A row holds its cells (text or None) as asked for, then its key.

    The key is the key column's text or, without one, the number of the row in the source (int,
    from 1). Rows are in the source's order. ``memberships``, where asked for, has a bit
    mask for each row: bit i is set where the row is in segment i of the selection.
    """

    rows: list[tuple[Any, ...]]
    unreadable: list[UnreadableRow] = field(default_factory=list)
    memberships: list[int] = field(default_factory=list)
