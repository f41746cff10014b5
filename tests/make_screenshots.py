"""Makes screenshots/ from the real app: the demo's workspace, sandbox and run.

python tests/make_screenshots.py
"""

import asyncio
import os
from pathlib import Path

from omnisend_tui.demo import demo_workspace
from omnisend_tui.permissions import Actor
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace

FOLDER = Path(__file__).parent.parent / "screenshots"
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


if __name__ == "__main__":
    main()
