"""The ledger of one export: what was sent, and what Omnisend confirmed of it.

A run appends each batch and its items to a log in order before the batch is sent. Confirmed items
are merged into ``contact``, sorted, at the run's end: filling a tree of a million random keys row
by row would cost ten times as much. A log that a crash left is merged at the next opening.
Addresses are sealed deterministically with AES-SIV; no plain one is stored.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _
from omnisend_tui.records import BatchRow

SIV = 16  # bytes at the head of a sealed address: a keyed hash of it
_VERSION = 1

_SCHEMA = """
CREATE TABLE batch (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, number INTEGER NOT NULL, batch_id TEXT NOT NULL,
    contacts INTEGER NOT NULL, state TEXT NOT NULL, errors INTEGER NOT NULL);
CREATE INDEX batch_by_run ON batch (run, number);
CREATE TABLE item (batch INTEGER NOT NULL, sealed BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE contact (sealed BLOB PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One contact of a batch: its sealed address and the hash of what is sent."""

    sealed: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """A batch that ended as confirmed, unconfirmed or replaced; ``dropped`` items don't count."""

    number: int
    state: str
    dropped: Sequence[bytes] = ()
    errors: int = 0


def content_hash(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


class Ledger:
    """Usable from any thread. Raises ``StateError``."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._cipher = AESSIV(key)
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600, exist_ok=True)
            self._database = _open(path)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(error) from error
        self._posted: list[tuple[str, int]] = []
        self._first = 0  # the row id of this run's batch number 0
        self.merge()

    def seal(self, email: str) -> bytes:
        """Always the same for one address under one key; at most 16 bytes longer than it."""
        return self._cipher.encrypt(email.encode(), None)

    def begin(self, run: str) -> None:
        """The next batches belong to ``run``; what an older one left unconfirmed is dropped."""
        with self._lock:
            self._write("DELETE FROM item", ())
            (last,) = self._database.execute("SELECT coalesce(max(id), 0) FROM batch").fetchone()
            self._first = last
            self._run = run

    def record(self, batches: Iterable[tuple[int, Sequence[Item]]]) -> None:
        """Notes batches (numbers from 1 on) before they are sent, in one transaction."""
        rows: list[tuple[int, str, int, int]] = []
        items: list[tuple[int, bytes, bytes]] = []
        for number, contents in batches:
            row = self._first + number
            rows.append((row, self._run, number, len(contents)))
            items.extend((row, item.sealed, item.hash) for item in contents)
        with self._lock, self._transaction():
            self._write_posted()
            self._database.executemany(
                "INSERT INTO batch VALUES (?, ?, ?, '', ?, 'recorded', 0)", rows
            )
            self._database.executemany("INSERT INTO item VALUES (?, ?, ?)", items)

    def posted(self, number: int, batch_id: str) -> None:
        """Omnisend took the batch; written with the next transaction, since it can be listed."""
        with self._lock:
            self._posted.append((batch_id, self._first + number))

    def close_batches(self, closed: Sequence[Closed]) -> None:
        """Ends batches, in one transaction."""
        with self._lock, self._transaction():
            self._write_posted()
            self._database.executemany(
                "UPDATE batch SET state = ?, errors = ? WHERE id = ?",
                [(each.state, each.errors, self._first + each.number) for each in closed],
            )
            self._database.executemany(
                "DELETE FROM item WHERE batch = ? AND sealed = ?",
                [(self._first + each.number, sealed) for each in closed for sealed in each.dropped],
            )

    def merge(self) -> None:
        """Moves what is confirmed from the log to the contacts, in the order of their keys."""
        with self._lock, self._transaction():
            self._database.execute(
                "INSERT INTO contact SELECT sealed, hash FROM item"
                " WHERE batch IN (SELECT id FROM batch WHERE state = 'confirmed')"
                " ORDER BY sealed ON CONFLICT DO UPDATE SET hash = excluded.hash"
            )
            self._database.execute(
                "DELETE FROM item WHERE batch IN (SELECT id FROM batch WHERE state = 'confirmed')"
            )

    def contacts(self) -> int:
        """How many contacts Omnisend confirmed so far."""
        with self._lock:
            (count,) = self._database.execute("SELECT count(*) FROM contact").fetchone()
            return int(count)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _write_posted(self) -> None:
        posted, self._posted = self._posted, []
        self._database.executemany(
            "UPDATE batch SET batch_id = ?, state = 'posted' WHERE id = ?", posted
        )

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        try:
            self._database.execute(sql, values)
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._database)


class _Transaction:
    """BEGIN to COMMIT; any error rolls back, and SQLite's becomes a ``StateError``."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._execute("BEGIN")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._execute("COMMIT")
            return
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise _unusable(error) from error

    def _execute(self, sql: str) -> None:
        try:
            self._database.execute(sql)
        except sqlite3.Error as error:
            raise _unusable(error) from error


def read_batches(path: Path, run_id: str, limit: int) -> list[BatchRow]:
    """The newest batches of a run; readable while it is written."""
    if not path.exists():
        return []
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    try:
        rows = database.execute(
            "SELECT number, contacts, state, batch_id, errors FROM batch"
            " WHERE run = ? ORDER BY number DESC LIMIT ?",
            (run_id, limit),
        ).fetchall()
    except sqlite3.Error as error:
        raise _unusable(error) from error
    finally:
        database.close()
    return [
        BatchRow(number=number, contacts=contacts, state=state, batch_id=batch_id, errors=errors)
        for number, contacts, state, batch_id, errors in rows
    ]


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == 0:
        database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        raise sqlite3.DatabaseError(f"version {version}")
    return database


def _unusable(error: Exception) -> StateError:
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
