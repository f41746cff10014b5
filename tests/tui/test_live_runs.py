"""Runs started in the app, by the real engine against a sandbox over loopback."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from screen_app import NARROW, text_of, told
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui.progress import Snapshot
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.screens.dialogs import Choice
from shops import QUICK, MakeShop, Shop


async def until(app: OmnisendApp, pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Looks until ``true``; the test's time limit ends it otherwise."""
    async with asyncio.timeout(30):
        while not true():
            await app.look()
            await pilot.pause(0.02)


async def run_first(app: OmnisendApp, pilot: Pilot[int]) -> None:
    """A first run: its price is told, and Enter takes the button that has the focus."""
    await pilot.press("r")
    await until(app, pilot, lambda: getattr(app.focused, "id", "") == "run")
    await pilot.press("enter")


def app_of(make_shop: MakeShop, **options: object) -> OmnisendApp:
    return OmnisendApp(make_shop(**options).workspace, environ={}, pulse=None)


async def test_r_runs_to_the_end_and_the_identity_holds(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=250)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(app, pilot)
        await until(app, pilot, lambda: "finished" in text_of(app))
        run = app.view.rows[0].run
        assert run is not None
        assert run.read == run.closed == 250
        await pilot.press("enter")
        await pilot.press("2")
        await until(app, pilot, lambda: "confirmed" in text_of(app))
        await pilot.press("3")
        await until(app, pilot, lambda: "The run ended: finished." in text_of(app))


async def test_pause_resume_and_cancel(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=20_000, latency_ms=100)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(app, pilot)
        await until(app, pilot, lambda: app.live.handle(app.view.rows[0].export.id) is not None)
        await until(app, pilot, lambda: "c Cancel" in text_of(app))
        await pilot.press("p")
        await until(app, pilot, lambda: "paused" in text_of(app))
        assert "p Resume" in text_of(app)
        await pilot.press("p")
        await until(app, pilot, lambda: "paused" not in text_of(app))
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(app.screen, Choice)
        assert isinstance(app.focused, Button)
        assert app.focused.id == "stay"
        await pilot.press("right", "enter")
        await until(app, pilot, lambda: "cancelled" in text_of(app))


def interrupted_shop(make_shop: MakeShop) -> tuple[Shop, Snapshot]:
    """A shop whose run of 250 was interrupted: after the first batch Omnisend was down for it."""
    down = AnswerFault(
        action="server_error", method="POST", path="/batches", status=503, nth=tuple(range(2, 99))
    )  # fmt: skip
    shop = make_shop(people=250, faults=Faults(answers=(down,)))
    end = shop.run(replace(QUICK, outage=0.0))
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
        await until(app, pilot, lambda: "r Resume" in text_of(app))
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(app.screen, Choice)
        assert [str(button.label) for button in app.screen.query(Button)] == [
            "Not now", "Resume", "Discard",
        ]  # fmt: skip
        assert app.focused is not None
        assert app.focused.id == "resume"
        await pilot.press(*keys)
        await until(app, pilot, lambda: "finished" in text_of(app))
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
        await until(app, pilot, lambda: "r Resume" in text_of(app))
        await pilot.press("enter", "r")
        await until(app, pilot, lambda: isinstance(app.screen, Choice))
        await pilot.press(*keys)
        await until(app, pilot, lambda: not isinstance(app.screen, Choice))
        await app.workers.wait_for_complete()
    assert shop.workspace.state.runs() == [before]


async def test_p_and_c_steer_a_run_that_another_process_runs(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, latency_ms=100)
    run = shop.launch()
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await until(app, pilot, lambda: "p Pause" in text_of(app))
        await pilot.press("p")
        await until(app, pilot, lambda: "p Resume" in text_of(app))
        assert run.snapshot().status == "paused"
        await pilot.press("p")
        await until(app, pilot, lambda: "p Pause" in text_of(app))
        await pilot.press("c")
        await until(app, pilot, lambda: isinstance(app.screen, Choice))
        await pilot.press("right", "enter")
        await until(app, pilot, lambda: "cancelled" in text_of(app))
    end = run.wait(30)
    assert end is not None
    assert end.status == "cancelled"


async def test_quitting_asks_and_leaves_no_run_behind(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=20_000, latency_ms=100)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(app, pilot)
        await until(app, pilot, lambda: bool(app.live.here()))
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert "1 export runs here." in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.live.here()
        await pilot.press("ctrl+q")
        await pilot.pause()
        await pilot.click("#quit")
        async with asyncio.timeout(30):
            while app.return_code is None:
                await asyncio.sleep(0)
    assert app.return_code == 0
    assert not app.live.here()


async def test_a_refused_start_is_told_and_stays_in_the_row(make_shop: MakeShop) -> None:
    shop = make_shop(people=10)
    shop.workspace.secrets = type(shop.workspace.secrets)({})
    app = OmnisendApp(shop.workspace, environ={}, pulse=None)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await run_first(app, pilot)
        await until(app, pilot, lambda: "not started" in text_of(app))
        assert told(app)
        assert "1 failed" in text_of(app)
