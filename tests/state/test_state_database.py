"""Opening, migrating and failing."""

import sqlite3
import threading
from pathlib import Path

import pytest

from omnisend_tui.errors import StateError
from omnisend_tui.state import State
from omnisend_tui.state.database import open_database, sentences, transaction
from omnisend_tui.state.schema import MIGRATIONS

FIRST = ("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)",)
SECOND = ("ALTER TABLE thing ADD COLUMN size INTEGER DEFAULT 7",)


def test_an_older_file_is_brought_to_the_newest_schema(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    old = open_database(path, [FIRST])
    old.execute("INSERT INTO thing (name) VALUES ('kept')")
    old.close()
    new = open_database(path, [FIRST, SECOND])
    assert new.execute("SELECT name, size FROM thing").fetchall() == [("kept", 7)]
    assert new.execute("PRAGMA user_version").fetchone() == (2,)
    new.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    open_database(path, [FIRST]).close()
    with pytest.raises(StateError):
        open_database(path, [FIRST, (*SECOND, "NONSENSE")])
    again = open_database(path, [FIRST, SECOND])
    assert again.execute("PRAGMA user_version").fetchone() == (2,)
    again.close()


def test_a_newer_file_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(StateError) as refused:
        State.open(path)
    assert refused.value.code == "state_newer"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage", [b"no database at all " * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_told(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(damage)
    with pytest.raises(StateError) as refused:
        State.open(path)
    assert refused.value.code == "state_damaged"
    assert path.read_bytes() == damage


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    database = open_database(path, [FIRST])
    database.execute("PRAGMA max_page_count = 4")
    rows = [("x" * 1000,)] * 1000
    with pytest.raises(StateError) as refused, sentences(path), transaction(database):
        database.executemany("INSERT INTO thing (name) VALUES (?)", rows)
    assert refused.value.code == "disk_full"
    assert database.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    database.close()


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.sqlite").mkdir()
    with pytest.raises(StateError) as refused:
        State.open(tmp_path / "s.sqlite")
    assert refused.value.code == "unwritable"


def test_opening_at_the_same_moment_migrates_once(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    failed: list[BaseException] = []

    def opening() -> None:
        try:
            State.open(path).close()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=opening) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_the_file_is_durable(tmp_path: Path) -> None:
    database = open_database(tmp_path / "s.sqlite", MIGRATIONS)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)
    database.close()
