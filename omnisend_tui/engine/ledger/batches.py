"""The batches of a run, for who watches it."""

import sqlite3
from pathlib import Path

from omnisend_tui.engine.ledger.database import open_to_read, unusable
from omnisend_tui.records import BatchRow


def read_batches(path: Path, run_id: str, limit: int) -> list[BatchRow]:
    """The newest batches of a run; readable while it is written."""
    if not path.exists():
        return []
    database = open_to_read(path)
    try:
        rows = database.execute(
            "SELECT number, contacts, state, batch_id, errors FROM batch"
            " WHERE run = ? ORDER BY number DESC LIMIT ?",
            (run_id, limit),
        ).fetchall()
    except sqlite3.Error as error:
        raise unusable(error) from error
    finally:
        database.close()
    return [
        BatchRow(number=number, contacts=contacts, state=state, batch_id=batch_id, errors=errors)
        for number, contacts, state, batch_id, errors in rows
    ]
