"""A clock that is set while a run goes on, or between two, changes no wait and hides no end."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from engine.recovery_room import open_context
from omnisend_tui import launch as launching
from omnisend_tui.engine.interrupted import seen
from omnisend_tui.engine.recovery import _silent
from omnisend_tui.engine.retry import with_retries, worth_another
from omnisend_tui.engine.run import Run
from omnisend_tui.omnisend.errors import NotOmnisend
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.live import Live
from shops import QUICK, MakeShop

HOUR = 3600.0


class Clock:
    """The machine's clock, which tests set."""

    def __init__(self) -> None:
        self.set_by = 0.0

    def __call__(self) -> float:
        return time.time() + self.set_by


@pytest.mark.parametrize("set_by", [-HOUR, HOUR])
def test_open_batches_are_confirmed_as_if_nothing_was(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, set_by: float
) -> None:
    shop = make_shop(people=250, batch_seconds=0.6)
    clock = Clock()
    monkeypatch.setattr(launching, "Run", partial(Run, clock=clock))
    run = shop.launch(replace(QUICK, standstill=900.0))
    while run.snapshot().sent < 250:
        assert run.wait(0.01) is None
    requests = shop.sandbox.statistics()["requests"]
    while not requests.get("GET /batches"):
        assert run.wait(0.01) is None
        requests = shop.sandbox.statistics()["requests"]
    clock.set_by = set_by
    end = run.wait(15)
    run.cancel()
    assert end is not None
    assert (end.status, end.error, end.accepted) == ("finished", None, 250)


@pytest.mark.parametrize("set_by", [-HOUR, HOUR])
def test_patience_is_no_matter_of_the_clock(make_shop: MakeShop, set_by: float) -> None:
    context = open_context(make_shop(people=0), patience=replace(QUICK, outage=900.0))
    context.clock = clock = Clock()
    tries: list[int] = []

    def request() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise NotOmnisend("host")
        if len(tries) == 2:
            clock.set_by = set_by
            raise NotOmnisend("host")
        return "done"

    assert with_retries(context, request, worth_another, threading.Event()) == "done"
    assert len(tries) == 3


@pytest.mark.parametrize(("ago", "waited"), [(100.0, 90.0), (5.0, 0.0), (-HOUR, 0.0)])
def test_what_was_waited_since_the_last_sign_counts(
    make_shop: MakeShop, ago: float, waited: float
) -> None:
    context = open_context(make_shop(people=0))
    assert _silent(context) is None
    context.clock, context.ticks = _still(2_000_000.0), _still(50.0)
    latest = Snapshot(run_id="r", export_id="e", export="E", updated_at=2_000_000.0 - ago)
    context.job = replace(context.job, latest=latest)
    assert _silent(context) == 50.0 - waited


def _still(now: float) -> Callable[[], float]:
    return lambda: now


def test_a_dead_run_from_before_the_clock_was_set_back_is_seen_and_succeeded(
    make_shop: MakeShop,
) -> None:
    shop = make_shop(people=3)
    state, end = shop.workspace.state, shop.run()
    late = time.time() + HOUR
    dead = msgspec.structs.replace(
        end, run_id="dead", status="running", finished_at=None, started_at=late, updated_at=late
    )
    state.save_snapshot(dead)
    (row,) = Live(shop.workspace, time.time).pull().rows
    assert row.run is not None
    assert (row.run.status, row.busy) == ("interrupted", False)
    assert seen(state, shop.workspace.lock_path(dead.export_id), dead, time.time()) == row.run
    resumed = shop.run(resume=True)
    assert (resumed.run_id, resumed.status) == ("dead", "finished")
    state.save_snapshot(dead)
    after = [shop.run(discard=True), shop.run()]
    assert [run.run_id for run in state.runs(limit=3)] == [
        *(run.run_id for run in reversed(after)), "dead",
    ]  # fmt: skip
    assert state.latest_runs()[dead.export_id] == after[1]
