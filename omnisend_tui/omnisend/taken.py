"""The slots of a brand that are taken: one for each request in its window."""

import sqlite3

from omnisend_tui.omnisend.share import WINDOW

LEASE = 90.0  # a crashed process's slot is given up after this and a window; over any timeout
_SET_BACK = 60.0  # seconds that a clock may go back before what it wrote is distrusted
_MOST_SEEN = 5000  # slots that are looked at for what is told of the window


class Taken:
    """Raises ``sqlite3.Error``. ``now``: seconds since the epoch."""

    def __init__(self, database: sqlite3.Connection, brand: str) -> None:
        self._database = database
        self._brand = brand

    def add(self, taker: str, now: float) -> int | None:
        """Its id."""
        return self._database.execute(
            "INSERT INTO slot (brand, free_at, taker) VALUES (?, ?, ?)",
            (self._brand, now + LEASE + WINDOW, taker),
        ).lastrowid

    def count(self, now: float, allowed: int) -> int:
        """Live slots; a slot further ahead than any lease comes from a clock that was set back.

        Nobody knows how old its request is, so that it counts for a whole window from now on.
        """
        database = self._database
        # Two statements, since with OR all slots are gone through instead of the index.
        database.execute("DELETE FROM slot WHERE brand = ? AND free_at <= ?", (self._brand, now))
        database.execute(
            "UPDATE slot SET free_at = ? WHERE brand = ? AND free_at > ?",
            (now + WINDOW, self._brand, now + LEASE + WINDOW + _SET_BACK),
        )
        (at_most,) = database.execute(
            "SELECT (SELECT max(id) FROM slot) - (SELECT min(id) FROM slot) + 1"
        ).fetchone()
        if at_most is None:
            return 0
        # Counting thousands of slots before each request would cost more than the request.
        if at_most * 2 < allowed and allowed > 10_000:
            return int(at_most)
        (count,) = database.execute(
            "SELECT count(*) FROM slot WHERE brand = ?", (self._brand,)
        ).fetchone()
        return int(count)

    def first_free(self, now: float) -> float:
        """Seconds until a slot leaves the window."""
        (first,) = self._database.execute(
            "SELECT min(free_at) FROM slot WHERE brand = ?", (self._brand,)
        ).fetchone()
        return max(0.005, (first or now) - now)

    def latest(self, now: float) -> list[tuple[str, float]]:
        """Takers, and when each slot leaves the window, the latest first."""
        return self._database.execute(
            "SELECT taker, free_at FROM slot WHERE brand = ? AND free_at > ? "
            "ORDER BY free_at DESC LIMIT ?",
            (self._brand, now, _MOST_SEEN),
        ).fetchall()
