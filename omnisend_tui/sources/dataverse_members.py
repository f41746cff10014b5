"""Gathers from Customer Insights who is in the segments of a selection."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from threading import Event, RLock

from omnisend_tui.config.models import CUSTOMER_ID
from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources import dataverse_queries as queries
from omnisend_tui.sources.ahead import ahead
from omnisend_tui.sources.base import Access, Selection
from omnisend_tui.sources.dataverse_metadata import listed_segments
from omnisend_tui.sources.members import Members
from omnisend_tui.sources.odata import ODataClient
from omnisend_tui.sources.odata_cells import Rows, rows_decoder
from omnisend_tui.sources.odata_errors import Stopped

KEPT = 60.0  # seconds that what was counted is good for reading


class Gathering:
    """Members by selection; the last ones stay for a minute. Usable from any thread.

    ``typed`` are names of segments that a person typed: they may be of some that don't exist yet.
    """

    def __init__(
        self,
        client: ODataClient,
        typed: frozenset[str],
        access: Access,
        ticks: Callable[[], float],
    ) -> None:
        self._client = client
        self._typed = typed
        self._access = access
        self._ticks = ticks
        self._lock = RLock()
        self._kept: tuple[Selection, Members, float] | None = None

    def found(self, selection: Selection, stop: Event, *, let_go: bool = False) -> Members:
        """The members of ``selection``, of the last minute or new ones; kept unless ``let_go``.

        Raises ``Stopped``, and ``SourceError`` 'segment_missing' or 'segment_empty'.
        """
        with self._lock:
            kept = self._kept
            if kept and self._ticks() - kept[2] > KEPT:
                self._kept = kept = None
            if let_go:
                self._kept = None
        if kept and kept[0] == selection:
            return kept[1]
        members = self.gather(selection, stop)
        self._check_there(members.missing, selection, stop)
        if not let_go:
            with self._lock:
                self._kept = (selection, members, self._ticks())
        return members

    def gather(self, selection: Selection, stop: Event) -> Members:
        """Pages the memberships of each segment. Raises ``Stopped``."""
        members = Members(selection)
        decode = rows_decoder((CUSTOMER_ID, queries.SEGMENT_NAMES))
        for segment in members.wanted:
            for address in queries.members(segment):

                def pages(halt: Event, address: str = address) -> Iterator[Rows]:
                    return self._client.pages(address, decode, halt)

                with closing(ahead(pages, stop)) as found:
                    for page in found:
                        members.add(page.rows)
                if stop.is_set():
                    raise Stopped
        if members.unread and selection.except_segments:
            self._access.tell("source_names_left_out", rows=members.unread)
        elif members.unread:
            self._access.tell("source_names_unread", rows=members.unread)
        return members

    def _check_there(self, names: Sequence[str], selection: Selection, stop: Event) -> None:
        """``SourceError`` where one of ``names``, in which nobody is, may not be there any more.

        To go on would take it from everybody, or let in whom it leaves out. A wanted one that was
        typed, or can't be looked up, is only told of.
        """
        out = [name for name in names if name in selection.except_segments]
        wanted = [name for name in names if name not in out]
        doubtful = [*out, *(name for name in wanted if name not in self._typed)]
        listed = listed_segments(self._client, stop) if doubtful else None
        known = {each.name for each in listed or ()}
        missing = next((name for name in doubtful if name not in known), None)
        if missing is not None and known:
            raise SourceError(
                "segment_missing",
                _("The source has no segment {name}.").format(name=missing),
                _("Look at the segments of the source, and at the spelling."),
            )
        if out and not known:
            raise SourceError(
                "segment_empty",
                _(
                    "Nobody is in the segment {name}, which is left out, and whether it still"
                    " exists can't be looked up."
                ).format(name=out[0]),
                _("Look at its spelling; an export needn't leave out a segment that is empty."),
            )
        for name in wanted:
            self._access.tell("source_segment_empty", name=self._access.labels.get(name, name))
