"""The app as tests drive it: a fixed clock, no pulse of its own, a cursor that doesn't blink."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from textual import events
from textual._context import visible_screen_stack
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace
from tui.rooms import NOW, add_export, add_problems, add_shop

NARROW, WIDE = (80, 24), (120, 40)
Compare = Callable[..., bool]  # the fixture that compares pictures


def still_app(workspace: Workspace, environ: Mapping[str, str] | None = None) -> OmnisendApp:
    app = OmnisendApp(workspace, now=lambda: NOW, environ=environ or {}, pulse=None)
    app.animation_level = "none"
    return app


@asynccontextmanager
async def shown(
    app: OmnisendApp, *keys: str, size: tuple[int, int] = NARROW
) -> AsyncIterator[Pilot[int]]:
    """The app after ``keys``, with everything pulled and painted."""
    async with app.run_test(size=size, notifications=True) as pilot:
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await settle(app, pilot)
        if keys:
            await pilot.press(*keys)
            await settle(app, pilot)
        yield pilot


async def settle(app: OmnisendApp, pilot: Pilot[int]) -> None:
    await pilot.pause()
    await app.look()
    await pilot.pause()


def text_of(app: App[Any]) -> str:
    """What stands on the screen, line by line."""
    # Lines that are made here are kept for the picture: a dialog's with what is behind it.
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def told(app: OmnisendApp) -> list[str]:
    """The notifications so far."""
    return [notification.message for notification in app._notifications]


async def until(pilot: Pilot[Any], happened: Callable[[], object], *, pulls: bool = False) -> None:
    """Waits for what a thread or a timer brings, up to 30 seconds; ``pulls``: what a run does."""
    app, ends = cast(OmnisendApp, pilot.app), time.monotonic() + 30
    while not happened():
        assert time.monotonic() < ends, text_of(app)
        if pulls:
            await app.look()
        # A pause would ask each widget, time and again, and many look at the whole screen.
        await asyncio.sleep(0.03)
    await pilot.pause()


async def run_first(pilot: Pilot[Any]) -> None:
    """A first run: its price is told, and Enter takes the button that has the focus."""
    await pilot.press("r")
    await until(pilot, lambda: getattr(pilot.app.focused, "id", "") == "run")
    await pilot.press("enter")


async def write(pilot: Pilot[int], text: str) -> None:
    """Text into the focused field, as a paste."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = ""
    field.post_message(events.Paste(text))
    await pilot.pause()


def shop_with(workspace: Workspace, run: Snapshot) -> OmnisendApp:
    """The app on a workspace with one export and its run."""
    add_shop(workspace)
    add_export(workspace, run.export)
    workspace.state.save_snapshot(run)
    add_problems(workspace, run.run_id)
    workspace.reload_config()
    return still_app(workspace)
