"""The web addresses that the app sends to, and what is wrong with one; nobody is asked."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from omnisend_tui.i18n import _

_HOST = re.compile(r"[\w.:-]+")
_HOST_LENGTH = 253  # of a name; RFC 1035


def base_url_fault(url: str) -> str:
    """Why Omnisend can't be called at ``url``; '' where it can (https, or http on loopback)."""
    return _fault(
        url,
        lambda parts: not parts.query,
        form=_("The address of Omnisend looks like https://api.omnisend.com/api."),
        login=_("The address of Omnisend holds no user name and no password."),
        plain=_("The address of Omnisend starts with https; plain http works on loopback only."),
    )


def organization_fault(url: str) -> str:
    """Why no environment can be at ``url``; '' where one can (https, or http on loopback)."""
    if not url.strip():
        return _("The address of the environment is missing; it looks like"
                 " https://contoso.crm4.dynamics.com.")  # fmt: skip
    return _fault(
        url,
        lambda parts: not parts.query and not parts.path.strip("/"),
        form=_("The address of an environment looks like https://contoso.crm4.dynamics.com."),
        login=_("The address of the environment holds no user name and no password."),
        plain=_(
            "The address of the environment starts with https; plain http works on loopback only."
        ),
    )


def authority_fault(url: str) -> str:
    """Why nobody can sign in at ``url``, '' where it is empty or somebody can."""
    if not url:
        return ""
    return _fault(
        url,
        lambda parts: not parts.query and bool(parts.path.strip("/")),
        form=_("An authority looks like https://login.microsoftonline.com/contoso.example.com."),
        login=_("The authority holds no user name and no password."),
        plain=_("The authority starts with https; plain http works on loopback only."),
    )


def webhook_fault(url: str) -> str:
    """Why no hook can be called at ``url``, '' where one can. It is never quoted: many a webhook's
    is a secret.
    """
    return _fault(
        url,
        lambda _parts: True,
        form=_("A hook's address looks like https://example.com/path."),
        login=_("A hook's address holds no user name and no password."),
        plain=_("A hook's address starts with https; plain http works on loopback only."),
    )


def is_loopback(host: str) -> bool:
    """Whether what is sent to ``host`` stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _fault(
    url: str, fits: Callable[[SplitResult], bool], *, form: str, login: str, plain: str
) -> str:
    """``form`` where it is none, or doesn't fit; ``login`` where it holds one; ``plain`` for http
    that leaves this machine; else ''.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _port = parts.port
    except ValueError:
        return form
    whole = url.isprintable() and not any(sign.isspace() or sign == "\\" for sign in url)
    if not host or not whole or parts.scheme not in ("http", "https") or parts.fragment:
        return form
    if not fits(parts):
        return form
    if "@" in parts.netloc:
        return login
    if not _HOST.fullmatch(host) or not _can_be_looked_up(host):
        return form
    return plain if parts.scheme == "http" and not is_loopback(host) else ""


def _can_be_looked_up(host: str) -> bool:
    """Whether the look-up of the name takes it: no label is empty or has over 63 characters."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return len(host) <= _HOST_LENGTH
