"""What past runs say about each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisend_tui.history import (
    TREND,
    Changes,
    compared,
    in_words,
    origin,
    previous,
    signed,
    signed_time,
    trend,
)
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import RunOptions
from omnisend_tui.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(tmp_path / "state.sqlite")
    yield opened
    opened.close()


def run(run_id: str, at: float, **more: object) -> Snapshot:
    values: dict[str, Any] = {
        "run_id": run_id, "export_id": "e", "export": "VIP", "status": "finished",
        "started_at": at, "reading_done_at": at + 1, "finished_at": at + 40,
    }  # fmt: skip
    return Snapshot(**(values | more))


def test_a_run_is_compared_with_the_last_whole_one_of_its_export(state: State) -> None:
    first, last = run("first", 1), run("last", 9)
    others = [
        run("of another export", 8, export_id="f"),
        run("never read", 7, status="failed", reading_done_at=None),
        run("a trial", 6, options=RunOptions(limit=10)),
        run("rejects alone", 5, options=RunOptions(only_rejects=True)),
        run("unended", 4, status="running", finished_at=None),
        run("later", 10),
    ]
    for each in (first, last, *others):
        state.save_snapshot(each)
    assert previous(state, last) == first
    assert previous(state, first) is None
    assert previous(state, run("given up", 9, status="cancelled", reading_done_at=None)) is None
    trial = run("another trial", 20, options=RunOptions(limit=10))
    assert previous(state, trial) == others[2]


def test_changes_are_counts_less_those_before() -> None:
    before = run("r1", 0, read=100, accepted=80, rejected=20, leavers=3)
    after = run("r2", 100, read=1_340, created=1_332, rejected=8, leavers=3, finished_at=135.4)
    changes = compared(after, before)
    assert changes == Changes(
        read=1_240, created=1_332, accepted=-80, rejected=-12, leavers=0, seconds=-5
    )
    assert in_words(changes) == "1,240 more profiles, 12 fewer rejects, 0:05 quicker"
    assert in_words(Changes(read=-1, leavers=1, seconds=62)) == (
        "1 fewer profile, 1 more leaver, 1:02 longer"
    )
    assert in_words(Changes(unchanged=5)) == "nothing changed"


@given(st.integers(-(10**9), 10**9))
def test_a_sign_stands_before_every_change(change: int) -> None:
    told = signed(change)
    assert int(told.replace(",", "")) == change
    assert told.startswith("+") == (change > 0)
    assert signed_time(change).startswith("-") == (change < 0)


def test_the_trend_is_the_newest_runs_oldest_first() -> None:
    runs = [run(f"r{n}", n, read=n) for n in reversed(range(50))]
    points = trend(runs[0], runs)
    assert [point.read for point in points] == list(range(50 - TREND, 50))
    assert trend(runs[0], []) == ()
    trial = run("r", 0, options=RunOptions(limit=10))
    assert [point.run_id for point in trend(trial, [trial, *runs])] == ["r"]


def test_who_started_a_run_and_how() -> None:
    assert origin(run("r", 0, user="maija", started_by="app")) == "maija, in the app"
    assert origin(run("r", 0, user="maija", started_by="cli")) == "maija, command line"
    assert origin(run("r", 0, started_by="agent")) == "the agent"
    assert origin(run("r", 0)) == ""
