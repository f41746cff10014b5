"""Rejects on the Run screen: to CSV, one address to look at, and a run of them alone."""

import csv
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from omnisend_tui.config import store
from omnisend_tui.permissions import Actor
from omnisend_tui.sources.base import Chunk
from omnisend_tui.sources.files import FilesSource
from omnisend_tui.tui import telling
from omnisend_tui.tui.rejecting import csv_name
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.reject_dialogs import CsvDialog, Revealing
from omnisend_tui.tui.screens.run import RunScreen
from shops import MakeShop, Shop
from tui.screen_app import settle, shown, still_app, text_of, told, until, write

HOSTILE = "[red]=ev il[/red]@@example.com"
GOOD = [f"C{n},person{n}@example.com,Person {n}" for n in range(9)]


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    """An export that ran, with two rejects."""
    made = make_shop()
    made.write([*GOOD, f"R1,{HOSTILE},One", "R2,,Two"])
    assert made.run().rejected == 2
    return made


async def test_one_address_is_seen_while_the_dialog_is_open_and_nowhere_else(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = still_app(shop.workspace)
    async with shown(app, "enter") as pilot:
        assert "[red]" not in text_of(app)
        await pilot.press("v")
        await until(pilot, lambda: HOSTILE in text_of(app))
        # Neither a selection nor the clipboard gets it.
        await pilot.press("ctrl+a", "ctrl+c")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert HOSTILE not in text_of(app)
        await pilot.press("down", "v")
        await until(pilot, lambda: "no address in the row" in text_of(app))
        await pilot.press("enter", "up")
        # It changed: another person isn't shown... and a key column says who it is.
        shop.write(GOOD)
        await pilot.press("v")
        await until(pilot, lambda: "stays hidden" in " ".join(text_of(app).split()))
        await pilot.press("escape")
        # Esc ends a reading that goes on.
        stops: list[Event] = []

        def read(_self: FilesSource, _selection: object, _columns: object, stop: Event,
                 *_more: object, **_options: object) -> Iterator[Chunk]:  # fmt: skip
            stops.append(stop)
            yield Chunk([("a@example.com", "X", "C1")] * 1500)
            assert stop.wait(30)

        monkeypatch.setattr(FilesSource, "read", read)
        await pilot.press("v")
        await until(pilot, lambda: "1,500 rows so far" in text_of(app))
        assert "reading the source" in text_of(app)
        await pilot.press("escape")
        await until(pilot, lambda: stops[0].is_set())
        assert isinstance(app.screen, RunScreen)
        shop.workspace.actor = Actor("matti", "viewer")
        await pilot.press("v")
        assert not isinstance(app.screen, Revealing)
        assert "Your role" in told(app)[-1]
        assert app.clipboard == ""
    assert not any(HOSTILE in message for message in told(app))
    kept = [path for path in shop.workspace.state_dir.rglob("*") if path.is_file()]
    assert not any(HOSTILE.encode() in path.read_bytes() for path in kept)


async def test_rejects_are_written_where_one_says(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    run = shop.workspace.state.runs()[0]
    app = still_app(shop.workspace)
    async with shown(app, "enter") as pilot:
        await pilot.press("x")
        assert app.screen.query_one(Input).value == csv_name(run)
        await pilot.press("enter")
        target = tmp_path / csv_name(run)
        await until(pilot, lambda: any("2 rows are in" in message for message in told(app)))
        assert str(target) in told(app)[-1].replace(" ", "")
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert HOSTILE not in target.read_text()
        # With the addresses only where one says so; what is there isn't lost without asking.
        await pilot.press("x")
        await write(pilot, "fol")
        await until(pilot, lambda: "folder/" in text_of(app))
        await pilot.press("tab")
        assert app.screen.query_one(Input).value == "folder/"
        await write(pilot, target.name)
        before = target.read_text()
        for answer, kept in (("enter", True), ("right", False)):
            await pilot.press(*(("x",) if not isinstance(app.screen, CsvDialog) else ()))
            await pilot.click("#plain")
            await until(pilot, lambda: "is there already" in " ".join(text_of(app).split()))
            await pilot.press(answer, *(() if kept else ("enter",)))
            await until(pilot, lambda: isinstance(app.screen, RunScreen))
            if kept:
                assert target.read_text() == before
        await until(pilot, lambda: '"email_masked","email",' in target.read_text())
        with target.open(newline="") as file:
            assert [row["email"] for row in csv.DictReader(file)] == [HOSTILE, ""]
        # A folder that isn't there is told, and who may not see addresses isn't offered them.
        shop.workspace.actor = Actor("matti", "viewer")
        await pilot.press("x")
        assert not app.screen.query("#plain")
        await write(pilot, "nowhere/x.csv")
        await pilot.press("enter")
        await until(pilot, lambda: "can't be written" in told(app)[-1])


async def test_the_rejects_run_again_alone_after_asking(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_TOGETHER", 0.0)  # its end is told at the next look
    workspace = shop.workspace
    app = still_app(workspace)
    async with shown(app, "enter") as pilot:
        shop.write([*GOOD, "R1,one@example.com,One", "R2,,Two"])
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, Choice))
        assert "Run the 2 rejects of “E” again, alone?" in text_of(app)
        await pilot.press("escape")
        assert len(workspace.state.runs()) == 1
        await pilot.press("R")
        await until(pilot, lambda: isinstance(app.screen, Choice))
        await pilot.press("enter")
        await until(pilot, lambda: len(workspace.state.runs()) == 2 and not app.live.here())
        run = workspace.state.runs()[0]
        assert (run.read, run.rejected, run.options.only_rejects) == (2, 1, True)
        source = workspace.source("People")
        store.edit_source(workspace.config_path, source, replace(source, key=""))
        workspace.reload_config()
        await pilot.press("R")
        await until(pilot, lambda: any("no key column" in message for message in told(app)))
        workspace.actor = Actor("matti", "viewer")
        await until(pilot, lambda: any("finished" in each for each in told(app)), pulls=True)
        await pilot.press("R")
        assert "Your role" in told(app)[-1]
        app.clear_notifications()
        await pilot.press("escape", "A", "r", "P", "c")
        await settle(app, pilot)
        assert [message[:9] for message in told(app)] == ["There is ", "“E” isn't"]
        assert len(workspace.state.runs()) == 2
