"""What is done with a ledger's file as a whole, without opening it as a ledger."""

import sqlite3
from contextlib import closing
from pathlib import Path

from omnisend_tui.engine.ledger.database import open_to_read, unusable


def is_empty(path: Path) -> bool:
    """Whether the ledger at ``path`` knows nobody; so does one that isn't there.

    Raises ``StateError``.
    """
    if not path.exists():
        return True
    try:
        with closing(open_to_read(path)) as ledger:
            tables = {row[0] for row in ledger.execute("SELECT name FROM sqlite_master")}
            if "contact" not in tables:  # it is being made
                return True
            known = (("contact", "1"), ("batch", "state = 'confirmed'"))
            return not any(
                ledger.execute(f"SELECT 1 FROM {table} WHERE {told} LIMIT 1").fetchone()
                for table, told in known
            )
    except sqlite3.Error as error:
        raise unusable(error) from error


def copy(path: Path, target: Path) -> None:
    """Makes ``target`` as the ledger stands (0600); nothing where it isn't there.

    Raises ``StateError``.
    """
    if not path.exists():
        return
    try:
        target.touch(mode=0o600)
        with closing(open_to_read(path)) as source, closing(sqlite3.connect(target)) as copied:
            source.backup(copied)
    except (OSError, sqlite3.Error) as error:
        raise unusable(error) from error
