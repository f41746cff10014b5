"""The sliding window: never over the limit in any 60 seconds, nothing of it wasted."""

import random
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend.windows import Clock, Waiting, most_in_a_window
from omnisend_tui.errors import StateError
from omnisend_tui.omnisend.budget import Budget
from omnisend_tui.omnisend.share import WINDOW, Rival


@pytest.mark.parametrize("limit", [1, 7, 40, 400])
def test_a_long_run_uses_the_window_and_never_passes_it(
    path: Path, clock: Clock, limit: int
) -> None:
    budget, stop = Budget(path, "b", limit, clock), Waiting(clock)
    latency = random.Random(limit)
    times: list[float] = []
    polled = clock.now
    began = clock.now
    for _n in range(limit * 4):
        if limit >= 100 and clock.now - polled > 60 / budget.reserve:
            polled = clock.now
            slot = budget.take("other", stop)
        else:
            slot = budget.take("batch", stop, remaining=10_000)
        assert slot is not None
        times.append(clock.now)
        clock.now += latency.uniform(0.0, min(0.03, 10 / limit))
        budget.done(slot)
    assert most_in_a_window(times) <= limit
    if limit >= 100:
        minutes = (clock.now - began) / 60
        assert len(times) / (limit * minutes) >= 0.98


def test_a_small_export_goes_out_at_once(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    began = clock.now
    for left in range(50, 0, -1):
        slot = budget.take("batch", stop, remaining=left)
        assert slot is not None
        budget.done(slot)
    assert clock.now == began


def test_a_long_run_is_paced_evenly(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    began = clock.now
    for _n in range(100):
        slot = budget.take("batch", stop, remaining=10_000)
        assert slot is not None
        budget.done(slot)
    assert 13 < clock.now - began < 16


def test_batches_leave_room_for_polling(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 400, clock), Waiting(clock)
    for _n in range(396):
        budget.take("batch", stop, remaining=1)
    began = clock.now
    assert budget.take("other", stop) is not None
    assert clock.now == began


def test_processes_and_restarts_share_the_window(path: Path, clock: Clock) -> None:
    stop = Waiting(clock)
    first, second = Budget(path, "b", 10, clock), Budget(path, "b", 10, clock)
    for budget in (first, second) * 5:
        slot = budget.take("other", stop)
        assert slot is not None
        budget.done(slot)
    first.close()
    again = Budget(path, "b", 10, clock)
    assert again.used() == 10
    began = clock.now
    again.take("other", stop)
    assert clock.now - began >= WINDOW - 1


def test_brands_do_not_wait_for_each_other(path: Path, clock: Clock) -> None:
    stop = Waiting(clock)
    one, other = Budget(path, "one", 1, clock), Budget(path, "other", 1, clock)
    one.take("other", stop)
    began = clock.now
    assert other.take("other", stop) is not None
    assert clock.now == began


def test_a_429_holds_everybody_of_the_brand(path: Path, clock: Clock) -> None:
    stop = Waiting(clock)
    one, two = Budget(path, "b", 10, clock), Budget(path, "b", 10, clock)
    one.hold(30)
    began = clock.now
    two.take("batch", stop)
    assert clock.now - began >= 30


def test_a_clock_that_was_set_back_blocks_nobody_for_long(path: Path, clock: Clock) -> None:
    stop = Waiting(clock)
    budget = Budget(path, "b", 1, clock)
    slot = budget.take("other", stop)
    assert slot is not None
    budget.done(slot)
    clock.now -= 100_000
    began = clock.now
    assert budget.take("other", stop) is not None
    assert clock.now - began <= 120


@pytest.mark.parametrize("back", [30, 100, 600, 100_000])
def test_a_clock_that_was_set_back_frees_no_slot(path: Path, clock: Clock, back: int) -> None:
    budget, stop = Budget(path, "b", 10, clock), Waiting(clock)
    Budget(path, "c", 10, clock).take("other", stop)
    for _n in range(10):
        slot = budget.take("other", stop)
        assert slot is not None
        budget.done(slot)
    clock.now -= back
    began = clock.now
    assert budget.used() == 10
    for _n in range(10):
        assert budget.take("other", stop) is not None
    assert clock.now - began >= WINDOW - 1
    assert Budget(path, "c", 10, clock).used() == 1


def test_it_tells_who_uses_the_window(path: Path, clock: Clock) -> None:
    mine, other = (Budget(path, "b", 10, clock, taker) for taker in ("mine", "other"))
    stop = Waiting(clock)
    for budget, remaining in ((mine, 3), (other, 5), (other, 4)):
        slot = budget.take("batch", stop, remaining)
        assert slot is not None
        budget.done(slot)
        clock.now += 2
    other.take("other", stop)
    assert mine.use().chart[-8:] == (0, 1, 0, 1, 0, 1, 0, 1)
    assert mine.use().rivals == (Rival(3, 0.0),)
    assert (mine.use().wanted, mine.use().first) == (3, 0)
    assert (mine.use().under_way, other.use().under_way) == (0, 1)
    assert [rival.slots for rival in other.use().rivals] == [1]
    assert (other.use().wanted, other.use().first) == (2, 2)
    clock.now += 60.5 + 1
    assert mine.use().used == 1  # its answer didn't come yet
    mine.hold(5)
    assert (other.use().held, other.use().lowered, other.use().allowed) == (True, True, 8)


def test_it_tells_for_how_long_a_full_window_is_waited_for(path: Path, clock: Clock) -> None:
    budget, stop = Budget(path, "b", 10, clock), threading.Event()
    for _n in range(9):
        budget.take("batch", stop)
    assert budget.full_for == 0.0

    class Impatient(Waiting):
        def wait(self, timeout: float | None = None) -> bool:
            super().wait(timeout)
            if budget.full_for > 1:
                self.set()
            return False

    assert budget.take("batch", Impatient(clock)) is None
    assert budget.full_for == 0.0  # nobody waits any more


def test_stop_ends_the_wait(path: Path, clock: Clock) -> None:
    stop = threading.Event()
    budget = Budget(path, "b", 1, clock)
    budget.take("other", stop)
    stop.set()
    assert budget.take("other", stop) is None


@settings(max_examples=15, deadline=None)
@given(
    limit=st.integers(2, 30),
    steps=st.lists(st.tuples(st.floats(0, 20), st.floats(0, 8)), min_size=1, max_size=60),
)
def test_whatever_the_latency_the_server_never_sees_more(
    tmp_path_factory: pytest.TempPathFactory, limit: int, steps: list[tuple[float, float]]
) -> None:
    """The server may count a request anywhere between its start and its answer."""
    clock = Clock()
    path = tmp_path_factory.mktemp("budget") / "b.sqlite"
    budget, stop = Budget(path, "b", limit, clock), Waiting(clock)
    counted: list[float] = []
    for pause, latency in steps:
        clock.now += pause
        slot = budget.take("batch", stop, remaining=1)
        assert slot is not None
        counted.append(clock.now + latency * len(counted) % max(latency, 0.001))
        clock.now += latency
        budget.done(slot)
    budget.close()
    assert most_in_a_window(sorted(counted)) <= limit


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StateError) as told:
        Budget(tmp_path / "taken" / "budget.sqlite", "b", 10)
    assert told.value.code == "budget_unusable"


def test_the_file_is_private_and_one_that_was_not_becomes_so(path: Path, clock: Clock) -> None:
    held = Budget(path, "b", 10, clock)
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600] * 3
    for each in files:
        each.chmod(0o644)
    Budget(path, "b", 10, clock).close()
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600] * 3
    held.close()
