"""The file of a state: opened and closed, its transactions, its stamp, its damaged records."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _
from omnisend_tui.state.database import open_database, open_to_read, sentences, transaction
from omnisend_tui.state.schema import MIGRATIONS

Stamp = tuple[int, int]


class StateFile:
    """One SQLite file, usable from any thread."""

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        self._database = database
        self._path = path
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens ``path``, makes it where it is missing, brings an older one to today's schema."""
        return cls(open_database(path, MIGRATIONS), path)

    @classmethod
    def open_to_read(cls, path: Path) -> Self:
        """Opens a file that can't be written; whatever writes raises ``StateError``."""
        return cls(open_to_read(path), path)

    def close(self) -> None:
        """Closes the file; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._database.close()

    def stamp(self) -> Stamp:
        """Another one whenever something was written, by whatever process; costs next to nothing.

        https://www.sqlite.org/pragma.html#pragma_data_version: what others commit. Own changes are
        counted by the connection.
        """
        with self._usable() as database:
            version = database.execute("PRAGMA data_version").fetchone()[0]
            return int(version), database.total_changes

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._usable() as database, transaction(database):
            yield database

    @contextmanager
    def _usable(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                raise StateError(
                    "state_closed",
                    _("The workspace was closed meanwhile."),
                    _("Open it again."),
                )
            with sentences(self._path):
                yield self._database

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._usable() as database:
            return database.execute(query, values).fetchall()

    def _decode(self, data: bytes, model: type[Any]) -> Any:
        try:
            return msgspec.json.decode(data, type=model)
        except msgspec.DecodeError:
            raise StateError(
                "state_damaged",
                _("{path} holds a record that can't be read.").format(path=self._path),
                _("Put a copy from a backup in its place, or move it away to start anew."),
            ) from None
