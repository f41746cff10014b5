"""What ``doctor`` says of the sources of Customer Insights."""

from omnisend_tui import sign_in
from omnisend_tui.cli.findings import Finding, failed, origin_word
from omnisend_tui.cli.words import command
from omnisend_tui.config.models import Source
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.secrets import client_secret_variable
from omnisend_tui.workspace import Workspace


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
        hint = command("source", "sign-in", name=source.name, workspace=workspace.named)
        return [Finding(check, "warning", _("nobody is signed in"), hint)]
    return [Finding(check, "ok", who), _reached(workspace, source)]


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


def _reached(workspace: Workspace, source: Source) -> Finding:
    from omnisend_tui.sources.dataverse import who_am_i

    check = f"{source.name}: Customer Insights"
    try:
        who_am_i(source, workspace.access(source))
    except AppError as error:
        return failed(check, error)
    return Finding(check, "ok", source.url)
