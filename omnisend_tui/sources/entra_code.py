"""A device code, as a server gives it: what a person enters, and where."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_LONGEST = 86_400  # seconds; servers give a quarter of an hour
_RAREST = 60  # seconds between two questions whether somebody entered it
# Shown to be typed on another machine; RFC 8628 knows no longer ones.
_CODE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?")
_ADDRESS = re.compile(r"https?://[\x21-\x7e]{1,300}")


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person enters, and where; it holds for ``seconds``, until ``expires_at``."""

    code: str = field(repr=False)
    address: str
    expires_at: float
    seconds: int
    _flow: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _signing: Any = field(default=None, repr=False, compare=False)  # MSAL's, with its own cache


def device_code(flow: Mapping[str, Any], signing: Any, now: float) -> DeviceCode:
    """The code of MSAL's ``flow``. Raises ``ValueError`` where nobody could enter it anywhere."""
    code, address = flow["user_code"], flow["verification_uri"]
    if not (isinstance(code, str) and _CODE.fullmatch(code)):
        raise ValueError("no code to type")
    if not (
        isinstance(address, str) and _ADDRESS.fullmatch(address) and urlsplit(address).hostname
    ):
        raise ValueError("no address to open")
    interval, seconds = int(flow["interval"]), int(flow["expires_in"])
    seconds = max(0, min(seconds, _LONGEST))
    kept = {**flow, "interval": max(1, min(interval, _RAREST))}
    return DeviceCode(code, address, now + seconds, seconds, kept, signing)
