"""API keys: from the environment, the credentials folder or the keyring, in this order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _

if TYPE_CHECKING:
    from omnisend_tui.config.models import Connection

Origin = Literal["environment", "credentials", "keyring"]

SERVICE = "omnisend-tui"
_VARIABLE = "OMNISEND_TUI_API_KEY"
_KEYRINGS = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.kwallet": "KWallet",
}


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret value and where it came from. It shows itself nowhere."""

    value: str = field(repr=False)
    origin: Origin


def variable_names(name: str) -> tuple[str, str]:
    """The environment variables (and files of the credentials folder) for connection ``name``."""
    return f"{_VARIABLE}_{re.sub('[^A-Z0-9]+', '_', name.upper())}", _VARIABLE


def credentials_folder(environ: Mapping[str, str]) -> Path | None:
    """The folder in which systemd or a container hands over secrets, None without one."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder) if folder else None


class Secrets:
    """Finds and keeps API keys. Calls take up to 30 ms: not for the event loop."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

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
        return Secret(self._from_keyring(connection), "keyring")

    def given_key(self, name: str) -> Secret | None:
        """The key that the environment or the credentials folder has for connection ``name``.

        It goes before the keyring. Raises ``CredentialsError`` where a credential can't be read.
        """
        names = variable_names(name)
        for variable in names:
            if value := self._environ.get(variable, "").strip():
                return Secret(value, "environment")
        for credential in names:
            if value := self._credential(credential):
                return Secret(value, "credentials")
        return None

    def keyring_name(self) -> str:
        """The keyring in words, such as ``Secret Service``.

        It isn't opened: one that is locked is told by the first use. Raises ``CredentialsError``
        (no_keyring, keyring_failed).
        """
        try:
            import keyring

            backend = keyring.get_keyring()
            kind = type(backend)
            if kind.__module__ in ("keyring.backends.fail", "keyring.backends.null"):
                raise _no_keyring()
            name = str(getattr(backend, "name", "")) or kind.__qualname__
        except CredentialsError:
            raise
        except Exception as error:
            _refuse(error)
        return _KEYRINGS.get(kind.__module__, name)

    def keeps(self, secret_id: str) -> bool:
        """Whether the keyring holds a key under ``secret_id``. Raises ``CredentialsError``."""
        try:
            import keyring

            return keyring.get_password(SERVICE, secret_id) is not None
        except Exception as error:
            _refuse(error)

    def store_api_key(self, connection: "Connection", value: str) -> None:
        """Keeps ``value`` in the keyring and makes sure that it stays there.

        Raises ``CredentialsError``: no_keyring, keyring_locked or keyring_failed.
        """
        try:
            import keyring

            keyring.set_password(SERVICE, connection.id, value)
            kept = keyring.get_password(SERVICE, connection.id) == value
        except Exception as error:
            _refuse(error)
        if not kept:
            # The null backend drops what it is given without a word.
            raise _no_keyring()

    def delete_api_key(self, connection: "Connection") -> None:
        """Takes the key out of the keyring; it need not be there. Raises ``CredentialsError``."""
        try:
            import keyring
            from keyring.errors import PasswordDeleteError

            try:
                keyring.delete_password(SERVICE, connection.id)
            except PasswordDeleteError:
                # It says the same for 'not there' and for 'not allowed'.
                if keyring.get_password(SERVICE, connection.id) is not None:
                    raise
        except Exception as error:
            _refuse(error)

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

    def _from_keyring(self, connection: "Connection") -> str:
        try:
            import keyring

            value = keyring.get_password(SERVICE, connection.id)
        except Exception as error:
            _refuse(error)
        if not value:
            raise CredentialsError(
                "no_key",
                _("The keyring holds no API key for “{name}”.").format(name=connection.name),
                _("Enter the key again for this connection, or set {variable}.").format(
                    variable=variable_names(connection.name)[0]
                ),
            )
        return value


def _refuse(error: Exception) -> NoReturn:
    """Raises the sentence for what the keyring said; its own words may hold anything."""
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    if isinstance(error, NoKeyringError):
        raise _no_keyring() from None
    if isinstance(error, InitError | KeyringLocked):
        raise CredentialsError(
            "keyring_locked",
            _("The keyring is locked, and it could not be opened."),
            _("Unlock it (log in to the desktop, or start it with its password) and try again."),
        ) from None
    raise CredentialsError(
        "keyring_failed",
        _("The keyring did not answer ({kind}).").format(kind=type(error).__name__),
        _("Start the keyring service again, or give the key in {variable}.").format(
            variable=_VARIABLE
        ),
    ) from None


def _no_keyring() -> CredentialsError:
    return CredentialsError(
        "no_keyring",
        _("This machine has no keyring in which the API key could be kept."),
        _(
            "There are three ways: start a Secret Service (such as gnome-keyring); put the key"
            " into a file {variable} in the folder that $CREDENTIALS_DIRECTORY names (systemd, a"
            " container's secrets); or set the variable {variable} in the environment."
        ).format(variable=_VARIABLE),
    )
