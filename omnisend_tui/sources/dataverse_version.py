"""Whether Customer Insights was refreshed: a text that stays the same until then.

No column is documented for it (contracts/dataverse.md), so the first thing that is there serves:
the time in the segments' metadata, the newest change of rows, or the memberships themselves.
"""

from collections.abc import Callable
from hashlib import blake2b
from threading import Event

from omnisend_tui.config.models import ALL_PROFILES, CUSTOMER_ID
from omnisend_tui.sources import dataverse_queries as queries
from omnisend_tui.sources import dataverse_size as sizes
from omnisend_tui.sources.base import Selection
from omnisend_tui.sources.dataverse_metadata import listed_segments
from omnisend_tui.sources.members import Members
from omnisend_tui.sources.odata import ODataClient
from omnisend_tui.sources.odata_cells import rows_decoder
from omnisend_tui.sources.odata_errors import Refused

_CHANGED = "modifiedon"
_UNKNOWN = (400, 403, 501)  # what is answered to a question that can't be asked there


def version_of(
    client: ODataClient, selection: Selection, stop: Event, gather: Callable[[], Members]
) -> str:
    """As ``ProfileSource.version``, or ``Stopped``; ``gather`` reads who is in the segments."""
    named = [*selection.segments, *selection.except_segments]
    names = [name for name in dict.fromkeys(named) if name != ALL_PROFILES]
    everybody = ALL_PROFILES in named
    refreshed = _refreshed(client, names, everybody, stop)
    if refreshed is not None:
        return f"refreshed {refreshed:.3f}"
    parts = _newest(client, names, everybody, stop)
    if parts is not None:
        return "changed " + blake2b(repr(parts).encode(), digest_size=16).hexdigest()
    if everybody:
        return f"members {_all_memberships(client, stop)}"
    return f"members {gather().digest()}"


def _refreshed(client: ODataClient, names: list[str], everybody: bool, stop: Event) -> float | None:
    """The newest refresh of ``names``, or of all segments; None where a time is missing."""
    listed = {each.name: each.refreshed for each in listed_segments(client, stop) or ()}
    times = [listed.get(name) for name in names]
    if None in times:
        return None
    if everybody:
        times += listed.values()
    return max((each for each in times if each is not None), default=None)


def _newest(
    client: ODataClient, names: list[str], everybody: bool, stop: Event
) -> list[object] | None:
    """When rows changed last, and how many there are in narrow places; None where it isn't told."""
    try:
        parts: list[object] = [
            _changed_last(client, table, stop) for table in (queries.PROFILES, queries.MEMBERSHIPS)
        ]
    except Refused as error:
        if error.status not in _UNKNOWN:
            raise
        return None
    try:
        parts += [sizes.of_segment(client, name, stop) for name in names]
        if everybody:
            parts.append(sizes.lowest(client, stop))
    except Refused as error:
        if error.status not in _UNKNOWN:
            raise
    return parts


def _changed_last(client: ODataClient, table: str, stop: Event) -> str | None:
    select = (_CHANGED,)
    address = queries.address(table, select=select, order=f"{_CHANGED} desc", top=1)
    rows = client.get(address, rows_decoder(select), stop).rows
    return rows[0][0] if rows else None


def _all_memberships(client: ODataClient, stop: Event) -> str:
    """A digest of all memberships, whatever their order."""
    select = (CUSTOMER_ID, queries.SEGMENT_NAMES)
    address = queries.address(queries.MEMBERSHIPS, select=select)
    whole = 0
    for page in client.stoppable_pages(address, rows_decoder(select), stop):
        for row in page.rows:
            told = blake2b(repr(row).encode("utf-8", "replace"), digest_size=16).digest()
            whole += int.from_bytes(told, "big")
    return f"{whole & (1 << 128) - 1:032x}"
