"""Every screen as text and keys: what it shows, what its keys do, what they say."""

from math import inf

import pytest
from rich.cells import cell_len
from textual.widgets import Button

from omnisend_tui.i18n import use_language
from omnisend_tui.problems import Problem
from omnisend_tui.tui.app import DEMO, OmnisendApp
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.screens.help import HelpScreen
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.tui.widgets.table import Table
from omnisend_tui.workspace import Workspace
from tui.rooms import (
    AT,
    add_export,
    add_shop,
    running,
    slug,
)
from tui.screen_app import NARROW, WIDE, settle, shown, still_app, text_of, told, until

HOSTILE = "a [/b] [red]x[/] [@click=app.quit]q"


async def test_home_puts_what_runs_on_top_and_what_rests_last(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, size=WIDE):
        text = text_of(app)
        order = [text.index(name) for name in ("VIP customers", "Churn risk", "Loyalty gold")]
        assert order == sorted(order)
        assert "Omnisend refused the key." in text
        assert "5 running" in text
        assert "1 failed" in text
        assert "312 of 360 a minute" in text


async def test_a_silent_run_of_another_process_is_interrupted(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app):
        row = app.view.row(slug("Store visitors"))
        assert row is not None
        assert row.run is not None
        assert row.run.status == "interrupted"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("2",), "Acme Oy"),
        (("3",), "/srv/profiles/helsinki-*.csv"),
        (("4",), "Recently bought"),
        (("4", "2", "1"), "Search 17 exports"),
        (("question_mark", "end"), "What the signs mean"),
        (("down", "down", "enter"), "two @ signs"),
        (("down", "down", "enter", "g"), "missing e-mail"),
        (("down", "down", "enter", "3"), "The segments hold 41,200 profiles."),
        (("down", "down", "enter", "slash", "4", "1", "7", "enter"), "CID-00417"),
        (("slash", "l", "o", "y", "enter"), "found in 2"),
        (("slash", "l", "o", "y", "escape"), "Search 17 exports"),
        (("slash", "l", "o", "y", "enter", "escape"), "Search 17 exports"),
    ],
)
async def test_keys_lead_to_screens(busy: Workspace, keys: tuple[str, ...], expected: str) -> None:
    app = still_app(busy)
    async with shown(app, *keys):
        assert expected in text_of(app)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("r",), "runs already"),
        (("end", "r"), "has no connection"),
        (("end", "enter"), "never ran"),
        (("end", "p"), "isn't running"),
    ],
)
async def test_a_key_that_cant_act_says_why(
    busy: Workspace, keys: tuple[str, ...], expected: str
) -> None:
    app = still_app(busy)
    async with shown(app, *keys):
        assert any(expected in message for message in told(app))


async def test_each_s_says_what_is_sorted_by(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app) as pilot:
        for order in ("name", "the last run", "rejects", "state"):
            await pilot.press("s")
            assert told(app)[-1] == f"Sorted by {order}."


async def test_equal_notices_are_shown_once(empty: Workspace) -> None:
    app = still_app(empty)
    async with shown(app) as pilot:
        for _turn in range(3):
            app.say("It can't be read.", "Look at it.", "error")
        app.say("It can't be read.")
        await settle(app, pilot)
        assert told(app) == ["It can't be read. Look at it.", "It can't be read."]


