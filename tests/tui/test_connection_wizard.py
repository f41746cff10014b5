"""The wizard of a connection, by keyboard, against the real sandbox and a keyring in memory."""

import threading

import pytest
from textual import events
from textual.widgets import Input

from keyrings import MemoryKeyring
from omnisend_tui import consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Connection
from omnisend_tui.sandbox.server import RunningSandbox
from omnisend_tui.tui.connecting.wizard import NEW
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.workspace import Workspace
from tui.connection_room import memory, sandbox, stored, workspace
from tui.rooms import NOW
from tui.screen_app import still_app, told, until, write
from tui.walks import walk, walk_at

__all__ = ["memory", "sandbox", "workspace"]


async def test_all_seven_steps(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace) as walking:
        await walking.name(sandbox.url)
        await walking.next("Users")
        await walking.press("down")
        await walking.next("API key")
        await write(walking.pilot, f"\n  {sandbox.api_key} \r\n")
        assert "the form of an Omnisend key" in walking.text
        assert sandbox.api_key not in walking.text
        await walking.next("Privacy")
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
        await until(walking.pilot, lambda: "Is this the right shop?" in walking.text)
        assert "https://shop.example.com" in walking.text
        assert not stored(workspace, memory)
        await walking.next("Export user")
        await walking.next("Save")
        assert not stored(workspace, memory)
        await walking.press("f10")
        await until(walking.pilot, lambda: walking.at == "")
        assert any("“Acme Store” is saved" in message for message in told(walking.app))
    saved = workspace.connection("Acme Store")
    assert saved.for_contributors
    assert saved.base_url == sandbox.url
    assert memory.keys() == [sandbox.api_key]
    (given,) = workspace.state.consents(saved.id)
    assert (given.who, given.at, given.base_url) == ("maija", NOW.timestamp(), sandbox.url)
    assert given.sha256 == consent.sha256("en")
    brand = workspace.state.brand(saved.id)
    assert brand is not None
    assert brand.name == "Sandbox shop"


async def test_back_keeps_everything(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace) as walking:
        await walking.to_key(sandbox.url)
        await write(walking.pilot, sandbox.api_key)
        await walking.next("Privacy")
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
        for step in ("Privacy", "API key", "Users", "Name"):
            await walking.back(step)
        assert "Acme Store" in walking.text
        assert sandbox.url in walking.text
        await walking.next("Users")
        await walking.next("API key")
        assert walking.wizard.query_one(SecretInput).value == sandbox.api_key
        await walking.next("Privacy")
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.at == "Connect")
        # The same key for the same address isn't tried again.
        assert walking.wizard.draft.brand is not None


@pytest.mark.parametrize("steps", range(7))
async def test_leaving_at_each_step_stores_nothing(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox, steps: int
) -> None:
    labels = [step.label for step in NEW]
    key = sandbox.api_key if steps > labels.index("API key") else ""
    begun = labels[min(steps, labels.index("Connect"))]  # what comes after it needs the brand
    async with walk_at(still_app(workspace), begun, sandbox.url, key) as walking:
        if begun == "API key":
            await write(walking.pilot, sandbox.api_key)
        for step in labels[labels.index(begun) + 1 : steps + 1]:
            await walking.next(step)
        await walking.press("escape")
        await until(walking.pilot, lambda: isinstance(walking.app.screen, Choice))
        assert "Leave without saving?" in walking.text
        await walking.press("enter")
        assert walking.at != ""
        await walking.press("escape")
        await until(walking.pilot, lambda: isinstance(walking.app.screen, Choice))
        await walking.press("right", "enter")
        await until(walking.pilot, lambda: walking.at == "")
        assert "0 of 4 done" in walking.text
    assert not stored(workspace, memory)


async def test_leaving_untouched_asks_nothing(workspace: Workspace) -> None:
    async with walk(workspace) as walking:
        await walking.press("escape")
        await until(walking.pilot, lambda: walking.at == "")


