"""The API key of a connection: what one looks like, and its place in the keyring."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from omnisend_tui.config.models import Connection
from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.noting import drop_noted, keep_noted
from omnisend_tui.workspace import Workspace


def trimmed(text: str) -> str:
    """A key as typed, pasted or piped, without the white space around it.

    Raises ``CredentialsError`` where nothing is left, or what no key has.
    """
    key = text.strip()
    if not key:
        raise CredentialsError(
            "key_missing",
            _("No API key was given, so nothing was stored."),
            _("Pipe it in with --api-key-stdin, or use --api-key-from-environment."),
        )
    if sentence := fault(key):
        raise CredentialsError(
            "key_malformed", sentence, _("Copy it again from Omnisend: store settings, API keys.")
        )
    return key


def fault(key: str) -> str:
    """Why ``key`` can't be one of Omnisend, '' where it may be."""
    if not (key.isascii() and key.isprintable()) or any(sign.isspace() for sign in key):
        return _("The API key holds characters that no key has.")
    return ""


def looks_odd(key: str) -> bool:
    """Keys look like ``{brand id}-{secret}``; another form deserves a warning, no refusal."""
    return "-" not in key


@contextmanager
def keeping(workspace: Workspace, connection: Connection, key: str) -> Iterator[None]:
    """Puts ``key`` into the keyring, unless it is ''; where the block raises, all is as before.

    Raises ``CredentialsError``.
    """
    with ExitStack() as undo:
        if key:
            before = _kept(workspace, connection)
            _keep(workspace, connection, key)
            undo.callback(_put_back, workspace, connection, before)
        yield
        undo.pop_all()


def forget(workspace: Workspace, connection: Connection) -> None:
    """Takes the key out of the keyring, where one is or may be. Raises ``CredentialsError``."""
    if connection.id in workspace.state.secrets() or connection.api_key == "keyring":
        drop_noted(
            workspace.state, connection.id, lambda: workspace.secrets.delete_api_key(connection)
        )


def _keep(workspace: Workspace, connection: Connection, key: str) -> None:
    keep_noted(
        workspace.state, connection.id, lambda: workspace.secrets.store_api_key(connection, key)
    )


def _kept(workspace: Workspace, connection: Connection) -> str:
    """The key that the keyring has now, whatever the environment says; '' for none."""
    if connection.api_key != "keyring":
        return ""
    try:
        return workspace.secrets.kept_key(connection)
    except CredentialsError:
        return ""


def _put_back(workspace: Workspace, connection: Connection, key: str) -> None:
    if key:
        _keep(workspace, connection, key)
    else:
        forget(workspace, connection)
