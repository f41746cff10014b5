"""The brand's budget: a sliding window of 60 seconds that all processes of this user share.

A slot is taken before a request and leaves the window 60 seconds after its answer came: stamped at
the start, a slow request followed by a quick one would break Omnisend's own window. Slots live in
SQLite, so that a restart doesn't burst and other processes count them.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _

WINDOW = 60.05  # seconds; the fraction covers the clocks' grain
LEASE = 90.0  # a crashed process's slot is given up after this and a window; over any timeout
_CATCH_UP = 1.0  # seconds of pace that a late sender may make good
_GLANCE = 0.25  # seconds between looks at the window, since others may free or take slots

Kind = Literal["batch", "other"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS slot (
    id INTEGER PRIMARY KEY AUTOINCREMENT, brand TEXT NOT NULL, free_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS slot_by_time ON slot (brand, free_at);
CREATE TABLE IF NOT EXISTS brand (
    brand TEXT PRIMARY KEY, not_before REAL NOT NULL DEFAULT 0, next_at REAL NOT NULL DEFAULT 0);
"""


def budget_brand(base_url: str, brand_id: str) -> str:
    """What a budget is kept for: the same brand at another address has another window."""
    return f"{base_url.rstrip('/').lower()}|{brand_id}"


def budget_limit(requests_per_minute: int, share: int) -> int:
    """The requests a minute that this app takes: ``share`` percent, at least one."""
    return max(1, requests_per_minute * share // 100)


class Budget:
    """``limit`` requests in any 60 seconds for one brand; usable from any thread."""

    def __init__(
        self, path: Path, brand: str, limit: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.limit = limit
        self.reserve = max(limit // 100, 1 if limit > 1 else 0)
        self._brand = brand
        self._clock = clock
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
            self._database.execute("INSERT OR IGNORE INTO brand (brand) VALUES (?)", (brand,))
        except (OSError, sqlite3.Error) as error:
            raise _unusable() from error

    def take(self, kind: Kind, stop: threading.Event, remaining: int = 1) -> int | None:
        """Waits for a slot; None once ``stop`` is set.

        ``remaining`` are the requests that the caller still wants: what fits the free window goes
        out at once, more is paced evenly. Batches leave ``reserve`` slots to other requests.
        """
        if kind == "other":
            return self._wait(kind, stop, remaining)
        with self._turn:
            return self._wait(kind, stop, remaining)

    def done(self, slot: int) -> None:
        """The answer came: the slot leaves the window in 60 seconds."""
        self._run("UPDATE slot SET free_at = ? WHERE id = ?", (self._clock() + WINDOW, slot))

    def hold(self, seconds: float) -> None:
        """Nobody of the brand sends for so long (Omnisend's retryAfter)."""
        self._run(
            "UPDATE brand SET not_before = max(not_before, ?) WHERE brand = ?",
            (self._clock() + seconds, self._brand),
        )

    def used(self) -> int:
        """Requests in the last 60 seconds, those under way included."""
        with self._lock:
            return self._used(self._clock())

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _run(self, sql: str, values: tuple[object, ...]) -> None:
        with self._lock:
            try:
                self._database.execute(sql, values)
            except sqlite3.Error as error:
                raise _unusable() from error

    def _wait(self, kind: Kind, stop: threading.Event, remaining: int) -> int | None:
        while not stop.is_set():
            with self._lock:
                slot, pause = self._try(kind, remaining)
            if slot is not None:
                return slot
            stop.wait(min(pause, _GLANCE))
        return None

    def _try(self, kind: Kind, remaining: int) -> tuple[int | None, float]:
        now = self._clock()
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            try:
                not_before, next_at = database.execute(
                    "SELECT not_before, next_at FROM brand WHERE brand = ?", (self._brand,)
                ).fetchone()
                pause = self._pause(kind, now, remaining, not_before, next_at)
                if pause > 0:
                    return None, pause
                cursor = database.execute(
                    "INSERT INTO slot (brand, free_at) VALUES (?, ?)",
                    (self._brand, now + LEASE + WINDOW),
                )
                return cursor.lastrowid, 0.0
            finally:
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise _unusable() from error

    def _pause(
        self, kind: Kind, now: float, remaining: int, not_before: float, next_at: float
    ) -> float:
        """Seconds until it is worth asking again, 0 when a slot may be taken now."""
        if now < not_before <= now + 3600:
            return not_before - now
        allowed = self.limit - (self.reserve if kind == "batch" else 0)
        free = allowed - self._used(now)
        if free <= 0:
            return self._first_free(now)
        if kind == "batch" and remaining > free:
            interval = WINDOW / allowed
            if now < next_at <= now + interval:
                return next_at - now
            self._database.execute(
                "UPDATE brand SET next_at = ? WHERE brand = ?",
                (max(next_at, now - _CATCH_UP) + interval, self._brand),
            )
        return 0.0

    def _used(self, now: float) -> int:
        """Live slots; a slot further ahead than any lease comes from a clock that was set back."""
        database = self._database
        database.execute(
            "DELETE FROM slot WHERE brand = ? AND (free_at <= ? OR free_at > ?)",
            (self._brand, now, now + LEASE + WINDOW + 60),
        )
        (at_most,) = database.execute("SELECT max(id) - min(id) + 1 FROM slot").fetchone()
        if at_most is None:
            return 0
        # Counting thousands of slots before each request would cost more than the request.
        if at_most * 2 < self.limit and self.limit > 10_000:
            return int(at_most)
        (count,) = database.execute(
            "SELECT count(*) FROM slot WHERE brand = ?", (self._brand,)
        ).fetchone()
        return int(count)

    def _first_free(self, now: float) -> float:
        (first,) = self._database.execute(
            "SELECT min(free_at) FROM slot WHERE brand = ?", (self._brand,)
        ).fetchone()
        return max(0.005, (first or now) - now)


def _unusable() -> StateError:
    return StateError(
        "budget_unusable",
        _("The record of requests sent can't be written, so nothing may be sent."),
        _("Check the free space and the rights of the state folder."),
    )
