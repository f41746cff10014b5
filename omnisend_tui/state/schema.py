"""The tables of the state. A migration is never changed once released: add the next one."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE run (
            run_id TEXT PRIMARY KEY,
            export_id TEXT NOT NULL,
            status TEXT NOT NULL,
            started_at REAL NOT NULL,
            snapshot BLOB NOT NULL
        )""",
        "CREATE INDEX run_by_export ON run (export_id, started_at)",
        "CREATE INDEX run_by_start ON run (started_at)",
        """CREATE TABLE problem (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            field TEXT NOT NULL,
            reason TEXT NOT NULL,
            detail TEXT NOT NULL,
            email_masked TEXT NOT NULL,
            row_hash TEXT NOT NULL
        )""",
        "CREATE INDEX problem_by_run ON problem (run_id, kind)",
        """CREATE TABLE problem_count (
            run_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            reason TEXT NOT NULL,
            problems INTEGER NOT NULL,
            PRIMARY KEY (run_id, kind, reason)
        ) WITHOUT ROWID""",
        """CREATE TABLE log (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL,
            line BLOB NOT NULL
        )""",
        "CREATE INDEX log_by_run ON log (run_id)",
        """CREATE TABLE consent (
            id INTEGER PRIMARY KEY,
            connection_id TEXT NOT NULL,
            at REAL NOT NULL,
            record BLOB NOT NULL
        )""",
        "CREATE INDEX consent_by_connection ON consent (connection_id, at)",
        "CREATE TABLE brand (connection_id TEXT PRIMARY KEY, record BLOB NOT NULL)",
    ),
    (
        "CREATE TABLE behaviour (connection_id TEXT PRIMARY KEY, record BLOB NOT NULL)",
        "CREATE TABLE secret (id TEXT PRIMARY KEY)",
        "CREATE TABLE withdrawal (connection_id TEXT PRIMARY KEY, at REAL NOT NULL)",
        "CREATE TABLE wish (run_id TEXT PRIMARY KEY, wish TEXT NOT NULL)",
    ),
    ("CREATE TABLE place (user TEXT PRIMARY KEY, record BLOB NOT NULL)",),
    ("CREATE TABLE label (source_id TEXT PRIMARY KEY, record BLOB NOT NULL)",),
)
