"""Runs started in the app, by the real engine against a sandbox over loopback."""

import asyncio
from collections.abc import Callable

from screen_app import NARROW, text_of, told
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.screens.dialogs import Choice
from shops import MakeShop


async def until(app: OmnisendApp, pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Looks until ``true``; the test's time limit ends it otherwise."""
    async with asyncio.timeout(30):
        while not true():
            await app.look()
            await pilot.pause(0.02)


def app_of(make_shop: MakeShop, **options: object) -> OmnisendApp:
    return OmnisendApp(make_shop(**options).workspace, environ={}, pulse=None)


async def test_r_runs_to_the_end_and_the_identity_holds(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=250)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("r")
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
    app = app_of(make_shop, people=3000, batch_seconds=0.4, requests_per_minute=60)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("r")
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


async def test_quitting_asks_and_leaves_no_run_behind(make_shop: MakeShop) -> None:
    app = app_of(make_shop, people=3000, batch_seconds=0.4, requests_per_minute=60)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await pilot.press("r")
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
        await pilot.press("r")
        await until(app, pilot, lambda: "not started" in text_of(app))
        assert told(app)
        assert "1 failed" in text_of(app)
