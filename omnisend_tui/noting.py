"""Secrets go into the keyring with a note in the state, so that none is left there unknown."""

from collections.abc import Callable

from omnisend_tui import secrets
from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.state import State
from omnisend_tui.workspace import Workspace


def keep_noted(state: State, secret_id: str, keep: Callable[[], None]) -> None:
    """Calls ``keep``, which puts a secret under this id; what it raises goes on."""
    # Noted first: a crash in between leaves a note too many, never a secret that nobody knows of.
    noted = secret_id in state.secrets()
    state.note_secret(secret_id)
    try:
        keep()
    except CredentialsError as error:
        if error.code != "keyring_failed" and not noted:
            # It never took the secret; of one that fails nobody knows.
            state.drop_secret(secret_id)
        raise


def drop_noted(state: State, secret_id: str, delete: Callable[[], None]) -> None:
    """Calls ``delete``, which takes the secret under this id away."""
    delete()
    state.drop_secret(secret_id)


def orphans(workspace: Workspace) -> list[str]:
    """The ids of secrets in the keyring that no connection and no source uses.

    Raises ``CredentialsError``.
    """
    config = workspace.config
    used = {c.id for c in config.connections.values() if c.api_key == "keyring"}
    for source in config.sources.values():
        if source.type == "dataverse":
            used |= {secrets.secret_id(source), secrets.tokens_id(source)}
    left = []
    for noted in workspace.state.secrets():
        if noted not in used:
            kept = workspace.secrets.kept_ids(noted)
            left += kept
            if not kept:
                workspace.state.drop_secret(noted)
    return left


def left_behind(error: CredentialsError, told: str, name: str) -> CredentialsError:
    """What is said where the keyring didn't delete a secret of ``name``, which is removed by then.

    ``told`` takes that name, and ``why``.
    """
    return CredentialsError(
        error.code,
        told.format(name=name, why=error.message),
        _("`omnisend-tui doctor` says how to delete it."),
    )
