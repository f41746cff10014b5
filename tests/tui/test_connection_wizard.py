"""The wizard of a connection, by keyboard, against the real sandbox and a keyring in memory."""

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from keyrings import MemoryKeyring, memory
from rich.text import Text
from rooms import NOW, workspace_in
from screen_app import NARROW, settle, still_app, told, until, write
from textual import events
from textual.widgets import Button, Input
from walks import Walk, walk

from omnisend_tui import connections, consent
from omnisend_tui.config import store
from omnisend_tui.config.models import Connection
from omnisend_tui.records import Behaviour
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.sandbox.options import SandboxOptions, new_api_key
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.connecting.probe import Probe
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.workspace import Workspace

__all__ = ["memory"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, memory: MemoryKeyring) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


def stored(workspace: Workspace, memory: MemoryKeyring) -> bool:
    """Whether anything of a connection is kept anywhere."""
    state = workspace.state
    return bool(workspace.reload_config().connections or memory.kept or state.secrets()
                or state._rows("SELECT 1 FROM consent UNION ALL SELECT 1 FROM brand"))  # fmt: skip


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


async def test_back_keeps_everything(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url, sandbox.api_key)
        for step in ("Privacy", "API key", "Users", "Name"):
            await walking.press("f9")
            await until(walking.pilot, lambda step=step: walking.at == step)  # type: ignore[misc]
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
    async with walk(workspace) as walking:
        if steps == 0:
            await write(walking.pilot, "Acme Store")
        elif steps == 1:
            await walking.name(sandbox.url)
            await walking.next("Users")
        elif steps == 2:
            await walking.to_key(sandbox.url)
            await write(walking.pilot, sandbox.api_key)
        elif steps == 3:
            await walking.to_privacy(sandbox.url, sandbox.api_key)
        else:
            await walking.to_connect(sandbox.url, sandbox.api_key)
            for step in ("Export user", "Save")[: steps - 4]:
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
    async with walk(workspace) as walking:
        await walking.to_privacy(sandbox.url, sandbox.api_key)
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
    async with walk(workspace) as walking:
        await walking.to_privacy(sandbox.url, sandbox.api_key)
        await walking.pilot.click("#next")
        await until(walking.pilot, lambda: walking.at == "Connect")
        assert walking.wizard.draft.agreed_at == NOW.timestamp()


async def test_another_address_asks_for_consent_and_connect_again(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url, sandbox.api_key)
        for step in ("Privacy", "API key", "Users", "Name"):
            await walking.press("f9")
            await until(walking.pilot, lambda step=step: walking.at == step)  # type: ignore[misc]
        await walking.press("tab")
        await write(walking.pilot, "http://127.0.0.1:9/api")
        await walking.next("Users")
        assert walking.wizard.draft.agreed_at is None
        assert walking.wizard.draft.brand is None


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("", "https://api.omnisend.com/api", "A name can't be empty."),
        ("x" * 101, "https://api.omnisend.com/api", "100 characters at most"),
        ("taken", "https://api.omnisend.com/api", "is taken"),
        ("Acme", "http://shop.example.com", "starts with https"),
        ("Acme", "nonsense", "looks like https://api.omnisend.com/api"),
    ],
)
async def test_a_name_and_an_address_that_cant_be(
    workspace: Workspace, memory: MemoryKeyring, name: str, url: str, expected: str
) -> None:
    async with walk(workspace) as walking:
        store.add_connection(workspace.config_path, Connection(name="TAKEN", id="t"))
        workspace.reload_config()
        await walking.name(url, name)
        await walking.press("f10")
        assert walking.at == "Name"
        assert expected in " ".join(walking.text.split())


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


@pytest.mark.parametrize(
    ("key", "expected"),
    [("", "Enter the key"), ("with space", "no key has"), ("ключ-1", "no key has")],
)
async def test_a_key_that_cant_be(
    workspace: Workspace, memory: MemoryKeyring, key: str, expected: str
) -> None:
    async with walk(workspace) as walking:
        await walking.to_key("https://api.omnisend.com/api")
        if key:
            await write(walking.pilot, key)
        await walking.press("enter")
        assert walking.at == "API key"
        assert expected in walking.text


