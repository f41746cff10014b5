"""Columns that by their name say who refused, not who agreed."""

from omnisend_tui.i18n import _
from omnisend_tui.mapping.names import compact, words

# As ``compact`` writes them: English, Finnish and Swedish.
_PARTS = (
    "donot", "dont", "unsub", "optout", "optedout", "suppress", "nomail", "noemail", "nomarketing",
    "nonewsletter", "nocontact", "refus", "declin", "withdrawn", "revoked", "blocked", "blacklist",
    "blocklist", "kielto", "kielta", "kiellet", "estetty", "peruutettu", "peruutus", "perunut",
    "peruttu", "avregistr", "avanmal", "avsagt", "sparrad", "reklamsparr", "nejtill",
)  # fmt: skip
_WORDS = frozenset(["not", "never", "ei", "eivat", "inte", "ej"])


def means_refusal(column: str) -> bool:
    """Whether a yes in the column would be a no to mail: ``msdynci_doNotEmail``, ``Kielto``.

    It goes by the name alone, so it is a reason to warn and never one to refuse.
    """
    whole = compact(column)
    return any(part in whole for part in _PARTS) or not _WORDS.isdisjoint(words(column))


def refusal_warning(column: str, label: str = "") -> str:
    """What to say of a consent column that by its name, or by what people call it, says who
    refused; '' of another one."""
    found = [each for each in (column, label) if means_refusal(each)]
    if not found:
        return ""
    return _(
        "By its name “{column}” says who does NOT want mail: a yes there would subscribe exactly"
        " those who refused."
    ).format(column=found[0])
