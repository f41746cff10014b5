"""Makes screenshots/ from the real app: the demo's workspace, sandbox and run.

python tests/make_screenshots.py
"""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import keyring
from keyrings import MemoryKeyring
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from omnisend_tui.demo import demo_workspace
from omnisend_tui.permissions import Actor
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import running_sandbox
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

FOLDER = Path(__file__).parent.parent / "screenshots"
_SHOWN = {2: "segments", 3: "data-matching", 4: "options"}  # steps of an export
_AT_HALF = 2500  # profiles of the demo's 5,000 whose account is closed


async def picture(workspace: Workspace, name: str, size: tuple[int, int], keys: str = "") -> None:
    """One screen as SVG, after the keys were pressed."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=size) as pilot:
        for key in keys.split():
            await pilot.press(key)
        await pilot.pause(0.6)
        (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="omnisend-tui"))


async def live(workspace: Workspace) -> None:
    """The exports and the run's screen while the demo runs, at both sizes."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        while getattr(app.focused, "id", "") != "run":
            await pilot.pause(0.1)
        await both(app, pilot, "price")
        await pilot.press("enter")
        while _closed(workspace) < _AT_HALF:
            await pilot.pause(0.25)
        for name, size, keys in (
            ("exports", (80, 24), ""),
            ("exports-wide", (120, 40), ""),
            ("run", (80, 24), "enter"),
            ("run-wide", (120, 40), ""),
        ):
            await pilot.resize_terminal(*size)
            for key in keys.split():
                await pilot.press(key)
            await pilot.pause(0.6)
            (FOLDER / f"{name}.svg").write_text(app.export_screenshot(title="omnisend-tui"))
        while not _ended(workspace):
            await pilot.pause(0.25)


async def editor(workspace: Workspace) -> None:
    """The steps of the demo's export, at both sizes."""
    app = OmnisendApp(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.6)
        await pilot.press("e")
        for step in range(5):
            while not (isinstance(app.screen, WizardScreen) and app.screen.at == step):
                await pilot.pause(0.1)
            await pilot.pause(1)
            if step in _SHOWN:
                await both(app, pilot, _SHOWN[step])
            await pilot.press("f10")


async def wizard(folder: Path, url: str, key: str) -> None:
    """Each step of a new connection, from an empty workspace, at both sizes."""
    keyring.set_keyring(MemoryKeyring())
    with Workspace.open(folder / "acme", {}, folder / "budget.sqlite") as workspace:
        workspace.actor = Actor("maija", workspace.actor.role)
        app = OmnisendApp(workspace)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.6)
            await both(app, pilot, "welcome")
            await pilot.press("enter")
            await pilot.pause(0.3)
            await paste(app, pilot, "Acme Store")
            await pilot.press("tab")
            await paste(app, pilot, url)
            await pilot.press("f10")
            await pilot.pause(0.3)
            await pilot.press("f10")
            await pilot.pause(0.6)
            await paste(app, pilot, key)
            await both(app, pilot, "api-key")
            await pilot.press("f10")
            await pilot.pause(0.3)
            await both(app, pilot, "privacy")
            await pilot.press("f8")
            await pilot.pause(1)
            await both(app, pilot, "connect")


async def paste(app: OmnisendApp, pilot: Pilot[int], text: str) -> None:
    """Text into the focused field."""
    field = app.focused
    assert isinstance(field, Input)
    field.value = ""
    field.post_message(events.Paste(text))
    await pilot.pause(0.1)


async def both(app: OmnisendApp, pilot: Pilot[int], name: str) -> None:
    """The screen as it is, at both sizes."""
    for suffix, size in (("-wide", (120, 40)), ("", (80, 24))):
        await pilot.resize_terminal(*size)
        await pilot.pause(0.6)
        svg = app.export_screenshot(title="omnisend-tui")
        (FOLDER / f"{name}{suffix}.svg").write_text(svg)


def _closed(workspace: Workspace) -> int:
    return max((run.closed for run in workspace.state.latest_runs().values()), default=0)


def _ended(workspace: Workspace) -> bool:
    return all(run.ended for run in workspace.state.latest_runs().values())


def main() -> None:
    os.environ.pop("NO_COLOR", None)
    FOLDER.mkdir(exist_ok=True)
    with demo_workspace() as workspace:
        workspace.actor = Actor("maija", workspace.actor.role)
        asyncio.run(live(workspace))
        asyncio.run(picture(workspace, "finished", (80, 24), "enter"))
        asyncio.run(picture(workspace, "help", (80, 24), "f1"))
        asyncio.run(picture(workspace, "runs", (120, 40), "4"))
        asyncio.run(picture(workspace, "connections", (120, 40), "2"))
        asyncio.run(editor(workspace))
    with running_sandbox(SandboxOptions()) as sandbox, TemporaryDirectory() as folder:
        asyncio.run(wizard(Path(folder), sandbox.url, sandbox.api_key))


if __name__ == "__main__":
    main()
