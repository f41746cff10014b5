"""What the app leaves out until its first frame is there."""

import gc

import pytest
from textual.app import App

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.collecting import start_quickly
from omnisend_tui.workspace import Workspace
from tui.screen_app import NARROW, WIDE, settle, still_app


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_start_reads_no_style_twice_and_the_collector_is_back(
    empty: Workspace, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    again: list[App[int]] = []
    monkeypatch.setattr(OmnisendApp, "refresh_css", lambda app, animate=True: again.append(app))
    start_quickly()
    try:
        app = still_app(empty)
        assert app.theme == "kaamos"
        assert app.has_class("-theme-kaamos", "-dark-mode")
        async with app.run_test(size=size) as pilot:
            await settle(app, pilot)
            assert gc.isenabled()
            assert not again
            assert app.screen.has_class("-wide") == (size == WIDE)
            assert app.screen.styles.background.hex.lower() == "#11151b"
    finally:
        gc.enable()
