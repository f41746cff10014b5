"""The app as tests drive it: a fixed clock, no pulse of its own, a cursor that doesn't blink."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import cast

from rooms import NOW
from textual import events
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


async def until(pilot: Pilot[int], happened: Callable[[], object]) -> None:
    """Waits for what a thread or a timer brings, as often as the app can be asked."""
    for _turn in range(1000):
        if happened():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError(text_of(cast(OmnisendApp, pilot.app)))


async def write(pilot: Pilot[int], text: str) -> None:
    """Text into the focused field, as a paste."""
    field = pilot.app.focused
    assert isinstance(field, Input)
    field.value = ""
    field.post_message(events.Paste(text))
    await pilot.pause()
