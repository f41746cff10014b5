"""Bodies of Dataverse's answers as rows of text."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

Row = tuple[str | None, ...]
_PLAIN = {str, type(None)}
_DIGITS = 40  # before or after the point; numbers beyond stay as they are


class Rows:
    """A page: cells as text in the order that was asked for."""

    __slots__ = ("next", "rows")

    def __init__(self, rows: list[Row], next_: str | None) -> None:
        self.rows = rows
        self.next = next_

    def __len__(self) -> int:
        return len(self.rows)


def rows_decoder(columns: Sequence[str]) -> Callable[[bytes], Rows]:
    """Decodes pages; raises ``ValueError``. A column may be asked for more than once."""
    places = {column: f"c{at}" for at, column in enumerate(dict.fromkeys(columns))}
    row = msgspec.defstruct(
        "Row",
        [(place, Any, None) for place in places.values()],
        rename={place: column for column, place in places.items()},
        gc=False,
    )
    page = msgspec.defstruct(
        "Page",
        [("value", list[row]), ("next", str | None, None)],  # type: ignore[valid-type]
        rename={"next": "@odata.nextLink"},
    )
    decoder = msgspec.json.Decoder(page)
    cells = attrgetter(*(places[column] for column in columns))
    alone = len(columns) == 1

    def decode(body: bytes) -> Rows:
        found: Any = decoder.decode(body)
        values = map(cells, found.value)
        return Rows(_texts(list(zip(values, strict=True) if alone else values)), found.next)

    return decode


class Objects(msgspec.Struct):
    """A page of a table whose columns aren't known."""

    value: list[dict[str, Any]]
    next: str | None = msgspec.field(default=None, name="@odata.nextLink")

    def __len__(self) -> int:
        return len(self.value)


class _Counted(msgspec.Struct):
    count: int = msgspec.field(name="@odata.count")


decode_objects = msgspec.json.Decoder(Objects).decode


def decode_count(body: bytes) -> int:
    """``@odata.count``, which Dataverse caps at 5,000 (contracts/dataverse.md)."""
    return msgspec.json.decode(body, type=_Counted).count


def mended(body: bytes) -> bytes:
    """JSON with halves of surrogate pairs, which .NET writes and nobody else reads, without them.

    Raises ``ValueError`` where it is no JSON at all.
    """
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def text(value: object) -> str | None:
    """A value of JSON as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 10_000 else None
    if isinstance(value, float):
        return _number(value)
    return msgspec.json.encode(value).decode()


def _number(value: float) -> str:
    """Without an exponent, and without a fraction of zero."""
    written = Decimal(repr(value))
    if abs(written.adjusted()) > _DIGITS:
        return repr(value)
    plain = f"{written:f}"
    return plain.removesuffix(".0")


def _texts(rows: list[Any]) -> list[Row]:
    if set(map(type, chain.from_iterable(rows))) <= _PLAIN:
        return rows
    # By columns: in most of them there is only text.
    columns = (
        cells if set(map(type, cells)) <= _PLAIN else map(text, cells)
        for cells in zip(*rows, strict=True)
    )
    return list(zip(*columns, strict=True))
