"""API keys, client secrets and sign-ins: from the environment, the credentials folder, the keyring.

In this order, and what signs a person in from the keyring alone.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.keeping import (
    SERVICE,
    Keeper,
    KeeperFailed,
    KeyringKeeper,
    delete_long,
    get_long,
    ids_below,
    put_long,
)

if TYPE_CHECKING:
    from omnisend_tui.config.models import Connection, Source

__all__ = [
    "SERVICE", "Origin", "Secret", "Secrets", "client_secret_variable", "credentials_folder",
    "secret_id", "tokens_id", "variable_names",
]  # fmt: skip

Origin = Literal["environment", "credentials", "keyring"]
Made = TypeVar("Made")

_VARIABLE = "OMNISEND_TUI_API_KEY"
_CLIENT_SECRET = "OMNISEND_TUI_CLIENT_SECRET"


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret value and where it came from. It shows itself nowhere."""

    value: str = field(repr=False)
    origin: Origin


def variable_names(name: str) -> tuple[str, str]:
    """The environment variables (and files of the credentials folder) for connection ``name``."""
    return f"{_VARIABLE}_{_suffix(name)}", _VARIABLE


def client_secret_variable(name: str) -> str:
    """The environment variable (and file) of the client secret of source ``name``."""
    return f"{_CLIENT_SECRET}_{_suffix(name)}"


def secret_id(source: "Source") -> str:
    """Under which the keyring has a client secret: no connection's id holds a full stop."""
    return f"source.secret.{source.id}"


def tokens_id(source: "Source") -> str:
    """Under which the keyring has what signs a person in."""
    return f"source.tokens.{source.id}"


def credentials_folder(environ: Mapping[str, str]) -> Path | None:
    """The folder in which systemd or a container hands over secrets, None without one."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder) if folder else None


class Secrets:
    """Finds and keeps secrets. Calls take up to 30 ms: not for the event loop.

    ``keeper`` is where they are kept, the machine's keyring without one. What touches it raises
    ``CredentialsError``: no_keyring, keyring_locked or keyring_failed.
    """

    def __init__(self, environ: Mapping[str, str], keeper: Keeper | None = None) -> None:
        self._environ = environ
        self._keeper = KeyringKeeper() if keeper is None else keeper
        self._lock = Lock()
        self._shared: dict[Hashable, Any] = {}

    def api_key(self, connection: "Connection") -> Secret:
        """The API key of ``connection``; raises ``CredentialsError`` where none can be had."""
        names = variable_names(connection.name)
        if given := self.given_key(connection.name):
            return given
        if connection.api_key == "environment":
            raise CredentialsError(
                "no_key_in_environment",
                _("The environment holds no API key for “{name}”.").format(name=connection.name),
                _("Set {variable} or {all}.").format(variable=names[0], all=names[1]),
            )
        if value := self.kept_key(connection):
            return Secret(value, "keyring")
        raise CredentialsError(
            "no_key",
            _("The keyring holds no API key for “{name}”.").format(name=connection.name),
            _("Enter the key again for this connection, or set {variable}.").format(
                variable=names[0]
            ),
        )

    def given_key(self, name: str) -> Secret | None:
        """The key that the environment or the credentials folder has for connection ``name``.

        It goes before the keyring. Raises ``CredentialsError`` where a credential can't be read.
        """
        return self._given(*variable_names(name))

    def kept_key(self, connection: "Connection") -> str:
        """The key that the keyring has now, whatever the environment says; '' for none."""
        with _worded(_VARIABLE):
            return self._keeper.get(connection.id) or ""

    def keyring_name(self, source: "Source | None" = None) -> str:
        """The keyring in words, such as ``Secret Service``; ``source`` is what it is wanted for.

        It isn't opened: one that is locked is told by the first use.
        """
        variable = client_secret_variable(source.name) if source else _VARIABLE
        with _worded(variable, source=source is not None):
            return self._keeper.name()

    def kept_ids(self, secret_id: str) -> list[str]:
        """The ids of the values that the keyring holds for ``secret_id``: none, one, or chunks."""
        with _worded(_VARIABLE):
            return ids_below(self._keeper, secret_id)

    def store_api_key(self, connection: "Connection", value: str) -> None:
        """Keeps ``value`` in the keyring and makes sure that it stays there."""
        with _worded(_VARIABLE):
            self._keeper.put(connection.id, value)

    def delete_api_key(self, connection: "Connection") -> None:
        """Takes the key out of the keyring; it need not be there."""
        with _worded(_VARIABLE):
            self._keeper.delete(connection.id)

    def given_client_secret(self, name: str) -> Secret | None:
        """The client secret that the environment or the credentials folder has for a source.

        It goes before all else that signs in. Raises ``CredentialsError`` where a credential can't
        be read.
        """
        return self._given(client_secret_variable(name))

    def kept_client_secret(self, source: "Source") -> str:
        """The client secret that the keyring has, '' for none."""
        with _worded(client_secret_variable(source.name), source=True):
            return self._keeper.get(secret_id(source)) or ""

    def store_client_secret(self, source: "Source", value: str) -> None:
        with _worded(client_secret_variable(source.name), source=True):
            self._keeper.put(secret_id(source), value)

    def delete_client_secret(self, source: "Source") -> None:
        """It need not be there."""
        with _worded(client_secret_variable(source.name), source=True):
            self._keeper.delete(secret_id(source))

    def tokens(self, source: "Source") -> str:
        """What signs a person in at ``source``, '' for nobody."""
        with _worded(client_secret_variable(source.name), source=True):
            return get_long(self._keeper, tokens_id(source))

    def store_tokens(self, source: "Source", text: str) -> None:
        with _worded(client_secret_variable(source.name), source=True):
            put_long(self._keeper, tokens_id(source), text)

    def delete_tokens(self, source: "Source") -> None:
        """They need not be there."""
        with _worded(client_secret_variable(source.name), source=True):
            delete_long(self._keeper, tokens_id(source))

    def shared(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` made for ``key`` at the first call, for whoever asks here."""
        with self._lock:
            if key not in self._shared:
                self._shared[key] = make()
            made: Made = self._shared[key]
            return made

    def _given(self, *names: str) -> Secret | None:
        for variable in names:
            if value := self._environ.get(variable, "").strip():
                return Secret(value, "environment")
        for credential in names:
            if value := self._credential(credential):
                return Secret(value, "credentials")
        return None

    def _credential(self, name: str) -> str:
        folder = credentials_folder(self._environ)
        if folder is None:
            return ""
        try:
            return (folder / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeError):
            raise CredentialsError(
                "credential_unreadable",
                _("The credential {name} is there but can't be read.").format(name=name),
                _("Look at the rights of the file in the credentials folder."),
            ) from None