async def test_only_the_button_and_its_key_agree(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    app = still_app(workspace)
    async with walk_at(app, "Privacy", sandbox.url, sandbox.api_key) as walking:
        for key in ("f10", "ctrl+n", "enter", "space", "end", "f5", "f6", "f7"):
            await walking.press(key)
            assert walking.at == "Privacy", key
        assert walking.wizard.draft.agreed_at is None
        assert "100 % seen" in walking.text
        await walking.pilot.click("#other")
        await until(walking.pilot, lambda: walking.at == "")
    assert not stored(workspace, memory)


async def test_agreeing_by_mouse(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    app = still_app(workspace)
    async with walk_at(app, "Privacy", sandbox.url, sandbox.api_key) as walking:
        await walking.pilot.click("#next")
        await until(walking.pilot, lambda: walking.at == "Connect")
        assert walking.wizard.draft.agreed_at == NOW.timestamp()


async def test_another_address_asks_for_consent_and_connect_again(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    app = still_app(workspace)
    async with walk_at(app, "Connect", sandbox.url, sandbox.api_key) as walking:
        for step in ("Privacy", "API key", "Users", "Name"):
            await walking.back(step)
        await walking.press("tab")
        await write(walking.pilot, "http://127.0.0.1:9/api")
        await walking.next("Users")
        assert walking.wizard.draft.agreed_at is None
        assert walking.wizard.draft.brand is None


async def test_a_name_and_an_address_that_cant_be(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk(workspace) as walking:
        store.add_connection(workspace.config_path, Connection(name="TAKEN", id="t"))
        workspace.reload_config()
        for name, url, expected in (
            ("", "https://api.omnisend.com/api", "A name can't be empty."),
            ("x" * 101, "https://api.omnisend.com/api", "100 characters at most"),
            ("taken", "https://api.omnisend.com/api", "is taken"),
            ("Acme", "http://shop.example.com", "starts with https"),
            ("Acme", "nonsense", "looks like https://api.omnisend.com/api"),
        ):
            walking.wizard.set_focus(walking.wizard.query_one("#name"))
            await walking.name(url, name)
            assert expected not in walking.said
            await walking.press("f10")
            assert walking.at == "Name"
            assert expected in walking.said


async def test_hostile_names_are_text(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    name = 'a [/b] c "q" [@click=app.quit]x 😀'
    async with walk(workspace, (120, 40)) as walking:
        await walking.to_key(sandbox.url, name)
        assert "a [/b] c" in walking.text
        await write(walking.pilot, sandbox.api_key)
        await walking.next("Privacy")
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
        await walking.next("Export user")
        await walking.next("Save")
        await walking.press("f10")
        await until(walking.pilot, lambda: walking.at == "")
    assert name in workspace.config.connections


async def test_nothing_interrupts_storing(
    workspace: Workspace,
    memory: MemoryKeyring,
    sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go = threading.Event()

    store = memory.set_password

    def slowly(service: str, username: str, password: str) -> None:
        go.wait(10)
        store(service, username, password)

    app = still_app(workspace)
    async with walk_at(app, "Connect", sandbox.url, sandbox.api_key) as walking:
        await walking.next("Export user")
        await walking.next("Save")
        monkeypatch.setattr(memory, "set_password", slowly)
        await walking.press("f10", "escape", "f9")
        assert walking.at == "Save"
        assert "It is being stored" in told(walking.app)[-1]
        go.set()
        await until(walking.pilot, lambda: walking.at == "")
    assert "Acme Store" in workspace.config.connections


async def test_letters_after_tab_land_in_the_next_field(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk(workspace) as walking:
        for key in ("A", "x", "backspace", "b", "tab", "end", "x", "y"):
            walking.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await walking.pilot.pause()
        await until(
            walking.pilot, lambda: walking.wizard.query_one("#base_url", Input).value.endswith("xy")
        )
        assert walking.wizard.query_one("#name", Input).value == "Ab"
