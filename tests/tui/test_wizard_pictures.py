"""Each step of the connection wizard compared with a picture that was looked at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from keyrings import MemoryKeyring, memory
from omnisend_tui.config.models import Connection
from omnisend_tui.i18n import _, use_language
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.connecting.probe import Probe
from omnisend_tui.tui.connecting.wizard import NEW
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.paint import length
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import NOW, workspace_in
from tui.screen_app import NARROW, WIDE, Compare, settle, still_app, text_of, until

__all__ = ["memory"]

BRAND = Brand(id="5f1", name="Acme Store", website="https://acme.example", currency="EUR")


@pytest.fixture
def workspace(tmp_path: Path, memory: MemoryKeyring) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


def wizard(
    workspace: Workspace, step: str, *, brand: Brand | None = BRAND, checked: bool = False
) -> WizardScreen[Draft]:
    """The wizard with everything entered up to ``step``."""
    at = [each.label for each in NEW].index(step)
    connection = Connection(id="c1", name="Acme Store" if at else "")
    if brand is None:
        # Port 9 discards: nobody listens there.
        connection = Connection(id="c1", name="Acme Store", base_url="http://127.0.0.1:9/api")
    draft = Draft(workspace, connection, NOW.timestamp, key="5f1-a-made-up-key" if at > 2 else "")
    draft.brand = brand if at >= 4 else None
    draft.keyring = "Secret Service" if at > 2 else ""
    if checked:
        draft.behaviour = Behaviour(at=1.0, tags="add", unsubscribed="kept")
    screen = WizardScreen("New connection", NEW, draft)
    screen.at = screen._done = at
    return screen


def compare(
    snap_compare: Compare,
    workspace: Workspace,
    screen: WizardScreen[Draft],
    size: tuple[int, int],
    *keys: str,
) -> None:
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        app.push_screen(screen)
        await until(pilot, lambda: screen.page is not None and not screen.page.busy())
        await pilot.press(*keys)
        if screen.query("SecretInput"):
            await until(pilot, lambda: screen.draft.keyring)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("step", [step.label for step in NEW])
def test_step(
    snap_compare: Compare, workspace: Workspace, step: str, size: tuple[int, int]
) -> None:
    compare(snap_compare, workspace, wizard(workspace, step), size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_key_entered(snap_compare: Compare, workspace: Workspace, size: tuple[int, int]) -> None:
    compare(snap_compare, workspace, wizard(workspace, "API key"), size, *"5f1-a-made-up-key")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_connect_failed(snap_compare: Compare, workspace: Workspace, size: tuple[int, int]) -> None:
    compare(snap_compare, workspace, wizard(workspace, "Connect", brand=None), size)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_checked(snap_compare: Compare, workspace: Workspace, size: tuple[int, int]) -> None:
    compare(snap_compare, workspace, wizard(workspace, "Save", checked=True), size)


def test_leaving(snap_compare: Compare, workspace: Workspace) -> None:
    compare(snap_compare, workspace, wizard(workspace, "Name"), NARROW, "A", "escape")


@pytest.mark.parametrize("step", ["API key", "Privacy", "Connect"])
def test_no_colour(
    snap_compare: Compare, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    compare(snap_compare, workspace, wizard(workspace, step), NARROW)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
def test_behaviour_check(
    snap_compare: Compare, workspace: Workspace, size: tuple[int, int]
) -> None:
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        app.push_screen(Probe(Connection(id="c1", name="Acme Store"), lambda: "", BRAND))
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("step", [step.label for step in NEW])
async def test_steps_buttons_and_footer_fit(workspace: Workspace, step: str) -> None:
    screen = wizard(workspace, step)
    app = still_app(workspace)
    async with app.run_test(size=NARROW) as pilot:
        app.push_screen(screen)
        await until(pilot, lambda: screen.page is not None and not screen.page.busy())
        for language in ("en", "fi"):
            use_language(language)
            screen.renew()
            await pilot.pause()
            footer = chrome.footer(screen.footer_keys(), 500)
            steps = chrome.steps(screen._labels(), screen.at, 500)[0]
            assert length(footer) <= NARROW[0]
            assert length(steps) <= NARROW[0]
            each_button = screen.query("#buttons Button").results(Button)
            buttons = [each for each in each_button if each.display]
            assert any(str(each.label) == _("Back") for each in buttons) or not screen.at
            assert all(each.region.right <= 79 for each in buttons)
            assert sum(each.region.width + 1 for each in buttons) <= 79


async def test_ascii_has_no_other_sign(workspace: Workspace) -> None:
    app = still_app(workspace, {"TERM": "linux"})
    screen = wizard(workspace, "Users")
    async with app.run_test(size=WIDE) as pilot:
        app.push_screen(screen)
        await until(pilot, lambda: screen.page is not None)
        await settle(app, pilot)
        assert [sign for sign in text_of(app) if not sign.isascii()] == []
