"""What the parts of a ledger share: its file, one lock, transactions, and the sets of tags."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omnisend_tui.engine.ledger.database import Transaction, open_ledger, unusable
from omnisend_tui.engine.ledger.sets import TagSets


class Store:
    """One connection, used by one thread at a time: who takes ``database`` holds ``lock``.

    The lock isn't reentrant: no method may be called inside a transaction.
    """

    def __init__(self, path: Path) -> None:
        self.database = open_ledger(path)
        self.lock = threading.Lock()
        self.sets = TagSets(self.database)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """What a query finds, as tuples. Raises ``StateError``."""
        try:
            with self.lock:
                return self.database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise unusable(error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Raises ``StateError``."""
        with self.lock, Transaction(self.database):
            yield self.database

    @contextmanager
    def tag_transaction(self) -> Iterator[sqlite3.Connection]:
        """One in which SQL may make sets of tags. Raises ``StateError``."""
        with self.lock:
            try:
                with Transaction(self.database):
                    self.sets.load()
                    yield self.database
                    self.sets.store()
            except BaseException:
                self.sets.forget()
                raise

    def close(self) -> None:
        with self.lock:
            self.database.close()
