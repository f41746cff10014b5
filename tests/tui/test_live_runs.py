"""Runs started in the app, by the real engine against a sandbox over loopback."""

import asyncio
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.widgets import Button

from omnisend_tui import launch as launching
from omnisend_tui.engine import interrupted
from omnisend_tui.engine.lock import ExportLock
from omnisend_tui.progress import Snapshot
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.live import Live
from omnisend_tui.tui.screens.dialogs import Choice
from shops import QUICK, MakeShop, Shop
from tui.rooms import AT, running
from tui.screen_app import NARROW, run_first, shown, still_app, text_of, told, until

HASTY = replace(QUICK, outage=0.0)
DOWN = Faults(
    answers=(
        AnswerFault(
            action="server_error", method="POST", path="/batches", status=503,
            nth=tuple(range(2, 99)),
        ),
    )
)  # fmt: skip


def app_of(make_shop: MakeShop, **options: object) -> OmnisendApp:
    return OmnisendApp(make_shop(**options).workspace, environ={}, pulse=None)


async def test_r_runs_to_the_end_and_the_identity_holds(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=250)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: "finished" in text_of(app), pulls=True)
        run = app.view.rows[0].run
        assert run is not None
        assert run.read == run.closed == 250
        await pilot.press("enter")
        await pilot.press("2")
        await until(pilot, lambda: "confirmed" in text_of(app), pulls=True)
        await pilot.press("3")
        await until(pilot, lambda: "The run ended: finished." in text_of(app), pulls=True)


async def test_pause_resume_and_cancel(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=20_000, latency_ms=100)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(pilot)
        await until(
            pilot, lambda: app.live.handle(app.view.rows[0].export.id) is not None, pulls=True
        )
        await until(pilot, lambda: "c Cancel" in text_of(app), pulls=True)
        await pilot.press("p")
        await until(pilot, lambda: "paused" in text_of(app), pulls=True)
        assert "p Resume" in text_of(app)
        await pilot.press("p")
        await until(pilot, lambda: "paused" not in text_of(app), pulls=True)
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(app.screen, Choice)
        assert isinstance(app.focused, Button)
        assert app.focused.id == "stay"
        await pilot.press("right", "enter")
        await until(pilot, lambda: "cancelled" in text_of(app), pulls=True)


def interrupted_shop(make_shop: MakeShop) -> tuple[Shop, Snapshot]:
    """A shop whose run of 250 was interrupted: after the first batch Omnisend was down for it."""
    shop = make_shop(people=250, faults=DOWN)
    end = shop.run(HASTY)
    assert end.status == "interrupted"
    shop.sandbox.brand.plan.change(Faults())
    return shop, end


@pytest.mark.parametrize(
    ("keys", "same", "statuses"),
    [
        (("enter",), True, ["finished"]),
        (("right", "enter"), False, ["finished", "interrupted"]),
    ],
    ids=["resume", "discard"],
)
async def test_an_interrupted_run_goes_on_or_is_given_up(
    make_shop: MakeShop, keys: tuple[str, ...], same: bool, statuses: list[str]
) -> None:
    shop, before = interrupted_shop(make_shop)
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "r Resume" in text_of(app), pulls=True)
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(app.screen, Choice)
        assert [str(button.label) for button in app.screen.query(Button)] == [
            "Not now", "Resume", "Discard",
        ]  # fmt: skip
        assert app.focused is not None
        assert app.focused.id == "resume"
        await pilot.press(*keys)
        await until(pilot, lambda: "finished" in text_of(app), pulls=True)
        run = app.view.rows[0].run
        assert run is not None
        assert (run.run_id == before.run_id) is same
        assert (run.status, run.read, run.closed) == ("finished", 250, 250)
        assert [each.status for each in shop.workspace.state.runs()] == statuses


@pytest.mark.parametrize("keys", [("escape",), ("left", "enter")])
async def test_an_interrupted_run_can_wait(make_shop: MakeShop, keys: tuple[str, ...]) -> None:
    shop, before = interrupted_shop(make_shop)
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "r Resume" in text_of(app), pulls=True)
        await pilot.press("enter", "r")
        await until(pilot, lambda: isinstance(app.screen, Choice), pulls=True)
        await pilot.press(*keys)
        await until(pilot, lambda: not isinstance(app.screen, Choice), pulls=True)
        await app.workers.wait_for_complete()
    assert shop.workspace.state.runs() == [before]


async def test_p_and_c_steer_a_run_that_another_process_runs(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, latency_ms=100)
    run = shop.launch()
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(pilot, lambda: "p Pause" in text_of(app), pulls=True)
        await pilot.press("p")
        await until(pilot, lambda: "p Resume" in text_of(app), pulls=True)
        assert run.snapshot().status == "paused"
        await pilot.press("p")
        await until(pilot, lambda: "p Pause" in text_of(app), pulls=True)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, Choice), pulls=True)
        await pilot.press("right", "enter")
        await until(pilot, lambda: "cancelled" in text_of(app), pulls=True)
    end = run.wait(30)
    assert end is not None
    assert end.status == "cancelled"


