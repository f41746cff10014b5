"""Profiles of Dynamics 365 Customer Insights - Data, by the Web API of its Dataverse environment.

The tables, and what is known of them, are in contracts/dataverse.md.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event, RLock

import msgspec

from omnisend_tui.bare_names import shared_prefix
from omnisend_tui.config.models import ALL_PROFILES, CUSTOMER_ID, Source
from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources import dataverse_queries as queries
from omnisend_tui.sources import dataverse_read as reads
from omnisend_tui.sources import dataverse_size as sizes
from omnisend_tui.sources.base import (
    MOST_MEMBERSHIPS,
    Access,
    Chunk,
    Column,
    Segment,
    Selection,
)
from omnisend_tui.sources.columns import column_missing, find_column
from omnisend_tui.sources.dataverse_members import KEPT, Gathering
from omnisend_tui.sources.dataverse_metadata import (
    listed_columns,
    listed_segments,
    met_segments,
    sampled_columns,
)
from omnisend_tui.sources.dataverse_version import version_of
from omnisend_tui.sources.members import Members, reduced
from omnisend_tui.sources.odata import ODataClient, backoff
from omnisend_tui.sources.odata_errors import Stopped

_NEAR = 0.1  # how near to a limit an estimate is too rough
_SOON_COUNTED = 25_000  # profiles that are counted one by one: five pages of ids
_PRESUMED = 1_000_000  # profiles, where nothing says how many there are
_STALE = 20  # members without a profile, or the hundredth part of all: so many are normal


class WhoAmI(msgspec.Struct, frozen=True):
    """Who reads, by ids of Dataverse."""

    user_id: str = msgspec.field(name="UserId")
    business_unit_id: str = msgspec.field(name="BusinessUnitId")
    organization_id: str = msgspec.field(name="OrganizationId")


class DataverseSource:
    """A ``ProfileSource`` over a Customer Insights environment.

    What ``count`` found out stays for a minute, so that ``read`` doesn't ask for it again.
    """

    def __init__(
        self,
        source: Source,
        access: Access,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[int], float] = backoff,
    ) -> None:
        self._source = source
        self._access = access
        self._ticks = ticks
        self._client = ODataClient(source.url, access, ticks, pause)
        self._gathering = Gathering(self._client, frozenset(source.segments), access, ticks)
        self.unlisted = False
        self.unclear = 0
        self._lock = RLock()
        self._columns: dict[str, str] | None = None
        self._size: tuple[sizes.Size, float] | None = None

    def columns(self) -> list[Column]:
        stop = Event()
        listed = listed_columns(self._client, stop)
        found = sampled_columns(self._client, listed, stop)
        self._columns = {column.name: column.label for column in found}
        if not found:
            raise SourceError(
                "no_columns",
                _("{host} has no profiles yet.").format(host=self._client.host),
                _("Unify the data in Customer Insights first."),
            )
        return found

    def segments(self) -> list[Segment]:
        stop = Event()
        listed = listed_segments(self._client, stop)
        self.unlisted = listed is None
        found = met_segments(self._client, stop) if listed is None else listed
        found = [each for each in found if each.name != ALL_PROFILES]
        known = {each.name for each in found}
        found += [Segment(name, None) for name in self._source.segments if name not in known]
        # Where the list is closed for once, what is kept of it stays.
        prefix = shared_prefix([each.name for each in found])
        if listed is not None or (prefix and not self._access.labels):
            self._access.listed(found)
        return [Segment(ALL_PROFILES, sizes.few(self._client, stop)), *found]

    def count(
        self, selection: Selection, stop: Event | None = None, *, limit: int | None = None
    ) -> int:
        stop = stop or Event()
        try:
            if ALL_PROFILES not in selection.segments:
                return self._gathering.found(selection, stop).size
            left_out = 0
            if selection.except_segments:
                left_out = self._gathering.found(reduced(selection), stop).left_out
            size = self._profiles(stop)
            if size is None or _is_too_rough(size, left_out, limit):
                size = sizes.exactly(self._client, stop)
                self._keep_size(size)
            return max(0, size.profiles - left_out)
        except Stopped:
            return 0

    def version(self, selection: Selection, stop: Event | None = None) -> str:
        stop = stop or Event()
        try:
            return version_of(
                self._client, selection, stop, lambda: self._gathering.gather(selection, stop)
            )
        except Stopped:
            return ""

    def read(
        self,
        selection: Selection,
        columns: Sequence[str],
        stop: Event,
        chunk_rows: int = 2000,
        *,
        memberships: bool = False,
    ) -> Iterator[Chunk]:
        if memberships and len(selection.segments) > MOST_MEMBERSHIPS:
            raise ValueError("too many segments to say who is in which")
        try:
            yield from self._read(selection, columns, stop, chunk_rows, memberships)
        except Stopped:
            return

    def _read(
        self,
        selection: Selection,
        columns: Sequence[str],
        stop: Event,
        chunk_rows: int,
        masked: bool,
    ) -> Iterator[Chunk]:
        self.unclear = 0
        reading = reads.Reading.of(self._client, self._resolved(columns, stop))
        all_ = ALL_PROFILES in selection.segments
        wanted = selection if masked else reduced(selection)
        members = Members(wanted)
        if members.wanted:
            # What says who was read already serves one read.
            members = self._gathering.found(wanted, stop, let_go=True)
        pages = reads.everything(reading)
        expected = members.size
        if all_:
            size = self._known_size()
            profiles = size.profiles if size else 0
            expected = profiles - members.left_out if size and size.exact else 0
            self._tell_way("full", profiles, profiles, reads.full_requests(profiles), 0)
        elif not members.size:
            self.unclear = members.unread
            return
        elif not columns:
            pages = reads.ids_alone(members)
        elif self._choose(reading, members, stop) == "ids":
            pages = reads.by_id(reading, members)
        read = 0
        for chunk in reads.chunks(
            pages,
            members if members.wanted else None,
            members.everybody,
            stop,
            chunk_rows,
            masked=masked,
        ):
            read += len(chunk.rows) + len(chunk.unreadable)
            yield chunk
        if not stop.is_set():
            self.unclear = members.unread + _lacking(expected, read)

    def _choose(self, reading: reads.Reading, members: Members, stop: Event) -> str:
        """'ids' or 'full', whichever takes fewer requests."""
        by_ids = reading.id_requests(members.size)
        profiles = 0
        if members.size > queries.IDS:
            size = self._profiles(stop)
            profiles = size.profiles if size else max(_PRESUMED, members.size)
        in_full = reads.full_requests(profiles) if profiles else 0
        if not profiles or by_ids < in_full:
            self._tell_way("ids", members.size, profiles, by_ids, in_full)
            return "ids"
        self._tell_way("full", members.size, profiles, in_full, by_ids)
        return "full"

    def _tell_way(self, way: str, members: int, profiles: int, requests: int, instead: int) -> None:
        """For the log of a run: ``requests`` of this way, ``instead`` those of the other one.

        Those and ``profiles`` are about so many, 0 if unknown.
        """
        self._access.tell(
            "source_way", way=way, members=members, profiles=profiles, requests=requests,
            instead=instead,
        )  # fmt: skip

    def _resolved(self, wanted: Sequence[str], stop: Event) -> list[str]:
        """The columns as the table calls them. Raises ``SourceError`` 'column_missing'."""
        known = self._columns
        if known is None:
            known = listed_columns(self._client, stop)
            if known is None and queries.fitting([*wanted, CUSTOMER_ID], self._client.root):
                # Only Dataverse knows then, and says so when it is asked for them.
                return list(wanted)
            if known is None:
                sampled = sampled_columns(self._client, None, stop)
                known = {column.name: "" for column in sampled}
            self._columns = known
        names = [*known]
        found = [find_column(names, column) for column in wanted]
        missing = [column for column, name in zip(wanted, found, strict=True) if name is None]
        if missing:
            raise column_missing(list(dict.fromkeys(missing)), names)
        return [name for name in found if name]

    def _profiles(self, stop: Event) -> sizes.Size | None:
        """About how many profiles there are, of the last minute or now."""
        size = self._known_size()
        if size is None and (size := sizes.about(self._client, stop)):
            self._keep_size(size)
        return size

    def _known_size(self) -> sizes.Size | None:
        with self._lock:
            if self._size and self._ticks() - self._size[1] > KEPT:
                self._size = None
            return self._size[0] if self._size else None

    def _keep_size(self, size: sizes.Size) -> None:
        with self._lock:
            self._size = (size, self._ticks())


def who_am_i(source: Source, access: Access) -> WhoAmI:
    """The connection test; raises ``SourceError`` or ``CredentialsError``."""
    return ODataClient(source.url, access).who_am_i(WhoAmI)


def _lacking(expected: int, read: int) -> int:
    """How many more should have been read; 0 for as few as may be memberships of old profiles."""
    lacking = expected - read
    return lacking if lacking > max(_STALE, expected // 100) else 0


def _is_too_rough(size: sizes.Size, left_out: int, limit: int | None) -> bool:
    """Whether profiles have to be counted one by one."""
    if size.exact:
        return False
    near = limit is not None and abs(size.profiles - left_out - limit) <= limit * _NEAR
    return near or not size.sound or size.profiles <= _SOON_COUNTED
