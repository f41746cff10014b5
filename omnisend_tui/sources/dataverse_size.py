"""How many profiles an environment has, without reading them all.

Dataverse counts up to 5,000 and no further (contracts/dataverse.md). Ids of profiles are digests,
so they lie evenly, and the profiles in two narrow ranges of ids say how many there are in all.
"""

import math
from contextlib import closing
from dataclasses import dataclass
from threading import Event

from omnisend_tui.config.models import CUSTOMER_ID
from omnisend_tui.sources import dataverse_queries as queries
from omnisend_tui.sources.ahead import ahead
from omnisend_tui.sources.odata import ODataClient
from omnisend_tui.sources.odata_cells import decode_count, rows_decoder
from omnisend_tui.sources.odata_errors import Refused, Stopped

COUNTED = 5000  # what Dataverse counts to
_DIGITS = 4  # of the narrowest range: 300 million profiles
_FEW = 25  # profiles in a range of two digits, below which all may be countable
_ROUGH = 300  # below which a range of one digit says more
_SPREAD = 5.0  # standard deviations between two ranges, over which ids don't lie evenly


@dataclass(frozen=True, slots=True)
class Size:
    """``sound``: within a few percent; ``exact``: to the profile."""

    profiles: int
    sound: bool
    exact: bool = False


def about(client: ODataClient, stop: Event) -> Size | None:
    """The number of all profiles by two to four requests; None where it can't be told so."""
    try:
        return _about(client, stop)
    except Refused as error:
        if error.status not in (400, 501):
            raise
        return None


def few(client: ODataClient, stop: Event) -> int | None:
    """The number of all profiles where Dataverse counts so far."""
    counted = _count(client, "", stop)
    return counted if counted < COUNTED else None


def exactly(client: ODataClient, stop: Event) -> Size:
    """The number of all profiles by a page of ids for each 5,000. Raises ``Stopped``."""
    select = (CUSTOMER_ID,)
    address, decode = queries.address(queries.PROFILES, select=select), rows_decoder(select)
    with closing(ahead(lambda halt: client.pages(address, decode, halt), stop)) as pages:
        total = sum(map(len, pages))
    if stop.is_set():
        raise Stopped
    return Size(total, True, True)


def lowest(client: ODataClient, stop: Event) -> int:
    """The profiles in a narrow range of ids, up to 5,000."""
    return _count(client, _below(2), stop)


def of_segment(client: ODataClient, segment: str, stop: Event) -> int:
    """About how many memberships name ``segment``, up to 5,000."""
    found = 0
    for where in queries.in_segment(segment):
        address = queries.address(queries.MEMBERSHIPS, where=where, count=True, top=1)
        found += client.get(address, decode_count, stop)
    return found


def _about(client: ODataClient, stop: Event) -> Size:
    digits = 2
    low = _count(client, _below(digits), stop)
    if low < _FEW and (all_ := few(client, stop)) is not None:
        return Size(all_, True, True)
    while low >= COUNTED and digits < _DIGITS:
        digits += 1
        low = _count(client, _below(digits), stop)
    if low < _ROUGH and digits == 2:
        digits = 1
        low = _count(client, _below(digits), stop)
    high = _count(client, _above(digits), stop)
    if high >= COUNTED > low and digits < _DIGITS:
        digits += 1
        low = _count(client, _below(digits), stop)
        high = _count(client, _above(digits), stop)
    evenly = abs(low - high) <= _SPREAD * math.sqrt(low + high)
    share = 16**digits
    if not evenly or max(low, high) >= COUNTED:
        return Size(max(COUNTED, max(low, high) * share), False)
    return Size(max(COUNTED, (low + high) * share // 2), True)


def _below(digits: int) -> str:
    return f"{CUSTOMER_ID} lt '{1:0{digits}x}'"


def _above(digits: int) -> str:
    return f"{CUSTOMER_ID} ge '{'f' * digits}'"


def _count(client: ODataClient, where: str, stop: Event) -> int:
    address = queries.address(
        queries.PROFILES, select=(CUSTOMER_ID,), where=where, count=True, top=1
    )
    return client.get(address, decode_count, stop)
