"""Addresses made unreadable before anything shows or keeps them; every room may use it."""

import re

LONGEST = 254
DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})\Z"
)
# The @ sign may be written as URLs, HTML and JSON do; a quoted local part may hold spaces.
_ADDRESS = re.compile(
    r"(?<![^\s@＠\"'<>])((?:\"[^\"\n]*\"|[^\s@＠\"<>])+)"
    r"(?:[@＠]|%(?:25)*40|&#(?:64|x40);|\\u0040)([^\s@＠\"'<>]+)",
    re.IGNORECASE,
)
_LONGEST_WORDS = 300
_LOOKED_AT = 600  # characters; what comes after them is never shown


def masked(address: str) -> str:
    """``m***@example.com``; ``***`` where no plausible domain follows the last @ sign."""
    local, at, domain = address.lower().rpartition("@")
    if not at or len(domain) > LONGEST or not DOMAIN.match(domain):
        return "***"
    first = local[0] if len(local) > 1 and local[0].isascii() and local[0].isalnum() else ""
    return f"{first}***@{domain}"


def mask_addresses(text: str) -> str:
    """A server's words, cut where they are very long, with every address in them masked."""
    if len(text) > _LOOKED_AT:
        text = _whole_words(text[:_LOOKED_AT])
    return _ADDRESS.sub(lambda match: masked("@".join(match.groups())), text)[:_LONGEST_WORDS]


def _whole_words(text: str) -> str:
    """Without what the cut left of an address at the end, and an ellipsis instead."""
    words = text.rpartition(" ")[0]
    if words.count('"') % 2:
        words = words[: words.rindex('"')]
    return f"{words}…"
