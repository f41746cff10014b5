"""Screens compared with pictures that were looked at; `--snapshot-update` makes them anew."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.records import Brand
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in
from tui.screen_app import NARROW, WIDE, Compare, settle, still_app, text_of, until

_RUN = ("down", "down", "enter")
_RUNS = ("4", *["down"] * 7)


def compare(
    snap_compare: Compare, app: OmnisendApp, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        await pilot.press(*keys)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    "keys",
    [(), _RUN, (*_RUN, "g"), (*_RUN, "3"), ("2",), _RUNS],
    ids=["home", "run", "grouped", "log", "connections", "runs"],
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


@pytest.mark.parametrize("language", ["fi"], indirect=True)
@pytest.mark.parametrize("keys", [(), _RUN, _RUNS], ids=["home", "run", "runs"])
def test_finnish(
    snap_compare: Compare, busy: Workspace, keys: tuple[str, ...], language: str
) -> None:
    compare(snap_compare, still_app(busy), keys, NARROW)


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


def priced(workspace: Workspace, people: int, most_new: int) -> OmnisendApp:
    """The app over a price dialog's workspace: a first run of as many profiles, one rejected."""
    store.add_connection(
        workspace.config_path,
        Connection(
            name="Acme Store", id="acme", api_key="environment", max_new=most_new,
            requests_per_minute=20, tag_requests_per_minute=3,
        ),
    )  # fmt: skip
    workspace.state.save_brand("acme", Brand(id="5f1", name="Acme Oy"))
    path = workspace.state_dir / "people.csv"
    rows = [f"person{place}@example.com" for place in range(people)]
    path.write_text("\n".join(["mail", *rows, "nonsense"]) + "\n")
    store.add_source(workspace.config_path, Source(name="CI Helsinki", id="ci", path=str(path)))
    mapping = (Attribute(field="email", column="mail"),)
    export = Export(
        name="Newsletter SE", id="se", connection="Acme Store", source="CI Helsinki",
        mapping=mapping,
    )  # fmt: skip
    store.add_export(workspace.config_path, export)
    workspace.reload_config()
    return still_app(workspace)


def compare_price(
    snap_compare: Compare, app: OmnisendApp, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        await pilot.press("r")
        await until(pilot, lambda: "New contacts" in text_of(app))
        await pilot.press(*keys)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("keys", [(), ("d",)], ids=["price", "dry"])
def test_price(
    snap_compare: Compare, tmp_path: Path, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    with workspace_in(tmp_path) as workspace:
        compare_price(snap_compare, priced(workspace, 9000, 50_000), keys, size)


def test_price_no_colour(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with workspace_in(tmp_path) as workspace:
        compare_price(snap_compare, priced(workspace, 9000, 50_000), (), NARROW)


def test_price_of_a_run_that_would_stop(snap_compare: Compare, tmp_path: Path) -> None:
    with workspace_in(tmp_path) as workspace:
        compare_price(snap_compare, priced(workspace, 9000, 5000), (), NARROW)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_welcome(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    with workspace_in(tmp_path) as workspace:
        compare(snap_compare, still_app(workspace), (), size)
