"""One SQLite file: opened durable and private, brought to the newest schema; its errors."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from omnisend_tui.config.files import create_private_file, make_private_folder
from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _

_PRIMARY = 0xFF  # SQLite's extended error codes keep the plain one in the lowest byte
_ROOM = 1_000_000  # less free bytes than this and an I/O error means a full disk


def open_database(path: Path, migrations: Sequence[Sequence[str]]) -> sqlite3.Connection:
    """Opens ``path`` (made with mode 0600 where it is missing) for use from any thread.

    Raises ``StateError``: state_newer, state_damaged, disk_full, unwritable and others.
    """
    make_private_folder(path.parent)
    create_private_file(path)
    database: sqlite3.Connection | None = None
    try:
        with sentences(path):
            database = sqlite3.connect(
                path, timeout=15, isolation_level=None, check_same_thread=False
            )
            _prepare(database, path, migrations)
    except BaseException:
        if database is not None:
            database.close()
        raise
    return database


def open_to_read(path: Path) -> sqlite3.Connection:
    """Opens ``path`` on a file system or in a folder where nothing can be written.

    What another process has under way may be missing. Raises ``StateError``.
    """
    with sentences(path):
        # SQLite reads such a file either with the notes of its writer, or as one without a writer.
        for how in ("mode=ro", "mode=ro&immutable=1"):
            database = sqlite3.connect(
                f"{path.absolute().as_uri()}?{how}", uri=True, timeout=15, isolation_level=None,
                check_same_thread=False,
            )  # fmt: skip
            try:
                _version(database)
            except sqlite3.Error:
                database.close()
                if how != "mode=ro":
                    raise
            else:
                return database
    raise AssertionError  # the second way opens it or raises


def _prepare(database: sqlite3.Connection, path: Path, migrations: Sequence[Sequence[str]]) -> None:
    if _version(database) > len(migrations):
        raise StateError(
            "state_newer",
            _("{path} was written by a newer version of omnisend-tui.").format(path=path),
            _("Install that version or a later one; nothing was changed."),
        )
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    if _version(database) < len(migrations):
        _migrate(database, migrations)


def _migrate(database: sqlite3.Connection, migrations: Sequence[Sequence[str]]) -> None:
    with transaction(database):
        # Another process may have migrated while this one waited for the lock.
        for statements in migrations[_version(database) :]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(migrations)}")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commits what is done inside as a whole, or nothing of it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns errors of SQLite about ``path`` into ``StateError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise _state_error(path, error) from error


def _state_error(path: Path, error: sqlite3.Error) -> StateError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        return StateError(
            "disk_full",
            _("The disk is full: {path} could not be written.").format(path=path),
            _("Free some space and run again; what was written before is safe."),
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StateError(
            "state_damaged",
            _("{path} is damaged or no file of omnisend-tui.").format(path=path),
            _("Put a copy from a backup in its place, or move it away to start without history."),
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StateError(
            "state_busy",
            _("{path} was held by another process for too long.").format(path=path),
            _("End the other process or wait for it, then try again."),
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StateError(
            "unwritable",
            _("{path} can't be opened for writing.").format(path=path),
            _("Look at the owner and the rights of the file and of its folder."),
        )
    return StateError(
        "state_failed",
        _("{path} could not be used (SQLite error {code}).").format(path=path, code=code),
        _("Try again; `omnisend-tui doctor` tells more."),
    )


def _is_full(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(path.parent).free < _ROOM
    return False
