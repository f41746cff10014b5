"""How addresses are sealed, and whether a ledger's were sealed with the same key."""

import sqlite3

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _

_NO_ADDRESS = "the key of this ledger"


class Sealing:
    """AES-SIV with one key: deterministic, and what another key sealed is told apart."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def seal(self, email: str) -> bytes:
        return self._cipher.encrypt(email.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        return self._cipher.decrypt(sealed, None).decode()

    def check(self, database: sqlite3.Connection) -> None:
        """Raises ``CredentialsError`` where another key sealed what is in a ledger.

        Under that everybody would look new, and be subscribed once more. A ledger that has no check
        value gets one, in the caller's transaction.
        """
        kept = database.execute("SELECT sealed FROM key_check").fetchone()
        if kept is None:
            # A ledger of an older version has contacts alone, a new one nothing yet.
            kept = database.execute("SELECT sealed FROM contact LIMIT 1").fetchone()
            value = self.seal(_NO_ADDRESS)
            database.execute("INSERT INTO key_check (sealed) VALUES (?)", (value,))
        if kept is not None and not self._sealed(kept[0]):
            raise CredentialsError(
                "ledger_key_other",
                _("The ledger key isn't the one that this export's ledger was written with."),
                _("Put the ledger and its key back from the same backup; nothing was sent."),
            )

    def _sealed(self, value: bytes) -> bool:
        try:
            self._cipher.decrypt(value, None)
        except InvalidTag:
            return False
        return True
