"""The counters of a run: changed a chunk or a batch at a time, read as one snapshot."""

import threading
from collections import deque
from collections.abc import Callable

import msgspec

from omnisend_tui.progress import RunError, Snapshot, Stage, Status

_SLICES = 60
_RECENT = 30.0  # seconds over which the rate is taken


class Counters:
    """Every change replaces the snapshot under a lock; ``clock`` gives seconds since the epoch.

    A count of profiles that was too low grows with those that are read.
    """

    def __init__(self, first: Snapshot, clock: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._snapshot = first
        self._before = 0
        self._recent: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._slices: list[int] = [0]
        self._slice_seconds = 1.0

    def add(self, **deltas: int) -> Snapshot:
        """Adds to counts, for example ``add(read=2000, rejected=3)``."""
        with self._lock:
            old = self._snapshot
            values = {name: getattr(old, name) + delta for name, delta in deltas.items() if delta}
            if values:
                total, read = old.total, values.get("read", 0)
                if total is not None and read > total:
                    values["total"] = read
                self._snapshot = msgspec.structs.replace(old, **values)
            return self._snapshot

    def recall(self, confirmed: int) -> None:
        """So many were confirmed before the run was interrupted: no part of its pace."""
        with self._lock:
            self._before += confirmed

    def set(self, **values: object) -> Snapshot:
        with self._lock:
            self._snapshot = msgspec.structs.replace(self._snapshot, **values)
            return self._snapshot

    def note_empty(self, segment: str) -> None:
        """Nobody is in a segment of the export."""
        with self._lock:
            old = self._snapshot
            if segment not in old.empty_segments:
                empty = (*old.empty_segments, segment)
                self._snapshot = msgspec.structs.replace(old, empty_segments=empty)

    def enter(self, stage: Stage) -> bool:
        """Whether the run wasn't in this stage already."""
        with self._lock:
            old = self._snapshot
            if stage == old.stage:
                return False
            stages = (*old.stages, (stage, self._clock()))
            self._snapshot = msgspec.structs.replace(old, stage=stage, stages=stages)
            return True

    def answer(self, what: str) -> None:
        """What came instead of a usable answer: a status, or network."""
        with self._lock:
            old = self._snapshot
            answers = dict(old.answers)
            answers[what] = answers.get(what, 0) + 1
            self._snapshot = msgspec.structs.replace(old, answers=tuple(answers.items()))

    def steer(self, status: Status) -> None:
        """What a run that goes on is doing; one that ended stays as it is."""
        with self._lock:
            if not self._snapshot.ended:
                self._snapshot = msgspec.structs.replace(self._snapshot, status=status)

    def cancel(self) -> None:
        """Nothing more is sent by a run that goes on."""
        with self._lock:
            if not self._snapshot.ended:
                self._snapshot = msgspec.structs.replace(
                    self._snapshot, cancelling=True, seconds_left=None
                )

    def end(self, status: Status, error: RunError | None = None) -> Snapshot:
        now = self._clock()
        return self.set(
            status=status,
            error=error,
            finished_at=now,
            updated_at=now,
            seconds_left=None,
            cancelling=False,
            waiting_for="",
            waits_seconds=None,
        )

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def tick(self) -> Snapshot:
        """Brings rate and throughput up to now; called a few times a second."""
        now = self._clock()
        with self._lock:
            old = self._snapshot
            confirmed = old.confirmed - self._before
            rate = self._rate(now, confirmed)
            self._slice(now - old.began, confirmed)
            self._snapshot = msgspec.structs.replace(
                old,
                updated_at=now,
                rate_per_minute=round(rate * 60),
                throughput=self._throughput(),
            )
            return self._snapshot

    def _rate(self, now: float, confirmed: int) -> float:
        """Contacts a second over the last half minute."""
        recent = self._recent
        recent.append((now, confirmed))
        while len(recent) > 2 and recent[1][0] < now - _RECENT:
            recent.popleft()
        since, before = recent[0]
        return (confirmed - before) / (now - since) if now > since else 0.0

    def _slice(self, elapsed: float, confirmed: int) -> None:
        """Sums up to now per slice; when they no longer fit, two become one."""
        while elapsed / self._slice_seconds >= _SLICES:
            self._slices = self._slices[1::2] or [0]
            self._slice_seconds *= 2
        at = max(0, int(elapsed / self._slice_seconds))
        while len(self._slices) <= at:
            self._slices.append(self._slices[-1])
        self._slices[at] = confirmed

    def _throughput(self) -> tuple[int, ...]:
        minute = 60 / self._slice_seconds
        before = [0, *self._slices[:-1]]
        return tuple(round((b - a) * minute) for a, b in zip(before, self._slices, strict=True))
