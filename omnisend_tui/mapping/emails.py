"""E-mail addresses: trimmed, lower-cased, checked without network."""

import re
from collections.abc import Callable

from omnisend_tui.mapping.texts import trim
from omnisend_tui.masking import DOMAIN, LONGEST, masked

# A dot-atom of at most 64, labels of letters, digits and inner hyphens, a top level of letters that
# isn't reserved. What this lets through email-validator lets through too (a test holds it); "--" is
# left to email-validator, as it may be punycode.
_PLAIN = re.compile(
    r"(?=[^@]{1,64}@(?!.*--))[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}\Z"
)
_LONGEST_LOCAL = 64
_RESERVED = re.compile(r"(?:\A|\.)(?:arpa|invalid|local|localhost|onion|test)\Z")

is_plain: Callable[[str], re.Match[str] | None] = _PLAIN.match


def normalise(cell: str) -> tuple[str, str]:
    """The address to send and '', or '' and a detail code that says what is wrong.

    An internationalised domain becomes punycode. An empty or blank cell is ('', '').
    """
    text = trim(cell).lower()
    if not text:
        return "", ""
    if len(text) <= LONGEST and is_plain(text):
        return text, ""
    fault = _fault(text)
    return ("", fault) if fault else _judge(text)


def mask(cell: str) -> str:
    """A cell's address masked: ``m***@example.com``, or ``***``."""
    return masked(trim(cell))


def _judge(text: str) -> tuple[str, str]:
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(
            text, allow_smtputf8=False, strict=True, check_deliverability=False
        )
    except EmailNotValidError:
        return "", "not_valid"
    # None where the local part isn't ASCII, which allow_smtputf8 has refused.
    address = (checked.ascii_email or "").lower()
    if not (address.isascii() and address):
        return "", "not_ascii"
    # A top level of one letter passes the validator, and Omnisend can't take it.
    return (address, "") if DOMAIN.match(address.partition("@")[2]) else ("", "not_valid")


def _fault(text: str) -> str:
    """The first thing wrong that a person can look for; '' where nothing plain is."""
    local, at, domain = text.partition("@")
    if not at:
        return "no_at_sign"
    if "@" in domain:
        return "two_at_signs"
    if any(sign.isspace() for sign in text):
        return "contains_spaces"
    if not text.isprintable():
        return "contains_unseen_signs"
    if len(text) > LONGEST or len(local) > _LONGEST_LOCAL:
        return "too_long"
    return _fault_of_local(local) or _fault_of_domain(domain)


def _fault_of_local(local: str) -> str:
    if not local:
        return "nothing_before_at"
    if ".." in local:
        return "two_dots"
    if local.startswith(".") or local.endswith("."):
        return "dot_at_the_edge"
    return "" if local.isascii() else "not_ascii"


def _fault_of_domain(domain: str) -> str:
    if not domain:
        return "nothing_after_at"
    if _RESERVED.search(domain):
        return "reserved_domain"
    if "." not in domain:
        return "no_domain_dot"
    if ".." in domain:
        return "two_dots"
    return "dot_at_the_edge" if domain.startswith(".") or domain.endswith(".") else ""