def test_a_run_of_this_app_that_another_process_goes_on_with(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(people=250, faults=DOWN)
    monkeypatch.setattr(launching, "launch", partial(launching.launch, patience=HASTY))
    live = Live(shop.workspace, time.time)
    live.start(shop.workspace.export("E"))
    mine = live.here()[0].wait(30)
    assert mine is not None
    assert live.pull().rows[0].run == live.find(mine.run_id) == mine
    shop.sandbox.brand.plan.change(Faults())
    end = shop.run(resume=True)
    assert (mine.status, end.status, end.run_id) == ("interrupted", "finished", mine.run_id)
    assert live.pull().rows[0].run == live.find(mine.run_id) == end


def test_the_lock_of_a_quiet_run_is_asked_for_now_and_then(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, now, asked = make_shop(people=1), [1000.0], [0]
    run = Snapshot(run_id="1", export_id="gone", export="E", status="running", updated_at=1000.0)
    shop.workspace.state.save_snapshot(run)
    held = [True]

    def is_locked(_path: Path) -> bool:
        asked[0] += 1
        return held[0]

    monkeypatch.setattr(interrupted, "is_locked", is_locked)
    live = Live(shop.workspace, lambda: now[0])
    for seconds, looks, told_as in (
        (1.0, 0, run), (3.0, 1, run), (3.5, 1, run), (4.5, 2, run),
        (16.0, 3, msgspec.structs.replace(run, waiting_for="process")),
    ):  # fmt: skip
        now[0] = 1000.0 + seconds
        assert live.seen(run) == told_as
        assert asked[0] == looks
    held[0] = False
    for later in (17.5, 19.0, 99.0):
        now[0] = 1000.0 + later
        assert live.seen(run).status == "interrupted"
    assert asked[0] == 4


@pytest.mark.parametrize(("status", "wish"), [("running", "pause"), ("paused", "resume")])
async def test_a_process_that_doesnt_answer_is_asked_all_the_same(
    make_shop: MakeShop, status: str, wish: str
) -> None:
    shop = make_shop(people=1)
    export, state = shop.workspace.export("E"), shop.workspace.state
    run = running("E", export_id=export.id, status=status, updated_at=AT - 25)
    state.save_snapshot(run)
    lock = ExportLock(shop.workspace.lock_path(export.id), "E")
    app = still_app(shop.workspace)
    async with shown(app, "p") as pilot:
        assert "◌ doesn't answer" in text_of(app)
        await until(pilot, lambda: bool(told(app)), pulls=True)
        assert told(app)[-1].endswith("its process doesn't answer now, and obeys once it goes on.")
        assert state.take_wish(run.run_id) == wish
    lock.release()


async def test_quitting_asks_and_leaves_no_run_behind(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=20_000, batch_seconds=3.0)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: bool(app.live.here()), pulls=True)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert "1 export runs here." in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.live.here()
        await pilot.press("ctrl+q")
        await pilot.pause()
        (run,) = app.live.here()
        await pilot.click("#quit")
        await until(pilot, lambda: "■ cancelling" in text_of(app), pulls=True)
        assert "Ctrl+Q again closes at once" in " ".join(told(app))
        assert "^q Close at once; the app closes by itself in 0:" in text_of(app)
        assert "–        0" in text_of(app)
        await pilot.press("p")
        await until(pilot, lambda: "is being cancelled already" in " ".join(told(app)))
        await pilot.press("ctrl+q")
        async with asyncio.timeout(30):
            while app.return_code is None:
                await asyncio.sleep(0)
    assert app.return_code == 0
    final = run.wait(30)
    assert final is not None
    assert (final.status, final.cancelling) == ("cancelled", False)


async def test_quitting_asks_in_a_dialog_too_and_only_once(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=20_000, batch_seconds=3.0)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: bool(app.live.here()), pulls=True)
        below = app.screen_stack
        await app.push_screen(Choice("A question", "", (("close", "Close"),)))
        await pilot.press("ctrl+q")
        assert "1 export runs here." in text_of(app)
        await pilot.press("ctrl+q")
        assert len(app.screen_stack) == len(below) + 2
        await pilot.press("escape")
        assert "A question" in text_of(app)


async def test_quitting_asks_while_a_run_is_being_prepared(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(make_shop, people=2_000, latency_ms=100)
    prepared, launch = threading.Event(), launching.launch

    def launched(*given: Any, **named: Any) -> object:
        prepared.wait(30)
        return launch(*given, **named)

    monkeypatch.setattr(launching, "launch", launched)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: app.live.busy() == 1, pulls=True)
        assert not app.live.here()
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert "1 export runs here." in text_of(app)
        await pilot.click("#quit")
        await pilot.pause()
        assert app.return_code is None
        prepared.set()
        async with asyncio.timeout(30):
            while app.return_code is None:
                await asyncio.sleep(0)
    assert app.live.busy() == 0
    (run,) = app.live.workspace.state.latest_runs().values()
    assert run.status == "cancelled"


async def test_a_refused_start_is_told_and_stays_in_the_row(make_shop: MakeShop) -> None:
    shop = make_shop(people=10)
    shop.workspace.secrets = type(shop.workspace.secrets)({})
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(pilot)
        await until(pilot, lambda: "not started" in text_of(app), pulls=True)
        assert told(app)
        assert "1 failed" in text_of(app)