def _suffix(name: str) -> str:
    return re.sub("[^A-Z0-9]+", "_", name.upper())


@contextmanager
def _worded(variable: str, *, source: bool = False) -> Iterator[None]:
    """The sentence for what the keyring said; ``variable`` is the way without one."""
    try:
        yield
    except KeeperFailed as failed:
        raise _error(failed, variable, source) from None


def _error(failed: KeeperFailed, variable: str, source: bool) -> CredentialsError:
    if failed.code == "no_keyring":
        return _no_keyring(variable, source)
    if failed.code == "keyring_locked":
        return CredentialsError(
            "keyring_locked",
            _("The keyring is locked, and it could not be opened."),
            _("Unlock it (log in to the desktop, or start it with its password) and try again."),
        )
    hint = _("Start the keyring service again, or give the key in {variable}.")
    if source:
        hint = _("Start the keyring service again, or give a client secret in {variable}.")
    return CredentialsError(
        "keyring_failed",
        _("The keyring did not answer ({kind}).").format(kind=failed.kind),
        hint.format(variable=variable),
    )


def _no_keyring(variable: str, source: bool) -> CredentialsError:
    if source:
        return CredentialsError(
            "no_keyring",
            _("This machine has no keyring in which a sign-in could be kept."),
            _(
                "There are three ways: start a Secret Service (such as gnome-keyring); put a client"
                " secret into a file {variable} in the folder that $CREDENTIALS_DIRECTORY names"
                " (systemd, a container's secrets); or set the variable {variable} in the"
                " environment."
            ).format(variable=variable),
        )
    return CredentialsError(
        "no_keyring",
        _("This machine has no keyring in which the API key could be kept."),
        _(
            "There are three ways: start a Secret Service (such as gnome-keyring); put the key"
            " into a file {variable} in the folder that $CREDENTIALS_DIRECTORY names (systemd, a"
            " container's secrets); or set the variable {variable} in the environment."
        ).format(variable=variable),
    )
