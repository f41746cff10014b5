"""Connect in the wizard of a connection: each way to fail, and what comes of success."""

import socket
import threading
from pathlib import Path

import pytest
from textual.widgets import Button

from keyrings import MemoryKeyring
from omnisend_tui.records import Behaviour
from omnisend_tui.sandbox.faults import Action, AnswerFault, Faults
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.tui.connecting.probe import Probe
from omnisend_tui.workspace import Workspace
from tui.connection_room import memory, sandbox, stored, workspace
from tui.rooms import workspace_in
from tui.screen_app import still_app, until, write
from tui.walks import walk_at

__all__ = ["memory", "sandbox", "workspace"]


def spoiled(action: Action) -> SandboxOptions:
    return SandboxOptions(faults=Faults(answers=(AnswerFault(action=action),)))


@pytest.mark.parametrize(
    ("options", "key", "expected"),
    [
        (SandboxOptions(faults=Faults(retired=True)), "", "retired the API version 2026-03-15"),
        (SandboxOptions(permissions=("brands.read",)), "", "lacks a permission"),
        (spoiled("html"), "", "not as Omnisend does"),
        (spoiled("cut"), "", "ended the connection"),
        (spoiled("server_error"), "", "problem of its own"),
        (spoiled("rate_limit"), "", "takes no more requests"),
        (SandboxOptions(), "other-key", "refused the API key"),
    ],
    ids=["410", "403", "html", "cut", "502", "429", "401"],
)
async def test_each_failure_of_connect_has_its_sentence(
    workspace: Workspace, memory: MemoryKeyring, options: SandboxOptions, key: str, expected: str
) -> None:
    with running_sandbox(options) as other:
        given = key or other.api_key
        async with walk_at(still_app(workspace), "Connect", other.url, given) as walking:
            text = walking.said
            assert expected in text
            assert "What you entered stays" in text
            assert walking.wizard.query_one("#next", Button).disabled
            await walking.press("f10")
            assert walking.at == "Connect"
    assert not stored(workspace, memory)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:9/api", "refuses the connection"),
        ("https://no-such-host.invalid/api", "can't be found"),
    ],
)
async def test_no_way_to_omnisend(
    workspace: Workspace, memory: MemoryKeyring, url: str, expected: str
) -> None:
    async with walk_at(still_app(workspace), "Connect", url, "brand-secret") as walking:
        assert expected in walking.said


async def test_a_server_that_speaks_no_tls(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    url = sandbox.url.replace("http:", "https:")
    async with walk_at(still_app(workspace), "Connect", url, "brand-secret") as walking:
        assert "No secure connection" in walking.text


async def test_a_proxy_that_isnt_there(
    workspace: Workspace, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def refuse() -> None:
            while True:
                try:
                    call, _address = proxy.accept()
                except OSError:
                    return
                with call:
                    call.recv(1000)
                    call.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

        threading.Thread(target=refuse, daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        url = "https://api.omnisend.com/api"
        async with walk_at(still_app(workspace), "Connect", url, "brand-secret") as walking:
            assert "The proxy doesn't let" in walking.text


async def test_connecting_can_be_stopped_and_tried_again(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    slow = AnswerFault(action="delay", seconds=5.0, times=1)
    with running_sandbox(SandboxOptions(faults=Faults(answers=(slow,)))) as other:
        app = still_app(workspace)
        async with walk_at(app, "Privacy", other.url, other.api_key) as walking:
            await walking.press("f8")
            await until(walking.pilot, lambda: "Esc stops it" in walking.text)
            await walking.press("escape")
            assert walking.at == "Connect"
            assert "Stopped" in walking.text
            await walking.press("f5")
            await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)


async def test_a_wrong_key_is_mended_without_typing_the_rest_again(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk_at(still_app(workspace), "Connect", sandbox.url, "wrong-key") as walking:
        assert "refused the API key" in walking.text
        await walking.press("f9")
        await until(walking.pilot, lambda: walking.at == "Privacy")
        await walking.press("f9")
        await until(walking.pilot, lambda: walking.at == "API key")
        await write(walking.pilot, sandbox.api_key)
        await walking.next("Privacy")
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)


async def test_a_key_that_may_not_read_the_brand_is_right(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    contacts = ("contacts.read", "contacts.write")
    with running_sandbox(SandboxOptions(permissions=contacts)) as other:
        app = still_app(workspace)
        async with walk_at(app, "Connect", other.url, other.api_key) as walking:
            assert "may not read the brand's name" in walking.text
            await walking.next("Export user")


async def test_the_behaviour_check_in_the_wizard(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    with running_sandbox(SandboxOptions(faults=Faults(tags_replace=True))) as other:
        app = still_app(workspace)
        async with walk_at(app, "Connect", other.url, other.api_key) as walking:
            await walking.press("f6")
            await until(walking.pilot, lambda: isinstance(walking.app.screen, Probe))
            assert "the address stays in Sandbox shop" in walking.text
            before = other.statistics()
            await walking.press("f10", "f9", "enter")
            assert isinstance(walking.app.screen, Probe)
            assert other.statistics() == before
            await write(walking.pilot, "no address")
            await walking.press("enter")
            await until(walking.pilot, lambda: "no e-mail address" in walking.text)
            await write(walking.pilot, "owner@example.com")
            await walking.press("enter")
            await until(walking.pilot, lambda: "Close" in walking.text)
            await walking.press("enter")
            await until(walking.pilot, lambda: walking.at == "Connect")
            await walking.next("Export user")
            await walking.next("Save")
            await walking.press("f10")
            await until(walking.pilot, lambda: walking.at == "")
    behaviour = workspace.state.behaviour(workspace.connection("Acme Store").id)
    assert behaviour is not None
    assert (behaviour.tags, behaviour.unsubscribed) == ("replace", "kept")


async def test_the_brand_is_that_of_the_key_that_answers(
    tmp_path: Path, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    environ = {"OMNISEND_TUI_API_KEY_A": sandbox.api_key, "OMNISEND_TUI_API_KEY_B": "wrong-key"}
    with workspace_in(tmp_path, environ) as workspace:
        app = still_app(workspace)
        async with walk_at(app, "API key", sandbox.url, name="A") as walking:
            await walking.next("Privacy")
            await walking.press("f8")
            await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
            for step in ("Privacy", "API key", "Users", "Name"):
                await walking.back(step)
            await write(walking.pilot, "B")
            await walking.next("Users")
            await walking.next("API key")
            await walking.next("Privacy")
            await walking.press("f8")
            await until(walking.pilot, lambda: "refused the API key" in walking.text)


async def test_trying_again_keeps_what_was_measured(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    app = still_app(workspace)
    async with walk_at(app, "Connect", sandbox.url, sandbox.api_key) as walking:
        seen = Behaviour(at=1.0, tags="add", unsubscribed="kept")
        walking.wizard.draft.behaviour = seen
        await walking.press("f5")
        await until(walking.pilot, lambda: not walking.page_busy())
        assert walking.wizard.draft.behaviour == seen
