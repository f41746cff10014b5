"""What ``doctor`` says of the sources of Customer Insights."""

from dataclasses import replace
from threading import Event, Timer
from urllib.parse import urlsplit

from omnisend_tui import sign_in
from omnisend_tui.cli.findings import Finding, State, failed, origin_word
from omnisend_tui.cli.words import command
from omnisend_tui.config.models import Source
from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.secrets import client_secret_variable
from omnisend_tui.workspace import Workspace

_PATIENCE = 5.0  # seconds in which an environment is asked again
_SECONDS = 10.0  # for all of it, where nothing answers


def source_findings(workspace: Workspace, source: Source) -> list[Finding]:
    """Who signs in, and whether the environment lets him in."""
    check = f"{source.name}: " + _("sign-in")
    try:
        who = _who(workspace, source)
    except AppError as error:
        return [failed(check, error)]
    if not who and source.sign_in == "application":
        hint = _("Set {variable}, or give the source a client secret.").format(
            variable=client_secret_variable(source.name)
        )
        return [Finding(check, "failed", _("there is no client secret"), hint)]
    if not who:
        hint = _("{command}, or set {variable} to an application's client secret").format(
            command=command("source", "sign-in", name=source.name, workspace=workspace.named),
            variable=client_secret_variable(source.name),
        )
        return [Finding(check, "warning", _("nobody is signed in"), hint)]
    reached = f"{source.name}: " + _("environment")
    try:
        _reach(workspace, source)
    except AppError as error:
        # What is kept may hold no more: only an answer tells that somebody is signed in.
        state: State = "warning" if isinstance(error, CredentialsError) else "ok"
        kept = _("kept for {who}").format(who=who) if _is_person(workspace, source) else who
        return [Finding(check, state, kept), failed(reached, error)]
    return [Finding(check, "ok", who), Finding(reached, "ok", source.url)]


def _who(workspace: Workspace, source: Source) -> str:
    """The account, or where the client secret comes from; '' for nobody."""
    if given := workspace.secrets.given_client_secret(source.name):
        origin = origin_word(given.origin)
    elif source.sign_in == "person":
        return sign_in.signed_in(workspace, source)
    elif workspace.secrets.kept_client_secret(source):
        origin = origin_word("keyring")
    else:
        return ""
    return _("an application, its client secret from: {origin}").format(origin=origin)


def _is_person(workspace: Workspace, source: Source) -> bool:
    return not sign_in.as_application(workspace.secrets, source)


def _reach(workspace: Workspace, source: Source) -> None:
    """Asks who is signed in. Raises ``SourceError``, ``CredentialsError``."""
    from omnisend_tui.sources.ahead import alone
    from omnisend_tui.sources.dataverse import who_am_i
    from omnisend_tui.sources.odata_errors import Stopped, no_answer

    access = replace(workspace.access(source), patience=_PATIENCE)
    late = Event()
    timer = Timer(_SECONDS, late.set)
    timer.daemon = True
    timer.start()
    try:
        alone(lambda _halt: who_am_i(source, access), late)
    except Stopped:
        raise no_answer(urlsplit(source.url).netloc, "timeout") from None
    finally:
        timer.cancel()
