"""The app as tests drive it: a fixed clock, no pulse of its own, a cursor that doesn't blink."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from rooms import NOW
from textual.pilot import Pilot
from textual.widgets import Input

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace

NARROW, WIDE = (80, 24), (120, 40)


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
        for key in keys:
            await pilot.press(key)
        await settle(app, pilot)
        yield pilot


async def settle(app: OmnisendApp, pilot: Pilot[int]) -> None:
    await pilot.pause()
    await app.look()
    await pilot.pause()


def text_of(app: OmnisendApp) -> str:
    """What stands on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def told(app: OmnisendApp) -> list[str]:
    """The notifications so far."""
    return [notification.message for notification in app._notifications]
