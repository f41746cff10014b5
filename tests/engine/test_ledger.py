"""The ledger: recorded before it is sent, merged once confirmed, no plain address on disk."""

import sqlite3
from pathlib import Path

import pytest

from omnisend_tui.engine.ledger import Closed, Item, Ledger, content_hash, read_batches
from omnisend_tui.errors import StateError

KEY = bytes(range(64))


def item(ledger: Ledger, email: str, body: bytes = b"{}") -> Item:
    return Item(ledger.seal(email), content_hash(body))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledgers" / "e.sqlite"


def test_sealing_is_the_same_each_time_and_differs_by_address_and_key(path: Path) -> None:
    ledger = Ledger(path, KEY)
    other = Ledger(path.with_name("f.sqlite"), bytes(64))
    assert ledger.seal("a@example.com") == ledger.seal("a@example.com")
    assert ledger.seal("a@example.com") != ledger.seal("b@example.com")
    assert ledger.seal("a@example.com") != other.seal("a@example.com")


def test_only_confirmed_items_become_contacts(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    good, bad, open_ = (item(ledger, f"{name}@example.com") for name in ("good", "bad", "open"))
    ledger.record([(1, [good, bad]), (2, [open_])])
    ledger.posted(1, "b-1")
    ledger.close_batches([Closed(1, "confirmed", [bad.sealed], 1)])
    ledger.merge()
    assert ledger.contacts() == 1
    rows = read_batches(path, "r1", 10)
    assert [(row.number, row.state, row.batch_id, row.errors) for row in rows] == [
        (2, "recorded", "", 0),
        (1, "confirmed", "b-1", 1),
    ]


def test_a_log_that_a_crash_left_is_merged_at_the_next_opening(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    ledger.record([(1, [item(ledger, "a@example.com")]), (2, [item(ledger, "b@example.com")])])
    ledger.close_batches([Closed(1, "confirmed")])
    ledger.close()
    again = Ledger(path, KEY)
    assert again.contacts() == 1
    again.begin("r2")
    again.record([(1, [item(again, "b@example.com")])])
    again.close_batches([Closed(1, "confirmed")])
    again.merge()
    assert again.contacts() == 2
    assert [row.number for row in read_batches(path, "r1", 10)] == [2, 1]


def test_no_plain_address_is_on_disk(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    ledger.record([(1, [item(ledger, "somebody@example.com", b'{"e":"somebody@example.com"}')])])
    ledger.close_batches([Closed(1, "confirmed")])
    ledger.merge()
    ledger.close()
    for file in path.parent.iterdir():
        assert b"somebody" not in file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_told_in_a_sentence(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(StateError) as raised:
        Ledger(path, KEY)
    assert raised.value.code == "ledger_unusable"


def test_a_newer_version_is_left_alone(path: Path) -> None:
    Ledger(path, KEY).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError):
        Ledger(path, KEY)


def test_a_full_disk_is_told_as_such_and_keeps_what_was_recorded(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    ledger.record([(1, [item(ledger, "a@example.com")])])
    ledger._database.execute("PRAGMA max_page_count = 8")
    many = [item(ledger, f"{n}@example.com") for n in range(2000)]
    with pytest.raises(StateError) as raised:
        ledger.record([(2, many)])
    assert raised.value.code == "disk_full"
    assert [row.number for row in read_batches(path, "r1", 10)] == [1]
