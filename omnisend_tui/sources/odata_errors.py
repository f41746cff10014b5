"""What can go wrong between this app and a Dataverse Web API, each with its sentence and hint."""

import re

import msgspec

from omnisend_tui import network_sentences
from omnisend_tui.errors import CredentialsError, Exit, SourceError
from omnisend_tui.formats import shorten
from omnisend_tui.http import Answer, Fault
from omnisend_tui.i18n import _
from omnisend_tui.masking import mask_addresses

# Dataverse's own words for a column that a query names and a table doesn't have.
_NO_COLUMN = re.compile(r"property named '([^']{1,200})'")


class Stopped(Exception):
    """Whoever asked doesn't want to know any more."""


class Refused(SourceError):
    """Dataverse answered with an error for good. ``column`` is the one that it doesn't know."""

    def __init__(self, status: int, code: str, message: str, hint: str, column: str = "") -> None:
        super().__init__(code, message, hint)
        self.status = status
        self.column = column
        self.exit_code = Exit.CREDENTIALS if status == 403 else Exit.FAILED


class _Detail(msgspec.Struct):
    message: str = ""


class _Document(msgspec.Struct):
    error: _Detail = msgspec.field(default_factory=_Detail)


def said(answer: Answer) -> str:
    """The server's words, addresses masked and cut; '' where it has none."""
    try:
        words = msgspec.json.decode(answer.body, type=_Document).error.message
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return mask_addresses(" ".join(words.split())).rstrip(".")


def refused(answer: Answer, host: str) -> Refused:
    """The error for an answer that no repetition makes better."""
    status, words = answer.status, said(answer)
    if status == 403:
        return Refused(
            status,
            "no_role",
            _("{host} doesn't let this account read what it was asked for.").format(host=host),
            _("Give it the Viewer role in Customer Insights: Admin, Permissions."),
        )
    column = _NO_COLUMN.search(words) if status == 400 else None
    if column:
        return Refused(
            status,
            "column_missing",
            _("The source has no column {columns}.").format(columns=shorten(column[1])),
            _("Match the data again, or bring the column back."),
            column[1],
        )
    return Refused(
        status,
        "source_refused",
        _("{host} refused the request ({status}: {words}).").format(
            host=host, status=status, words=words or "?"
        ),
        _("Try again in a while; if it stays so, look at the environment in a browser."),
    )


def not_dataverse(host: str) -> SourceError:
    return SourceError(
        "not_dataverse",
        _("{host} answered, but not as a Dataverse environment does.").format(host=host),
        _("Copy the environment's address from its own page: Settings, Developer resources."),
    )


def no_answer(host: str, fault: Fault) -> SourceError:
    """'source_unreachable' after a network fault."""
    message, hint = network_sentences.no_answer(
        host,
        fault,
        {
            "dns": _("Check the address of the source and whether this machine has a network."),
            "refused": _("Check the address of the source, the network and the firewall."),
            "tls": _(
                "Its certificate isn't trusted here: check the clock of this machine and the proxy."
            ),
        },
    )
    return unreachable(message, hint)


def unreachable(message: str, hint: str) -> SourceError:
    return SourceError("source_unreachable", message, hint)


def no_sense(host: str) -> SourceError:
    """'source_unreachable' after answers that are no JSON, or cut."""
    return unreachable(
        _("{host} answers with something that can't be read.").format(host=host),
        _("A proxy or a sign-in page may stand in between. Try again in a while."),
    )


def troubled(host: str, status: int) -> SourceError:
    """'source_unreachable' after errors of the server's own."""
    return unreachable(
        _("{host} has a problem of its own ({status}).").format(host=host, status=status),
        _("Try again in a while."),
    )


def overrun(host: str) -> SourceError:
    """'source_unreachable' after answers that there are too many requests."""
    return unreachable(
        _("{host} takes no more requests just now.").format(host=host),
        _("Others use the same account, or too many exports read at once. Try again in a while."),
    )


def busy(host: str, seconds: float) -> SourceError:
    return SourceError(
        "source_busy",
        _("{host} takes no more requests for {seconds} seconds.").format(
            host=host, seconds=round(seconds)
        ),
        _("Others use the same account, or too many exports read at once. Try again then."),
    )


def sign_in_refused(host: str) -> CredentialsError:
    return CredentialsError(
        "sign_in_refused",
        _("{host} doesn't accept the sign-in.").format(host=host),
        _("Sign in again (`omnisend-tui source sign-in`); the account has to be one of its users."),
    )


def no_token() -> CredentialsError:
    """What signs the requests gave a text that no header takes."""
    return CredentialsError(
        "sign_in_refused",
        _("The sign-in gave something that is no token."),
        _("Sign in again: `omnisend-tui source sign-in`."),
    )


def not_signed_in() -> CredentialsError:
    return CredentialsError(
        "not_signed_in",
        _("Nobody is signed in to the source."),
        _("Sign in first: `omnisend-tui source sign-in`."),
    )


def elsewhere(host: str) -> SourceError:
    """A page that lies on another server: the token must not travel there."""
    return SourceError(
        "source_elsewhere",
        _("{host} sends the reader on to another server, which is not followed.").format(host=host),
        _("A proxy may rewrite the answers. Reach the environment by its own address."),
    )


def endless(host: str) -> SourceError:
    return SourceError(
        "source_endless",
        _("The pages of {host} come again and again and never end.").format(host=host),
        _("Try again in a while; if it stays so, tell Microsoft's support."),
    )
