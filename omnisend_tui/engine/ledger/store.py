"""The ledger: recorded before it is sent, merged once confirmed, no plain address on the disk.

A run appends each batch and its contacts to a log before the batch is sent, and each tag before it
is asked for. What was confirmed is merged into ``contact``, sorted, at the run's end; a log that a
crash left, at the next opening. Addresses are sealed deterministically with AES-SIV.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from omnisend_tui.engine.ledger.database import Transaction, open_ledger, unusable
from omnisend_tui.engine.ledger.records import (
    Closed,
    Consent,
    Fate,
    Item,
    Known,
    OpenBatch,
    Sending,
    TagRow,
    TagWork,
    Verb,
)
from omnisend_tui.engine.ledger.sets import TagSets

_AHEAD = 1000  # rows of the tag log that are looked at for one request
_ASKED = 500  # addresses of one query


class Ledger:
    """Usable from any thread. Raises ``StateError``."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._cipher = AESSIV(key)
        self._lock = threading.Lock()
        self._database = open_ledger(path)
        self._posted: list[tuple[str, int]] = []
        self._first = 0  # the row of this run's batch number 0
        self._run_id = ""
        self.run = 0
        """The number of the run that began last."""
        self._sets = TagSets(self._database)
        self.merge()

    def seal(self, email: str) -> bytes:
        """Always the same for one address under one key; at most 16 bytes longer than it."""
        return self._cipher.encrypt(email.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        """The address of ``seal``."""
        return self._cipher.decrypt(sealed, None).decode()

    # A run.

    def begin(self, run_id: str) -> int:
        """The next batches belong to ``run_id``, which may have begun before; its last number.

        Another run than the last one forgets whom Omnisend refused then.
        """
        with self._lock, self._transaction():
            database = self._database
            known = database.execute("SELECT id FROM run WHERE run_id = ?", (run_id,)).fetchone()
            (newest,) = database.execute("SELECT coalesce(max(id), 0) FROM run").fetchone()
            if known is None or known[0] != newest:
                database.execute("DELETE FROM refused")
            database.execute("DELETE FROM leaving")
            database.execute("INSERT OR IGNORE INTO run (run_id) VALUES (?)", (run_id,))
            (self.run,) = database.execute(
                "SELECT id FROM run WHERE run_id = ?", (run_id,)
            ).fetchone()
            (last,) = database.execute("SELECT coalesce(max(id), 0) FROM batch").fetchone()
            (number,) = database.execute(
                "SELECT coalesce(max(number), 0) FROM batch WHERE run = ?", (run_id,)
            ).fetchone()
            self._run_id, self._first = run_id, last - number
            return int(number)

    def row_of(self, number: int) -> int:
        """The row of a batch of this run, as ``Closed`` names it."""
        return self._first + number

    def record(
        self, batches: Iterable[tuple[int, Sequence[Item]]], *, riding: bool = False
    ) -> None:
        """Notes batches before they are sent, in one transaction.

        ``riding``: the tags that their contacts lack travel in the batch itself.
        """
        rows: list[tuple[int, str, int, int, bool]] = []
        items: list[tuple[int, int, bytes, bytes, int, int, int]] = []
        for number, contents in batches:
            row = self._first + number
            rows.append((row, self._run_id, number, len(contents), riding))
            items.extend(
                (row, position, item.sealed, item.hash, item.adds, item.result, item.status)
                for position, item in enumerate(contents)
            )
        with self._lock, self._transaction():
            self._write_posted()
            self._database.executemany(
                "INSERT INTO batch VALUES (?, ?, ?, '', ?, 'recorded', 0, ?)", rows
            )
            self._database.executemany(
                "INSERT INTO item (batch, position, sealed, hash, adds, result, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                items,
            )

    def posted(self, number: int, batch_id: str) -> None:
        """Omnisend took the batch; written with the next transaction, since it can be listed."""
        self.found(self.row_of(number), batch_id)

    def found(self, row: int, batch_id: str) -> None:
        """As ``posted``, for a batch of whichever run."""
        with self._lock:
            self._posted.append((batch_id, row))

    def close_batches(self, closed: Sequence[Closed]) -> None:
        """Ends batches, in one transaction; tags of confirmed contacts are owed from then on."""
        fates = [
            (fate, detail, each.row, position)
            for each in closed
            for fate, detail, position in _fates(each)
        ]
        with self._lock, self._transaction():
            self._write_posted()
            database = self._database
            database.executemany(
                "UPDATE batch SET state = ?, errors = ? WHERE id = ?",
                [(each.state, len(each.refused), each.row) for each in closed],
            )
            database.executemany(
                "UPDATE item SET fate = ?, detail = ? WHERE batch = ? AND position = ?", fates
            )
            database.executemany(
                "DELETE FROM item WHERE batch = ? AND position = ?",
                [(each.row, position) for each in closed for position in each.dropped],
            )
            database.executemany(
                f"{_UNCLEAR} AND position = ? {_STAYS_SETTLED}",
                [(each.row, position) for each in closed for position in each.unclear],
            )
            database.executemany(
                "INSERT INTO tagging (verb, sealed, tags, result)"
                " SELECT 'give', sealed, adds, result FROM item WHERE batch = ? AND adds != 0"
                " AND fate < 3 AND NOT (SELECT riding FROM batch WHERE id = item.batch)",
                [(each.row,) for each in closed if each.state == "confirmed"],
            )

    def open_batches(self) -> list[OpenBatch]:
        """Batches of this and earlier runs of which nobody knows whether Omnisend has them."""
        with self._lock:
            rows = self._database.execute(
                "SELECT id, run, number, batch_id, contacts FROM batch"
                " WHERE state IN ('recorded', 'posted', 'unconfirmed') ORDER BY id"
            ).fetchall()
        return [OpenBatch(*row) for row in rows]

    def settled_ids(self, since: int) -> set[str]:
        """Omnisend's ids of the batches from row ``since`` on whose end is known."""
        with self._lock:
            rows = self._database.execute(
                "SELECT batch_id FROM batch WHERE id >= ? AND batch_id != ''"
                " AND state NOT IN ('recorded', 'posted', 'unconfirmed')",
                (since,),
            ).fetchall()
        return {row[0] for row in rows}

    def sealed_in(self, row: int) -> list[bytes]:
        """The sealed addresses of a batch, by position."""
        with self._lock:
            rows = self._database.execute(
                "SELECT sealed FROM item WHERE batch = ? ORDER BY position", (row,)
            ).fetchall()
        return [row[0] for row in rows]

    def drop(self, rows: Sequence[int]) -> None:
        """Batches that Omnisend doesn't seem to have: nobody knows what it has of their contacts.

        Tags that rode in them may have been given, and statuses too.
        """
        values = [(row,) for row in rows]
        with self._lock, self._tag_transaction():
            database = self._database
            self._write_posted()
            database.executemany(
                "UPDATE contact SET hash = x'' WHERE sealed IN"
                " (SELECT sealed FROM item WHERE batch = ?)",
                values,
            )
            database.executemany(
                "INSERT INTO contact SELECT sealed, x'', 0, 0, 0, result, 0, 0 FROM item"
                " WHERE batch = ? AND adds != 0"
                " AND (SELECT riding FROM batch WHERE id = item.batch)"
                " ON CONFLICT DO UPDATE SET owed = united(owed, excluded.owed)",
                values,
            )
            database.executemany(f"{_UNCLEAR} {_STAYS_SETTLED}", values)
            database.executemany("DELETE FROM item WHERE batch = ?", values)
            database.executemany("UPDATE batch SET state = 'dropped' WHERE id = ?", values)

    # What is known.

    @property
    def empty(self) -> bool:
        """Whether nobody was ever confirmed, so that nothing need be looked up."""
        with self._lock:
            return self._database.execute("SELECT 1 FROM contact LIMIT 1").fetchone() is None

    def contacts(self) -> int:
        """How many contacts Omnisend confirmed so far."""
        with self._lock:
            (count,) = self._database.execute("SELECT count(*) FROM contact").fetchone()
            return int(count)

    def lookup(self, sealed: Sequence[bytes]) -> dict[bytes, Known]:
        """What is known of these; those that aren't there are missing."""
        found: dict[bytes, Known] = {}
        with self._lock:
            for start in range(0, len(sealed), _ASKED):
                part = sealed[start : start + _ASKED]
                rows = self._database.execute(
                    "SELECT sealed, hash, run, fate, given, owed, status, first FROM contact"
                    f" WHERE sealed IN ({','.join('?' * len(part))})",
                    part,
                )
                for row in rows:
                    found[row[0]] = Known._make(row[1:])
        return found

    def refusals(self) -> dict[bytes, str]:
        """Whom Omnisend refused in this run before it was interrupted, and why."""
        with self._lock:
            return dict(self._database.execute("SELECT sealed, detail FROM refused"))

    def settle(self, sealed: Sequence[bytes]) -> None:
        """For these ``subscribed`` is never sent: Omnisend lists them as unsubscribed."""
        if not sealed:
            return
        with self._lock, self._transaction():
            self._database.executemany(
                "INSERT INTO contact VALUES (?, x'', 0, 0, 0, 0, 1, 0)"
                " ON CONFLICT DO UPDATE SET status = 1",
                [(each,) for each in sorted(sealed)],
            )

    # Tags.

    def tag_set(self, tags: Iterable[str]) -> int:
        """The number of a set of tags."""
        with self._lock:
            try:
                return self._sets.number(tags)
            except sqlite3.Error as error:
                raise unusable(error) from error

    def tags(self, number: int) -> frozenset[str]:
        """The tags of a set."""
        with self._lock:
            return self._sets.tags(number)

    def segment_tags(self, add: Iterable[str] = ()) -> frozenset[str]:
        """The tags that this export ever gave for a segment, ``add`` among them from now on."""
        with self._lock, self._transaction():
            self._database.executemany(
                "INSERT OR IGNORE INTO segment_tag VALUES (?)", [(tag,) for tag in add]
            )
            rows = self._database.execute("SELECT tag FROM segment_tag").fetchall()
        return frozenset(row[0] for row in rows)

    def owe(self, rows: Sequence[TagRow]) -> None:
        """Tags of contacts that need nothing else."""
        self._log_tags("give", rows)

    def next_tags(self, verb: Verb, most: int, after: int = 0) -> TagWork | None:
        """The oldest tags that are still to be asked for, as many as fit; those up to id ``after``
        are left out.
        """
        for looked_at in (most, _AHEAD):  # mostly they are all alike
            with self._lock:
                rows = self._database.execute(
                    "SELECT id, sealed, tags FROM tagging WHERE id > ? AND verb = ? AND done = 0"
                    " ORDER BY id LIMIT ?",
                    (after, verb, looked_at),
                ).fetchall()
            if not rows:
                return None
            number = rows[0][2]
            same = [row for row in rows if row[2] == number][:most]
            if len(same) == len(rows):
                break
        return TagWork(verb, self.tags(number), [row[1] for row in same], [row[0] for row in same])

    def tags_done(self, work: TagWork, *, left: bool = False) -> None:
        """Omnisend answered 202. ``left``: these count as leavers of this run."""
        with self._lock, self._transaction():
            first, last = work.ids[0], work.ids[-1]
            if last - first + 1 == len(work.ids):
                self._database.execute(
                    "UPDATE tagging SET done = 1 WHERE id BETWEEN ? AND ?", (first, last)
                )
            else:
                self._database.executemany(
                    "UPDATE tagging SET done = 1 WHERE id = ?", [(each,) for each in work.ids]
                )
            if left:
                self._database.execute(
                    "UPDATE run SET leavers = leavers + ? WHERE id = ?", (len(work.ids), self.run)
                )

    def tags_left(self, verb: Verb) -> int:
        """How many contacts still wait for their tags."""
        with self._lock:
            (count,) = self._database.execute(
                "SELECT count(*) FROM tagging WHERE verb = ? AND done = 0", (verb,)
            ).fetchone()
            return int(count)

    def _log_tags(self, verb: Verb, rows: Sequence[TagRow]) -> None:
        if not rows:
            return
        with self._lock, self._transaction():
            self._database.executemany(
                "INSERT INTO tagging (verb, sealed, tags, result) VALUES (?, ?, ?, ?)",
                [(verb, row.sealed, row.tags, row.result) for row in rows],
            )

    # Who leaves.

    def holders(self, chunk: int = 5000) -> Iterator[list[tuple[bytes, int, int]]]:
        """Everybody who has or may have tags: sealed, given, owed; in the order of their keys."""
        after = b""
        while True:
            with self._lock:
                rows = self._database.execute(
                    "SELECT sealed, given, owed FROM contact WHERE sealed > ? ORDER BY sealed"
                    " LIMIT ?",
                    (after, chunk),
                ).fetchall()
            if not rows:
                return
            yield [row for row in rows if row[1] or row[2]]
            after = rows[-1][0]

    def leave(self, rows: Sequence[TagRow]) -> None:
        """Notes who would lose tags, to be counted before anything is removed."""
        if not rows:
            return
        with self._lock, self._transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO leaving VALUES (?, ?, ?)",
                [(row.sealed, row.tags, row.result) for row in rows],
            )

    def leaving(self) -> dict[int, int]:
        """How many would lose each set of tags."""
        with self._lock:
            return dict(self._database.execute("SELECT tags, count(*) FROM leaving GROUP BY tags"))

    def stay(self, sealed: Sequence[bytes]) -> None:
        """These don't leave after all: another export still wants their tags."""
        with self._lock, self._transaction():
            self._database.executemany(
                "DELETE FROM leaving WHERE sealed = ?", [(each,) for each in sealed]
            )

    def leavers(self, chunk: int = 1000) -> Iterator[list[TagRow]]:
        """Those of ``leave``, in the order of their keys."""
        after = b""
        while True:
            with self._lock:
                rows = self._database.execute(
                    "SELECT sealed, tags, result FROM leaving WHERE sealed > ? ORDER BY sealed"
                    " LIMIT ?",
                    (after, chunk),
                ).fetchall()
            if not rows:
                return
            yield [TagRow(*row) for row in rows]
            after = rows[-1][0]

    @property
    def left(self) -> int:
        """How many lost tags in this run, before it was interrupted too."""
        with self._lock:
            (count,) = self._database.execute(
                "SELECT leavers FROM run WHERE id = ?", (self.run,)
            ).fetchone()
            return int(count)

    def take_from_leavers(self) -> None:
        """All of ``leave`` are to lose their tags."""
        with self._lock, self._transaction():
            self._database.execute(
                "INSERT INTO tagging (verb, sealed, tags, result)"
                " SELECT 'take', sealed, tags, result FROM leaving ORDER BY sealed"
            )
            self._database.execute("DELETE FROM leaving")

    # Its end.

    def merge(self) -> None:
        """Moves what is confirmed and answered from the logs to the contacts, sorted by key."""
        with self._lock, self._tag_transaction():
            self._write_posted()
            for statement in _MERGE:
                self._database.execute(statement)
            # Without a condition SQLite gives the pages back, instead of going through the rows.
            (open_,) = self._database.execute(
                f"SELECT count(*) FROM batch WHERE {_OPEN}"
            ).fetchone()
            self._database.execute("DELETE FROM item" + (f" WHERE {_CONFIRMED}" if open_ else ""))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _write_posted(self) -> None:
        posted, self._posted = self._posted, []
        self._database.executemany(
            "UPDATE batch SET batch_id = ?,"
            " state = CASE state WHEN 'recorded' THEN 'posted' ELSE state END WHERE id = ?",
            posted,
        )

    def _transaction(self) -> Transaction:
        return Transaction(self._database)

    @contextmanager
    def _tag_transaction(self) -> Iterator[None]:
        """One in which SQL may make sets of tags."""
        try:
            with self._transaction():
                self._sets.load()
                yield
                self._sets.store()
        except BaseException:
            self._sets.forget()
            raise


