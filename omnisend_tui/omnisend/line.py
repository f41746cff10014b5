"""Who of a brand waits for slots: of all runs that do, whoever wants least goes first.

So a small export takes seconds beside large ones, all of them together take no longer, and it can
be told when each ends. A place that nobody renews holds up others for ``_HERE`` only.
"""

import sqlite3
from dataclasses import dataclass

_HERE = 1.0  # seconds since it asked last, after which who waits may be gone
_ACTIVE = 10.0  # seconds since it asked last, after which a run wants nothing any more
_FORGOTTEN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Place:
    """Of a run: when it asked for a slot last, how many it wants yet, and whether it waits."""

    taker: str
    asked: float
    remaining: int
    waits: bool

    def goes_on(self, now: float) -> bool:
        """A time ahead is that of a clock that was set back since."""
        return now - _ACTIVE <= self.asked <= now

    def is_here(self, now: float) -> bool:
        return self.waits and now - _HERE <= self.asked <= now


class Line:
    """The line of a brand, and the place of ``taker`` in it. Raises ``sqlite3.Error``.

    Who changes it holds a transaction of ``database``.
    """

    def __init__(self, database: sqlite3.Connection, brand: str, taker: str) -> None:
        self._database = database
        self._brand = brand
        self._taker = taker
        self._stood: Place | None = None

    def rivals(self, now: float) -> list[Place]:
        """The places of others that go on."""
        rows = self._database.execute(
            "SELECT taker, asked, remaining, waits FROM line WHERE brand = ? AND taker <> ?",
            (self._brand, self._taker),
        ).fetchall()
        places = [Place(taker, asked, left, bool(waits)) for taker, asked, left, waits in rows]
        return [place for place in places if place.goes_on(now)]

    def goes_before(self, place: Place, remaining: int | None = None) -> bool:
        """Whether a rival goes before this run, which wants so many: else as many as it told."""
        if remaining is None:
            remaining = self._stood.remaining if self._stood else 0
        return (place.remaining, place.taker) < (remaining, self._taker)

    def wait(self, now: float, remaining: int) -> None:
        self._stand(Place(self._taker, now, remaining, True), _HERE / 2)

    def go_on(self, now: float, remaining: int) -> None:
        """It has a slot."""
        self._stand(Place(self._taker, now, remaining, False))

    def tell(self, now: float, remaining: int) -> None:
        """What it wants yet, unless it waits, which tells too."""
        self._database.execute(
            "DELETE FROM line WHERE brand = ? AND asked < ?", (self._brand, now - _FORGOTTEN)
        )
        if self._stood is None or not self._stood.waits:
            self._stand(Place(self._taker, now, remaining, False), _ACTIVE / 2)

    def leave(self) -> None:
        if self._stood is None:
            return
        self._stood = None
        self._database.execute(
            "DELETE FROM line WHERE brand = ? AND taker = ?", (self._brand, self._taker)
        )

    def _stand(self, place: Place, renewed: float = 0.0) -> None:
        """What others know already is said again after so many seconds only."""
        before = self._stood
        if (
            before is not None
            and (before.remaining, before.waits) == (place.remaining, place.waits)
            and before.asked <= place.asked < before.asked + renewed
        ):
            return
        self._stood = place
        self._database.execute(
            "INSERT OR REPLACE INTO line (brand, taker, asked, remaining, waits) "
            "VALUES (?, ?, ?, ?, ?)",
            (self._brand, place.taker, place.asked, place.remaining, place.waits),
        )
