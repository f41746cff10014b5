"""The Run screen: its lists, and the live flow with the real engine against the sandbox."""

from pathlib import Path

import pytest
from acme import acme, app_of

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.screens.dialogs import Question
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.tui.widgets.frame import KeyLine, Line
from omnisend_tui.tui.widgets.table import RowTable
from shops import MakeShop


def column(app, index: int) -> list[str]:
    table = app.screen.query_one(RowTable)
    return [table.get_row_at(row)[index].plain.strip() for row in range(table.row_count)]


async def settled(app, pilot) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()


async def ended(app, pilot) -> None:
    for run in app.live.under_way():
        while run.wait(0) is None:
            await pilot.pause(0.05)
    await settled(app, pilot)


async def opened(pilot) -> RunScreen:
    await pilot.press("down", "down", "enter")
    await settled(pilot.app, pilot)
    return pilot.app.screen


async def test_rejects_one_by_one_and_by_reason(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot)
            assert column(app, 2) == ["CID-00417", "CID-02210", "CID-07731", "CID-09120"]
            assert column(app, 4)[3] == "[/red] belongs to another"
            await pilot.press("g")
            await settled(app, pilot)
            assert column(app, 1) == [
                "missing e-mail", "not an e-mail address", "refused by Omnisend",
            ]  # fmt: skip
            assert column(app, 2) == ["2", "1", "1"]


async def test_the_log_tells_sentences_newest_first(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await opened(pilot)
            await pilot.press("right", "right")
            await settled(app, pilot)
            assert column(app, 4) == [
                "from_a_newer_version",
                "Omnisend answered 503. The request is tried again in 4 s.",
                "The source holds 41,200 profiles.",
                "The run started.",
            ]
            await pilot.press("g")
            assert "Only rejects" in list(app._notifications)[-1].message


async def test_at_120_columns_the_selected_reject_stands_at_the_right(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot)
            await pilot.press("down")
            await pilot.pause()
            side = str(app.screen.query_one("#side").render())
            assert "CID-02210" in side
            assert "Add an address in the source." in side


async def test_a_failed_run_says_why_and_what_to_do(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("down", "down", "down", "down", "enter")
            await settled(app, pilot)
            text = app.screen.query_one("#figures", Line).render().plain
            assert "Omnisend refused the key." in text
            assert "Store a new key" in text


async def test_a_run_to_its_end_with_the_real_engine(make_shop: MakeShop) -> None:
    shop = make_shop(people=250)
    app = OmnisendApp(shop.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await settled(app, pilot)
        await ended(app, pilot)
        app.show_live()
        assert "finished" in column(app, 2)[0]
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.screen.current_run.confirmed == 250
        await pilot.press("right")
        await settled(app, pilot)
        assert column(app, 4) == ["confirmed"] * 3


async def test_pause_go_on_and_cancel(make_shop: MakeShop) -> None:
    shop = make_shop(people=3000, batch_seconds=0.2)
    app = OmnisendApp(shop.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await settled(app, pilot)
        (run,) = app.live.under_way()
        await pilot.press("enter", "p")
        assert run.snapshot().status == "paused"
        assert "Go on" in app.screen.query_one(KeyLine).render().plain
        await pilot.press("p")
        assert run.snapshot().status == "running"
        await pilot.press("c")
        assert isinstance(app.screen, Question)
        await pilot.press("enter")  # the safe answer is focused
        assert not run.snapshot().ended
        await pilot.press("c", "tab", "enter")
        await ended(app, pilot)
        assert run.snapshot().status == "cancelled"


@pytest.mark.parametrize("leave", [False, True])
async def test_leaving_asks_while_exports_run_here(make_shop: MakeShop, leave: bool) -> None:
    shop = make_shop(people=3000, batch_seconds=0.2)
    app = OmnisendApp(shop.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("A", "enter")
        await settled(app, pilot)
        (run,) = app.live.under_way()
        await pilot.press("ctrl+q")
        assert isinstance(app.screen, Question)
        if leave:
            await pilot.press("tab", "enter")
            while run.wait(0) is None:
                await pilot.pause(0.05)
            assert run.snapshot().status == "cancelled"
        else:
            await pilot.press("enter")
            assert isinstance(app.screen, ExportsScreen)
            assert not run.snapshot().ended
            run.cancel()
            await ended(app, pilot)
