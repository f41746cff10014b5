"""What became of a batch's contacts, as Omnisend's lists tell it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from omnisend_tui.engine.ledger import Closed
from omnisend_tui.i18n import _
from omnisend_tui.masking import mask_addresses
from omnisend_tui.omnisend.models import Batch, BatchItems


@dataclass(slots=True)
class Outcome:
    """A batch's contacts by position; ``again`` were not processed.

    ``unclear`` are those of ``refused`` that Omnisend may have taken all the same.
    """

    created: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)
    again: list[int] = field(default_factory=list)
    unclear: set[int] = field(default_factory=set)

    def closed(self, row: int) -> Closed:
        """It, as the ledger's ``row`` takes it."""
        return Closed(
            row,
            "confirmed",
            refused={place: mask_addresses(words) for place, words in self.refused.items()},
            created=sorted(self.created),
            updated=sorted(self.updated),
            dropped=self.again,
            unclear=sorted(self.unclear),
        )


def outcome_of(emails: Sequence[str], state: Batch, items: BatchItems) -> Outcome:
    """Sorts contacts by Omnisend's lists, matched by address and never by place."""
    places = {email: i for i, email in enumerate(emails)}
    outcome = Outcome()
    nameless = ""
    told = [(item, True) for item in items.errors or []]
    told += [(item, item.code >= 400) for item in items.responses or []]
    for item, failed in told:
        place = places.get(item.email.strip().lower())
        if place is None:
            nameless = nameless or (item.problem if failed else "")
        elif failed:
            outcome.refused.setdefault(place, item.problem)
            if not _certain(item.code):
                outcome.unclear.add(place)
        elif place not in outcome.refused:
            kinds = {201: outcome.created, 200: outcome.updated}
            kinds.get(item.code, outcome.accepted).add(place)
    known = outcome.created | outcome.updated | outcome.accepted | outcome.refused.keys()
    rest = sorted(set(places.values()) - known)
    if nameless or (state.errors_count or 0) > len(outcome.refused):
        # Errors that name nobody: each contact without a good answer may be meant.
        outcome.refused.update(dict.fromkeys(rest, nameless or _("Omnisend didn't say why")))
        outcome.unclear.update(rest)
    elif state.status == "stopped":
        outcome.again = rest
    else:
        outcome.accepted.update(rest)
    return outcome


def _certain(code: int) -> bool:
    """Whether a refusal with this HTTP status had surely no effect."""
    return 400 <= code < 500 and code != 408
