"""The reject of a contact that Omnisend refused, without the person's address in it."""

from omnisend_tui.engine.ledger import content_hash
from omnisend_tui.engine.outbox import Outgoing, email_of
from omnisend_tui.mapping.emails import mask
from omnisend_tui.masking import mask_addresses
from omnisend_tui.problems import Problem


def fingerprint(body: bytes) -> str:
    """Recognises the row of a refused contact: a hash of what was sent for it."""
    return content_hash(body)[:8].hex()


def refused(
    batch: Outgoing, position: int, words: str, reason: str = "refused_by_omnisend"
) -> Problem:
    return Problem(
        key=batch.keys[position],
        field="",
        reason=reason,
        detail=mask_addresses(words),
        email_masked=mask(email_of(batch.bodies[position])),
        row_hash=fingerprint(batch.bodies[position]),
    )
