"""Bodies of Dataverse's answers as rows of text."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

Row = tuple[str | None, ...]
_PLAIN = {str, type(None)}
_DIGITS = 40  # before or after the point; numbers beyond stay as they are
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# Whole pairs of surrogates, halves (the group), and all else that is written with a backslash.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][\dA-Fa-f]{2}\\u[dD][c-fC-F][\dA-Fa-f]{2}"
    rb"|(\\u[dD][89a-fA-F][\dA-Fa-f]{2})|\\.",
    re.DOTALL,
)
_nested = msgspec.json.Encoder(decimal_format="number").encode


class Rows:
    """A page: cells as text in the order that was asked for."""

    __slots__ = ("next", "rows")

    def __init__(self, rows: list[Row], next_: str | None) -> None:
        self.rows = rows
        self.next = next_

    def __len__(self) -> int:
        return len(self.rows)


class Answered(msgspec.Struct):
    """What all answers with a status of 200 have in common.

    Dataverse may break off in the middle and say so where the status is long sent.
    """

    error: Any = None

    def __post_init__(self) -> None:
        if self.error is not None:
            raise ValueError("an error in a page")


class Page(Answered):
    next: str | None = msgspec.field(default=None, name="@odata.nextLink")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.next == "":
            raise ValueError("no address of the next page")


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
        [("value", list[row])],  # type: ignore[valid-type]
        bases=(Page,),
        kw_only=True,
    )
    decoder = msgspec.json.Decoder(page, float_hook=Decimal)
    cells = attrgetter(*(places[column] for column in columns))
    alone = len(columns) == 1

    def decode(body: bytes) -> Rows:
        found: Any = decoder.decode(body)
        values = map(cells, found.value)
        return Rows(_texts(list(zip(values, strict=True) if alone else values)), found.next)

    return decode


class Objects(Page, kw_only=True):
    """A page of a table whose columns aren't known."""

    value: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.value)


class _Counted(Answered, kw_only=True):
    count: int = msgspec.field(name="@odata.count")


decode_objects = msgspec.json.Decoder(Objects, float_hook=Decimal).decode


def decode_count(body: bytes) -> int:
    """``@odata.count``, which Dataverse caps at 5,000 (contracts/dataverse.md)."""
    return msgspec.json.decode(body, type=_Counted).count


def mended(body: bytes) -> bytes:
    """JSON with halves of surrogate pairs, which .NET writes and nobody else reads, without them.

    Raises ``ValueError`` where there is nothing of that kind in it.
    """
    whole = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "surrogatepass")
    better = _ESCAPE.sub(_without_half, whole.encode("utf-8", "replace"))
    if better == body:
        raise ValueError("nothing to mend")
    return better


def _without_half(found: re.Match[bytes]) -> bytes:
    return b"?" if found[1] else found[0]


def text(value: object) -> str | None:
    """A value of JSON as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 10_000 else None
    if isinstance(value, Decimal):
        return _number(value)
    return _nested(value).decode()


def _number(value: Decimal) -> str:
    """To the last digit, without an exponent, and without zeros at the end of a fraction."""
    if not value:
        return "-0" if value.is_signed() else "0"
    if abs(value.adjusted()) > _DIGITS:
        return str(value)
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _texts(rows: list[Any]) -> list[Row]:
    if set(map(type, chain.from_iterable(rows))) <= _PLAIN:
        return rows
    # By columns: in most of them there is only text.
    columns = (
        cells if set(map(type, cells)) <= _PLAIN else map(text, cells)
        for cells in zip(*rows, strict=True)
    )
    return list(zip(*columns, strict=True))
