"""What can go wrong while somebody signs in, each with its code, its sentence and its hint."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.http import NetworkError
from omnisend_tui.i18n import _
from omnisend_tui.masking import mask_addresses
from omnisend_tui.sources.odata_errors import no_answer

# OAuth 2.0 and OpenID Connect: the refresh token is void, or its owner is asked for more.
_ASKED_AGAIN = ("invalid_grant", "interaction_required", "login_required", "consent_required")
_DECLINED = ("authorization_declined", "access_denied")
_RAN_OUT = ("expired_token", "code_expired", "bad_verification_code")
# Numbers of https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_UNKNOWN = ("AADSTS700016", "AADSTS90002", "AADSTS900023", "AADSTS900021")
_NOT_PUBLIC = ("AADSTS7000218",)
_NO_CONSENT = ("AADSTS65001", "AADSTS65004", "AADSTS90094")
_NO_RESOURCE = ("AADSTS500011", "AADSTS50001", "AADSTS650057")
_NO_HOST = re.compile(r"[^\w.:\[\]-]")
_LONGEST_HOST = 253
_CODE = re.compile(r"AADSTS[0-9]{3,10}")
_WORD = re.compile(r"[a-z_]{1,40}")
# What only a machine reads: a token, a code, a secret. GUIDs and Microsoft's links are shorter.
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~-]{41,}")


class Busy(Exception):
    """The server says that it can't answer now: a status of 429, or of 500 and above."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def host_of(url: str) -> str:
    return urlsplit(url).netloc


def unreachable(authority: str, error: NetworkError | Busy) -> AppError:
    """sign_in_unreachable: no answer came, or none that says anything."""
    host = host_of(authority)
    if isinstance(error, Busy):
        message = _("{host} can't sign anybody in at the moment (answer {status}).").format(
            host=host, status=error.status
        )
        return AppError("sign_in_unreachable", message, _("Try again in a while."))
    told = no_answer(host, error.fault)
    hint = told.hint
    if error.fault in ("dns", "refused"):
        hint = _("Check the tenant or the authority, and whether this machine has a network.")
    return AppError("sign_in_unreachable", told.message, hint)


def not_an_authority(authority: str) -> AppError:
    return AppError(
        "not_an_authority",
        _("{host} answered, but not as a place to sign in at does.").format(
            host=host_of(authority)
        ),
        _("Check the tenant and the authority; a proxy's page may stand in between."),
    )


def elsewhere(authority: str, url: str) -> CredentialsError:
    """sign_in_elsewhere: what the authority says of itself leads to another server."""
    other = _NO_HOST.sub("?", host_of(url).rpartition("@")[2])[:_LONGEST_HOST]
    return CredentialsError(
        "sign_in_elsewhere",
        _("{host} sends the sign-in on to {other}, which is not followed.").format(
            host=host_of(authority), other=other or "?"
        ),
        _("Check the authority; a proxy may rewrite the answers."),
    )


def sign_in_needed(resource: str, how: str) -> CredentialsError:
    """Nobody is signed in, or what was kept of it holds no more; ``how`` is the command for it."""
    return CredentialsError(
        "sign_in_needed",
        _("Nobody is signed in at {host}, or the sign-in has run out.").format(
            host=host_of(resource)
        ),
        _("Sign in: {command}, or in the app under Sources.").format(command=how),
    )


def expired() -> CredentialsError:
    return CredentialsError(
        "sign_in_expired",
        _("The code ran out before anybody signed in with it, so the sign-in never completed."),
        _("Ask for a new code and enter it within its time."),
    )


def polled(authority: str, answer: Mapping[str, Any], hidden: Sequence[str]) -> AppError:
    """Why a device code brought no token."""
    error = str(answer.get("error", ""))
    if error in _DECLINED:
        return CredentialsError(
            "sign_in_declined",
            _("The sign-in was declined, so nobody is signed in."),
            _("Ask for a new code, and approve it with the account that may read the profiles."),
        )
    if error in _RAN_OUT:
        return expired()
    return refused(authority, answer, hidden)


def must_ask(answer: Mapping[str, Any]) -> bool:
    """Whether a refresh was refused in a way that a new sign-in mends."""
    return answer.get("error") in _ASKED_AGAIN


def refused(
    authority: str, answer: Mapping[str, Any], hidden: Sequence[str], *, with_secret: bool = False
) -> CredentialsError:
    """sign_in_refused or client_secret_refused, with the server's words but for ``hidden``."""
    code, words = _words(answer, hidden)
    values = {"host": host_of(authority), "words": words}
    if with_secret and answer.get("error") == "invalid_client" and code not in _UNKNOWN:
        return CredentialsError(
            "client_secret_refused",
            _("{host} refused the client secret: {words}").format(**values),
            _(
                "Make a new one in Entra, under Certificates & secrets of the app's registration:"
                " its value is wanted, not its id. It may also have run out."
            ),
        )
    return CredentialsError(
        "sign_in_refused",
        _("{host} refused the sign-in: {words}").format(**values),
        _hint(code, str(answer.get("error", ""))),
    )


def _hint(code: str, error: str) -> str:
    if code in _NOT_PUBLIC or error == "invalid_client":
        return _(
            "In Entra, under Authentication of the app's registration, allow public client flows."
        )
    if code in _UNKNOWN or error in ("unauthorized_client", "invalid_tenant"):
        return _(
            "Check the tenant and the client id: both stand on the overview of the app's"
            " registration in Entra."
        )
    if code in _NO_CONSENT:
        return _(
            "An administrator of the tenant has to consent to the permission user_impersonation"
            " of Dynamics CRM, for this registration."
        )
    if code in _NO_RESOURCE or error == "invalid_resource":
        return _("Check the address of the environment: this tenant doesn't know it.")
    return _("An administrator of the tenant knows what these words mean.")


def _words(answer: Mapping[str, Any], hidden: Sequence[str]) -> tuple[str, str]:
    """The code, such as AADSTS700016 ('' for none), and the server's first sentences."""
    told = str(answer.get("error_description") or "")
    found = _CODE.search(told)
    numbers = answer.get("error_codes")
    if found:
        code = found[0]
    else:
        first = numbers[0] if isinstance(numbers, list) and numbers else None
        code = f"AADSTS{first}" if isinstance(first, int) else ""
    # Ids of the request follow, which say nothing to anybody but Microsoft.
    told = re.split(r"Trace ID:|Correlation ID:|Timestamp:", told)[0]
    for secret in sorted(filter(None, hidden), key=len, reverse=True):
        told = told.replace(secret, "***")
    told = mask_addresses(" ".join(_OPAQUE.sub("***", told).split()))
    error = str(answer.get("error") or "")
    named = code or (error if _WORD.fullmatch(error) else "")
    if named and named not in told:
        told = f"{named}: {told}" if told else named
    return code, told or "?"
