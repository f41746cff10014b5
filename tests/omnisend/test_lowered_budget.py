"""A 429 lowers the share for everybody of the brand; quiet minutes win it back."""

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend.windows import Clock, Waiting, most_in_a_window
from omnisend_tui.omnisend.budget import Budget
from omnisend_tui.omnisend.share import WINDOW


def send(budget: Budget, stop: threading.Event, seconds: float, clock: Clock) -> list[float]:
    """Times of batches sent for so long."""
    times: list[float] = []
    until = clock.now + seconds
    while clock.now < until:
        slot = budget.take("batch", stop, remaining=10_000)
        assert slot is not None
        times.append(clock.now)
        budget.done(slot)
    return times


def test_a_429_lowers_the_share_once_in_a_window(path: Path, clock: Clock) -> None:
    budget = Budget(path, "b", 400, clock)
    assert (budget.allowed, budget.use().lowered) == (400, False)
    budget.hold(5)
    assert (budget.limit, budget.allowed, budget.use().lowered) == (400, 320, True)
    for _n in range(10):
        clock.now += 5
        budget.hold(15)
    assert budget.allowed == 320
    clock.now += WINDOW - 50
    budget.hold(5)
    assert budget.allowed == 256


def test_a_429_lowers_the_share_once_in_a_long_hold(path: Path, clock: Clock) -> None:
    budget = Budget(path, "b", 400, clock)
    budget.hold(300)
    clock.now += 299
    budget.hold(1)
    assert budget.allowed == 320
    clock.now += 1.5
    budget.hold(1)
    assert budget.allowed == 256


@pytest.mark.parametrize(("limit", "floor"), [(400, 40), (10, 2), (2, 2), (1, 1)])
def test_the_share_has_a_floor_at_which_batches_still_go_out(
    path: Path, clock: Clock, limit: int, floor: int
) -> None:
    budget, stop = Budget(path, "b", limit, clock), Waiting(clock)
    for _n in range(30):
        budget.hold(WINDOW)
        clock.now += WINDOW
    assert budget.allowed == floor
    began = clock.now
    assert budget.take("batch", stop, remaining=10_000) is not None
    assert clock.now == began


def test_quiet_minutes_win_the_share_back(path: Path, clock: Clock) -> None:
    budget = Budget(path, "b", 400, clock)
    budget.hold(30)
    clock.now += 30
    allowed = []
    for _minute in range(5):
        allowed.append(budget.allowed)
        clock.now += 60
    assert allowed == [320, 340, 360, 380, 400]
    assert (budget.allowed, budget.use().lowered) == (400, False)
    clock.now += 1_000_000
    budget.hold(1)
    assert budget.allowed == 320


def test_a_429_on_the_way_back_keeps_what_was_won(path: Path, clock: Clock) -> None:
    budget = Budget(path, "b", 400, clock)
    budget.hold(0)
    clock.now += 120
    assert budget.allowed == 360
    budget.hold(60)
    assert budget.allowed == 288
    clock.now += 59
    assert budget.allowed == 288