async def test_a_key_without_a_dash_gets_a_warning(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk(workspace) as walking:
        await walking.to_key("https://api.omnisend.com/api")
        await write(walking.pilot, "nodash")
        assert "but no dash" in walking.text
        await walking.next("Privacy")


async def test_the_key_is_shown_for_a_moment_and_never_copied(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk(workspace) as walking:
        await walking.to_key("https://api.omnisend.com/api")
        await write(walking.pilot, "brand-secret")
        field = walking.wizard.query_one(SecretInput)
        assert "brand-secret" not in walking.text
        await walking.press("f5")
        assert "brand-secret" in walking.text
        await walking.press("f5")
        assert "brand-secret" not in walking.text
        await walking.press("f5")
        assert field._hiding is not None
        field._hiding._callback()  # type: ignore[misc,operator]  # the five seconds are over
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
    async with walk(workspace) as walking:
        await walking.to_key("https://api.omnisend.com/api")
        await write(walking.pilot, "\n\t brand-\x1bsecret \nother\n")
        assert walking.wizard.query_one(SecretInput).value == "brand-secret"
        assert any("only the first one" in message for message in told(walking.app))


async def test_no_keyring_names_the_choices(tmp_path: Path, memory: MemoryKeyring) -> None:
    keyring.set_keyring(NoKeyring())
    with workspace_in(tmp_path) as workspace:
        async with walk(workspace) as walking:
            await walking.to_key("https://api.omnisend.com/api")
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
        async with walk(workspace) as walking:
            await walking.to_key(sandbox.url)
            assert "has a key for this connection" in walking.text
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
    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url, sandbox.api_key)
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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"faults": Faults(retired=True)}, "retired the API version 2026-03-15"),
        ({"permissions": frozenset({"brands.read"})}, "lacks a permission"),
        ({"faults": Faults(answers=(AnswerFault(action="html"),))}, "not as Omnisend does"),
        ({"faults": Faults(answers=(AnswerFault(action="cut"),))}, "ended the connection"),
        ({"faults": Faults(answers=(AnswerFault(action="server_error"),))}, "problem of its own"),
        ({"faults": Faults(answers=(AnswerFault(action="rate_limit"),))}, "takes no more requests"),
        ({"key": "other-key"}, "refused the API key"),
    ],
    ids=["410", "403", "html", "cut", "502", "429", "401"],
)
async def test_each_failure_of_connect_has_its_sentence(
    workspace: Workspace, memory: MemoryKeyring, options: dict[str, object], expected: str
) -> None:
    key = options.pop("key", None)
    with running_sandbox(SandboxOptions(**options)) as other:  # type: ignore[arg-type]
        async with walk(workspace) as walking:
            await walking.to_connect(other.url, str(key or other.api_key))
            text = " ".join(walking.text.split())
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
    async with walk(workspace) as walking:
        await walking.to_connect(url, "brand-secret")
        assert expected in " ".join(walking.text.split())


async def test_a_server_that_speaks_no_tls(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url.replace("http:", "https:"), "brand-secret")
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
        async with walk(workspace) as walking:
            await walking.to_connect("https://api.omnisend.com/api", "brand-secret")
            assert "The proxy doesn't let" in walking.text


async def test_connecting_can_be_stopped_and_tried_again(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    slow = AnswerFault(action="delay", seconds=5.0, times=1)
    with running_sandbox(SandboxOptions(faults=Faults(answers=(slow,)))) as other:
        async with walk(workspace) as walking:
            await walking.to_privacy(other.url, other.api_key)
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
    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url, "wrong-key")
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
    contacts = frozenset({"contacts.read", "contacts.write"})
    with running_sandbox(SandboxOptions(permissions=contacts)) as other:
        async with walk(workspace) as walking:
            await walking.to_connect(other.url, other.api_key)
            assert "may not read the brand's name" in walking.text
            await walking.next("Export user")


