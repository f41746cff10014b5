"""The ledger's file: its tables, transactions, and errors in sentences."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _

VERSION = 2

# ``item`` is the log of what was sent, in order. ``contact`` is filled from it, sorted: a tree of a
# million random keys that is filled row by row costs ten times as much. ``tag_set`` 0 is empty.
# ``status`` of an item is its ``Sending``, of a contact its ``Consent``; ``first_run`` is the run
# that confirmed it first. ``key_check`` shows whether a key is the one that sealed the addresses.
SCHEMA = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, leavers INTEGER NOT NULL DEFAULT 0);
CREATE TABLE batch (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, number INTEGER NOT NULL, batch_id TEXT NOT NULL,
    contacts INTEGER NOT NULL, state TEXT NOT NULL, errors INTEGER NOT NULL,
    riding INTEGER NOT NULL);
CREATE INDEX batch_by_run ON batch (run, number);
CREATE INDEX batch_by_state ON batch (state);
CREATE TABLE item (
    batch INTEGER NOT NULL, position INTEGER NOT NULL, sealed BLOB NOT NULL, hash BLOB NOT NULL,
    adds INTEGER NOT NULL, result INTEGER NOT NULL, fate INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (batch, position)) WITHOUT ROWID;
CREATE TABLE contact (
    sealed BLOB PRIMARY KEY, hash BLOB NOT NULL, run INTEGER NOT NULL DEFAULT 0,
    fate INTEGER NOT NULL DEFAULT 0, given INTEGER NOT NULL DEFAULT 0,
    owed INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0,
    first_run INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE refused (sealed BLOB PRIMARY KEY, detail TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tag_set (id INTEGER PRIMARY KEY, tags TEXT NOT NULL UNIQUE);
INSERT INTO tag_set (id, tags) VALUES (0, '[]');
CREATE TABLE segment_tag (tag TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE tagging (
    id INTEGER PRIMARY KEY, verb TEXT NOT NULL, sealed BLOB NOT NULL, tags INTEGER NOT NULL,
    result INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE TABLE leaving (
    sealed BLOB PRIMARY KEY, tags INTEGER NOT NULL, result INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE held (given INTEGER NOT NULL, owed INTEGER NOT NULL, people INTEGER NOT NULL);
CREATE TABLE key_check (sealed BLOB NOT NULL);
"""

# What was confirmed stays known, what was on its way doesn't.
_FROM_1 = """
ALTER TABLE contact RENAME TO old_contact;
DROP TABLE batch; DROP TABLE item;
{schema}
INSERT INTO contact (sealed, hash) SELECT sealed, hash FROM old_contact ORDER BY sealed;
DROP TABLE old_contact;
"""

OPEN = "('recorded', 'posted', 'unconfirmed')"  # states of batches whose end isn't known
_ASKED = 500  # addresses of one query


class Transaction:
    """BEGIN to COMMIT; any error rolls back, and SQLite's becomes a ``StateError``."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._execute("COMMIT")
            return
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise unusable(error) from error

    def _execute(self, sql: str) -> None:
        try:
            self._database.execute(sql)
        except sqlite3.Error as error:
            raise unusable(error) from error


def open_ledger(path: Path) -> sqlite3.Connection:
    """The file at ``path``, made where it is missing (0600). Raises ``StateError``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
        return _opened(path)
    except (OSError, sqlite3.Error) as error:
        raise unusable(error) from error


def open_to_read(path: Path) -> sqlite3.Connection:
    """The file at ``path`` for reading alone, while another process writes it."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False
    )


def parts(sealed: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """As many addresses as one query may ask for."""
    for start in range(0, len(sealed), _ASKED):
        yield sealed[start : start + _ASKED]


def tags_of(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def unusable(error: Exception) -> StateError:
    if "full" in str(error):
        return StateError(
            "disk_full",
            _("The disk is full, so nothing more can be recorded and nothing more is sent."),
            _("Make room in the state folder and run the export again."),
        )
    return StateError(
        "ledger_unusable",
        _("The export's ledger can't be read or written."),
        _("It is damaged, or a newer version made it; `omnisend-tui doctor` tells where it is."),
    )


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version in (0, 1):
        script = _FROM_1.format(schema=SCHEMA) if version else SCHEMA
        database.executescript(f"BEGIN; {script} PRAGMA user_version = {VERSION}; COMMIT;")
    elif version != VERSION:
        raise sqlite3.DatabaseError(f"version {version}")
    return database
