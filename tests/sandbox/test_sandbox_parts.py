"""The window, the compact store and the samples by themselves."""

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.sandbox.compact import Arena, KeyIndex, Records
from omnisend_tui.sandbox.faults import FaultPlan
from omnisend_tui.sandbox.limits import WINDOW, Limits, SlidingWindow
from omnisend_tui.sandbox.samples import HEADER, demo_faults, write_samples


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_limit(steps: list[float], limit: int) -> None:
    window, now, taken = SlidingWindow(limit), 0.0, []
    for step in steps:
        now += step
        if not window.wait(now):
            window.take(now)
            taken.append(now)
    assert all(sum(t <= at < t + WINDOW for at in taken) <= limit for t in taken)


def test_refused_requests_take_no_slot() -> None:
    limits = Limits(10, 1)
    assert limits.take(0.0, tags=True) == 0
    assert [limits.take(1.0, tags=True) for _ in range(20)] == [59] * 20
    assert [limits.take(2.0) for _ in range(9)] == [0] * 9
    assert limits.take(60.0, tags=True) == 0


@given(st.dictionaries(st.text(), st.integers(0, 2**32 - 2), max_size=200), st.text())
def test_index_is_a_dictionary(entries: dict[str, int], other: str) -> None:
    index = KeyIndex()
    for key, value in entries.items():
        index.set(key, value)
    assert all(index.get(key) == value for key, value in entries.items())
    assert index.get(other) == entries.get(other, -1)


def test_index_grows() -> None:
    index = KeyIndex()
    for number in range(5000):
        index.set(f"p{number}@example.com", number)
    assert all(index.get(f"p{number}@example.com") == number for number in range(5000))


def test_arena_keeps_bytes_at_their_place() -> None:
    arena = Arena()
    places = [(arena.append(text), text) for text in (b"one", b"", b"three")]
    assert all(arena.read(offset, len(text)) == text for offset, text in places)
    arena.close()


def test_samples_are_the_same_for_one_seed(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        write_samples(path, 500, seed)
    first, again, other = (path.read_bytes() for path in paths)
    assert first == again != other


def test_samples_hold_what_the_demo_shows(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    write_samples(path, 5000)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HEADER
    assert len(rows) == 5000
    emails = [row["Email"].strip().lower() for row in rows]
    usable = [email for email in emails if email.endswith(("@example.com", "@example.org",
                                                           "@example.net"))]  # fmt: skip
    assert 25 < len(usable) - len(set(usable)) < 90
    assert any("\N{NO-BREAK SPACE}" in row["Email"] for row in rows)
    assert any(row["LastName"] == "O'Brien" for row in rows)
    assert any(row["Phone"] == "call me" for row in rows)
    assert any(";" in row["Segments"] for row in rows)
    plan = FaultPlan(demo_faults())
    assert 2 <= sum(plan.refused(email) is not None for email in emails) <= 3


def test_arena_reads_what_waits_and_what_was_written() -> None:
    arena = Arena()
    texts = [bytes([65 + n % 26]) * 9000 for n in range(300)]
    places = [arena.append(text) for text in texts]
    assert [arena.read(place, 9000) for place in places] == texts
    arena.close()


def test_records_keep_the_latest_form() -> None:
    arena = Arena()
    records = Records(arena)
    assert [records.add(text, 1.0) for text in (b"one", b"two")] == [0, 1]
    records.replace(0, b"longer than one")
    assert (records.read(0), records.read(1), len(records)) == (b"longer than one", b"two", 2)
    arena.close()


def test_a_released_key_is_free() -> None:
    index = KeyIndex()
    index.set("a", 1)
    index.release("a")
    index.release("b")
    assert (index.get("a"), index.get("b")) == (-1, -1)
    index.set("a", 2)
    assert index.get("a") == 2
