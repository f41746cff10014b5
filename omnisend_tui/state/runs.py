"""Runs: their last snapshots, the latest of each export, and the history in parts."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import msgspec

from omnisend_tui.progress import ENDED, Snapshot, Status
from omnisend_tui.state.file import Stamp, StateFile

# Under these a run stands that goes on, or whose process is gone.
UNENDED: frozenset[str] = frozenset(get_args(Status)) - ENDED


@dataclass(frozen=True, slots=True)
class Sought:
    """Which runs of the history: those that answer every part; an empty part asks nothing.

    ``named`` and ``worded`` are export ids and statuses that a search found: one of both is enough;
    None is no search.
    """

    export_id: str = ""
    statuses: frozenset[str] = frozenset()
    named: frozenset[str] | None = None
    worded: frozenset[str] = frozenset()

    def where(self) -> tuple[str, tuple[str, ...]]:
        """The condition in SQL and its values."""
        parts: list[str] = []
        values: list[str] = []
        if self.export_id:
            parts.append("export_id = ?")
            values.append(self.export_id)
        if self.statuses:
            parts.append(f"status IN ({_marks(self.statuses)})")
            values += sorted(self.statuses)
        if self.named is not None:
            parts.append(
                f"(export_id IN ({_marks(self.named)}) OR status IN ({_marks(self.worded)}))"
            )
            values += [*sorted(self.named), *sorted(self.worded)]
        return " AND ".join(parts) or "1", tuple(values)


class Runs(StateFile):
    """The part of the state that is about runs."""

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        super().__init__(database, path)
        # A screen asks four times a second, and an ended run never changes.
        self._decoded: dict[str, tuple[bytes, Snapshot]] = {}
        self._latest: tuple[Stamp, dict[str, Snapshot]] | None = None

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keeps ``snapshot`` in the place of the run's earlier one."""
        row = (
            snapshot.run_id,
            snapshot.export_id,
            snapshot.status,
            snapshot.started_at,
            msgspec.json.encode(snapshot),
        )
        with self._writing() as database:
            database.execute(
                "INSERT INTO run (run_id, export_id, status, started_at, snapshot)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET"
                " export_id = excluded.export_id, status = excluded.status,"
                " started_at = excluded.started_at, snapshot = excluded.snapshot",
                row,
            )

    def run(self, run_id: str) -> Snapshot | None:
        """The last snapshot of a run, None for an unknown one."""
        rows = self._rows("SELECT snapshot FROM run WHERE run_id = ?", (run_id,))
        return self._decode(rows[0][0], Snapshot) if rows else None

    def runs(
        self, export_id: str | None = None, limit: int = 100, *, before: float | None = None
    ) -> list[Snapshot]:
        """The runs of an export, or all, newest first; only those started before ``before``."""
        chosen, values = "1", list[Any]()
        if export_id is not None:
            chosen, values = "export_id = ?", [export_id]
        if before is not None:
            chosen, values = f"{chosen} AND started_at < ?", [*values, before]
        rows = self._rows(
            f"SELECT snapshot FROM run WHERE {chosen} ORDER BY started_at DESC, rowid DESC LIMIT ?",
            (*values, limit),
        )
        return [self._decode(row[0], Snapshot) for row in rows]

    def history(self, sought: Sought, limit: int, offset: int = 0) -> list[Snapshot]:
        """A part of the runs that are sought, newest first."""
        where, values = sought.where()
        rows = self._rows(
            f"SELECT snapshot FROM run WHERE {where}"
            " ORDER BY started_at DESC, rowid DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [self._decode(row[0], Snapshot) for row in rows]

    def count_runs(self, sought: Sought | None = None) -> int:
        """How many runs are sought; without ``sought`` how many there are."""
        where, values = (sought or Sought()).where()
        return int(self._rows(f"SELECT count(*) FROM run WHERE {where}", values)[0][0])

    def latest_runs(self) -> dict[str, Snapshot]:
        """Export id -> its newest run."""
        with self._lock:
            stamp = self.stamp()
            if self._latest is None or self._latest[0] != stamp:
                self._latest = stamp, self._read_latest()
            return dict(self._latest[1])

    def _read_latest(self) -> dict[str, Snapshot]:
        # Steps from one export to the next in the index, instead of over all their runs.
        rows = self._rows(
            "WITH RECURSIVE export (id) AS (SELECT min(export_id) FROM run UNION ALL"
            " SELECT (SELECT min(export_id) FROM run WHERE export_id > export.id)"
            " FROM export WHERE export.id IS NOT NULL)"
            " SELECT id, (SELECT snapshot FROM run WHERE run.export_id = export.id"
            " ORDER BY started_at DESC, rowid DESC LIMIT 1) FROM export WHERE id IS NOT NULL"
        )
        kept = self._decoded
        self._decoded = {}
        for export_id, data in rows:
            known = kept.get(export_id)
            run = known[1] if known and known[0] == data else self._decode(data, Snapshot)
            self._decoded[export_id] = (data, run)
        return {export_id: run for export_id, (_data, run) in self._decoded.items()}


def _marks(values: frozenset[str]) -> str:
    return ", ".join("?" * len(values))
