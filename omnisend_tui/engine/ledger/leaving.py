"""Who leaves: noted and counted first, then handed to the log of tags."""

from collections.abc import Iterable, Iterator, Sequence

from omnisend_tui.engine.ledger.records import TagRow
from omnisend_tui.engine.ledger.store import Store


class Leaving:
    """Usable from any thread. Raises ``StateError``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def segment_tags(self, add: Iterable[str] = ()) -> frozenset[str]:
        """The tags that this export ever gave for a segment, ``add`` among them from now on.

        Those are the ones that somebody may lose.
        """
        with self._store.transaction() as database:
            database.executemany(
                "INSERT OR IGNORE INTO segment_tag (tag) VALUES (?)", [(tag,) for tag in add]
            )
            rows = database.execute("SELECT tag FROM segment_tag").fetchall()
        return frozenset(row[0] for row in rows)

    def holders(self, chunk: int = 5000) -> Iterator[list[tuple[bytes, int, int]]]:
        """Everybody who has or may have tags: sealed, given, owed; in the order of their keys."""
        after = b""
        while True:
            rows = self._store.rows(
                "SELECT sealed, given, owed FROM contact WHERE sealed > ? ORDER BY sealed LIMIT ?",
                (after, chunk),
            )
            if not rows:
                return
            yield [row for row in rows if row[1] or row[2]]
            after = rows[-1][0]

    def held(self) -> list[tuple[int, int, int]]:
        """How many had or may have had which tags, or none, when the run began first: given, owed,
        people.
        """
        return self._store.rows("SELECT given, owed, people FROM held")

    def note(self, rows: Sequence[TagRow]) -> None:
        """Who would lose tags, to be counted before anything is removed."""
        if not rows:
            return
        with self._store.transaction() as database:
            database.executemany(
                "INSERT OR REPLACE INTO leaving (sealed, tags, result) VALUES (?, ?, ?)",
                [(row.sealed, row.tags, row.result) for row in rows],
            )

    def noted(self, chunk: int = 1000) -> Iterator[list[TagRow]]:
        """Those of ``note``, in the order of their keys."""
        after = b""
        while True:
            rows = self._store.rows(
                "SELECT sealed, tags, result FROM leaving WHERE sealed > ? ORDER BY sealed LIMIT ?",
                (after, chunk),
            )
            if not rows:
                return
            yield [TagRow(*row) for row in rows]
            after = rows[-1][0]

    def stay(self, sealed: Sequence[bytes]) -> None:
        """These of ``note`` lose nothing."""
        if not sealed:
            return
        with self._store.transaction() as database:
            database.executemany(
                "DELETE FROM leaving WHERE sealed = ?", [(each,) for each in sealed]
            )

    def counts(self) -> dict[int, int]:
        """How many would lose each set of tags."""
        return dict(self._store.rows("SELECT tags, count(*) FROM leaving GROUP BY tags"))

    def take(self) -> None:
        """All of ``note`` are to lose their tags: from now on they stand in the log of tags."""
        with self._store.transaction() as database:
            database.execute(
                "INSERT INTO tagging (verb, sealed, tags, result)"
                " SELECT 'take', sealed, tags, result FROM leaving ORDER BY sealed"
            )
            database.execute("DELETE FROM leaving")
