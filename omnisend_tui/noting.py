"""Secrets go into the keyring with a note in the state, so that none is left there unknown."""

from collections.abc import Callable

from omnisend_tui.errors import CredentialsError
from omnisend_tui.state import State


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
