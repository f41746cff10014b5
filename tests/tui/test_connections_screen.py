"""The connections: what the list shows, and what its keys do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from keyrings import MemoryKeyring, memory
from omnisend_tui import connections, consent
from omnisend_tui.config.models import Connection
from omnisend_tui.errors import StateError
from omnisend_tui.noting import orphans
from omnisend_tui.permissions import Actor
from omnisend_tui.records import Brand
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.connecting.probe import Probe
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.workspace import Workspace
from shops import MakeShop
from tui.rooms import NOW, add_export, workspace_in
from tui.screen_app import WIDE, settle, shown, still_app, text_of, told, until, write

__all__ = ["memory"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@pytest.fixture
def workspace(
    tmp_path: Path, memory: MemoryKeyring, sandbox: RunningSandbox
) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        wanted = Connection(name="Acme Store", id="acme", base_url=sandbox.url)
        connections.add(
            opened, wanted, key=sandbox.api_key, agreed=consent.record(wanted, "maija", 1.0),
            brand=Brand(id="5f1", name="Acme Oy", currency="EUR"),
        )  # fmt: skip
        yield opened


async def dialog(app: OmnisendApp, pilot: Pilot[int], *keys: str) -> str:
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(app.screen, Choice))
    return " ".join(text_of(app).replace("│", " ").split())


async def test_the_facts_of_the_marked_one(workspace: Workspace) -> None:
    add_export(workspace, "VIP customers")
    workspace.reload_config()
    app = still_app(workspace)
    async with shown(app, "2", size=WIDE):
        text = text_of(app)
        for fact in ("Acme Oy, EUR", "360", "maija", "SHA-256", "VIP customers", "not done"):
            assert fact in text


async def test_a_test_says_whether_it_works(workspace: Workspace, memory: MemoryKeyring) -> None:
    app = still_app(workspace)
    async with shown(app, "2", "t") as pilot:
        await _until_told(app, pilot, "“Acme Store” works: Sandbox shop.")
        memory.kept.clear()
        await pilot.press("t")
        await _until_told(app, pilot, "The keyring holds no API key")


async def test_the_check_needs_consent_and_is_kept(workspace: Workspace) -> None:
    app = still_app(workspace)
    workspace.state.forget_consents("acme")
    async with shown(app, "2", "b", size=WIDE) as pilot:
        assert "needs consent" in told(app)[-1]
        connections.agree(workspace, workspace.connection("Acme Store"))
        await settle(app, pilot)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, Probe))
        await write(pilot, "owner-of-acme@example.com")
        await pilot.press("enter")
        await until(pilot, lambda: "Close" in text_of(app))
        await pilot.press("enter")
        await settle(app, pilot)
        assert "tags add" in text_of(app)
    assert workspace.state.behaviour("acme") is not None


async def test_removing_an_unused_one(workspace: Workspace, memory: MemoryKeyring) -> None:
    app = still_app(workspace)
    async with shown(app, "2") as pilot:
        text = await dialog(app, pilot, "delete")
        assert "Its key is deleted from the keyring." in text
        await pilot.press("enter")  # the safe answer
        await settle(app, pilot)
        assert "Acme Store" in workspace.config.connections
        await dialog(app, pilot, "delete")
        await pilot.press("right", "enter")
        await _until_told(app, pilot, "“Acme Store” is removed")
        assert "n connects the first one" in " ".join(text_of(app).split())
    assert memory.kept == {}


@pytest.mark.parametrize(("downs", "left"), [(1, {"VIP customers": ""}), (2, {})])
async def test_removing_one_that_exports_use(
    workspace: Workspace, memory: MemoryKeyring, downs: int, left: dict[str, str]
) -> None:
    add_export(workspace, "VIP customers")
    workspace.reload_config()
    app = still_app(workspace)
    async with shown(app, "2") as pilot:
        text = await dialog(app, pilot, "delete")
        assert "1 export uses it: “VIP customers”" in text
        await pilot.press(*["down"] * downs, "enter")
        await _until_told(app, pilot, "is removed")
    exports = workspace.reload_config().exports.values()
    assert {export.name: export.connection for export in exports} == left
    assert memory.kept == {}


async def test_removing_stops_what_runs(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, latency_ms=100)
    app = still_app(shop.workspace)
    async with shown(app, "r") as pilot:
        await until(pilot, lambda: getattr(app.focused, "id", "") == "run")
        await pilot.press("enter")
        await until(pilot, lambda: app.live.here())
        (run,) = app.live.here()
        await until(pilot, lambda: run.snapshot().sent > 0)
        await pilot.press("2")
        await settle(app, pilot)
        assert "1 run on it stops" in await dialog(app, pilot, "delete")
        await pilot.press("down", "enter")
        await _until_told(app, pilot, "is removed")
        end = run.wait(0)
        assert end is not None
        assert end.status == "cancelled"
        assert end.sent == end.confirmed < 20_000
    assert shop.workspace.config.exports["E"].connection == ""


async def test_a_contributor_sees_shared_ones_by_name_alone(workspace: Workspace) -> None:
    connections.edit(
        workspace, workspace.connection("Acme Store"),
        Connection(name="Acme Store", id="acme", for_contributors=True,
                   base_url=workspace.connection("Acme Store").base_url),
    )  # fmt: skip
    connections.add(
        workspace, Connection(name="Hidden", id="h"), key="h-key",
        agreed=consent.record(Connection(id="h"), "maija", 1.0), brand=Brand(id="h"),
    )  # fmt: skip
    workspace.actor = Actor("kalle", "contributor")
    app = still_app(workspace)
    async with shown(app, "2") as pilot:
        text = text_of(app)
        assert "Acme Store" in text
        assert "Hidden" not in text
        assert "Acme Oy" not in text
        assert "Remove" not in text
        for key in ("n", "e", "y", "t", "a", "b", "delete"):
            await pilot.press(key)
            assert "Only administrators" in told(app)[-1]


async def test_a_damaged_record_is_told_and_the_app_goes_on(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app, "2") as pilot:
        with workspace.state._writing() as database:
            database.execute("UPDATE brand SET record = 'x'")
        await settle(app, pilot)
        assert any("can't be read" in message for message in told(app))
        await pilot.press("1", "2")
        await settle(app, pilot)
        assert "Acme Store" in text_of(app)


async def test_a_check_that_cant_be_kept_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise StateError("disk_full", "The disk is full.", "Free some space.")

    app = still_app(workspace)
    async with shown(app, "2", size=WIDE) as pilot:
        monkeypatch.setattr(workspace.state, "save_behaviour", full)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, Probe))
        await write(pilot, "keeper-of-acme@example.com")
        await pilot.press("enter")
        await until(pilot, lambda: "The disk is full." in text_of(app))


async def test_consent_is_of_the_moment_of_agreeing(workspace: Workspace) -> None:
    app = still_app(workspace)
    async with shown(app, "2", "a") as pilot:
        await until(pilot, lambda: "I agree as" in text_of(app))
        later = NOW + timedelta(hours=3)
        app.now = lambda: later
        await pilot.press("f8")
        await until(pilot, lambda: "I agree as" not in text_of(app))
    assert workspace.state.consents("acme")[0].at == later.timestamp()


async def test_a_key_that_stays_in_the_keyring_is_told(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    memory.undeletable = RuntimeError("no")
    app = still_app(workspace)
    async with shown(app, "2") as pilot:
        await dialog(app, pilot, "delete")
        await pilot.press("right", "enter")
        await _until_told(app, pilot, "“Acme Store” is removed, but its key may still be")
    assert orphans(workspace) == ["acme"]


async def _until_told(app: OmnisendApp, pilot: Pilot[int], text: str) -> None:
    async def look() -> bool:
        await app.look()
        return any(text in message for message in told(app))

    for _turn in range(2000):
        if await look():
            return
        await pilot.pause(0.01)
    raise AssertionError(told(app))
