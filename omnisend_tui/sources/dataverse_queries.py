"""Addresses of what is asked of Customer Insights' tables (contracts/dataverse.md)."""

import json
from collections.abc import Sequence
from urllib.parse import quote

from omnisend_tui.config.models import CUSTOMER_ID

PROFILES = "msdynci_customerprofiles"
PROFILE = "msdynci_customerprofile"  # the table's name in the metadata
MEMBERSHIPS = "msdynci_segmentmemberships"
SEGMENTS = "mscipriv_segmentmetadata"
SEGMENT_NAMES = "msdynci_segments"
LONGEST = 7900  # bytes of an address, of about 8 KB that the line of a request may have
IDS = 100  # profiles asked for at once


def address(
    table: str,
    *,
    select: Sequence[str] = (),
    where: str = "",
    order: str = "",
    top: int | None = None,
    count: bool = False,
) -> str:
    """Below the service root."""
    options = {
        "$select": ",".join(dict.fromkeys(select)),
        "$filter": where,
        "$orderby": order,
        "$count": "true" if count else "",
        "$top": "" if top is None else str(top),
    }
    query = "&".join(f"{name}={quote(text, safe=',')}" for name, text in options.items() if text)
    return f"{table}?{query}" if query else table


def attributes(table: str) -> str:
    """The columns of a table with their labels."""
    name = quote(table, safe="")
    return (
        f"EntityDefinitions(LogicalName='{name}')/Attributes"
        "?$select=LogicalName,AttributeType,DisplayName"
    )


def fitting(columns: Sequence[str], root: str) -> Sequence[str]:
    """``columns``, or none of them, which asks for all, where they make an address too long.

    Half of an address is kept for ids.
    """
    selected = address(PROFILES, select=columns)
    return columns if len(root) + len(selected) <= LONGEST // 2 else ()


def named(segment: str, *, escaped: bool = False) -> str:
    """The text that a name has in a filter: as in JSON, with the escapes of the contract.

    Double quotes and backslashes of the JSON have a backslash in front, single quotes are doubled.
    ``escaped``: letters beyond ASCII are written as the JSON may have them, by their numbers.
    """
    told = json.dumps(segment, ensure_ascii=escaped)
    return told.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")


def in_segment(segment: str) -> list[str]:
    """Filters of memberships that together have all rows of ``segment``, and may have others.

    A second one where the JSON of the names may be written in two ways. ``contains`` knows no case
    and reads ``%``, ``_`` and ``[...]`` as patterns. The first two stand for themselves too; what
    is in brackets stands for one sign of it, so the name is asked for in pieces without an opening
    one.
    """
    told = [named(segment)]
    if not segment.isascii():
        told.append(named(segment, escaped=True))
    return [_containing(each) for each in told]


def _containing(told: str) -> str:
    pieces = [piece for piece in told.split("[") if piece]
    return " and ".join(f"contains({SEGMENT_NAMES},'{piece}')" for piece in pieces)


def members(segment: str) -> list[str]:
    """The memberships of ``segment``, with the text that says whose they are: an address or two."""
    select = (CUSTOMER_ID, SEGMENT_NAMES)
    return [address(MEMBERSHIPS, select=select, where=where) for where in in_segment(segment)]


def by_ids(columns: Sequence[str], ids: Sequence[str], root: str) -> tuple[str, int]:
    """The address of the first of the profiles ``ids``, and how many it asks for."""
    size = min(IDS, len(ids))
    while True:
        some = (each.replace("'", "''") for each in ids[:size])
        where = " or ".join(f"{CUSTOMER_ID} eq '{each}'" for each in some)
        found = address(PROFILES, select=columns, where=where)
        length = len(root) + len(found)
        if size == 1 or length <= LONGEST:
            return found, size
        size = max(1, min(size - 1, size * LONGEST // length))
