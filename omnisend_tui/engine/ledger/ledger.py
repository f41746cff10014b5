"""The ledger: recorded before it is sent, merged once confirmed, no plain address on the disk.

A run appends each batch and its contacts to a log before the batch is sent, and each tag before it
is asked for. What was confirmed is merged into ``contact``, sorted, at the run's end; a log that a
crash left, at the next opening. Addresses are sealed deterministically with AES-SIV.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from omnisend_tui.engine.ledger.database import OPEN, parts, unusable
from omnisend_tui.engine.ledger.leaving import Leaving
from omnisend_tui.engine.ledger.merge import merge
from omnisend_tui.engine.ledger.records import (
    Closed,
    Consent,
    Fate,
    Item,
    Known,
    OpenBatch,
    Sending,
)
from omnisend_tui.engine.ledger.sealing import Sealing
from omnisend_tui.engine.ledger.store import Store
from omnisend_tui.engine.ledger.tagging import TagLog


class Ledger:
    """Runs, their batches, and what is known. Usable from any thread. Raises ``StateError``."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Opens or makes it. Raises ``CredentialsError`` where another key sealed its addresses."""
        self._sealing = Sealing(key)
        self._store = Store(path)
        self.tag_log = TagLog(self._store)
        self.leaving = Leaving(self._store)
        self._posted: list[tuple[str, int]] = []
        self._base_row = 0  # the row of this run's batch number 0
        self._run_id = ""
        self.run = 0  # the number of the run that began last
        try:
            with self._store.transaction() as database:
                self._sealing.check(database)
            self.merge()
        except BaseException:
            self.close()
            raise

    def seal(self, email: str) -> bytes:
        """Always the same for one address under one key; at most 16 bytes longer than it."""
        return self._sealing.seal(email)

    def unseal(self, sealed: bytes) -> str:
        """The address of ``seal``."""
        return self._sealing.unseal(sealed)

    # A run.

    def begin(self, run_id: str) -> int:
        """The next batches belong to ``run_id``, which may have begun before; its last number.

        Another run than the last one forgets whom Omnisend refused then, and counts who has which
        tags, or none, before it gives any (``Leaving.held``).
        """
        with self._store.transaction() as database:
            this = "SELECT id FROM run WHERE run_id = ?"
            known = database.execute(this, (run_id,)).fetchone()
            (newest,) = database.execute("SELECT coalesce(max(id), 0) FROM run").fetchone()
            if known is None or known[0] != newest:
                database.execute("DELETE FROM refused")
                database.execute("DELETE FROM held")
                database.execute(
                    "INSERT INTO held (given, owed, people)"
                    " SELECT given, owed, count(*) FROM contact GROUP BY given, owed"
                )
            database.execute("DELETE FROM leaving")
            database.execute("INSERT OR IGNORE INTO run (run_id) VALUES (?)", (run_id,))
            (self.run,) = database.execute(this, (run_id,)).fetchone()
            (last,) = database.execute("SELECT coalesce(max(id), 0) FROM batch").fetchone()
            (number,) = database.execute(
                "SELECT coalesce(max(number), 0) FROM batch WHERE run = ?", (run_id,)
            ).fetchone()
            self._run_id, self._base_row = run_id, last - number
            return int(number)

    def row_of(self, number: int) -> int:
        """The row of a batch of this run, as ``Closed`` names it."""
        return self._base_row + number

    def record(
        self, batches: Iterable[tuple[int, Sequence[Item]]], *, riding: bool = False
    ) -> None:
        """Notes batches before they are sent, in one transaction; ``riding``: the tags that their
        contacts lack travel in them.
        """
        rows: list[tuple[int, str, int, int, bool]] = []
        items: list[tuple[int, int, bytes, bytes, int, int, int]] = []
        for number, contents in batches:
            row = self._base_row + number
            rows.append((row, self._run_id, number, len(contents), riding))
            items.extend(
                (row, position, item.sealed, item.hash, item.adds, item.result, item.status)
                for position, item in enumerate(contents)
            )
        with self._store.transaction() as database:
            self._write_posted(database)
            database.executemany(
                "INSERT INTO batch (id, run, number, batch_id, contacts, state, errors, riding)"
                " VALUES (?, ?, ?, '', ?, 'recorded', 0, ?)",
                rows,
            )
            database.executemany(
                "INSERT INTO item (batch, position, sealed, hash, adds, result, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                items,
            )

    def posted(self, number: int, batch_id: str) -> None:
        """Omnisend took the batch; written with the next transaction, since it can be listed."""
        self.found(self.row_of(number), batch_id)

    def found(self, row: int, batch_id: str) -> None:
        """As ``posted``, for a batch of whichever run."""
        with self._store.lock:
            self._posted.append((batch_id, row))

    def close_batches(self, closed: Sequence[Closed]) -> None:
        """Tells of batches in one transaction; tags of confirmed contacts are owed from then on."""
        fates = [
            (fate, detail, each.row, position)
            for each in closed
            for fate, detail, position in _fates(each)
        ]
        with self._store.transaction() as database:
            self._write_posted(database)
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
                f" AND fate < {Fate.REFUSED:d}"
                " AND NOT (SELECT riding FROM batch WHERE id = item.batch)",
                [(each.row,) for each in closed if each.state == "confirmed"],
            )

    def open_batches(self) -> list[OpenBatch]:
        """Batches of this and earlier runs of which nobody knows whether Omnisend has them."""
        rows = self._store.rows(
            "SELECT id, run, number, batch_id, contacts, state FROM batch"
            f" WHERE state IN {OPEN} ORDER BY id"
        )
        return [OpenBatch(*row) for row in rows]

    def ended_ids(self, since: int) -> set[str]:
        """Omnisend's ids of the batches from row ``since`` on whose end is known."""
        rows = self._store.rows(
            f"SELECT batch_id FROM batch WHERE id >= ? AND batch_id != '' AND state NOT IN {OPEN}",
            (since,),
        )
        return {row[0] for row in rows}

    def sealed_in(self, row: int) -> list[bytes]:
        """The sealed addresses of a batch, by position."""
        rows = self._store.rows("SELECT sealed FROM item WHERE batch = ? ORDER BY position", (row,))
        return [row[0] for row in rows]

    def drop(self, rows: Sequence[int]) -> None:
        """Batches that Omnisend doesn't seem to have: nobody knows what it has of their contacts.

        Tags that rode in them may have been given, and statuses too.
        """
        values = [(row,) for row in rows]
        with self._store.tag_transaction() as database:
            self._write_posted(database)
            database.executemany(
                "UPDATE contact SET hash = x'' WHERE sealed IN"
                " (SELECT sealed FROM item WHERE batch = ?)",
                values,
            )
            database.executemany(
                "INSERT INTO contact (sealed, hash, owed) SELECT sealed, x'', result FROM item"
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
        return not self._store.rows("SELECT 1 FROM contact LIMIT 1")

    def lookup(self, sealed: Sequence[bytes]) -> dict[bytes, Known]:
        """What is known of these; those that aren't there are missing."""
        found: dict[bytes, Known] = {}
        with self._store.lock:
            for part in parts(sealed):
                rows = self._store.database.execute(
                    "SELECT sealed, hash, run, fate, given, owed, status, first_run FROM contact"
                    f" WHERE sealed IN ({','.join('?' * len(part))})",
                    part,
                )
                found.update((row[0], Known._make(row[1:])) for row in rows)
        return found

    def refusals(self) -> dict[bytes, str]:
        """Whom Omnisend refused in this run before it was interrupted, and why."""
        return dict(self._store.rows("SELECT sealed, detail FROM refused"))

    def withhold(self, sealed: Sequence[bytes]) -> None:
        """For these ``subscribed`` is never sent: Omnisend lists them as unsubscribed."""
        if not sealed:
            return
        with self._store.transaction() as database:
            database.executemany(
                f"INSERT INTO contact (sealed, hash, status) VALUES (?, x'', {Consent.SETTLED:d})"
                " ON CONFLICT DO UPDATE SET status = excluded.status",
                [(each,) for each in sorted(sealed)],
            )

    @property
    def left(self) -> int:
        """How many lost tags in this run, before it was interrupted too."""
        ((count,),) = self._store.rows("SELECT leavers FROM run WHERE id = ?", (self.run,))
        return int(count)

    # Sets of tags.

    def tag_set(self, tags: Iterable[str]) -> int:
        """The number of a set of tags."""
        with self._store.lock:
            try:
                return self._store.sets.number(tags)
            except sqlite3.Error as error:
                raise unusable(error) from error

    def tags(self, number: int) -> frozenset[str]:
        """The tags of a set."""
        with self._store.lock:
            return self._store.sets.tags(number)

    # Its end.

    def merge(self) -> None:
        """Moves what is confirmed and answered from the logs to the contacts, sorted by key."""
        with self._store.tag_transaction() as database:
            self._write_posted(database)
            merge(database)

    def close(self) -> None:
        self._store.close()

    def _write_posted(self, database: sqlite3.Connection) -> None:
        posted, self._posted = self._posted, []
        database.executemany(
            "UPDATE batch SET batch_id = ?,"
            " state = CASE state WHEN 'recorded' THEN 'posted' ELSE state END WHERE id = ?",
            posted,
        )


def _fates(closed: Closed) -> Iterator[tuple[int, str, int]]:
    yield from ((Fate.REFUSED, detail, position) for position, detail in closed.refused.items())
    yield from ((Fate.CREATED, "", position) for position in closed.created)
    yield from ((Fate.UPDATED, "", position) for position in closed.updated)


# Statuses that a batch carried of which nobody knows whether Omnisend has it.
_UNCLEAR = (
    f"INSERT INTO contact (sealed, hash, status) SELECT sealed, x'', {Consent.UNCLEAR:d} FROM item"
    f" WHERE status = {Sending.CARRIED:d} AND batch = ?"
)
_STAYS_SETTLED = (
    "ON CONFLICT DO UPDATE SET status ="
    f" CASE status WHEN {Consent.SETTLED:d} THEN status ELSE excluded.status END"
)
