"""Addresses made unreadable before anything shows or keeps them; every room may use it."""

import re

LONGEST = 254
DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})\Z"
)
_ADDRESS = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+")
_LONGEST_WORDS = 300


def masked(address: str) -> str:
    """``m***@example.com``; ``***`` where no plausible domain follows the last @ sign."""
    local, _, domain = address.lower().rpartition("@")
    if len(domain) > LONGEST or not DOMAIN.match(domain):
        return "***"
    first = local[0] if len(local) > 1 and local[0].isascii() and local[0].isalnum() else ""
    return f"{first}***@{domain}"


def mask_addresses(text: str) -> str:
    """A server's words, cut where they are very long, with every address in them masked."""
    return _ADDRESS.sub(lambda match: masked(match.group()), text)[:_LONGEST_WORDS]
