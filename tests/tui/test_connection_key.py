"""The API key in the wizard of a connection: where it comes from, and that nothing shows it."""

import re
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from rich.text import Text

from keyrings import MemoryKeyring
from omnisend_tui import api_keys
from omnisend_tui.sandbox.options import new_api_key
from omnisend_tui.sandbox.server import RunningSandbox
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.workspace import Workspace
from tui.connection_room import memory, sandbox, stored, workspace
from tui.rooms import workspace_in
from tui.screen_app import still_app, told, until, write
from tui.walks import walk, walk_at

__all__ = ["memory", "sandbox", "workspace"]

OMNISEND = "https://api.omnisend.com/api"


async def test_no_picture_of_any_step_holds_the_key(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace, (120, 40)) as walking:
        pictures = {}
        secret = sandbox.api_key.partition("-")[2]

        def shows(picture: str) -> bool:
            # A field shows only a part of a long key.
            return any(secret[at : at + 8] in picture for at in range(len(secret) - 7))

        def take() -> None:
            pictures[walking.at] = walking.app.export_screenshot()

        take()
        await walking.to_key(sandbox.url)
        await write(walking.pilot, sandbox.api_key)
        take()
        await walking.press("f5")
        assert shows(walking.app.export_screenshot()), "the search finds one that is shown"
        await walking.next("Privacy")
        take()
        await walking.press("f8")
        await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
        take()
        for step in ("Export user", "Save"):
            await walking.next(step)
            take()
        await walking.press("f10")
        await until(walking.pilot, lambda: walking.at == "")
        await walking.press("2")
        take()
    assert len(pictures) == 7
    assert memory.keys() == [sandbox.api_key]
    assert [step for step, picture in pictures.items() if shows(picture)] == []


def test_no_committed_picture_holds_a_key() -> None:
    root = Path(__file__).parents[2]
    pictures = [*root.glob("screenshots/*.svg"), *root.glob("tests/tui/__snapshots__/*/*.svg")]
    assert len(pictures) > 20
    shape = re.compile(r"\b[0-9a-f]{24}-[A-Za-z0-9_]{20,}")
    assert shape.search(new_api_key())
    assert [path.name for path in pictures if shape.search(path.read_text())] == []


async def test_a_key_that_cant_be(workspace: Workspace, memory: MemoryKeyring) -> None:
    async with walk_at(still_app(workspace), "API key", OMNISEND) as walking:
        await walking.press("enter")
        await walking.sees("Enter the key")
        for key in ("with space", "ключ-1"):
            await write(walking.pilot, "a-key")
            assert "no key has" not in walking.text
            await write(walking.pilot, key)
            await walking.press("enter")
            assert walking.at == "API key"
            assert "no key has" in walking.text


