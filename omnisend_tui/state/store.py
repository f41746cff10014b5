"""Runs, their problems and logs, consents and brands, in one SQLite file."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, Brand, Consent, LogLine
from omnisend_tui.state.database import open_database, open_to_read, sentences, transaction
from omnisend_tui.state.schema import MIGRATIONS

Kind = Literal["reject", "warning"]
Wish = Literal["cancel", "pause", "resume"]

_PROBLEM_COLUMNS = "key, field, reason, detail, email_masked, row_hash"


class State:
    """The state of a workspace. Every method may be called from any thread.

    All raise ``StateError`` (disk_full, state_damaged, state_busy, state_closed, unwritable).
    """

    def __init__(self, database: sqlite3.Connection, path: Path) -> None:
        self._database = database
        self._path = path
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, path: Path) -> "State":
        """Opens ``path``, makes it where it is missing, brings an older one to today's schema."""
        return cls(open_database(path, MIGRATIONS), path)

    @classmethod
    def open_to_read(cls, path: Path) -> "State":
        """Opens a file that can't be written; whatever writes raises ``StateError``."""
        return cls(open_to_read(path), path)

    def close(self) -> None:
        """Closes the file; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._database.close()

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

    def runs(self, export_id: str | None = None, limit: int = 100) -> list[Snapshot]:
        """The runs of an export, or all, newest first."""
        chosen, values = ("", ()) if export_id is None else ("WHERE export_id = ?", (export_id,))
        rows = self._rows(
            f"SELECT snapshot FROM run {chosen} ORDER BY started_at DESC, rowid DESC LIMIT ?",
            (*values, limit),
        )
        return [self._decode(row[0], Snapshot) for row in rows]

    def latest_runs(self) -> dict[str, Snapshot]:
        """Export id -> its newest run."""
        rows = self._rows(
            "SELECT e.export_id, (SELECT snapshot FROM run WHERE run.export_id = e.export_id"
            " ORDER BY started_at DESC, rowid DESC LIMIT 1)"
            " FROM (SELECT DISTINCT export_id FROM run) AS e"
        )
        return {export_id: self._decode(snapshot, Snapshot) for export_id, snapshot in rows}

    def add_problems(self, run_id: str, kind: Kind, problems: Sequence[Problem]) -> None:
        """Appends rejects or warnings of a run, in their order; all of them or none."""
        if not problems:
            return
        rows = [
            (run_id, kind, p.key, p.field, p.reason, p.detail, p.email_masked, p.row_hash)
            for p in problems
        ]
        counts = Counter(problem.reason for problem in problems)
        with self._writing() as database:
            database.executemany(
                f"INSERT INTO problem (run_id, kind, {_PROBLEM_COLUMNS})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            database.executemany(
                "INSERT INTO problem_count (run_id, kind, reason, problems) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET problems = problems + excluded.problems",
                [(run_id, kind, reason, number) for reason, number in counts.items()],
            )

    def forget_problems(self, run_id: str) -> None:
        """Drops the rejects and warnings of a run that counts anew."""
        with self._writing() as database:
            database.execute("DELETE FROM problem WHERE run_id = ?", (run_id,))
            database.execute("DELETE FROM problem_count WHERE run_id = ?", (run_id,))

    def problems(
        self, run_id: str, kind: Kind, limit: int | None = None, offset: int = 0
    ) -> list[Problem]:
        """Rejects or warnings of a run in the order they came."""
        rows = self._rows(
            f"SELECT {_PROBLEM_COLUMNS} FROM problem WHERE run_id = ? AND kind = ?"
            " ORDER BY id LIMIT ? OFFSET ?",
            (run_id, kind, -1 if limit is None else limit, offset),
        )
        return [
            Problem(
                key=key, field=field, reason=reason, detail=detail, email_masked=mail, row_hash=h
            )
            for key, field, reason, detail, mail, h in rows
        ]

    def problem_counts(self, run_id: str, kind: Kind) -> dict[str, int]:
        """Reason -> how many, most frequent first."""
        return dict(
            self._rows(
                "SELECT reason, problems FROM problem_count WHERE run_id = ? AND kind = ?"
                " ORDER BY problems DESC, reason",
                (run_id, kind),
            )
        )

    def add_log(self, run_id: str, line: LogLine) -> None:
        """Appends an event to the run's log."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO log (run_id, line) VALUES (?, ?)",
                (run_id, msgspec.json.encode(line)),
            )

    def log(self, run_id: str, limit: int = 200) -> list[LogLine]:
        """The last ``limit`` events of a run, oldest first."""
        rows = self._rows(
            "SELECT line FROM log WHERE run_id = ? ORDER BY id DESC LIMIT ?", (run_id, limit)
        )
        return [self._decode(row[0], LogLine) for row in reversed(rows)]

    def add_consent(self, consent: Consent) -> None:
        """Keeps a consent beside the earlier ones."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO consent (connection_id, at, record) VALUES (?, ?, ?)",
                (consent.connection_id, consent.at, msgspec.json.encode(consent)),
            )

    def consents(self, connection_id: str) -> list[Consent]:
        """The consents of a connection since it was last removed, newest first."""
        rows = self._rows(
            "SELECT record FROM consent WHERE connection_id = ? AND at > coalesce("
            "(SELECT at FROM withdrawal WHERE withdrawal.connection_id = consent.connection_id), 0)"
            " ORDER BY at DESC, id DESC",
            (connection_id,),
        )
        return [self._decode(row[0], Consent) for row in rows]

    def save_brand(self, connection_id: str, brand: Brand) -> None:
        """Keeps the brand that a connection's key belongs to."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO brand (connection_id, record) VALUES (?, ?)"
                " ON CONFLICT (connection_id) DO UPDATE SET record = excluded.record",
                (connection_id, msgspec.json.encode(brand)),
            )

    def brand(self, connection_id: str) -> Brand | None:
        """The brand of a connection, None before it was ever connected."""
        rows = self._rows("SELECT record FROM brand WHERE connection_id = ?", (connection_id,))
        return self._decode(rows[0][0], Brand) if rows else None

    def save_behaviour(self, connection_id: str, behaviour: Behaviour) -> None:
        """Keeps what the behaviour check saw with a connection's brand."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO behaviour (connection_id, record) VALUES (?, ?)"
                " ON CONFLICT (connection_id) DO UPDATE SET record = excluded.record",
                (connection_id, msgspec.json.encode(behaviour)),
            )

    def behaviour(self, connection_id: str) -> Behaviour | None:
        """What the behaviour check saw, None before it was made."""
        rows = self._rows("SELECT record FROM behaviour WHERE connection_id = ?", (connection_id,))
        return self._decode(rows[0][0], Behaviour) if rows else None

    def forget_brand(self, connection_id: str) -> None:
        """Drops a connection's brand and its behaviour; consents stay as evidence."""
        with self._writing() as database:
            database.execute("DELETE FROM brand WHERE connection_id = ?", (connection_id,))
            database.execute("DELETE FROM behaviour WHERE connection_id = ?", (connection_id,))

    def withdraw(self, connection_id: str, at: float) -> None:
        """The consents up to ``at`` hold no longer; they stay as evidence."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO withdrawal (connection_id, at) VALUES (?, ?)"
                " ON CONFLICT (connection_id) DO UPDATE SET at = excluded.at",
                (connection_id, at),
            )

    def forget_consents(self, connection_id: str) -> None:
        """Drops the consents of a connection that was never stored."""
        with self._writing() as database:
            database.execute("DELETE FROM consent WHERE connection_id = ?", (connection_id,))

    def note_secret(self, secret_id: str) -> None:
        """Notes that the keyring may hold a secret under this id, before it does."""
        with self._writing() as database:
            database.execute("INSERT OR IGNORE INTO secret (id) VALUES (?)", (secret_id,))

    def drop_secret(self, secret_id: str) -> None:
        """Notes that the keyring no longer holds a secret under this id."""
        with self._writing() as database:
            database.execute("DELETE FROM secret WHERE id = ?", (secret_id,))

    def secrets(self) -> list[str]:
        """The ids under which the keyring may hold secrets of this workspace."""
        return [row[0] for row in self._rows("SELECT id FROM secret ORDER BY id")]

    def wish(self, run_id: str, wish: Wish) -> None:
        """Asks the process that runs a run for something; the last wish holds."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO wish (run_id, wish) VALUES (?, ?)"
                " ON CONFLICT (run_id) DO UPDATE SET wish = excluded.wish",
                (run_id, wish),
            )

    def take_wish(self, run_id: str) -> Wish | None:
        """What somebody asked a run for since the last call."""
        if not self._rows("SELECT 1 FROM wish WHERE run_id = ?", (run_id,)):
            return None
        with self._writing() as database:
            rows = database.execute(
                "DELETE FROM wish WHERE run_id = ? RETURNING wish", (run_id,)
            ).fetchall()
        return rows[0][0] if rows else None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._usable() as database, transaction(database):
            yield database

    @contextmanager
    def _usable(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._closed:
                raise StateError(
                    "state_closed",
                    _("The workspace was closed meanwhile."),
                    _("Open it again."),
                )
            with sentences(self._path):
                yield self._database

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._usable() as database:
            return database.execute(query, values).fetchall()

    def _decode(self, data: bytes, model: type[Any]) -> Any:
        try:
            return msgspec.json.decode(data, type=model)
        except msgspec.DecodeError:
            raise StateError(
                "state_damaged",
                _("{path} holds a record that can't be read.").format(path=self._path),
                _("Put a copy from a backup in its place, or move it away to start anew."),
            ) from None
