"""The key under which the ledgers of a workspace seal addresses."""

import re
from collections.abc import Mapping
from pathlib import Path

from omnisend_tui.config.files import exclusive, replace_file
from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.secrets import credentials_folder

FILE = "ledger.key"
LENGTH = 64  # AES-SIV takes two keys of 32 bytes

_HEX = re.compile(rb"[0-9A-Fa-f]+")


def ledger_key(state_dir: Path, ledgers: Path, environ: Mapping[str, str]) -> bytes:
    """The 64 bytes of the key: the credentials folder's, else those beside the state.

    Made at the first call, and never over an existing ledger: under another key everybody would
    look new and nobody would leave. Raises ``CredentialsError``.
    """
    folder = credentials_folder(environ)
    given = _read(folder / FILE) if folder else None
    if given is not None:
        return given
    path = state_dir / FILE
    kept = _read(path)
    if kept is not None:
        return kept
    with exclusive(state_dir / f".{FILE}.lock"):
        return _read(path) or _made(path, ledgers)


def _made(path: Path, ledgers: Path) -> bytes:
    if _any_ledger(ledgers):
        raise CredentialsError(
            "ledger_key_missing",
            _("{path} is missing, though there are ledgers that were written with it.").format(
                path=path
            ),
            _("Put it back from a backup, or hand it over in the credentials folder."),
        )
    import secrets  # brings OpenSSL

    key = secrets.token_bytes(LENGTH)
    replace_file(path, key.hex().encode() + b"\n")
    return key


def _any_ledger(ledgers: Path) -> bool:
    try:
        return any(ledgers.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        # What can't be looked into may hold some.
        return True


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CredentialsError(
            "ledger_key_unreadable",
            _("{path} can't be read: {reason}.").format(path=path, reason=error.strerror or ""),
            _("Look at its owner and its rights."),
        ) from None
    text = content.strip()
    if _HEX.fullmatch(text):
        # Hexadecimal digits are never taken raw: 64 of them are half a key.
        key = bytes.fromhex(text.decode()) if len(text) == 2 * LENGTH else b""
    else:
        key = content
    if len(key) != LENGTH:
        raise CredentialsError(
            "ledger_key_invalid",
            _("{path} holds no key of {length} bytes.").format(path=path, length=LENGTH),
            _("Put it back from a backup; a new one would not fit the ledgers."),
        )
    return key
