"""What earlier runs and other exports gave, for the tests of leavers."""

from engine.tag_room import (
    KEY,
    bring,
    confirm,
    room,
)
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV, Closed, Item, Ledger
from omnisend_tui.engine.seen import Seen
from shops import Shop


def had(shop: Shop, emails: list[str], *tags: str, segment: tuple[str, ...] = ("VIP",)) -> None:
    """An earlier run gave them these tags."""
    bring(shop, *emails, tags=("own", *tags))
    context = room(shop, run_id="r0")
    context.ledger.leaving.segment_tags(segment)
    confirm(context, emails, *tags, riding=True)
    context.ledger.merge()
    context.ledger.close()


def met(context: Context, emails: list[str]) -> Seen:
    seen = Seen()
    for email in emails:
        seen.add(context.ledger.seal(email)[:SIV])
    return seen


def given(context: Context, email: str) -> frozenset[str]:
    context.ledger.merge()
    (one,) = context.ledger.lookup([context.ledger.seal(email)]).values()
    assert one.owed == 0
    return context.ledger.tags(one.given)


class Other:
    """Another export's ledger."""

    def __init__(self, shop: Shop) -> None:
        self.path = shop.workspace.ledger_path("other", "brand")
        self.ledger = Ledger(self.path, KEY)
        self.ledger.begin("o1")

    def record(
        self, email: str, tag: str, state: str = "", *, riding: bool = False, number: int = 1
    ) -> None:
        tags = self.ledger.tag_set([tag])
        item = Item(self.ledger.seal(email), b"h", tags, tags)
        self.ledger.record([(number, [item])], riding=riding)
        if state:
            self.ledger.close_batches([Closed(self.ledger.row_of(number), state)])
