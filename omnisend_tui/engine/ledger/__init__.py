"""The ledger of one export in one brand: what Omnisend confirmed, and each tag as given or owed."""

from omnisend_tui.engine.ledger.batches import read_batches
from omnisend_tui.engine.ledger.ledger import Ledger
from omnisend_tui.engine.ledger.records import (
    SIV,
    Closed,
    Consent,
    Fate,
    Item,
    Known,
    OpenBatch,
    Sending,
    TagRow,
    TagWork,
    content_hash,
)

__all__ = [
    "SIV",
    "Closed",
    "Consent",
    "Fate",
    "Item",
    "Known",
    "Ledger",
    "OpenBatch",
    "Sending",
    "TagRow",
    "TagWork",
    "content_hash",
    "read_batches",
]
