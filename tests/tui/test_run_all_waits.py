"""Running all exports: what their sources keep the counting waiting for."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from omnisend_tui.records import LogLine
from omnisend_tui.tui.screens.run_all import RunAllDialog
from omnisend_tui.workspace import Workspace
from tui.rooms import add_export, add_shop
from tui.screen_app import NARROW, WIDE, shown, still_app, text_of, until


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_it_says_why_the_counting_stands_still(
    empty: Workspace, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    go_on, go_on_there = Event(), Event()

    def waiting(
        _workspace: Workspace, name: str, _limit: None, stop: Event,
        hear: Callable[[LogLine], None], *_more: Any,
    ) -> None:  # fmt: skip
        if name == "F":  # its source keeps nobody waiting
            go_on_there.wait(20)
            return
        values: dict[str, str | int] = {"reason": "rate_limited", "seconds": 40}
        hear(LogLine(at=0.0, code="source_waits", parameters=values))
        while not (go_on.is_set() or stop.is_set()):
            go_on.wait(0.01)

    monkeypatch.setattr("omnisend_tui.launch.estimate", waiting)
    add_shop(empty)
    add_export(empty, "E")
    add_export(empty, "F")
    exports = tuple(empty.reload_config().exports.values())
    app = still_app(empty)
    async with shown(app, size=size) as pilot:
        app.push_screen(RunAllDialog(exports))
        await until(pilot, lambda: "asks to wait 40 s; it is read on then." in text_of(app))
        assert "What they cost at most is being counted." in text_of(app)
        go_on.set()
        await until(pilot, lambda: "asks to wait" not in text_of(app))
        assert "What they cost at most is being counted." in text_of(app)
        go_on_there.set()
        await until(pilot, lambda: "can't be counted" in text_of(app))
        assert "asks to wait" not in text_of(app)
