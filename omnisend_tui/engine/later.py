"""Tags of segments that a contact is in by a later row than the one that was sent for it."""

from collections.abc import Sequence
from itertools import islice

from omnisend_tui.engine.compare import MOST_TAGS
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import TagRow
from omnisend_tui.engine.tags import TagRequests
from omnisend_tui.omnisend.models import TAGGED

_CHUNK = 5000


def give_later_tags(context: Context) -> None:
    """Once all is confirmed and the first rows' tags are given, so that the ledger has both.

    Raises ``Stopped`` and ``AppError``.
    """
    if not context.later_tags or context.stop.is_set():
        return
    ledger = context.ledger
    ledger.merge()
    later = iter(context.later_tags)
    while chunk := list(islice(later, _CHUNK)):
        rows = _missing(context, chunk)
        ledger.tag_log.owe(rows)
        context.counters.add(tags_owed=len(rows))
    requests = TagRequests(context)
    while (work := ledger.tag_log.next("give", TAGGED)) is not None:
        context.counters.enter("tagging")
        requests.give(work)


def _missing(context: Context, sealed: Sequence[bytes]) -> list[TagRow]:
    """What these lack; whom Omnisend doesn't have gets nothing."""
    ledger = context.ledger
    rows = []
    for address, one in ledger.lookup(sealed).items():
        has = ledger.tags(one.given)
        adds = context.later_tags[address] - has
        if one.confirmed and adds and len(has | adds) <= MOST_TAGS:
            rows.append(TagRow(address, ledger.tag_set(adds), ledger.tag_set(has | adds)))
    return rows
