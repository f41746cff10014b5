"""The log of tags: what contacts are to get or to lose, until Omnisend answered."""

from collections.abc import Sequence

from omnisend_tui.engine.ledger.records import TagRow, TagWork, Verb
from omnisend_tui.engine.ledger.store import Store

_AHEAD = 1000  # rows that are looked at for one request


class TagLog:
    """Usable from any thread. Raises ``StateError``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def owe(self, rows: Sequence[TagRow]) -> None:
        """Tags of contacts that need nothing else."""
        if not rows:
            return
        with self._store.transaction() as database:
            database.executemany(
                "INSERT INTO tagging (verb, sealed, tags, result) VALUES ('give', ?, ?, ?)",
                [(row.sealed, row.tags, row.result) for row in rows],
            )

    def next(self, verb: Verb, most: int, after: int = 0) -> TagWork | None:
        """The oldest tags that are still to be asked for, as many as fit; those up to id ``after``
        are left out.
        """
        for looked_at in (most, _AHEAD):  # mostly they are all alike
            rows = self._store.rows(
                "SELECT id, sealed, tags FROM tagging WHERE id > ? AND verb = ? AND done = 0"
                " ORDER BY id LIMIT ?",
                (after, verb, looked_at),
            )
            if not rows:
                return None
            number = rows[0][2]
            same = [row for row in rows if row[2] == number][:most]
            if len(same) == len(rows):
                break
        with self._store.lock:
            tags = self._store.sets.tags(number)
        return TagWork(verb, tags, [row[1] for row in same], [row[0] for row in same])

    @property
    def owed(self) -> int:
        """How many contacts that Omnisend has are still to get tags."""
        ((count,),) = self._store.rows(
            "SELECT count(*) FROM tagging WHERE verb = 'give' AND done = 0"
        )
        return int(count)

    def done(self, work: TagWork, *, left_in: int = 0) -> None:
        """Omnisend answered 202. ``left_in``: the run whose leavers these count as, 0 is none."""
        with self._store.transaction() as database:
            first, last = work.ids[0], work.ids[-1]
            if last - first + 1 == len(work.ids):
                database.execute(
                    "UPDATE tagging SET done = 1 WHERE id BETWEEN ? AND ?", (first, last)
                )
            else:
                database.executemany(
                    "UPDATE tagging SET done = 1 WHERE id = ?", [(each,) for each in work.ids]
                )
            if left_in:
                database.execute(
                    "UPDATE run SET leavers = leavers + ? WHERE id = ?", (len(work.ids), left_in)
                )
