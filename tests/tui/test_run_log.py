"""The log of a run: each of its lines in full, to read and to copy."""

import pytest
from msgspec.structs import replace

from omnisend_tui.i18n import use_language
from omnisend_tui.records import LogLine
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import AT, ended
from tui.screen_app import NARROW, WIDE, settle, shop_with, shown, text_of, told

LONG = "The tenant of the environment refused it [b]" + " and said so at some length" * 6


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("language", ["en", "fi"])
async def test_enter_shows_a_line_in_full_and_copies_it(
    empty: Workspace, size: tuple[int, int], language: str
) -> None:
    use_language(language)
    run = ended("VIP customers", 10, 1)
    app = shop_with(empty, run)
    for line in (
        LogLine(at=AT - 3700, code="run_started"),
        LogLine(at=AT - 3640, code="run_ended", parameters={"status": "failed", "why": LONG}),
    ):
        empty.state.add_log(run.run_id, line)
    async with shown(app, "enter", "3", size=size) as pilot:
        assert LONG not in " ".join(text_of(app).split())
        await pilot.press("enter")
        assert isinstance(app.screen, Choice)
        boxed = (line.split("│") for line in text_of(app).splitlines() if line.count("│") > 1)
        assert LONG in " ".join(" ".join(parts[1] for parts in boxed).split())
        await pilot.press("right", "enter")
        assert app.clipboard.startswith(
            "25 Nov 13:22:14 " if language == "en" else "25.11. 13:22:14 "
        )
        assert app.clipboard.endswith(f"{LONG}.")
        assert len(told(app)) == 1
        await pilot.press("down", "enter", "escape")
        assert isinstance(app.screen, RunScreen)
        assert len(told(app)) == 1


async def test_a_text_that_doesnt_fit_scrolls_by_keyboard(empty: Workspace) -> None:
    run = ended("VIP customers", 10, 1)
    app = shop_with(empty, run)
    why = "The first words. " + "and said so at some length " * 40 + "The last words"
    line = LogLine(at=AT - 4e7, code="run_ended", parameters={"status": "failed", "why": why})
    empty.state.add_log(run.run_id, line)
    async with shown(app, "enter", "3", "enter") as pilot:
        for keys, there in (((), True), (("down",) * 2, False), (("pageup",), True)):
            await pilot.press(*keys)
            await pilot.pause()
            assert ("The first words" in text_of(app)) is there
            assert " 2025 " in text_of(app)
            assert "Copy" in text_of(app)
        assert "↑↓ Scroll" in text_of(app).splitlines()[-1]
        await pilot.press(*("pagedown",) * 4)
        await pilot.pause()
        assert "The last words" in text_of(app)


async def test_the_mark_stays_on_its_line(empty: Workspace) -> None:
    run = ended("VIP customers", 10, 1)
    app = shop_with(empty, run)

    def add(count: int, first: int = 0) -> None:
        for number in range(first, first + count):
            line = LogLine(at=AT, code="run_ended", parameters={"status": f"no {number}"})
            empty.state.add_log(run.run_id, line)

    add(200)
    async with shown(app, "enter", "3", "down", "down") as pilot:
        add(2, 200)
        empty.state.save_snapshot(replace(run, updated_at=AT))
        await settle(app, pilot)
        await pilot.press("enter")
        assert isinstance(app.screen, Choice)
        assert "no 197" in app.screen._detail


async def test_enter_without_a_line_does_nothing(empty: Workspace) -> None:
    app = shop_with(empty, ended("VIP customers", 10, 1))
    async with shown(app, "enter", "3", "/", "q", "q", "enter", "enter"):
        assert isinstance(app.screen, RunScreen)
