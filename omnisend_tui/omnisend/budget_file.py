"""The file of the budgets: its tables, transactions, and errors in sentences."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _

_SCHEMA = """
CREATE TABLE IF NOT EXISTS slot (
    id INTEGER PRIMARY KEY AUTOINCREMENT, brand TEXT NOT NULL, free_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS slot_by_time ON slot (brand, free_at);
CREATE TABLE IF NOT EXISTS brand (
    brand TEXT PRIMARY KEY, not_before REAL NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS line (
    brand TEXT NOT NULL, taker TEXT NOT NULL, asked REAL NOT NULL, remaining INTEGER NOT NULL,
    waits INTEGER NOT NULL, PRIMARY KEY (brand, taker)) WITHOUT ROWID;
"""
# Files in the field lack these columns.
_ADDED = {
    ("brand", "held_at"): "REAL NOT NULL DEFAULT 0",
    ("brand", "share"): "REAL NOT NULL DEFAULT 1",
    ("brand", "lowered_until"): "REAL NOT NULL DEFAULT 0",
    ("slot", "taker"): "TEXT NOT NULL DEFAULT ''",
}


def open_budget_file(path: Path) -> sqlite3.Connection:
    """The file at ``path``, made where it is missing and brought up to date; usable from any
    thread. Raises ``StateError`` (budget_unusable), as all here do.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _keep_private(path)
        database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.executescript(_SCHEMA)
        if _lacking(database):
            # Others may do the same.
            with transaction(database):
                for table, column in _lacking(database):
                    kind = _ADDED[table, column]
                    database.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    except (OSError, sqlite3.Error) as error:
        raise unusable() from error
    return database


def _keep_private(path: Path) -> None:
    """Before SQLite opens it, which gives its other files the mode of this one.

    https://www.sqlite.org/src/file/src/os_unix.c (findCreateFileMode)
    """
    path.touch(mode=0o600)
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        # One that isn't there needs none, and somebody else's can't be changed.
        with suppress(OSError):
            if stat.S_IMODE(each.stat().st_mode) != 0o600:
                each.chmod(0o600)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """No other process decides meanwhile; the clock is read inside, so that it never runs back
    between two decisions.
    """
    try:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise unusable() from error


def _lacking(database: sqlite3.Connection) -> list[tuple[str, str]]:
    has = {
        (table, row[1])
        for table in ("brand", "slot")
        for row in database.execute(f"PRAGMA table_info({table})")
    }
    return [column for column in _ADDED if column not in has]


def unusable() -> StateError:
    return StateError(
        "budget_unusable",
        _("The record of requests sent can't be written, so nothing may be sent."),
        _("Check the free space and the rights of the state folder."),
    )
