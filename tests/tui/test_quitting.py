"""How the app ends, whatever it is at."""

import asyncio
from collections.abc import Callable
from math import inf

import pytest
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from omnisend_tui.config.models import Export
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.live import Live
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.begin import begin
from omnisend_tui.tui.screens.homes import home
from omnisend_tui.tui.screens.price import ask_price
from omnisend_tui.tui.screens.run_all import _answered, ask_all
from omnisend_tui.workspace import Workspace
from tui.rooms import add_export, add_shop
from tui.screen_app import shown, still_app, told

Opens = Callable[[OmnisendApp], object]


def exports_of(app: OmnisendApp) -> list[Export]:
    return list(app.workspace.config.exports.values())


@pytest.mark.parametrize(
    ("opens", "turns"),
    [
        pytest.param(lambda app: ask_price(app, exports_of(app)[0]), 0, id="price"),
        pytest.param(lambda app: ask_all(app, exports_of(app)), 1, id="run all"),
        pytest.param(lambda app: app.push_screen(home(4, Place())), 1, id="runs"),
        pytest.param(lambda app: begin(app, "export"), 2, id="wizard"),
        pytest.param(lambda app: begin(app, "export"), 5, id="page of a wizard"),
    ],
)
async def test_it_ends_well_while_a_screen_opens(busy: Workspace, opens: Opens, turns: int) -> None:
    app = still_app(busy)
    async with shown(app):
        opens(app)
        for _turn in range(turns):
            await asyncio.sleep(0)
        app.exit(0)
        async with asyncio.timeout(30):
            while app.is_running:
                await asyncio.sleep(0)
    assert app.return_code == 0


@pytest.mark.parametrize(
    ("ends", "error", "reported"),
    [
        (False, NoMatches(), True),
        (True, NoMatches(), False),
        (True, WorkerFailed(MountError()), False),
        (True, KeyError("x"), True),
        (True, WorkerFailed(KeyError("x")), True),
    ],
)
def test_an_error_is_reported_unless_it_comes_of_the_end(
    empty: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    ends: bool,
    error: Exception,
    reported: bool,
) -> None:
    app = OmnisendApp(empty, environ={}, pulse=None)
    said: list[object] = []
    monkeypatch.setattr(app, "panic", said.append)
    if ends:
        app.exit(0)
    try:
        raise error
    except (NoMatches, WorkerFailed, KeyError) as raised:
        app._handle_exception(raised)
    assert (bool(said), app.return_code == 1) == (reported, reported)


async def test_no_run_starts_while_it_closes(
    empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(Live, "start", lambda _live, export: started.append(export.name))
    monkeypatch.setattr("omnisend_tui.launch.never_ran", lambda *_of: False)
    add_shop(empty)
    add_export(empty, "E")
    empty.reload_config()
    app = still_app(empty)
    async with shown(app) as pilot:
        app.closes = inf
        await pilot.press("r")
        await app.workers.wait_for_complete()
        await pilot.pause()
        _answered(app, exports_of(app))  # nor is it said that any did
        await pilot.pause()
        assert told(app) == ["The app is closing; no run starts any more."]
        app.begin(*exports_of(app))  # as a dialog does that was open before
        await app.workers.wait_for_complete()
        assert started == []
        app.closes = None
        await pilot.press("r")
        await app.workers.wait_for_complete()
        assert started == ["E"]
