"""What can go wrong between this app and Omnisend, each with its sentence and hint."""

from urllib.parse import urlsplit

import msgspec

from omnisend_tui.errors import AppError, Exit
from omnisend_tui.http import Answer, NetworkError
from omnisend_tui.i18n import _
from omnisend_tui.masking import mask_addresses
from omnisend_tui.network_sentences import no_answer
from omnisend_tui.omnisend.models import VERSION, ProblemDocument


class Unreachable(AppError):
    """No answer came. ``arrived``: Omnisend may have acted on the request."""

    def __init__(self, host: str, error: NetworkError) -> None:
        message, hint = no_answer(
            host,
            error.fault,
            {
                "dns": _("Check the base URL and whether this machine has a network."),
                "refused": _("Check the base URL, the network and the firewall."),
                "tls": _(
                    "It may not speak TLS at this port, or its certificate isn't trusted here:"
                    " check the base URL, the clock of this machine and the proxy."
                ),
            },
        )
        super().__init__(f"network_{error.fault}", message, hint)
        self.arrived = error.arrived


class Refusal(AppError):
    """Omnisend answered with an error. ``trace`` is what its support asks for."""

    def __init__(self, status: int, problem: ProblemDocument, retry_after: float | None) -> None:
        code, message, hint = _refusal_sentence(status, problem)
        super().__init__(code, message, hint)
        self.status = status
        self.trace = problem.instance or ""
        self.retry_after = retry_after
        self.exit_code = Exit.CREDENTIALS if status in (401, 403) else Exit.FAILED


class NotOmnisend(AppError):
    """A success whose body is not what Omnisend sends: a proxy's page, or a cut answer."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "not_omnisend",
            _("{host} answered, but not as Omnisend does.").format(host=host),
            _("A proxy or a sign-in page may stand in between; check the base URL."),
        )


def refusal(answer: Answer) -> Refusal:
    """The error for a status of 400 and above; 5xx bodies may be HTML."""
    try:
        problem = msgspec.json.decode(answer.body, type=ProblemDocument)
    except msgspec.MsgspecError:
        problem = ProblemDocument()
    # Omnisend may quote an address wherever it says something in its own words.
    problem = msgspec.structs.replace(
        problem,
        title=mask_addresses(problem.title or ""),
        instance=mask_addresses(problem.instance or ""),
    )
    return Refusal(answer.status, problem, _retry_after(answer, problem))


def host_of(base_url: str) -> str:
    return urlsplit(base_url).netloc


def _retry_after(answer: Answer, problem: ProblemDocument) -> float | None:
    if problem.retry_after is not None:
        return max(0.0, problem.retry_after)
    header = answer.headers.get("Retry-After", "")
    return float(header) if header.isdigit() else None


def _refusal_sentence(status: int, problem: ProblemDocument) -> tuple[str, str, str]:
    code, message, hint = _by_status(status, problem)
    if problem.instance:
        hint = " ".join(
            part
            for part in (
                hint,
                _("Omnisend's trace id: {trace}").format(trace=problem.instance),
            )
            if part
        )
    return code, message, hint


def _by_status(status: int, problem: ProblemDocument) -> tuple[str, str, str]:
    if status == 401:
        return (
            "key_refused",
            _("Omnisend refused the API key."),
            _("Make a new one at app.omnisend.com/integrations/api-keys."),
        )
    if status == 403:
        return (
            "permission_missing",
            _("The API key lacks a permission."),
            _("It needs Contacts, read and write; a change takes up to 5 minutes."),
        )
    if status == 404:
        return "not_found", _("Omnisend doesn't know this address."), _("Check the base URL.")
    if status == 410:
        return (
            "version_retired",
            _("Omnisend retired the API version {version}.").format(version=VERSION),
            _("Install a newer omnisend-tui."),
        )
    if status == 429:
        return (
            "rate_limited",
            _("Omnisend takes no more requests just now."),
            _("Other tools of the shop share its limit."),
        )
    if status >= 500:
        return (
            "server_error",
            _("Omnisend has a problem of its own ({status}).").format(status=status),
            _("Try again in a while."),
        )
    return (
        "refused",
        _("Omnisend refused the request ({status}: {title}).").format(
            status=status, title=problem.title or "?"
        ),
        "",
    )
