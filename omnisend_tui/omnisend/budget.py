"""The brand's budget: a sliding window of 60 seconds that all processes of this user share.

A slot is taken before a request and leaves the window 60 seconds after its answer came: stamped at
the start, a slow request followed by a quick one would break Omnisend's own window. Slots live in
SQLite, so that a restart doesn't burst and other processes count them.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from omnisend_tui.config.models import Connection
from omnisend_tui.errors import StateError
from omnisend_tui.omnisend.budget_file import open_budget_file, transaction, unusable
from omnisend_tui.omnisend.line import Line
from omnisend_tui.omnisend.share import WINDOW, Brand, Use, chart_and_rivals
from omnisend_tui.omnisend.taken import Taken

_CATCH_UP = 1.0  # seconds of pace that a late sender may make good
LOOKING = 1 / 8  # of the window, at most, for the states of batches where many runs share it
_GLANCE = 0.25  # seconds between looks at the window, since others may free or take slots
_YIELD = 0.02  # seconds in which who goes first takes the slot that is free
_LONGEST_HOLD = 3600.0  # seconds
_SET_BACK = 60.0  # seconds that a clock may go back before what it wrote is distrusted

# "tag" is a slot of the limit for tags, "work" one of the brand's window for anything but looking.
Kind = Literal["batch", "tag", "work", "other"]
_IN_LINE = ("batch", "tag")


def budget_brand(base_url: str, brand_id: str) -> str:
    """What a budget is kept for: the same brand at another address has another window."""
    return f"{base_url.rstrip('/').lower()}|{brand_id}"


def budget_limit(requests_per_minute: int, share: int) -> int:
    """The requests a minute that this app takes: ``share`` percent, at least one."""
    return max(1, requests_per_minute * share // 100)


def budget_reserve(limit: int) -> int:
    """The slots of a window that batches leave to other requests."""
    return max(limit // 100, 1 if limit > 1 else 0)


def open_budget(path: Path, connection: Connection, brand_id: str, run_id: str = "") -> "Budget":
    """The budget of a connection's brand, for a run. Raises ``StateError``."""
    return Budget(
        path,
        budget_brand(connection.base_url, brand_id),
        budget_limit(connection.requests_per_minute, connection.budget_share),
        taker=run_id,
    )


def open_tag_budget(path: Path, connection: Connection, brand_id: str, run_id: str) -> "Budget":
    """The budget of its requests for tags, which count in the other too. Raises ``StateError``."""
    return Budget(
        path,
        f"{budget_brand(connection.base_url, brand_id)}|tags",
        connection.tag_requests_per_minute,
        taker=run_id,
    )