def test_what_is_sent_keeps_to_the_lowered_share(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    before = send(budget, stop, 90, clock)
    budget.hold(10)
    held = clock.now
    after = send(budget, stop, 900, clock)
    assert after[0] >= held + 10
    assert most_in_a_window(before + after) <= 400
    for minute in range(4):
        start = held + 60 + minute * 60
        sent = sum(start <= t < start + 60 for t in after)
        share = 0.8 + 0.05 * (start + 60 - held - 10) / 60
        assert (share - 0.06) * 400 - 8 <= sent <= share * 400 - budget.reserve
    last = after[-1] - 300
    assert sum(t >= last for t in after) >= 0.97 * 400 * 5


def test_the_reserve_is_kept_while_the_share_is_lowered(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    budget.hold(0)
    for _n in range(316):
        assert budget.take("batch", stop, remaining=1) is not None
    began = clock.now
    for _n in range(4):
        assert budget.take("other", stop) is not None
    assert clock.now == began
    budget.take("other", stop)
    assert clock.now > began


def test_processes_agree_on_the_lowered_share(path: Path, clock: Clock) -> None:
    one, two, half = (Budget(path, "b", limit, clock) for limit in (400, 400, 200))
    other_brand = Budget(path, "c", 400, clock)
    one.hold(5)
    two.hold(5)
    assert (one.allowed, two.allowed, half.allowed) == (320, 320, 160)
    assert two.use().lowered
    assert (other_brand.allowed, other_brand.use().lowered) == (400, False)
    two.close()
    assert Budget(path, "b", 400, clock).allowed == 320


def test_threads_whose_answers_come_together_lower_once(path: Path, clock: Clock) -> None:
    budgets = [Budget(path, "b", 400, clock) for _n in range(4)]
    threads = [threading.Thread(target=budget.hold, args=(5,)) for budget in budgets * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [budget.allowed for budget in budgets] == [320] * 4


@pytest.mark.parametrize("back", [30.0, 100.0, 3000.0, 100_000.0])
def test_a_clock_set_back_after_a_429_neither_blocks_nor_keeps_the_share_low(
    path: Path, clock: Clock, back: float
) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    budget.hold(20)
    clock.now -= back
    began = clock.now
    assert budget.take("batch", stop, remaining=10_000) is not None
    assert clock.now - began <= 20 + 60
    assert 320 <= budget.allowed <= 321
    clock.now += 240
    assert not budget.use().lowered
    budget.hold(1)
    assert budget.allowed == 320


def test_a_hold_lasts_an_hour_at_most(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    budget.hold(1e9)
    began = clock.now
    assert budget.take("other", stop) is not None
    assert 3600 <= clock.now - began < 3601


def old_file(path: Path, clock: Clock) -> None:
    """What the file was before shares could be lowered, with two live slots."""
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE slot (id INTEGER PRIMARY KEY AUTOINCREMENT, brand TEXT NOT NULL,"
        " free_at REAL NOT NULL);"
        "CREATE INDEX slot_by_time ON slot (brand, free_at);"
        "CREATE TABLE brand (brand TEXT PRIMARY KEY, not_before REAL NOT NULL DEFAULT 0,"
        " next_at REAL NOT NULL DEFAULT 0);"
    )
    with database:
        database.execute("INSERT INTO brand VALUES ('b', ?, 0)", (clock.now + 7,))
        database.executemany(
            "INSERT INTO slot (brand, free_at) VALUES ('b', ?)", [(clock.now + 30,)] * 2
        )
    database.close()


def test_an_old_file_is_migrated(path: Path, clock: Clock) -> None:
    old_file(path, clock)
    old = sqlite3.connect(path)
    first = Budget(path, "b", 400, clock)
    again = Budget(path, "b", 400, clock)
    assert (first.used(), first.allowed, first.use().lowered) == (2, 400, False)
    began = clock.now
    assert again.take("other", Waiting(clock)) is not None
    assert 7 <= clock.now - began < 8
    again.hold(5)
    assert first.allowed == 320
    # A process of the version before goes on with the file.
    with old:
        old.execute("INSERT OR IGNORE INTO brand (brand) VALUES ('c')")
        old.execute("UPDATE brand SET not_before = max(not_before, 1) WHERE brand = 'b'")
    assert Budget(path, "c", 400, clock).allowed == 400


def test_processes_may_migrate_at_once(path: Path, clock: Clock) -> None:
    old_file(path, clock)
    opened: list[Budget] = []
    threads = [
        threading.Thread(target=lambda: opened.append(Budget(path, "b", 400, clock)))
        for _n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [budget.allowed for budget in opened] == [400] * 8


@settings(max_examples=20, deadline=None)
@given(
    limit=st.integers(1, 30),
    steps=st.lists(st.tuples(st.floats(0, 20), st.booleans()), min_size=1, max_size=80),
)
def test_lowering_and_winning_back_never_pass_the_limit(
    tmp_path_factory: pytest.TempPathFactory, limit: int, steps: list[tuple[float, bool]]
) -> None:
    clock = Clock()
    path = tmp_path_factory.mktemp("budget") / "b.sqlite"
    budgets, stop = [Budget(path, "b", limit, clock) for _n in range(2)], Waiting(clock)
    times: list[float] = []
    for number, (pause, refused) in enumerate(steps):
        budget = budgets[number % 2]
        slot = budget.take("batch", stop, remaining=10_000)
        assert slot is not None
        times.append(clock.now)
        budget.done(slot)
        if refused:
            budget.hold(pause)
        clock.now += pause / 10
        assert 1 <= budgets[0].allowed == budgets[1].allowed <= limit
    for budget in budgets:
        budget.close()
    assert most_in_a_window(times) <= limit
