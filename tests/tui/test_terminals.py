"""Terminals: refused ones, those over SSH, of sixteen colours, too small; and reopening."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from rich.color import Color, ColorSystem
from textual.widgets import Button, Input

from omnisend_tui.permissions import Actor
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.tui.screens.runs import RunsScreen
from omnisend_tui.tui.terminal import animated
from omnisend_tui.tui.themes import use_sixteen
from omnisend_tui.tui.widgets.paint import INKS
from omnisend_tui.tui.widgets.table import Table
from omnisend_tui.workspace import Workspace
from tui.rooms import NOW
from tui.screen_app import settle, shown, still_app, text_of


def in_terminal(kind: str, *command: str) -> tuple[int, str]:
    """Exit code and stderr of a command in a pseudo-terminal with this TERM."""
    terminal, child = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "omnisend_tui", *command],
            stdin=child, stdout=child, stderr=subprocess.PIPE, text=True, timeout=60,
            env={**os.environ, "TERM": kind, "LANG": "C.UTF-8"},
        )  # fmt: skip
    finally:
        os.close(child)
        os.close(terminal)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("kind", "command", "instead"),
    [
        ("dumb", (), "omnisend-tui status or omnisend-tui run NAME --plain"),
        ("", ("demo",), "omnisend-tui demo --headless"),
    ],
)
def test_a_terminal_without_a_screen_is_refused(
    kind: str, command: tuple[str, ...], instead: str, tmp_path: Path
) -> None:
    code, told = in_terminal(kind, "--workspace", str(tmp_path / "acme"), *command)
    assert code == 2
    assert f"(TERM={kind}) can't draw the app's screens." in told
    assert f"Use {instead} instead." in told
    assert not (tmp_path / "acme").exists()


def test_where_the_screens_would_go_to_a_file_is_told(tmp_path: Path) -> None:
    code, told = in_terminal("xterm", "--workspace", str(tmp_path / "acme"))
    assert (code, "draws on standard error" in told) == (2, True)
    assert "without sending standard error (2>) elsewhere" in told


@pytest.mark.parametrize(
    ("wished", "environ", "moves"),
    [
        ("auto", {}, True),
        ("auto", {"SSH_CONNECTION": "10.0.0.1 50022 10.0.0.2 22"}, False),
        ("auto", {"SSH_TTY": "/dev/pts/3"}, False),
        ("on", {"SSH_TTY": "/dev/pts/3"}, True),
        ("off", {}, False),
    ],
)
def test_nothing_moves_over_ssh_unless_wished(
    wished: Literal["auto", "on", "off"], environ: Mapping[str, str], moves: bool
) -> None:
    assert animated(wished, environ) is moves


async def test_no_cursor_blinks_over_ssh(busy: Workspace) -> None:
    app = OmnisendApp(busy, lambda: NOW, {"SSH_TTY": "/dev/pts/3"}, pulse=None)
    assert app.animation_level == "none"
    for keys in ("slash", "ctrl+p"):
        async with shown(app, keys):
            assert isinstance(app.focused, Input)
            assert not app.focused.cursor_blink
        app = OmnisendApp(busy, lambda: NOW, {"SSH_TTY": "/dev/pts/3"}, pulse=None)


@pytest.mark.parametrize("theme", ["kaamos", "hanki", "nord", "solarized-light"])
def test_sixteen_colours_keep_what_must_differ(empty: Workspace, theme: str) -> None:
    app = still_app(empty)
    app.theme = theme
    use_sixteen(app)
    assert app.theme == ("hanki" if theme in ("hanki", "solarized-light") else "kaamos")
    variables = app.get_css_variables()

    def sixteenth(name: str) -> int | None:
        return Color.parse(variables[name]).downgrade(ColorSystem.STANDARD).number

    page, row, button = sixteenth("background"), sixteenth("row"), sixteenth("panel")
    assert page not in (row, button)
    for ink in INKS:
        assert sixteenth(ink) != page, ink
    for ink in ("muted", "accent", "success", "warning", "error", "track", "foreground"):
        assert sixteenth(ink) != row, ink
    assert sixteenth("foreground") != button
    assert sixteenth("on-accent") != sixteenth("accent")
    assert sixteenth("track") != sixteenth("accent")


async def test_a_window_too_small_for_a_while_keeps_the_dialog_and_the_focus(
    busy: Workspace,
) -> None:
    app = still_app(busy)
    async with shown(app, "c") as pilot:
        before = text_of(app)
        for size in ((59, 24), (80, 19)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "too small" in text_of(app)
            assert len(text_of(app).strip().splitlines()) <= 2
        await pilot.resize_terminal(80, 24)
        await settle(app, pilot)
        assert text_of(app) == before
        assert isinstance(app.focused, Button)
        assert app.focused.id == "stay"


def reopened(workspace: Workspace) -> OmnisendApp:
    return OmnisendApp(workspace, lambda: NOW, {}, pulse=None, reopens=True)


async def test_what_was_open_is_open_again(busy: Workspace) -> None:
    """Each app ends without quitting, as if it were killed."""
    app = reopened(busy)
    async with shown(app, "s", "down", "down", "4", "down", "down", "enter"):
        assert isinstance(app.screen, RunScreen)
        run = app.screen.places()
    app = reopened(busy)
    async with shown(app) as pilot:
        assert [type(each) for each in app.screen_stack] == [ExportsScreen, RunsScreen, RunScreen]
        assert isinstance(app.screen, RunScreen)
        assert app.screen.places() == run
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.screen.query_one(Table).marked == app._place.run
        await pilot.press("1")
        await settle(app, pilot)
        assert app.screen.query_one(Table).marked == "Nordic-B2B"
    app = reopened(busy)
    async with shown(app):
        assert isinstance(app.screen, ExportsScreen)
        assert app.screen.query_one(Table).marked == "Nordic-B2B"
        assert app._place.sort == "name"


@pytest.mark.parametrize(("run", "days", "opens"), [
    ("run-Wholesale-2000", 0.9, True), ("run-Wholesale-2000", 1.1, False),
    ("run-Nordic B2B", 9.0, True),
])  # fmt: skip
async def test_a_past_run_is_open_again_for_a_day(
    busy: Workspace, run: str, days: float, opens: bool
) -> None:
    place = Place(run=run, seen=NOW.timestamp() - days * 86_400)
    busy.state.save_place("maija", msgspec.json.encode(place))
    app = reopened(busy)
    async with shown(app):
        assert isinstance(app.screen, RunScreen) is opens


@pytest.mark.parametrize(
    "record",
    [b"\xff", b'{"tab": 9}', b'{"tab": 1, "sort": "gone", "marked": {"1": "gone"}, "run": "gone"}'],
)
async def test_a_place_that_is_no_more_is_ignored(busy: Workspace, record: bytes) -> None:
    busy.state.save_place("maija", record)
    app = reopened(busy)
    async with shown(app):
        assert app.screen_stack == [app.screen]
        assert app.screen.query_one(Table).cursor_row == 0


async def test_a_place_is_its_users_and_holds_no_search(busy: Workspace) -> None:
    app = reopened(busy)
    async with shown(app, "slash", *"pekka"):
        pass
    assert b"pekka" not in (busy.state.place("maija") or b"")
    busy.actor = Actor("pekka", "administrator")
    assert reopened(busy)._place == Place()
    async with shown(still_app(busy), "2"):
        pass
    assert busy.state.place("pekka") is None
