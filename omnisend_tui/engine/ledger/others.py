"""The ledgers of the workspace's other exports in one brand, read while their runs write them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from omnisend_tui.engine.ledger.database import OPEN, VERSION, open_to_read, parts, tags_of
from omnisend_tui.engine.ledger.records import SIV
from omnisend_tui.engine.seen import Seen
from omnisend_tui.errors import AppError, StateError
from omnisend_tui.i18n import _


class Others:
    """Used by one thread at a time. Sealed addresses are equal in all ledgers of a workspace.

    ``paths`` is asked where they lie, again and again; it raises ``AppError`` where nobody knows. A
    ledger that isn't there (any more, or not yet), or is empty, knows nobody and wants nothing.
    """

    def __init__(self, paths: Callable[[], Sequence[Path]]) -> None:
        self._paths = paths
        self._ledgers: dict[Path, _Other] = {}

    def known(self, sealed: Sequence[bytes]) -> set[bytes]:
        """Those of ``sealed`` whom another export brought to Omnisend, as far as can be read."""
        found: set[bytes] = set()
        if not sealed:
            return found
        with suppress(AppError):  # those that were there still count
            self._look()
        for ledger in self._ledgers.values():
            try:
                found |= ledger.known(sealed)
            except sqlite3.Error:
                ledger.close()  # it is being made or damaged: the count of new ones is 'at most'
        return found

    def wanting(self, sealed: Sequence[bytes], tag: str) -> set[bytes]:
        """Those of ``sealed`` who have or are to get ``tag`` in another export.

        Raises ``StateError`` where nobody knows which ledgers there are, or one can't be read,
        since nobody may lose a tag unasked.
        """
        found: set[bytes] = set()
        try:
            self._look()
        except AppError as error:
            raise StateError(
                "exports_unknown",
                _("It can't be read which other exports of this brand there are."),
                _(
                    "Nobody loses a tag until it is clear that no other export wants it; "
                    "look at config.toml and run the export again."
                ),
            ) from error
        for ledger in self._ledgers.values():
            try:
                found |= ledger.wanting(sealed, tag)
            except sqlite3.Error as error:
                ledger.close()
                raise StateError(
                    "ledger_unusable",
                    _("The ledger of another export of this brand can't be read."),
                    _(
                        "Nobody loses a tag until it is clear that no other export wants it; "
                        "`omnisend-tui doctor` tells where the ledgers are."
                    ),
                ) from error
        return found

    def close(self) -> None:
        for ledger in self._ledgers.values():
            ledger.close()

    def _look(self) -> None:
        """Which ledgers there are now. Raises ``AppError``."""
        paths = set(self._paths())
        for gone in self._ledgers.keys() - paths:
            self._ledgers.pop(gone).close()
        for path in paths - self._ledgers.keys():
            self._ledgers[path] = _Other(path)


class _Other:
    """One ledger; every method but ``close`` raises ``sqlite3.Error``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._loaded: set[int] = set()
        self._unmerged = Seen()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def known(self, sealed: Sequence[bytes]) -> set[bytes]:
        database = self._opened()
        if database is None:
            return set()
        version = _version(database)
        if version != VERSION:
            return set(_first_column(database, _BEFORE_TAGS, sealed)) if version else set()
        # First the log: a merge in between moves what is in it to the contacts.
        self._load(database)
        found = {each for each in sealed if each[:SIV] in self._unmerged}
        found.update(_first_column(database, _BROUGHT, sealed))
        return found

    def wanting(self, sealed: Sequence[bytes], tag: str) -> set[bytes]:
        database = self._opened()
        if database is None:
            return set()
        database.execute("BEGIN")  # one view of all tables: a merge moves rows between them
        try:
            if _version(database) != VERSION:
                return set()
            rows = database.execute("SELECT id, tags FROM tag_set").fetchall()
            sets = {number for number, text in rows if tag in tags_of(text)}
            return _wanting(database, sealed, sets) if sets else set()
        finally:
            database.execute("COMMIT")

    def _load(self, database: sqlite3.Connection) -> None:
        """The log has no index by address, so each batch is read once."""
        rows = database.execute(
            "SELECT id FROM batch WHERE state = 'confirmed' AND id >= (SELECT min(batch) FROM item)"
        ).fetchall()
        for (number,) in rows:
            if number in self._loaded:
                continue
            self._loaded.add(number)
            items = database.execute(
                "SELECT sealed FROM item WHERE batch = ? AND fate < 3", (number,)
            )
            for (address,) in items.fetchall():
                self._unmerged.add(address[:SIV])

    def _opened(self) -> sqlite3.Connection | None:
        """None where there is no ledger."""
        if self._database is None:
            if not self._path.exists():
                return None
            self._database = open_to_read(self._path)
            self._database.isolation_level = None
        return self._database


_EARLIER = (0, 1)  # being made, and from before tags: nobody has any by them
_BEFORE_TAGS = "SELECT sealed FROM contact WHERE sealed IN ({asked})"
_BROUGHT = "SELECT sealed FROM contact WHERE (run OR hash != x'') AND sealed IN ({asked})"
_CONTACTS = "SELECT sealed, given, owed FROM contact WHERE sealed IN ({asked})"
_ANSWERED = (
    "SELECT sealed, result, max(id) FROM tagging WHERE done AND sealed IN ({asked}) GROUP BY sealed"
)
_ASKED_FOR = (
    "SELECT sealed, result FROM tagging WHERE NOT done AND verb = 'give' AND sealed IN ({asked})"
)
_SENT = (
    "SELECT item.sealed, item.result FROM item JOIN batch ON batch.id = item.batch"
    f" WHERE (batch.state IN {OPEN} OR batch.state = 'confirmed' AND item.fate < 3)"
    " AND item.sealed IN ({asked})"
)


def _wanting(database: sqlite3.Connection, sealed: Sequence[bytes], sets: set[int]) -> set[bytes]:
    """Those who have or are to get one of ``sets``."""
    contacts = _asked(database, _CONTACTS, sealed)
    has = {address for address, given, owed in contacts if given in sets or owed in sets}
    # What was answered and isn't merged yet: above all who lost the tag a moment ago.
    for address, result, _id in _asked(database, _ANSWERED, sealed):
        (has.add if result in sets else has.discard)(address)
    for query in (_ASKED_FOR, _SENT):
        has |= {address for address, result in _asked(database, query, sealed) if result in sets}
    return has


def _version(database: sqlite3.Connection) -> int:
    """It may become another one while it is read. Raises ``sqlite3.Error`` for a newer one."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in (*_EARLIER, VERSION):
        raise sqlite3.DatabaseError(f"version {version}")
    return int(version)


def _first_column(
    database: sqlite3.Connection, query: str, sealed: Sequence[bytes]
) -> Iterator[bytes]:
    return (row[0] for row in _asked(database, query, sealed))


def _asked(
    database: sqlite3.Connection, query: str, sealed: Sequence[bytes]
) -> Iterator[tuple[Any, ...]]:
    for part in parts(sealed):
        yield from database.execute(
            query.format(asked=",".join("?" * len(part))), tuple(part)
        ).fetchall()