class Budget:
    """At most ``limit`` requests in any 60 seconds for one brand; usable from any thread.

    ``taker`` is the run that takes the slots, '' for what is no run.

    Errors are ``StateError`` 'budget_unusable'.
    """

    def __init__(
        self,
        path: Path,
        brand: str,
        limit: int,
        clock: Callable[[], float] = time.time,
        taker: str = "",
    ) -> None:
        self.limit = limit
        self.reserve = budget_reserve(limit)
        self._brand = brand
        self._clock = clock
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._taker = taker
        self._full_since: dict[Kind, float] = {}
        self._database = open_budget_file(path)
        self._taken = Taken(self._database, brand)
        self._line = Line(self._database, brand, taker)
        self._run("INSERT OR IGNORE INTO brand (brand) VALUES (?)", (brand,))

    @property
    def allowed(self) -> int:
        """Requests in any 60 seconds now: ``limit``, or less for some time after a 429."""
        with self._lock:
            return self._allowed(self._read(), self._clock())

    def take(self, kind: Kind, stop: threading.Event, remaining: int = 1) -> int | None:
        """Waits for a slot; None once ``stop`` is set.

        ``remaining`` are the requests that the caller still wants, and others are told (``Use``).
        What all of the brand want goes out at once where it fits the free window; else it is paced
        evenly, and whoever wants least goes first. A run's tags aren't paced while nobody else
        gives any. Batches leave some slots to other requests, which stand in no line.
        """
        if kind != "batch":
            return self._wait(kind, stop, remaining)
        with self._turn:
            return self._wait(kind, stop, remaining)

    def done(self, slot: int) -> None:
        """The answer came: the slot leaves the window in 60 seconds."""
        self._run("UPDATE slot SET free_at = ? WHERE id = ?", (self._clock() + WINDOW, slot))

    def tell(self, remaining: int) -> None:
        """How many requests the caller wants yet, for others of the brand; needed once in a while
        where it doesn't ask for slots.
        """
        with self._lock, transaction(self._database):
            self._line.tell(self._clock(), remaining)

    def hold(self, seconds: float) -> None:
        """After a 429: nobody of the brand sends for so long (Omnisend's retryAfter, an hour at
        most), and the share is lowered, once in that time and once in a window at most.
        """
        seconds = min(max(seconds, 0.0), _LONGEST_HOLD)
        with self._lock, transaction(self._database):
            now = self._clock()
            brand = self._trusted(now)
            until = brand.lowered_until
            if now >= until:
                until = now + max(seconds, WINDOW)
            self._database.execute(
                "UPDATE brand SET not_before = ?, held_at = ?, share = ?, lowered_until = ? "
                "WHERE brand = ?",
                (max(brand.not_before, now + seconds), now, brand.lowered(now), until, self._brand),
            )

    def used(self) -> int:
        """Requests in the last 60 seconds, those under way included."""
        with self._lock:
            return self._taken.count(self._clock(), self.limit)

    def use(self) -> Use:
        """What the window holds, and who else takes slots of it."""
        with self._lock:
            now = self._clock()
            brand = self._read()
            try:
                rows, rivals = self._taken.latest(now), self._line.rivals(now)
            except sqlite3.Error as error:
                raise unusable() from error
            allowed = self._allowed(brand, now)
            first = [place for place in rivals if self._line.goes_before(place)]
        return Use(
            allowed,
            *chart_and_rivals(rows, self._taker, now),
            held=now < brand.not_before,
            lowered=brand.share_at(now) < 1,
            kept=self._kept(allowed, 1 + len(rivals)),
            wanted=sum(place.remaining for place in rivals),
            first=sum(place.remaining for place in first),
        )

    @property
    def full_for(self) -> float:
        """For how long a request of this process has waited since the window is full, or others
        go first, in seconds; 0.0 where none does.
        """
        since = min(self._full_since.copy().values(), default=None)
        return 0.0 if since is None else max(0.0, self._clock() - since)

    def close(self) -> None:
        """It leaves the line, where others would count on it for a while yet."""
        with self._lock:
            with suppress(StateError), transaction(self._database):
                self._line.leave()
            self._database.close()

    def __enter__(self) -> "Budget":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _run(self, sql: str, values: tuple[object, ...]) -> None:
        with self._lock:
            try:
                self._database.execute(sql, values)
            except sqlite3.Error as error:
                raise unusable() from error

    def _wait(self, kind: Kind, stop: threading.Event, remaining: int) -> int | None:
        while not stop.is_set():
            with self._lock:
                slot, pause = self._try(kind, remaining)
            if slot is not None:
                return slot
            stop.wait(min(pause, _GLANCE))
        self._full_since.pop(kind, None)
        if kind in _IN_LINE:
            with self._lock, transaction(self._database):
                self._line.leave()
        return None

    def _try(self, kind: Kind, remaining: int) -> tuple[int | None, float]:
        with transaction(self._database):
            now = self._clock()
            pause = self._pause(kind, now, remaining)
            if pause > 0:
                if kind in _IN_LINE:
                    self._line.wait(now, remaining)
                return None, pause
            slot = self._taken.add(self._taker, now)
            self._full_since.pop(kind, None)
            if kind in _IN_LINE:
                self._line.go_on(now, remaining - 1)
            return slot, 0.0

    def _pause(self, kind: Kind, now: float, remaining: int) -> float:
        """Seconds until it is worth asking again, 0 when a slot may be taken now."""
        brand = self._trusted(now)
        if now < brand.not_before:
            return brand.not_before - now
        allowed = self._allowed(brand, now)
        rivals = [] if kind == "other" else self._line.rivals(now)
        if kind in ("batch", "work"):
            allowed -= self._kept(allowed, 1 + len(rivals))
        free = allowed - self._taken.count(now, allowed)
        if free <= 0:
            self._full_since.setdefault(kind, now)
            return self._taken.first_free(now)
        interval = WINDOW / allowed
        if kind == "work":
            self._set_pace(brand, now, interval)
        if kind not in _IN_LINE:
            return 0.0
        others = sum(place.remaining for place in rivals)
        paced = remaining + others > free and (kind == "batch" or others > 0)
        # Winning back makes the interval shorter, which is no sign of a clock set back.
        if paced and now < brand.next_at <= now + 2 * interval:
            return brand.next_at - now
        if any(place.is_here(now) and self._line.goes_before(place, remaining) for place in rivals):
            self._full_since.setdefault(kind, now)
            return _YIELD
        if paced:
            self._set_pace(brand, now, interval)
        return 0.0

    def _set_pace(self, brand: Brand, now: float, interval: float) -> None:
        """The next paced request is an interval after this one; a late one makes up for a while."""
        next_at = max(brand.next_at, now - _CATCH_UP) + interval
        self._database.execute(
            "UPDATE brand SET next_at = ? WHERE brand = ?",
            (min(next_at, now + 2 * interval), self._brand),
        )

    def _kept(self, allowed: int, runs: int) -> int:
        """What batches leave to other requests: each run is to see what became of its batches."""
        return max(self.reserve, min(runs, int(allowed * LOOKING)))

    def _read(self) -> Brand:
        try:
            row = self._database.execute(
                "SELECT not_before, next_at, held_at, share, lowered_until FROM brand "
                "WHERE brand = ?",
                (self._brand,),
            ).fetchone()
        except sqlite3.Error as error:
            raise unusable() from error
        return Brand(*row)

    def _trusted(self, now: float) -> Brand:
        """The row, without a hold of a clock that was set back: winning back starts now."""
        brand = self._read()
        ahead = brand.held_at > now + _SET_BACK or brand.not_before > now + _LONGEST_HOLD
        if not ahead:
            return brand
        brand = replace(brand, not_before=now, held_at=now, lowered_until=now)
        self._database.execute(
            "UPDATE brand SET not_before = ?, held_at = ?, lowered_until = ? WHERE brand = ?",
            (now, now, now, self._brand),
        )
        return brand

    def _allowed(self, brand: Brand, now: float) -> int:
        # The fraction is for floats just below a whole number. A batch needs one over the reserve.
        share = int(self.limit * brand.share_at(now) + 1e-6)
        return min(self.limit, max(share, self.reserve + 1))