def _fates(closed: Closed) -> Iterator[tuple[int, str, int]]:
    yield from ((Fate.REFUSED, detail, position) for position, detail in closed.refused.items())
    yield from ((Fate.CREATED, "", position) for position in closed.created)
    yield from ((Fate.UPDATED, "", position) for position in closed.updated)


# Statuses that a batch carried of which nobody knows whether Omnisend has it.
_UNCLEAR = (
    f"INSERT INTO contact SELECT sealed, x'', 0, 0, 0, 0, {Consent.UNCLEAR:d}, 0 FROM item"
    f" WHERE status = {Sending.CARRIED:d} AND batch = ?"
)
_STAYS_SETTLED = (
    "ON CONFLICT DO UPDATE SET status ="
    f" CASE status WHEN {Consent.SETTLED:d} THEN status ELSE excluded.status END"
)
_OPEN = "state IN ('recorded', 'posted', 'unconfirmed')"
_CONFIRMED = "batch IN (SELECT id FROM batch WHERE state = 'confirmed')"
# The last run is the one that is resumed, so its refusals are the ones that hold.
_REFUSED_NOW = (
    "fate = 3 AND batch IN (SELECT id FROM batch WHERE state = 'confirmed'"
    " AND run = (SELECT run_id FROM run ORDER BY id DESC LIMIT 1))"
)
_MERGE = (
    # Tags that rode along are given; others are kept until their request was answered.
    "INSERT INTO contact SELECT item.sealed, item.hash, run.id, item.fate,"
    " CASE batch.riding WHEN 1 THEN item.result ELSE 0 END, 0, item.status != 0, run.id"
    " FROM batch JOIN item ON item.batch = batch.id JOIN run ON run.run_id = batch.run"
    " WHERE batch.state = 'confirmed' AND item.fate < 3 ORDER BY item.sealed, item.batch"
    " ON CONFLICT DO UPDATE SET first = CASE WHEN run OR hash != x'' THEN first ELSE excluded.first"
    " END, hash = excluded.hash, run = excluded.run, fate = excluded.fate,"
    " owed = without(owed, excluded.given, 0), status = CASE WHEN excluded.status THEN 1 ELSE"
    " status END,"
    " given = CASE WHEN excluded.given THEN excluded.given ELSE given END",
    f"INSERT OR REPLACE INTO refused SELECT sealed, detail FROM item WHERE {_REFUSED_NOW}",
    # Of several rows of one contact the last one that was answered tells what it has.
    "UPDATE contact SET given = answered.result,"
    " owed = without(owed, answered.result, answered.tags) FROM"
    " (SELECT sealed, result, tags, max(id) FROM tagging WHERE done GROUP BY sealed) AS answered"
    " WHERE contact.sealed = answered.sealed",
    # What was asked for and not answered may have happened.
    "UPDATE contact SET owed = united(owed, asked.result) FROM"
    " (SELECT sealed, result, max(id) FROM tagging WHERE NOT done AND verb = 'give'"
    " GROUP BY sealed) AS asked WHERE contact.sealed = asked.sealed",
    "UPDATE contact SET owed = united(owed, asked.tags), given = without(given, asked.tags, 0) FROM"
    " (SELECT sealed, tags, max(id) FROM tagging WHERE NOT done AND verb = 'take'"
    " GROUP BY sealed) AS asked WHERE contact.sealed = asked.sealed",
    "DELETE FROM tagging",
)

__all__ = ["Ledger", "unusable"]
