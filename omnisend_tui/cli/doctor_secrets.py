"""What ``doctor`` says of the keyring, and of the variables that hand over secrets."""

from omnisend_tui.cli.findings import Finding, State
from omnisend_tui.config.models import Source
from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.noting import orphans
from omnisend_tui.secrets import SERVICE, client_secret_variable, variable_names
from omnisend_tui.workspace import Workspace


def keyring_findings(workspace: Workspace) -> list[Finding]:
    """Only a keyring that is needed is looked at; one that is locked is told by its use.

    None at all is a warning: the environment may give every key.
    """
    if not _wants_keyring(workspace):
        return []
    try:
        return [Finding(_("keyring"), "ok", workspace.secrets.keyring_name())]
    except CredentialsError as error:
        state: State = "warning" if error.code == "no_keyring" else "failed"
        return [Finding(_("keyring"), state, error.message, error.hint)]


def _wants_keyring(workspace: Workspace) -> bool:
    config = workspace.config
    return any(
        connection.api_key == "keyring" for connection in config.connections.values()
    ) or any(
        source.type == "dataverse" and not _given(workspace, source)
        for source in config.sources.values()
    )


def _given(workspace: Workspace, source: Source) -> bool:
    try:
        return workspace.secrets.given_client_secret(source.name) is not None
    except CredentialsError:
        return True  # its own check tells that it can't be read


def orphan_findings(workspace: Workspace) -> list[Finding]:
    """Secrets that a removal or a crash left in the keyring."""
    try:
        return [
            Finding(
                _("keyring"), "warning",
                _("the secret {id} belongs to no connection and no source").format(
                    id=secret_id
                ),
                _("Delete it: {command}").format(
                    command=f"python -m keyring del {SERVICE} {secret_id}"
                ),
            )
            for secret_id in orphans(workspace)
        ]  # fmt: skip
    except CredentialsError as error:
        return [
            Finding(
                _("keyring"), "warning",
                _("It can't be told whether keys are left over. {why}").format(why=error.message),
                error.hint,
            )
        ]  # fmt: skip


def variable_findings(workspace: Workspace) -> list[Finding]:
    """Names that become one variable, so that one secret answers for all of them."""
    names: dict[str, list[str]] = {}
    for connection in workspace.config.connections.values():
        names.setdefault(variable_names(connection.name)[0], []).append(connection.name)
    for source in workspace.config.sources.values():
        if source.type == "dataverse":
            names.setdefault(client_secret_variable(source.name), []).append(source.name)
    return [
        Finding(
            _("environment"), "warning",
            _("{variable} gives the key of all of these: {names}").format(
                variable=variable, names=", ".join(shared)
            ),
            _("Give them names that differ in letters or digits."),
        )
        for variable, shared in names.items()
        if len(shared) > 1
    ]  # fmt: skip
