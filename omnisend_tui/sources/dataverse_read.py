"""Profiles of Customer Insights: all of them page by page, or members by their ids."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from threading import Event

from omnisend_tui.config.models import CUSTOMER_ID
from omnisend_tui.i18n import _
from omnisend_tui.profiles import Chunk, UnreadableRow
from omnisend_tui.sources import dataverse_queries as queries
from omnisend_tui.sources.ahead import ahead
from omnisend_tui.sources.members import Members
from omnisend_tui.sources.odata import PAGE, ODataClient
from omnisend_tui.sources.odata_cells import Row, Rows, rows_decoder

_SAMPLE_IDS = ["0" * 32] * queries.IDS


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: ``columns`` as they are called in the table, the id of each profile last."""

    client: ODataClient
    columns: tuple[str, ...]
    select: Sequence[str]

    @classmethod
    def of(cls, client: ODataClient, columns: Sequence[str]) -> "Reading":
        asked = (*columns, CUSTOMER_ID)
        return cls(client, asked, queries.fitting(asked, client.root))

    def id_requests(self, members: int) -> int:
        """The requests for so many profiles by their ids."""
        at_once = queries.by_ids(self.select, _SAMPLE_IDS, self.client.root)[1]
        return -(-members // at_once)


def full_requests(profiles: int) -> int:
    """The requests for a full read."""
    return -(-profiles // PAGE)


def everything(reading: Reading) -> Callable[[Event], Iterator[Rows]]:
    """All profiles, 5,000 a page."""
    address = queries.address(queries.PROFILES, select=reading.select)
    decode = rows_decoder(reading.columns)
    return lambda halt: reading.client.pages(address, decode, halt)


def by_id(reading: Reading, members: Members) -> Callable[[Event], Iterator[Rows]]:
    """The profiles of ``members`` in the order of their ids."""
    client, decode = reading.client, rows_decoder(reading.columns)

    def pages(halt: Event) -> Iterator[Rows]:
        ids = members.ids()
        waiting: list[str] = []
        while True:
            waiting += islice(ids, queries.IDS - len(waiting))
            if not waiting:
                return
            address, size = queries.by_ids(reading.select, waiting, client.root)
            del waiting[:size]
            for page in client.pages(address, decode, halt):
                page.rows.sort(key=_key)
                yield page

    return pages


def ids_alone(members: Members) -> Callable[[Event], Iterator[Rows]]:
    """The ids of ``members``, about whom nothing else is asked; no request is made."""

    def pages(_halt: Event) -> Iterator[Rows]:
        ids = members.ids()
        while True:
            some: list[Row] = [(each,) for each in islice(ids, PAGE)]
            if not some:
                return
            yield Rows(some, None)

    return pages


def chunks(
    pages: Callable[[Event], Iterator[Rows]],
    members: Members | None,
    everybody: int,
    stop: Event,
    chunk_rows: int,
    *,
    masked: bool,
) -> Iterator[Chunk]:
    """The rows of ``pages`` that are in the selection, ``chunk_rows`` at most in each chunk.

    ``everybody`` are the bits that all profiles have; with 0 only ``members`` are in it.
    """
    rows: list[Row] = []
    masks: list[int] = []
    bad: list[UnreadableRow] = []
    before = 0

    def cut(least: int) -> Iterator[Chunk]:
        while len(rows) + len(bad) >= least and (rows or bad):
            told = bad[:chunk_rows]
            room = chunk_rows - len(told)
            yield Chunk(rows[:room], told, masks[:room] if masked else [])
            del rows[:room], masks[:room], bad[: len(told)]

    with closing(ahead(pages, stop)) as found:
        for page in found:
            ids = [row[-1] for row in page.rows]
            bits = [everybody] * len(ids) if members is None else members.take(ids)
            if everybody:
                for at, id_ in enumerate(ids):
                    if not (id_ and id_.strip()):
                        bits[at] = 0
                        bad.append(_unreadable(before + at + 1))
            if all(bits):
                rows += page.rows
                masks += bits
            else:
                rows += [row for row, bit in zip(page.rows, bits, strict=True) if bit]
                masks += [bit for bit in bits if bit]
            before += len(ids)
            yield from cut(chunk_rows)
            if stop.is_set():
                return
    if not stop.is_set():
        yield from cut(1)


def _unreadable(number: int) -> UnreadableRow:
    return UnreadableRow(
        _("row {number}").format(number=number), _("The profile has no customer id.")
    )


def _key(row: Row) -> str:
    return row[-1] or ""