async def test_the_behaviour_check_in_the_wizard(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    with running_sandbox(SandboxOptions(faults=Faults(tags_replace=True))) as other:
        async with walk(workspace) as walking:
            await walking.to_connect(other.url, other.api_key)
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


async def test_nothing_interrupts_storing(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    go = threading.Event()

    def slowly(*_arguments: str) -> None:
        go.wait(10)
        MemoryKeyring.set_password(memory, *_arguments)  # type: ignore[arg-type]

    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url, sandbox.api_key)
        await walking.next("Export user")
        await walking.next("Save")
        memory.set_password = slowly  # type: ignore[method-assign]
        await walking.press("f10", "escape", "f9")
        assert walking.at == "Save"
        assert "It is being stored" in told(walking.app)[-1]
        go.set()
        await until(walking.pilot, lambda: walking.at == "")
    assert "Acme Store" in workspace.config.connections


async def test_a_given_key_goes_before_a_typed_one(
    tmp_path: Path, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    with workspace_in(tmp_path, {"OMNISEND_TUI_API_KEY": sandbox.api_key}) as workspace:
        async with walk(workspace) as walking:
            await walking.to_key(sandbox.url)
            await write(walking.pilot, "typed-key")
            await walking.press("f10")
            await until(walking.pilot, lambda: "would never be used" in _words(walking))
            assert walking.at == "API key"


async def test_the_brand_is_that_of_the_key_that_answers(
    tmp_path: Path, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    environ = {"OMNISEND_TUI_API_KEY_A": sandbox.api_key, "OMNISEND_TUI_API_KEY_B": "wrong-key"}
    with workspace_in(tmp_path, environ) as workspace:
        async with walk(workspace) as walking:
            await walking.to_key(sandbox.url, "A")
            await walking.next("Privacy")
            await walking.press("f8")
            await until(walking.pilot, lambda: walking.wizard.draft.brand is not None)
            for step in ("Privacy", "API key", "Users", "Name"):
                await walking.press("f9")
                await until(walking.pilot, lambda step=step: walking.at == step)  # type: ignore[misc]
            await write(walking.pilot, "B")
            await walking.next("Users")
            await walking.next("API key")
            await walking.next("Privacy")
            await walking.press("f8")
            await until(walking.pilot, lambda: "refused the API key" in walking.text)


async def test_trying_again_keeps_what_was_measured(
    workspace: Workspace, memory: MemoryKeyring, sandbox: RunningSandbox
) -> None:
    async with walk(workspace) as walking:
        await walking.to_connect(sandbox.url, sandbox.api_key)
        seen = Behaviour(at=1.0, tags="add", unsubscribed="kept")
        walking.wizard.draft.behaviour = seen
        await walking.press("f5")
        await until(walking.pilot, lambda: not walking.page_busy())
        assert walking.wizard.draft.behaviour == seen


async def test_letters_after_tab_land_in_the_next_field(
    workspace: Workspace, memory: MemoryKeyring
) -> None:
    async with walk(workspace) as walking:
        for key in ("A", "b", "tab", "end", "x", "y"):
            walking.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await walking.pilot.pause()
        await until(
            walking.pilot, lambda: walking.wizard.query_one("#base_url", Input).value.endswith("xy")
        )
        assert walking.wizard.query_one("#name", Input).value == "Ab"


async def test_a_surprise_prints_no_local_variable(
    workspace: Workspace,
    memory: MemoryKeyring,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def surprise(key: str) -> str:
        raise ZeroDivisionError(key)

    monkeypatch.setattr(connections, "key_fault", surprise)
    monkeypatch.setattr(connections, "looks_odd", lambda _key: False)
    app = still_app(workspace)
    printed: list[str] = []
    monkeypatch.setattr(app, "panic", lambda *told: _note(app, printed, *told))
    with pytest.raises(ZeroDivisionError):
        await _type_a_key(app)
    assert "Something unexpected ended the app (ZeroDivisionError)" in printed[0]
    assert "brand-secret" not in "".join([*printed, *capfd.readouterr()])
    assert "brand-secret" not in workspace.log_path.read_text()
    assert "ZeroDivisionError" in workspace.log_path.read_text()


def _words(walking: Walk) -> str:
    return " ".join(walking.text.split())


async def _type_a_key(app: OmnisendApp) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(app, pilot)
        await pilot.press("enter")
        walking = Walk(app, pilot)
        await until(pilot, lambda: walking.at == "Name" and app.focused is not None)
        await walking.to_key("https://api.omnisend.com/api")
        await write(pilot, "brand-secret")


def _note(app: OmnisendApp, printed: list[str], *told: Text) -> None:
    printed += [text.plain for text in told]
    OmnisendApp.panic(app, *told)
