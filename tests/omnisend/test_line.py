"""Of the runs that share a brand's window, whoever wants least goes first."""

from collections.abc import Callable
from pathlib import Path

import pytest

from omnisend.windows import Clock, Waiting
from omnisend_tui.omnisend.budget import Budget, Kind
from omnisend_tui.omnisend.share import WINDOW


class Meanwhile(Waiting):
    """Whoever waits sees something happen once the window is about to have a free slot."""

    def __init__(self, clock: Clock, at: float, happens: Callable[[], None]) -> None:
        super().__init__(clock)
        self._at = at
        self._happens: Callable[[], None] | None = happens

    def wait(self, timeout: float | None = None) -> bool:
        clock, happens = self._clock, self._happens
        super().wait(timeout)
        if happens and clock.now >= self._at:
            self._happens = None
            happens()
        return False


class Impatient(Waiting):
    """Waits for a tenth of a second."""

    def wait(self, timeout: float | None = None) -> bool:
        self._until = getattr(self, "_until", self._clock.now + 0.1)
        super().wait(timeout)
        if self._clock.now >= self._until:
            self.set()
        return False


class Crash(Exception):
    pass


def full(path: Path, clock: Clock) -> float:
    """A window of one slot, which was taken; when it is free again."""
    with Budget(path, "b", 1, clock, "before") as budget:
        slot = budget.take("tag", Waiting(clock))
        assert slot is not None
        budget.done(slot)
    return clock.now + WINDOW


@pytest.mark.parametrize("kind", ["batch", "tag"])
@pytest.mark.parametrize("wanted", [5, 500])
def test_who_wants_more_leaves_the_slot_to_who_wants_less(
    path: Path, clock: Clock, kind: Kind, wanted: int
) -> None:
    free_at = full(path, clock)
    small, large = (Budget(path, "b", 1, clock, taker) for taker in ("small", "large"))
    got: list[int | None] = []
    stop = Meanwhile(clock, free_at, lambda: got.append(large.take(kind, Impatient(clock), wanted)))
    assert small.take(kind, stop, 4) is not None
    assert got == [None]


def test_who_wants_less_waits_for_nobody_who_wants_more(path: Path, clock: Clock) -> None:
    free_at = full(path, clock)
    small, large = (Budget(path, "b", 1, clock, taker) for taker in ("small", "large"))
    got: list[int | None] = []
    stop = Meanwhile(clock, free_at, lambda: got.append(small.take("tag", Impatient(clock), 4)))
    assert large.take("tag", stop, 5) is not None  # a window later
    assert got != [None]
    assert clock.now > free_at + WINDOW


def test_requests_that_stand_in_no_line_wait_for_nobody(path: Path, clock: Clock) -> None:
    free_at = full(path, clock)
    run, other = (Budget(path, "b", 1, clock, taker) for taker in ("run", "other"))
    got: list[int | None] = []
    stop = Meanwhile(clock, free_at, lambda: got.append(other.take("other", Impatient(clock))))
    run.take("tag", stop)
    assert got != [None]


def test_who_died_in_the_line_holds_others_up_for_a_second_at_most(
    path: Path, clock: Clock
) -> None:
    free_at = full(path, clock)

    def die() -> None:
        raise Crash

    dead, alive = (Budget(path, "b", 1, clock, taker) for taker in ("dead", "alive"))
    with pytest.raises(Crash):
        dead.take("tag", Meanwhile(clock, free_at, die), 1)
    assert alive.take("tag", Waiting(clock), 100) is not None
    assert clock.now <= free_at + 1.1
    assert alive.use().wanted == 1
    clock.now += 11
    assert alive.use().wanted == 0


def test_who_stops_leaves_the_line(path: Path, clock: Clock) -> None:
    free_at = full(path, clock)
    run, other = (Budget(path, "b", 1, clock, taker) for taker in ("run", "other"))
    assert run.take("tag", Impatient(clock), 1) is None
    clock.now = free_at
    assert other.take("tag", Waiting(clock), 100) is not None
    assert clock.now == free_at


def test_who_has_ended_leaves_the_line(path: Path, clock: Clock) -> None:
    ended, other = (Budget(path, "b", 100, clock, taker) for taker in ("ended", "other"))
    ended.tell(190)
    assert other.use().wanted == 190
    ended.close()
    assert other.use().wanted == 0


def test_what_fits_together_goes_out_at_once(path: Path, clock: Clock) -> None:
    stop = Waiting(clock)
    one, other = (Budget(path, "b", 100, clock, taker) for taker in ("one", "other"))
    one.tell(30)
    other.tell(40)
    began = clock.now
    for budget, wanted in ((other, 40), (one, 30)):
        for left in range(wanted, 0, -1):
            assert budget.take("batch", stop, left) is not None
    assert clock.now == began


@pytest.mark.parametrize("kind", ["batch", "tag"])
def test_what_does_not_fit_together_is_paced(path: Path, clock: Clock, kind: Kind) -> None:
    stop = Waiting(clock)
    small, large = (Budget(path, "b", 100, clock, taker) for taker in ("small", "large"))
    began = clock.now
    for left in range(40, 0, -1):
        large.tell(80)
        assert small.take(kind, stop, left) is not None
    assert 20 < clock.now - began < 25  # an even pace, all of which the small one has


def test_tags_that_nobody_else_gives_are_not_paced(path: Path, clock: Clock) -> None:
    budget = Budget(path, "b", 100, clock)
    began = clock.now
    for left in range(500, 400, -1):
        assert budget.take("tag", Waiting(clock), left) is not None
    assert clock.now == began


def test_each_run_finds_a_slot_to_look_at_its_batches(path: Path, clock: Clock) -> None:
    runs = [Budget(path, "b", 100, clock, f"run {number}") for number in range(5)]
    for _number in range(100 - len(runs)):
        for run in runs:
            run.tell(1000)
        assert runs[0].take("batch", Waiting(clock), 1000) is not None
    for run in runs:
        assert run.take("work", Impatient(clock)) is None
        assert run.take("other", Impatient(clock)) is not None


def test_what_was_told_is_known_and_who_wants_less_goes_first(path: Path, clock: Clock) -> None:
    runs = [Budget(path, "b", 100, clock, taker) for taker in ("a", "b", "c")]
    for run, wanted in zip(runs, (30, 10, 30), strict=True):
        run.tell(wanted)
    assert [(run.use().wanted, run.use().first) for run in runs] == [(40, 10), (60, 0), (40, 40)]


def test_a_place_ahead_of_the_clock_counts_for_nothing(path: Path, clock: Clock) -> None:
    early, late = (Budget(path, "b", 100, clock, taker) for taker in ("early", "late"))
    early.take("batch", Waiting(clock), 60)
    clock.now -= 1000
    assert late.use().wanted == 0
