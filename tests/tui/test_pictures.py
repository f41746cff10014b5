"""Screens compared with pictures that were looked at; `--snapshot-update` makes them anew."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rooms import busy_workspace, workspace_in
from screen_app import NARROW, WIDE, settle, still_app
from textual.pilot import Pilot

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace

Compare = Callable[..., bool]
_RUN = ("down", "down", "enter")


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Workspace]:
    with busy_workspace(tmp_path) as workspace:
        yield workspace


def compare(
    snap_compare: Compare, app: OmnisendApp, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        for key in keys:
            await pilot.press(key)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "keys",
    [(), _RUN, (*_RUN, "g"), (*_RUN, "3"), ("2",), ("3",), ("4",)],
    ids=["home", "run", "grouped", "log", "connections", "sources", "runs"],
)
def test_screen(
    snap_compare: Compare, busy: Workspace, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    compare(snap_compare, still_app(busy), keys, size)


@pytest.mark.parametrize("keys", [(), _RUN], ids=["home", "run"])
def test_light(snap_compare: Compare, busy: Workspace, keys: tuple[str, ...]) -> None:
    app = still_app(busy)
    app.theme = "hanki"
    compare(snap_compare, app, keys, NARROW)


@pytest.mark.parametrize("keys", [(), _RUN], ids=["home", "run"])
def test_no_colour(
    snap_compare: Compare,
    busy: Workspace,
    keys: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    compare(snap_compare, still_app(busy), keys, NARROW)


def test_ascii(snap_compare: Compare, busy: Workspace) -> None:
    compare(snap_compare, still_app(busy, {"TERM": "linux"}), _RUN, NARROW)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_welcome(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    with workspace_in(tmp_path) as workspace:
        compare(snap_compare, still_app(workspace), (), size)
