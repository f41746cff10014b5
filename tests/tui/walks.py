"""Walking through a wizard by keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from screen_app import NARROW, settle, still_app, text_of, until, write


class Walk:
    """A wizard being walked through."""

    def __init__(self, app: OmnisendApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def wizard(self) -> WizardScreen[Draft]:
        assert isinstance(self.app.screen, WizardScreen)
        return self.app.screen

    @property
    def at(self) -> str:
        """The label of the step shown, '' when the wizard is gone."""
        screen = self.app.screen
        return screen._steps[screen.at].label if isinstance(screen, WizardScreen) else ""

    @property
    def text(self) -> str:
        return text_of(self.app)

    @property
    def said(self) -> str:
        """The same, wherever its lines break."""
        return " ".join(self.text.split())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def next(self, to: str) -> None:
        await self.press("f10")
        await until(self.pilot, lambda: self.at == to)

    async def name(self, url: str, name: str = "Acme Store") -> None:
        await write(self.pilot, name)
        await self.press("tab")
        await write(self.pilot, url)

    async def to_key(self, url: str, name: str = "Acme Store") -> None:
        await self.name(url, name)
        await self.next("Users")
        await self.next("API key")

    async def to_privacy(self, url: str, key: str) -> None:
        await self.to_key(url)
        await write(self.pilot, key)
        await self.next("Privacy")

    async def to_connect(self, url: str, key: str) -> None:
        await self.to_privacy(url, key)
        await self.press("f8")
        await until(self.pilot, lambda: self.at == "Connect" and not self.page_busy())

    def page_busy(self) -> bool:
        page = self.wizard.page
        return page is None or page.busy()


@asynccontextmanager
async def walk(workspace: Workspace, size: tuple[int, int] = NARROW) -> AsyncIterator[Walk]:
    """The wizard of a new connection, opened by Enter on the welcome."""
    app = still_app(workspace)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("enter")
        walking = Walk(app, pilot)
        await until(pilot, lambda: walking.at == "Name" and app.focused is not None)
        yield walking


@asynccontextmanager
async def walk_stored(workspace: Workspace, key: str, to: str) -> AsyncIterator[Walk]:
    """The wizard that ``key`` opens for the only connection, at its step ``to``."""
    app = still_app(workspace)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("2")
        await settle(app, pilot)
        await pilot.press(key)
        walking = Walk(app, pilot)
        await until(pilot, lambda: walking.at == to)
        yield walking
