"""Environments that take a connection and never answer: given up soon, and nobody is held up."""

import socket
from collections.abc import Iterator
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from environments import SandboxTokens, StaticTokens
from omnisend_tui.config import store
from omnisend_tui.config.models import CUSTOMER_ID, Connection, Source
from omnisend_tui.http import Answer, Http
from omnisend_tui.sandbox.dataverse.server import RunningDataverse
from omnisend_tui.sources import base, odata
from omnisend_tui.sources.base import Access
from omnisend_tui.tui.exporting import looking
from omnisend_tui.tui.screens import sources
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.sourcing import looks
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.dataverse_room import memory, record, sandbox, workspace
from tui.screen_app import shown, still_app
from tui.walks import Walk

__all__ = ["memory", "sandbox", "workspace"]


@pytest.fixture
def hanging() -> Iterator[Source]:
    """Its server's connections are made, and nothing is read from them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield Source(
            name="CI Helsinki", id="ci", type="dataverse", key=CUSTOMER_ID, url=url,
            tenant="contoso", client_id="0b5a3c1e-2f4d-4a6b-8c7d-9e0f1a2b3c4d",
            sign_in="application",
        )  # fmt: skip


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> Workspace:
    """Who looks has a moment, a run its minute; and somebody is signed in."""
    monkeypatch.setattr(base, "_HURRIED", 0.05)  # seconds
    monkeypatch.setattr(looks, "_PATIENCE", 0.0)
    monkeypatch.setattr(odata, "backoff", lambda _attempt: 0.0)
    monkeypatch.setattr(workspace, "access", lambda _source: Access(tokens=StaticTokens()))
    return workspace


def test_a_look_gives_up_soon(hurried: Workspace, hanging: Source) -> None:
    (error,) = looks.look_at(hurried, hanging).errors
    assert "didn't answer in time" in error.message
    assert hurried.access(hanging).hurry == 60.0


def test_only_lists_are_hurried(
    workspace: Workspace, sandbox: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: dict[str, float] = {}

    def noting(http: Http, method: str, path: str, **given: Any) -> Answer:
        waited[urlsplit(path).path.rpartition("/")[2]] = given["read_timeout"]
        return request(http, method, path, **given)

    request = Http.request
    monkeypatch.setattr(Http, "request", noting)
    access, source = Access(tokens=SandboxTokens(sandbox)), record(sandbox)
    monkeypatch.setattr(workspace, "access", lambda _source: access)
    looking.look_at(workspace, source)
    lists = {"Attributes", "mscipriv_segmentmetadata"}
    assert {path for path, seconds in waited.items() if seconds == 15.0} == lists
    assert {waited[path] for path in waited.keys() - lists} == {60.0}
    # A command takes its time with all of them.
    waited.clear()
    opened = workspace.open_source(source)
    assert opened.columns()
    assert opened.segments()
    assert {*waited.values()} == {60.0}


async def test_one_that_hangs_holds_up_no_other(
    workspace: Workspace, hanging: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, let_go = [], Event()

    def look(_workspace: Workspace, source: Source, _known: object) -> looks.Look:
        asked.append(source.name)
        if source.name == "A":
            let_go.wait(30)
        return looks.Look(source)

    monkeypatch.setattr(sources, "_PAUSE", 0.0)
    monkeypatch.setattr(sources, "look_at", look)
    for name in ("A", "B"):
        store.add_source(workspace.config_path, replace(hanging, name=name, id=name))
    workspace.reload_config()
    async with shown(still_app(workspace), "3") as pilot:
        steps = Walk(pilot)
        await steps.until(lambda: asked == ["A"])
        await steps.press("down")
        await steps.sees("✔ Customer Insights")
        await steps.press("up", "u")
        assert asked == ["A", "B"]
        let_go.set()
        await steps.until(lambda: steps.text.count("✔ Customer Insights") == 2)


async def test_esc_leaves_an_export_whose_source_hangs(
    workspace: Workspace, hanging: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, let_go = Event(), Event()

    def opened(*_what: object, **_how: object) -> None:
        asked.set()
        let_go.wait(30)

    monkeypatch.setattr(Workspace, "open_source", opened)
    shop = Connection(name="Acme Store", id="acme", api_key="environment")
    store.add_connection(workspace.config_path, shop)
    store.add_source(workspace.config_path, hanging)
    workspace.reload_config()
    async with shown(still_app(workspace), "1", "n") as pilot:
        steps = Walk(pilot)
        assert isinstance(steps.app.screen, WizardScreen)
        await steps.press("V", "f10", "f10")
        await steps.until(asked.is_set)
        assert "Counting the profiles" in steps.text
        await steps.press("escape", "right", "enter")
        await steps.until(lambda: isinstance(steps.app.screen, ExportsScreen))
        let_go.set()
