"""The ledger: recorded before it is sent, merged once confirmed, no plain address on disk."""

import sqlite3
from pathlib import Path

import pytest

from engine.ledger_rows import contacts, tags_left
from omnisend_tui.engine.ledger import (
    Closed,
    Fate,
    Item,
    Known,
    Ledger,
    TagRow,
    content_hash,
    read_batches,
)
from omnisend_tui.errors import CredentialsError, StateError

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
    ledger.close_batches([Closed(ledger.row_of(1), "confirmed", refused={1: "no"})])
    ledger.merge()
    assert contacts(ledger) == 1
    assert ledger.lookup([good.sealed, bad.sealed]) == {
        good.sealed: Known(good.hash, ledger.run, Fate.ACCEPTED, 0, 0, first_run=ledger.run)
    }
    assert ledger.refusals() == {bad.sealed: "no"}
    rows = read_batches(path, "r1", 10)
    assert [(row.number, row.state, row.batch_id, row.errors) for row in rows] == [
        (2, "recorded", "", 0),
        (1, "confirmed", "b-1", 1),
    ]


def test_a_log_that_a_crash_left_is_merged_at_the_next_opening(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    ledger.record([(1, [item(ledger, "a@example.com")]), (2, [item(ledger, "b@example.com")])])
    ledger.close_batches([Closed(ledger.row_of(1), "confirmed")])
    ledger.close()
    again = Ledger(path, KEY)
    assert contacts(again) == 1
    again.begin("r2")
    again.record([(1, [item(again, "b@example.com")])])
    again.close_batches([Closed(again.row_of(1), "confirmed")])
    again.merge()
    assert contacts(again) == 2
    assert [row.number for row in read_batches(path, "r1", 10)] == [2, 1]


def test_no_plain_address_is_on_disk(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    ledger.record([(1, [item(ledger, "somebody@example.com", b'{"e":"somebody@example.com"}')])])
    ledger.close_batches([Closed(ledger.row_of(1), "confirmed", refused={})])
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
    ledger._store.database.execute("PRAGMA max_page_count = 8")
    many = [item(ledger, f"{n}@example.com") for n in range(2000)]
    with pytest.raises(StateError) as raised:
        ledger.record([(2, many)])
    assert raised.value.code == "disk_full"
    assert [row.number for row in read_batches(path, "r1", 10)] == [1]


def confirm(ledger: Ledger, number: int, *items: Item, riding: bool = False) -> None:
    ledger.record([(number, items)], riding=riding)
    ledger.close_batches([Closed(ledger.row_of(number), "confirmed")])
    ledger.merge()


def known(ledger: Ledger, sealed: bytes) -> tuple[set[str], set[str]]:
    """What a contact has, and what it may have."""
    one = ledger.lookup([sealed])[sealed]
    return set(ledger.tags(one.given)), set(ledger.tags(one.owed))


def version_1(path: Path, sealed: bytes) -> None:
    """A ledger of the first release that knows one contact."""
    path.parent.mkdir(exist_ok=True)
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE batch (run TEXT, number INTEGER); CREATE TABLE item (batch INTEGER);"
            "CREATE TABLE contact (sealed BLOB PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;"
            "PRAGMA user_version = 1;"
        )
        database.execute("INSERT INTO contact VALUES (?, x'02')", (sealed,))


def test_a_version_1_ledger_keeps_whom_it_knows(path: Path) -> None:
    sealed = Ledger(path.with_name("other.sqlite"), KEY).seal("a@example.com")
    version_1(path, sealed)
    for _again in range(2):
        ledger = Ledger(path, KEY)
        assert ledger.lookup([sealed]) == {sealed: Known(b"\x02", 0, 0, 0, 0)}
        ledger.close()
    with pytest.raises(CredentialsError):
        Ledger(path, bytes(64))


def test_another_key_opens_no_ledger(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    confirm(ledger, 1, item(ledger, "a@example.com"))
    ledger.close()
    before = path.read_bytes()
    for _again in range(2):
        with pytest.raises(CredentialsError) as raised:
            Ledger(path, bytes(64))
        assert (raised.value.code, raised.value.exit_code) == ("ledger_key_other", 5)
    assert path.read_bytes() == before
    assert contacts(Ledger(path, KEY)) == 1


def test_another_key_opens_no_version_1_ledger(path: Path) -> None:
    version_1(path, b"sealed with another key, or garbage")
    for _again in range(2):
        with pytest.raises(CredentialsError):
            Ledger(path, KEY)


def test_another_key_opens_no_ledger_that_knows_nobody_yet(path: Path) -> None:
    Ledger(path, KEY).close()
    with pytest.raises(CredentialsError):
        Ledger(path, bytes(64))


def test_a_sealed_address_can_be_read_again(path: Path) -> None:
    ledger = Ledger(path, KEY)
    assert ledger.unseal(ledger.seal("ä@example.com")) == "ä@example.com"


def test_the_batch_of_another_run_is_found_and_closed_by_its_row(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    one = item(ledger, "a@example.com")
    ledger.record([(1, [one])])
    ledger.begin("r2")
    ledger.record([(1, [item(ledger, "b@example.com")])])
    first, second = ledger.open_batches()
    assert [(b.run_id, b.number, b.contacts) for b in (first, second)] == [
        ("r1", 1, 1),
        ("r2", 1, 1),
    ]
    ledger.found(first.row, "b-1")
    ledger.close_batches([Closed(first.row, "confirmed", refused={0: "no"})])
    ledger.merge()
    assert ledger.ended_ids(first.row) == {"b-1"}
    assert ledger.open_batches() == [second]
    assert ledger.refusals() == {}, "an earlier run's refusals stop nobody now"


def test_a_dropped_batch_leaves_nobody_known_with_what_it_held(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    one = item(ledger, "a@example.com", b"old")
    confirm(ledger, 1, one)
    ledger.record([(2, [item(ledger, "a@example.com", b"new")])])
    ledger.drop([ledger.row_of(2)])
    assert ledger.lookup([one.sealed])[one.sealed].hash == b""


def test_tags_that_may_have_been_given_add_up(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    a, b = ledger.tag_set(["a"]), ledger.tag_set(["b"])
    sealed = ledger.seal("a@example.com")
    ledger.record([(1, [Item(sealed, b"1", a, a)])], riding=True)
    ledger.drop([ledger.row_of(1)])
    ledger.record([(2, [Item(sealed, b"1", b, b)])], riding=True)
    ledger.drop([ledger.row_of(2)])
    assert known(ledger, sealed) == (set(), {"a", "b"})
    confirm(ledger, 3, Item(sealed, b"1", b, b), riding=True)
    assert known(ledger, sealed) == ({"b"}, {"a"}), "the other may still be there"


def test_a_tag_that_was_to_be_taken_is_given_again_where_no_answer_came(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    a = ledger.tag_set(["a"])
    sealed = ledger.seal("a@example.com")
    confirm(ledger, 1, Item(sealed, b"1", a, a), riding=True)
    ledger.leaving.note([TagRow(sealed, a, 0)])
    ledger.leaving.take()
    ledger.merge()
    assert known(ledger, sealed) == (set(), {"a"})


def test_a_merge_that_fails_leaves_everything_as_it_was(path: Path) -> None:
    ledger = Ledger(path, KEY)
    ledger.begin("r1")
    a, b = ledger.tag_set(["a"]), ledger.tag_set(["b"])
    sealed = ledger.seal("a@example.com")
    confirm(ledger, 1, Item(sealed, b"1"))
    ledger.tag_log.owe([TagRow(sealed, a, a)])
    ledger.merge()
    ledger.tag_log.owe([TagRow(sealed, b, b)])
    ledger._store.database.execute(
        "CREATE TRIGGER no BEFORE DELETE ON tagging BEGIN SELECT raise(ABORT, 'no'); END"
    )
    with pytest.raises(StateError):
        ledger.merge()
    assert known(ledger, sealed) == (set(), {"a"})
    assert tags_left(ledger, "give") == 1
    ledger._store.database.execute("DROP TRIGGER no")
    ledger.merge()
    assert known(ledger, sealed) == (set(), {"a", "b"})
