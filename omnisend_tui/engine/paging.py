"""Where to look in Omnisend's list of batches, whose order nobody promises: either is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from omnisend_tui.omnisend.models import LISTED_BATCHES, Batch

SKEW = 60.0  # seconds that Omnisend's clock may be behind


@dataclass(slots=True)
class Paging:
    """``first`` is the offset where the next listing begins, ``pages`` how many the last one had.

    Where the oldest come first, it begins at the oldest open batch.
    """

    first: int = 0
    pages: int = 1

    def after(self, offset: int, page: Sequence[Batch]) -> int:
        """The offset of the page that follows."""
        if oldest_first(page) is False and self.first:
            self.first = 0  # the newest, which are looked for, stand before it
            return 0
        return offset + LISTED_BATCHES

    def begin_next(self, last_offset: int, page: Sequence[Batch], first_open: int | None) -> None:
        """After a listing up to ``page`` that showed all that was looked for.

        ``first_open`` is the offset of the first page with an open batch, None where none had one.
        """
        if oldest_first(page):
            self.first = last_offset if first_open is None else first_open
        else:
            self.first = 0


def oldest_first(page: Sequence[Batch]) -> bool | None:
    """The order of a page by its times; None where it doesn't show."""
    if not page or page[0].created_at == page[-1].created_at:
        return None
    return (page[0].created_at or "") < (page[-1].created_at or "")


def older_follow(page: Sequence[Batch], since: float) -> bool:
    """Whether only batches follow ``page`` that were made before ``since`` (epoch seconds)."""
    oldest = moment(page[-1].created_at) if page else None
    return oldest_first(page) is False and oldest is not None and oldest < since - SKEW


def moment(text: str | None) -> float | None:
    """Epoch seconds of an RFC 3339 time, UTC where it names no zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
