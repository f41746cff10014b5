"""The Exports screen: keys, search, order, hostile names, empty workspace, small windows."""

from pathlib import Path

import pytest
from acme import acme, app_of, empty
from textual.widgets import Input

from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.help import HelpScreen
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.tui.widgets.frame import KeyLine, Line
from omnisend_tui.tui.widgets.table import RowTable


def names(app) -> list[str]:
    table = app.screen.query_one(RowTable)
    return [table.get_row_at(row)[1].plain.strip() for row in range(table.row_count)]


def told(app) -> list[str]:
    return [notification.message for notification in app._notifications]


async def test_what_moves_stands_above_what_needs_somebody_and_what_ended(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)):
            assert names(app) == [
                "Birthday club", "Newsletter FI", "VIP customers", "Win back 90 days",
                "Churn risk", "Store visitors", "Recently bought", "Loyalty gold",
                "Spring campaign", "a [/b] c [bold]",
            ]  # fmt: skip


async def test_sorts_by_name_then_by_last_run(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("s")
            assert names(app)[:2] == ["a [/b] c [bold]", "Birthday club"]
            await pilot.press("s")
            assert names(app)[0] == "VIP customers"


async def test_the_cursor_stays_on_its_export_when_the_order_changes(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("down", "down", "s")
            await pilot.pause()
            assert app.screen.item.export.name == "VIP customers"


async def test_searches_as_one_types_and_shows_all_again(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", *"NEWS")
            assert names(app) == ["Newsletter FI"]
            await pilot.press("enter")
            assert isinstance(app.focused, RowTable)
            assert names(app) == ["Newsletter FI"]
            await pilot.press("escape")
            assert len(names(app)) == 10
            assert app.screen.query_one("#search", Input).value == ""


async def test_letters_in_the_search_are_text_and_start_nothing(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", "r", "A", "c", "4", "question_mark")
            assert app.screen.query_one("#search", Input).value == "rAc4?"
            assert isinstance(app.screen, ExportsScreen)
            assert not app.starting


async def test_a_search_without_a_find_says_so(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", *"zzz")
            assert "Esc shows all" in app.screen.query_one("#pane", Line).render().plain


async def test_a_name_that_looks_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("end", "enter")
            await pilot.pause()
            assert "a [/b] c [bold]" in app.screen.query_one("#side", Line).render().plain
            app.tell("a [/b] c [bold]")
            await pilot.pause()
            assert told(app)[-1] == "a [/b] c [bold]"


async def test_enter_opens_the_run_and_escape_comes_back(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("enter")
            assert isinstance(app.screen, RunScreen)
            await pilot.press("escape")
            assert isinstance(app.screen, ExportsScreen)


async def test_keys_that_cannot_act_say_why(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("p")
            assert "Another process" in told(app)[-1]
            await pilot.press("r")
            assert "runs already" in told(app)[-1]
            await pilot.press("end", "enter")
            assert "never ran" in told(app)[-1]
            await pilot.press("c")
            assert "doesn't run now" in told(app)[-1]


async def test_a_run_that_cannot_start_tells_its_reason(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("end", "r")
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert "agree" in told(app)[-1] or "consent" in told(app)[-1].casefold()
            assert not app.starting


async def test_the_four_tabs_and_the_help(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            for key, rows in (("2", 1), ("3", 1), ("4", 9), ("1", 10)):
                await pilot.press(key)
                await pilot.pause()
                assert len(names(app)) == rows
            await pilot.press("question_mark")
            assert isinstance(app.screen, HelpScreen)
            await pilot.press("escape")
            assert isinstance(app.screen, ExportsScreen)


async def test_tabs_and_keys_can_be_clicked(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.click("TabLine", offset=(40, 0))
            assert app.current_mode == "runs"
            await pilot.click("TabLine", offset=(3, 0))
            await pilot.click("KeyLine", offset=(2, 0))
            assert isinstance(app.screen, RunScreen)


@pytest.mark.parametrize("mode", ["exports", "connections", "sources", "runs"])
async def test_an_empty_workspace_teaches(tmp_path: Path, mode: str) -> None:
    with empty(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            app.switch_mode(mode)
            await pilot.pause()
            assert "Here" in str(app.screen.query_one("#empty").render())
            for key in ("r", "A", "p", "c", "s", "slash", "n", "enter", "escape"):
                await pilot.press(key)


async def test_a_small_window_says_so_in_one_sentence(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(50, 18)) as pilot:
            await pilot.pause()
            assert app.screen.query_one("#small").display
            assert not app.screen.query_one("#body").display
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
            assert app.screen.query_one("#body").display


async def test_every_line_of_keys_fits_80_columns(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            for keys in ((), ("slash",), ("escape",), ("enter",), ("escape", "4"), ("2",)):
                await pilot.press(*keys)
                await pilot.pause()
                assert app.screen.query_one(KeyLine).render().cell_len < 80


async def test_another_theme_repaints(tmp_path: Path) -> None:
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            for theme in ("hanki", "nord", "ansi-light", "kaamos"):
                app.theme = theme
                await pilot.pause()
            assert app.palette.accent == "#5cc5d6"


async def test_without_colour_the_cursor_row_is_reversed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with acme(tmp_path) as workspace:
        app = app_of(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            table = app.screen.query_one(RowTable)
            strip = table.render_line(1)
            assert ">" in strip.text
            assert all(segment.style.reverse for segment in strip if "Birthday" in segment.text)
