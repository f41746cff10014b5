"""What an environment of Customer Insights tells of itself: its columns and its segments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from threading import Event
from typing import Any

import msgspec

from omnisend_tui.profiles import Column
from omnisend_tui.sources import dataverse_queries as queries
from omnisend_tui.sources.base import Segment
from omnisend_tui.sources.members import names_in
from omnisend_tui.sources.odata import ODataClient
from omnisend_tui.sources.odata_cells import Page, decode_objects, rows_decoder, text
from omnisend_tui.sources.odata_errors import Refused

_SAMPLE_ROWS, _SAMPLES = 50, 5
_MEMBERSHIP_PAGES = 4  # looked at for names of segments where the metadata is closed
_YEARS = range(1970, 2200)  # in which a segment may have been made
_CLOSED = (400, 403, 404)  # what metadata answers where it is forbidden, or isn't there
# Kinds whose values are plain and which can be selected by their logical name.
_KINDS = frozenset(
    """
    BigInt Boolean DateTime Decimal Double Integer Memo Money Picklist String Uniqueidentifier
    """.split()  # noqa: SIM905
)
# Dataverse's own columns, which say nothing about a person.
_SYSTEM = frozenset(
    """
    createdby createdon createdonbehalfby importsequencenumber modifiedby modifiedon
    modifiedonbehalfby organizationid overriddencreatedon ownerid owningbusinessunit owningteam
    owninguser statecode statuscode timezoneruleversionnumber utcconversiontimezonecode
    versionnumber
    """.split()  # noqa: SIM905
)


class _Said(msgspec.Struct):
    label: str | None = msgspec.field(default=None, name="Label")


class _Label(msgspec.Struct):
    user: _Said | None = msgspec.field(default=None, name="UserLocalizedLabel")


class _Attribute(msgspec.Struct):
    name: str = msgspec.field(name="LogicalName")
    kind: str | None = msgspec.field(default=None, name="AttributeType")
    label: _Label | None = msgspec.field(default=None, name="DisplayName")


class _Attributes(Page, kw_only=True):
    value: list[_Attribute]

    def __len__(self) -> int:
        return len(self.value)


_decode_attributes = msgspec.json.Decoder(_Attributes).decode


def listed_columns(client: ODataClient, stop: Event) -> dict[str, str] | None:
    """The labels of the columns that profiles have; None where the metadata is closed."""
    address = queries.attributes(queries.PROFILE)
    try:
        pages = list(client.lists(address, _decode_attributes, stop))
    except Refused as error:
        if error.status not in _CLOSED:
            raise
        return None
    return {
        each.name: _label(each.label and each.label.user and each.label.user.label, each.name)
        for page in pages
        for each in page.value
        if each.kind in _KINDS and each.name not in _SYSTEM
    }


def sampled_columns(
    client: ODataClient, listed: Mapping[str, str] | None, stop: Event
) -> list[Column]:
    """Columns with a few different values each; those that the first rows have without a list."""
    if listed is None:
        found = _first_rows(client, stop)
        names = dict.fromkeys(name for row in found for name in row if _is_value(name))
        return [Column(name, _some(text(row.get(name)) for row in found)) for name in names]
    if not listed:
        return []
    select = queries.fitting(list(listed), client.root)
    address = queries.address(queries.PROFILES, select=select, top=_SAMPLE_ROWS)
    rows = client.get(address, rows_decoder(list(listed)), stop).rows
    cells = list(zip(*rows, strict=True)) or [()] * len(listed)
    return [
        Column(name, _some(values), label)
        for (name, label), values in zip(listed.items(), cells, strict=True)
    ]


def listed_segments(client: ODataClient, stop: Event) -> list[Segment] | None:
    """The segments that the metadata names; None where it is closed or names none by a column."""
    rows: list[dict[str, Any]] = []
    try:
        for page in client.lists(queries.SEGMENTS, decode_objects, stop):
            rows += page.value
    except Refused as error:
        if error.status not in _CLOSED:
            raise
        return None
    columns = dict.fromkeys(name for row in rows for name in row if _is_value(name))
    name = _named(columns, rows)
    if not name:
        return None if rows else []
    friendly = _first(columns, rows, ("friendly", "display"), str)
    refresh = _first(columns, rows, ("refresh",), _time_of)
    count = _first(columns, rows, ("count", "size", "members"), _whole)
    found = {
        row[name]: Segment(
            row[name],
            _whole(row.get(count)),
            _label(row.get(friendly), row[name]),
            _time_of(row.get(refresh)),
        )
        for row in rows
        if isinstance(row.get(name), str) and row[name]
    }
    return sorted(
        found.values(), key=lambda each: ((each.label or each.name).casefold(), each.name)
    )


def met_segments(client: ODataClient, stop: Event) -> list[Segment]:
    """The segments that the first memberships name."""
    select = (queries.SEGMENT_NAMES,)
    address = queries.address(queries.MEMBERSHIPS, select=select)
    names: set[str] = set()
    pages = client.stoppable_pages(address, rows_decoder(select), stop)
    for page in islice(pages, _MEMBERSHIP_PAGES):
        for told in {row[0] for row in page.rows}:
            names.update(names_in(told or "") or ())
    return [Segment(name, None) for name in sorted(sorted(names), key=str.casefold) if name]


def _first_rows(client: ODataClient, stop: Event) -> list[dict[str, Any]]:
    address = queries.address(queries.PROFILES, top=_SAMPLE_ROWS)
    return client.get(address, decode_objects, stop).value


def _is_value(name: str) -> bool:
    """Whether a key of a row is a column that can be selected, and not one of Dataverse's own."""
    return "@" not in name and not name.startswith("_") and name not in _SYSTEM


def _label(said: object, name: str) -> str:
    """What people call it; '' where that is its name again, as a maker leaves it."""
    label = str(said or "")
    return "" if label.casefold() == name.casefold() else label


def _some(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in values if each))[:_SAMPLES]


def _named(columns: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """The column with the segments' names; '' where none is called so."""
    found = [
        column
        for column in columns
        if column.casefold().endswith("name")
        and not any(part in column.casefold() for part in ("friendly", "display"))
        and any(isinstance(row.get(column), str) for row in rows)
    ]
    return min(
        found, key=lambda each: (not each.endswith(("_name", "segmentname")), len(each)), default=""
    )


def _first(
    columns: Iterable[str], rows: Sequence[Mapping[str, Any]], parts: Sequence[str], reads: Any
) -> str:
    """The first column that is called so and holds something that ``reads`` understands."""
    for column in columns:
        if any(part in column.casefold() for part in parts):
            values = [row[column] for row in rows if row.get(column) is not None]
            if any(reads(value) is not None for value in values):
                return column
    return ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _time_of(value: object) -> float | None:
    """Seconds since the epoch; None where ``value`` is no time, or an odd one.

    .NET writes the first or the last day that it knows where there is none.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