async def test_a_key_without_a_dash_gets_a_warning(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk_at(still_app(workspace), "API key", OMNISEND) as walking:
        await write(walking.pilot, "nodash")
        assert "but no dash" in walking.text
        await walking.next("Privacy")


async def test_the_key_is_shown_for_a_moment_and_never_copied(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk_at(still_app(workspace), "API key", OMNISEND) as walking:
        await write(walking.pilot, "brand-secret")
        field = walking.wizard.query_one(SecretInput)
        assert "brand-secret" not in walking.text
        await walking.press("f5")
        assert "brand-secret" in walking.text
        await walking.press("f5")
        assert "brand-secret" not in walking.text
        await walking.press("f5")
        assert field._hiding is not None
        field._hiding._callback()  # type: ignore[misc]  # the five seconds are over
        await walking.pilot.pause()
        assert "brand-secret" not in walking.text
        await walking.press("f5")
        await walking.press("tab")
        assert "brand-secret" not in walking.text
        field.focus()
        await walking.press("home", "shift+end", "ctrl+c", "ctrl+x", "super+c")
        assert walking.app.clipboard == ""
        assert field.value == "brand-secret"
        assert any("never put on the clipboard" in message for message in told(walking.app))


async def test_of_several_pasted_lines_the_first_is_taken(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk_at(still_app(workspace), "API key", OMNISEND) as walking:
        await write(walking.pilot, "\n\t brand-\x1bsecret \nother\n")
        assert walking.wizard.query_one(SecretInput).value == "brand-secret"
        assert any("only the first one" in message for message in told(walking.app))


async def test_no_keyring_names_the_choices(tmp_path: Path, memory: MemoryKeyring) -> None:
    keyring.set_keyring(NoKeyring())
    with workspace_in(tmp_path) as workspace:
        async with walk_at(still_app(workspace), "API key", OMNISEND) as walking:
            await until(walking.pilot, lambda: "no keyring" in walking.text)
            for choice in ("Secret Service", "$CREDENTIALS_DIRECTORY", "OMNISEND_TUI_API_KEY"):
                assert choice in walking.text
            await write(walking.pilot, "brand-secret")
            await walking.press("f10")
            assert walking.at == "API key"


@pytest.mark.parametrize("place", ["environment", "credentials"])
async def test_a_key_that_is_given_needs_no_keyring(
    tmp_path: Path, memory: MemoryKeyring, sandbox: RunningSandbox, place: str
) -> None:
    keyring.set_keyring(NoKeyring())
    environ = {"OMNISEND_TUI_API_KEY_ACME_STORE": sandbox.api_key}
    if place == "credentials":
        (tmp_path / "OMNISEND_TUI_API_KEY_ACME_STORE").write_text(sandbox.api_key + "\n")
        environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with workspace_in(tmp_path, environ) as workspace:
        async with walk_at(still_app(workspace), "API key", sandbox.url) as walking:
            await until(walking.pilot, lambda: "has a key for this connection" in walking.text)
            await walking.next("Privacy")
            await walking.press("f8")
            await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
            await walking.next("Export user")
            await walking.next("Save")
            await walking.press("f10")
            await until(walking.pilot, lambda: walking.at == "")
        saved = workspace.connection("Acme Store")
        assert saved.api_key == "environment"
        assert workspace.secrets.api_key(saved).value == sandbox.api_key


async def test_a_locked_keyring_is_told_at_saving_and_nothing_is_lost(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    app = still_app(workspace)
    async with walk_at(app, "Connect", sandbox.url, sandbox.api_key) as walking:
        await walking.next("Export user")
        await walking.next("Save")
        memory.error = KeyringLocked("no")
        await walking.press("f10")
        await until(walking.pilot, lambda: "The keyring is locked" in walking.text)
        memory.error = None
        assert not stored(workspace, memory)
        await walking.press("f10")
        await until(walking.pilot, lambda: walking.at == "")
    assert "Acme Store" in workspace.config.connections


async def test_a_given_key_goes_before_a_typed_one(
    tmp_path: Path, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    with workspace_in(tmp_path, {"OMNISEND_TUI_API_KEY": sandbox.api_key}) as workspace:
        async with walk_at(still_app(workspace), "API key", sandbox.url) as walking:
            await write(walking.pilot, "typed-key")
            await walking.press("f10")
            await until(walking.pilot, lambda: "would never be used" in walking.said)
            assert walking.at == "API key"


async def test_a_surprise_prints_no_local_variable(
    workspace: Workspace,
    memory: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def surprise(key: str) -> str:
        raise ZeroDivisionError(key)

    monkeypatch.setattr(api_keys, "fault", surprise)
    monkeypatch.setattr(api_keys, "looks_odd", lambda _key: False)
    app = still_app(workspace)
    printed: list[str] = []
    monkeypatch.setattr(app, "panic", lambda *told: _note(app, printed, *told))
    with pytest.raises(ZeroDivisionError):
        async with walk_at(app, "API key", OMNISEND) as walking:
            await write(walking.pilot, "brand-secret")
    assert "Something unexpected ended the app (ZeroDivisionError)" in printed[0]
    assert "brand-secret" not in "".join([*printed, *capfd.readouterr()])
    assert "brand-secret" not in workspace.log_path.read_text()
    assert "ZeroDivisionError" in workspace.log_path.read_text()


def _note(app: OmnisendApp, printed: list[str], *told: Text) -> None:
    printed += [text.plain for text in told]
    OmnisendApp.panic(app, *told)
