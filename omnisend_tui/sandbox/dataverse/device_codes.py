"""Device codes: given out, entered by a person, redeemed by a client that polls."""

import secrets
from collections.abc import Callable
from typing import Literal

import msgspec

from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.sign_in_errors import SignInError

_CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_EARLY = 0.1  # what a client's clock and the network may take off the interval, in seconds
_SLOWER = 5


class Asked(msgspec.Struct):
    """A device code that was given out, and what became of it."""

    device_code: str
    user_code: str
    scopes: tuple[str, ...]
    begun: float
    interval: float
    state: Literal["pending", "approved", "declined", "used"] = "pending"
    polled: float | None = None


class DeviceCodes:
    """Those of one server; ``clock`` gives seconds."""

    def __init__(self, options: DataverseOptions, clock: Callable[[], float]) -> None:
        self._options = options
        self._clock = clock
        self._asked: dict[str, Asked] = {}

    def new(self, scopes: tuple[str, ...]) -> Asked:
        """One that waits for a person."""
        user_code = "".join(secrets.choice(_CODE_SIGNS) for _ in range(9))
        asked = Asked(
            secrets.token_urlsafe(150), user_code, scopes, self._clock(), self._options.interval
        )
        self._asked[asked.device_code] = asked
        return asked

    def answer(self, user_code: str, *, approve: bool) -> bool:
        """A person approves or declines; whether such a code waits for it."""
        wanted = user_code.strip().upper()
        for asked in [*self._asked.values()]:
            if asked.user_code == wanted and self._state(asked) == "pending":
                asked.state = "approved" if approve else "declined"
                return True
        return False

    def redeem(self, device_code: str) -> tuple[str, ...]:
        """The scopes of a code that was approved, once; SignInError."""
        asked = self._asked.get(device_code)
        if asked is None:
            raise SignInError(
                "bad_verification_code", 70000, "The provided device_code is not known."
            )
        now, last = self._clock(), asked.polled
        asked.polled = now
        state = self._state(asked)
        if state == "expired":
            raise SignInError("expired_token", 70020, "The device code has expired.")
        if state == "declined":
            raise SignInError(
                "authorization_declined", 70016, "The end user denied the authorization request."
            )
        if state == "used":
            raise SignInError("invalid_grant", 54005, "The device code was already redeemed.")
        if last is not None and now - last < asked.interval - _EARLY:
            asked.interval += _SLOWER
            raise SignInError("slow_down", 70016, "The client polls too often.")
        if state == "pending":
            raise SignInError(
                "authorization_pending",
                70016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            )
        asked.state = "used"
        return asked.scopes

    def _state(self, asked: Asked) -> str:
        """As of now; a code that nobody answers is approved or expires by itself."""
        age = self._clock() - asked.begun
        if asked.state in ("pending", "approved") and age >= self._options.code_seconds:
            return "expired"
        wait = self._options.device_seconds
        if asked.state == "pending" and wait is not None and wait <= age:
            asked.state = "approved"
        return asked.state