@pytest.mark.parametrize("kept", [True, False])
def test_a_crash_names_the_log_only_where_it_stays(
    empty: Workspace, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = OmnisendApp(empty, environ={}, pulse=None, kept=kept)
    said: list[str] = []
    monkeypatch.setattr(app, "panic", lambda text: said.append(str(text)))
    try:
        raise KeyError("anna@example.com")
    except KeyError:
        app._fatal_error()
    assert "KeyError" in said[0]
    assert "anna" not in said[0]
    assert (str(empty.log_path) in said[0]) == kept


async def test_an_empty_workspace_leads_through_the_steps(empty: Workspace) -> None:
    app = still_app(empty)
    async with shown(app) as pilot:
        assert "0 of 4 done" in text_of(app)
        await pilot.press("down", "down", "enter")
        assert "needs a connection first" in told(app)[-1]
        await pilot.press("down", "enter")
        assert "needs an export first" in told(app)[-1]
        await pilot.press("down", "up", "up", "enter")
        await settle(app, pilot)
        assert "New source" in text_of(app)
        await pilot.press("escape")
        add_shop(empty)
        await settle(app, pilot)
        assert "2 of 4 done" in text_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        assert "New export" in text_of(app)
        await pilot.press("escape")
        add_export(empty, "VIP customers")
        await settle(app, pilot)
        assert "Search 1 export" in text_of(app)


async def test_the_demo_is_one_key_away(empty: Workspace) -> None:
    app = still_app(empty)
    async with shown(app, "d"):
        pass
    assert app.return_value == DEMO


async def test_a_broken_configuration_is_told_and_the_old_one_holds(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app) as pilot:
        busy.config_path.write_text("exports = nonsense")
        await settle(app, pilot)
        assert told(app)
        assert len(app.view.rows) == 17


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_hostile_texts_are_only_text(empty: Workspace, size: tuple[int, int]) -> None:
    add_shop(empty)
    add_export(empty, HOSTILE)
    empty.state.save_snapshot(
        running(
            HOSTILE,
            status="failed",
            finished_at=AT,
            source="[/]\x1b[2J",
            connection="日本語 [b]",
            error=None,
        )
    )
    empty.state.add_problems(
        f"run-{HOSTILE}",
        "reject",
        [Problem(key="[/x]", field="[y", reason="refused_by_omnisend", detail="[@click=z]\n\x07")],
    )
    empty.reload_config()
    app = still_app(empty)
    async with shown(app, size=size) as pilot:
        assert "a [/b] [red]x" in text_of(app)
        app.say(HOSTILE)
        await pilot.press("r")
        await until(pilot, lambda: "Close" in text_of(app))
        await pilot.press("escape", "enter")
        await settle(app, pilot)
        text = text_of(app)
        assert "[@click=z]" in text
        assert "[/x]" in text
        assert "\x1b" not in text


@pytest.mark.parametrize("language", ["en", "fi"])
@pytest.mark.parametrize(
    "keys", [(), ("end",), ("down", "enter"), ("4",), ("2",), ("question_mark",)]
)
async def test_footers_and_headers_fit(
    busy: Workspace, language: str, keys: tuple[str, ...]
) -> None:
    use_language(language)
    app = still_app(busy)
    async with shown(app, *keys):
        screen = app.screen
        assert isinstance(screen, LiveScreen)
        wide = sum(cell_len(f"{key.sign} {key.label}  ") for key in screen.footer_keys())
        assert wide <= NARROW[0]
        assert all(cell_len(line) <= NARROW[0] for line in text_of(app).splitlines())


async def test_a_small_window_says_so(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, size=(59, 30)) as pilot:
        assert "too small" in text_of(app)
        await pilot.resize_terminal(*NARROW)
        await settle(app, pilot)
        assert "Search 17 exports" in text_of(app)
        await pilot.resize_terminal(80, 19)
        await settle(app, pilot)
        assert "too small" in text_of(app)


async def test_ascii_has_no_other_sign(busy: Workspace) -> None:
    app = still_app(busy, {"TERM": "linux"})
    async with shown(app, "down", "down", size=WIDE) as pilot:
        assert [sign for sign in text_of(app) if not sign.isascii()] == []
        await pilot.resize_terminal(*NARROW)
        await settle(app, pilot)
        assert app.screen.query_one(Table).show_vertical_scrollbar
        assert [sign for sign in text_of(app) if not sign.isascii()] == []
        await pilot.press("enter")
        await settle(app, pilot)
        assert "* sending" in text_of(app)


async def test_without_colour_the_marked_row_has_a_sign(
    busy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = still_app(busy)
    async with shown(app):
        assert "> Newsletter FI" in text_of(app)
        assert app.no_color


async def test_the_mouse_opens_tabs_rows_and_keys(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app) as pilot:
        await pilot.click("#tabs", offset=(40, 0))
        await settle(app, pilot)
        assert "4 Runs" in text_of(app)
        await pilot.click("#tabs", offset=(2, 0))
        await settle(app, pilot)
        assert isinstance(app.screen, ExportsScreen)
        await pilot.click("#footer", offset=(2, 0))
        await settle(app, pilot)
        assert isinstance(app.screen, RunScreen)


async def test_esc_and_help_come_back(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, "enter", "f1") as pilot:
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, ExportsScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, ExportsScreen)


async def test_the_marked_export_stays_marked_when_rows_move(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, "down") as pilot:
        table = app.screen.query_one(Table)
        marked = table.marked
        busy.state.save_snapshot(running("Loyalty gold", run_id="new", started_at=AT - 1))
        await settle(app, pilot)
        assert table.marked == marked
        assert "6 running" in text_of(app)


async def test_nothing_is_painted_while_nothing_changes(
    busy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = still_app(busy)
    async with shown(app) as pilot:
        painted: list[int] = []
        monkeypatch.setattr(
            app.screen.query_one(Table),
            "refresh",
            lambda *_regions, **_options: painted.append(1),
        )
        await settle(app, pilot)
        await settle(app, pilot)
        assert painted == []


async def test_quitting_with_nothing_running_here_asks_nothing(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, "ctrl+q"):
        assert not app.screen.query(Button)
    assert app.return_code == 0


async def test_the_palette_has_own_commands(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {"Run all", "Connections", "Theme", "Quit"} <= set(titles)
        assert "Screenshot" not in titles


async def test_a_change_of_theme_repaints(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, "enter") as pilot:
        for theme in ("hanki", "nord", "ansi-light", "kaamos"):
            app.theme = theme
            await settle(app, pilot)
            assert "sending" in text_of(app)


async def test_a_pulse_that_meets_a_screen_on_its_way_out_is_lost(busy: Workspace) -> None:
    app = still_app(busy)
    async with shown(app, "4"):
        screen = app.screen
        assert isinstance(screen, LiveScreen)
        await screen.query_one(Table).remove()
        screen.present(app.view, None)
        assert app.is_running


async def test_a_key_that_is_still_followed_when_the_app_ends_disturbs_nothing(
    empty: Workspace,
) -> None:
    app = still_app(empty)
    async with shown(app):
        pass
    app._check(inf)
    assert app._checking is None
