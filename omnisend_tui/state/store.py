"""What is kept beside the runs: problems, logs, consents, labels, secrets, wishes and the like."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour, Brand, Consent, LogLine
from omnisend_tui.state.runs import Runs

Kind = Literal["reject", "warning"]
Wish = Literal["cancel", "pause", "resume"]

_PROBLEM_COLUMNS = "key, field, reason, detail, email_masked, row_hash"


class State(Runs):
    """The state of a workspace. Every method may be called from any thread.

    All raise ``StateError`` (disk_full, state_damaged, state_busy, state_closed, unwritable).
    """

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

    def forget_details(self, before: float) -> None:
        """Drops problems and logs of runs that went on last before then (seconds since the epoch).

        The runs stay, with their counts. One that is under way went on just now.
        """
        for table in ("problem", "log"):
            # Steps from one run to the next in the index, instead of over all lines.
            started_before = self._rows(
                f"WITH RECURSIVE kept (id) AS (SELECT min(run_id) FROM {table} UNION ALL"
                f" SELECT (SELECT min(run_id) FROM {table} WHERE run_id > kept.id)"
                " FROM kept WHERE kept.id IS NOT NULL)"
                " SELECT snapshot FROM kept JOIN run ON run_id = id WHERE started_at < ?",
                (before,),
            )
            runs = [(self._decode(row[0], Snapshot), row[0]) for row in started_before]
            old = [
                (run.run_id, as_seen)
                for run, as_seen in runs
                if max(run.began, run.updated_at) < before
            ]
            if old:
                with self._writing() as database:
                    # One that was resumed since then isn't as it was seen.
                    database.executemany(
                        f"DELETE FROM {table} WHERE run_id ="
                        " (SELECT run_id FROM run WHERE run_id = ? AND snapshot = ?)",
                        old,
                    )

    def problems(
        self, run_id: str, kind: Kind, limit: int | None = None, offset: int = 0, reason: str = ""
    ) -> list[Problem]:
        """Rejects or warnings of a run in the order they came, of one ``reason`` where given."""
        rows = self._rows(
            f"SELECT {_PROBLEM_COLUMNS} FROM problem WHERE run_id = ? AND kind = ?"
            " AND (? = '' OR reason = ?) ORDER BY id LIMIT ? OFFSET ?",
            (run_id, kind, reason, reason, -1 if limit is None else limit, offset),
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

    def forgotten_problems(self, run_id: str, kind: Kind) -> int:
        """How many rejects or warnings of a run ``forget_details`` dropped."""
        counted = sum(self.problem_counts(run_id, kind).values())
        kept = "SELECT count(*) FROM problem WHERE run_id = ? AND kind = ?"
        return counted - int(self._rows(kept, (run_id, kind))[0][0]) if counted else 0

    def add_log(self, run_id: str, line: LogLine) -> None:
        """Appends an event to the run's log."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO log (run_id, line) VALUES (?, ?)",
                (run_id, msgspec.json.encode(line)),
            )

    def log(self, run_id: str, limit: int = 200) -> list[LogLine]:
        """The last ``limit`` events of a run, oldest first."""
        return list(self.numbered_log(run_id, limit).values())

    def numbered_log(self, run_id: str, limit: int = 200) -> dict[int, LogLine]:
        """The same, each with its number, which stays its own whatever follows."""
        rows = self._rows(
            "SELECT id, line FROM log WHERE run_id = ? ORDER BY id DESC LIMIT ?", (run_id, limit)
        )
        return {row[0]: self._decode(row[1], LogLine) for row in reversed(rows)}

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
        self._put("brand", "connection_id", connection_id, "record", msgspec.json.encode(brand))

    def brand(self, connection_id: str) -> Brand | None:
        """The brand of a connection, None before it was ever connected."""
        rows = self._rows("SELECT record FROM brand WHERE connection_id = ?", (connection_id,))
        return self._decode(rows[0][0], Brand) if rows else None

    def save_behaviour(self, connection_id: str, behaviour: Behaviour) -> None:
        """Keeps what the behaviour check saw with a connection's brand."""
        self._put(
            "behaviour", "connection_id", connection_id, "record", msgspec.json.encode(behaviour)
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
        self._put("withdrawal", "connection_id", connection_id, "at", at)

    def forget_consents(self, connection_id: str) -> None:
        """Drops the consents of a connection that was never stored."""
        with self._writing() as database:
            database.execute("DELETE FROM consent WHERE connection_id = ?", (connection_id,))

    def save_labels(self, source_id: str, labels: Mapping[str, str]) -> None:
        """Keeps what people call the segments of a source, by their names."""
        record = msgspec.json.encode(dict(labels), order="sorted")
        kept = "SELECT 1 FROM label WHERE source_id = ? AND record = ?"
        if self._rows(kept, (source_id, record)):
            return
        self._put("label", "source_id", source_id, "record", record)

    def forget_labels(self, source_id: str) -> None:
        """Drops what people call the segments of a source."""
        with self._writing() as database:
            database.execute("DELETE FROM label WHERE source_id = ?", (source_id,))

    def labels(self) -> dict[str, dict[str, str]]:
        """Source id -> name of a segment -> what people call it, as it was listed last."""
        rows = self._rows("SELECT source_id, record FROM label")
        return {source_id: self._decode(record, dict[str, str]) for source_id, record in rows}

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
        self._put("wish", "run_id", run_id, "wish", wish)

    def take_wish(self, run_id: str) -> Wish | None:
        """What somebody asked a run for since the last call."""
        if not self._rows("SELECT 1 FROM wish WHERE run_id = ?", (run_id,)):
            return None
        with self._writing() as database:
            rows = database.execute(
                "DELETE FROM wish WHERE run_id = ? RETURNING wish", (run_id,)
            ).fetchall()
        return rows[0][0] if rows else None

    def save_place(self, user: str, record: bytes) -> None:
        """Keeps what a user of the app has open, in whatever form the app writes it."""
        self._put("place", "user", user, "record", record)

    def place(self, user: str) -> bytes | None:
        """What ``save_place`` kept last for this user."""
        rows = self._rows("SELECT record FROM place WHERE user = ?", (user,))
        return rows[0][0] if rows else None

    def _put(self, table: str, key: str, of: str, column: str, value: bytes | float | str) -> None:
        """Keeps ``value`` for ``of`` in the place of an earlier one."""
        with self._writing() as database:
            database.execute(
                f"INSERT INTO {table} ({key}, {column}) VALUES (?, ?)"
                f" ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}",
                (of, value),
            )
