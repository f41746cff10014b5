"""What a run costs: requests and time, from how much there is to send. Knows no source, no ledger.

A run that fits the free window goes out at once. A longer one is paced evenly, and polling has the
slots that are kept for it. Tags have a limit of their own and go alongside.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from omnisend_tui.config.models import Connection
from omnisend_tui.omnisend.budget import budget_limit, budget_reserve
from omnisend_tui.omnisend.models import BATCH_BYTES, BATCH_ITEMS, TAGGED

_TAIL = 15.0  # seconds until the first batches are confirmed, and the last ones


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute: of the brand as this app takes them, kept from batches, and for tags."""

    brand: int
    reserve: int
    tags: int

    @classmethod
    def of(cls, connection: Connection) -> "Limits":
        brand = budget_limit(connection.requests_per_minute, connection.budget_share)
        return cls(brand, budget_reserve(brand), connection.tag_requests_per_minute)


@dataclass(frozen=True, slots=True)
class Price:
    """Requests and seconds of one run. ``polls`` ask what became of the batches.

    ``contact_seconds`` are those of the contacts alone, which is all that is left once tags ride
    along; ``tag_seconds`` those of the tags, alongside; ``seconds`` the whole.
    """

    contacts: int = 0
    tags: int = 0
    polls: int = 0
    contact_seconds: float = 0.0
    tag_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return self.contacts + self.tags + self.polls


def price(batches: int, tags: int, limits: Limits) -> Price:
    """``batches`` and ``tags`` are requests."""
    posts = max(1, limits.brand - limits.reserve)
    polls = -(-batches * limits.reserve // posts) + 1 if batches else 0
    contacts = _seconds(batches, posts)
    tagging = _seconds(tags, limits.tags)
    return Price(
        contacts=batches,
        tags=tags,
        polls=polls,
        contact_seconds=contacts,
        tag_seconds=tagging,
        # Tag requests count for the brand too.
        seconds=max(_seconds(batches + tags, posts), tagging),
    )


def batch_requests(contacts: int, size: int) -> int:
    """How many batches hold ``contacts`` of together ``size`` bytes."""
    return max(-(-contacts // BATCH_ITEMS), -(-size // BATCH_BYTES))


def tag_requests(contacts: Iterable[int]) -> int:
    """``contacts``: how many need each set of tags; two sets never share a request."""
    return sum(-(-count // TAGGED) for count in contacts)


def _seconds(requests: int, a_minute: int) -> float:
    if not requests:
        return 0.0
    return _TAIL + (60.0 * requests / a_minute if requests > a_minute else 0.0)
