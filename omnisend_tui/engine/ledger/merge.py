"""The end of a run: what its logs say moves to the contacts."""

import sqlite3

from omnisend_tui.engine.ledger.database import OPEN
from omnisend_tui.engine.ledger.records import Consent, Fate, Sending


def merge(database: sqlite3.Connection) -> None:
    """Moves what is confirmed and answered, sorted by key.

    Its transaction is the caller's, with the functions of ``TagSets`` loaded.
    """
    for statement in _MERGE:
        database.execute(statement)
    # Without a condition SQLite gives the pages back, instead of going through the rows.
    (unsettled,) = database.execute(f"SELECT count(*) FROM batch WHERE state IN {OPEN}").fetchone()
    database.execute("DELETE FROM item" + (f" WHERE {_CONFIRMED}" if unsettled else ""))


_CONFIRMED = "batch IN (SELECT id FROM batch WHERE state = 'confirmed')"
# The last run is the one that is resumed, so its refusals are the ones that hold.
_REFUSED_NOW = (
    f"fate = {Fate.REFUSED:d} AND batch IN (SELECT id FROM batch WHERE state = 'confirmed'"
    " AND run = (SELECT run_id FROM run ORDER BY id DESC LIMIT 1))"
)
_MERGE = (
    # Tags that rode along are given; others are kept until their request was answered.
    "INSERT INTO contact (sealed, hash, run, fate, given, status, first_run)"
    " SELECT item.sealed, item.hash, run.id, item.fate,"
    " CASE batch.riding WHEN 1 THEN item.result ELSE 0 END,"
    f" CASE item.status WHEN {Sending.NOTHING:d} THEN {Consent.OPEN:d} ELSE {Consent.SETTLED:d}"
    " END, run.id"
    " FROM batch JOIN item ON item.batch = batch.id JOIN run ON run.run_id = batch.run"
    f" WHERE batch.state = 'confirmed' AND item.fate < {Fate.REFUSED:d}"
    " ORDER BY item.sealed, item.batch"
    " ON CONFLICT DO UPDATE SET"
    " first_run = CASE WHEN run OR hash != x'' THEN first_run ELSE excluded.first_run END,"
    " hash = excluded.hash, run = excluded.run, fate = excluded.fate,"
    " owed = without(owed, excluded.given, 0),"
    f" status = CASE excluded.status WHEN {Consent.OPEN:d} THEN status ELSE excluded.status END,"
    " given = CASE WHEN excluded.given THEN excluded.given ELSE given END",
    "INSERT OR REPLACE INTO refused (sealed, detail)"
    f" SELECT sealed, detail FROM item WHERE {_REFUSED_NOW}",
    # Of several rows of one contact the last one that was answered tells what it has.
    "UPDATE contact SET given = answered.result,"
    " owed = CASE WHEN owed THEN without(owed, answered.result, answered.tags) ELSE 0 END FROM"
    " (SELECT sealed, result, tags, max(id) FROM tagging WHERE done GROUP BY sealed) AS answered"
    " WHERE contact.sealed = answered.sealed",
    # What was asked for and not answered may have happened.
    "UPDATE contact SET owed = united(owed, asked.result) FROM"
    " (SELECT sealed, result, max(id) FROM tagging WHERE NOT done AND verb = 'give'"
    " GROUP BY sealed) AS asked WHERE contact.sealed = asked.sealed",
    "UPDATE contact SET owed = united(owed, asked.tags), given = without(given, asked.tags, 0) FROM"
    " (SELECT sealed, tags, max(id) FROM tagging WHERE NOT done AND verb = 'take'"
    " GROUP BY sealed) AS asked WHERE contact.sealed = asked.sealed",
    "DELETE FROM tagging",
)
