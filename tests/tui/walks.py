"""Walking through wizards by keyboard."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from textual import events
from textual.pilot import Pilot

from omnisend_tui.config.models import Connection
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.connecting.wizard import NEW
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import NOW
from tui.screen_app import NARROW, settle, still_app, text_of, until, write


class Walk:
    """An app under the keys of a test."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.app, self.pilot = cast(OmnisendApp, pilot.app), pilot

    @property
    def text(self) -> str:
        return text_of(self.app)

    @property
    def said(self) -> str:
        """The same, wherever its lines break."""
        return " ".join(self.text.replace("│", " ").split())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, met: Callable[[], object]) -> None:
        await until(self.pilot, met)

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.said)


class WizardWalk(Walk):
    """The same in a wizard, whose steps are counted from 0 after the ``choices`` before them."""

    def __init__(self, pilot: Pilot[int], wizard: WizardScreen[Any]) -> None:
        super().__init__(pilot)
        self.wizard = wizard
        self.endings = 0
        self.choices = 0

    def burst(self, *keys: str) -> None:
        """Keys typed ahead: nothing has happened for any of them yet."""
        for key in keys:
            self.app.post_message(events.Key(key, None))

    async def enter(self, text: str) -> None:
        """Puts a text into the focused field."""
        field = self.wizard.focused
        assert isinstance(field, TextInput)
        field.value = ""
        field.take(text)
        await self.pilot.pause()

    @property
    def step(self) -> int:
        return self.wizard.at - self.choices

    async def at(self, step: int) -> None:
        """Waits for a step whose page can be used."""
        await self.until(lambda: self.step == step and self.settled())

    async def choose(self) -> None:
        """Takes the first choice of the first page."""
        await self.at(0)
        await self.press("enter")
        self.choices = 1
        await self.at(0)

    async def gone(self) -> None:
        await self.until(lambda: self.endings == 1)
        assert self.wizard not in self.app.screen_stack

    def settled(self) -> bool:
        page = self.wizard.page
        return page is not None and page.draft is self.wizard.draft and page.size.height > 0


class ConnectionWalk(Walk):
    """The same in whatever wizard of a connection is open; its steps go by their labels."""

    @property
    def wizard(self) -> WizardScreen[Draft]:
        assert isinstance(self.app.screen, WizardScreen)
        return self.app.screen

    @property
    def at(self) -> str:
        """The label of the step shown, '' when the wizard is gone."""
        screen = self.app.screen
        return screen._steps[screen.at].label if isinstance(screen, WizardScreen) else ""

    async def next(self, to: str) -> None:
        await self.press("f10")
        await until(self.pilot, lambda: self.at == to)

    async def back(self, to: str) -> None:
        await self.press("f9")
        await until(self.pilot, lambda: self.at == to)

    async def name(self, url: str, name: str = "Acme Store") -> None:
        await write(self.pilot, name)
        await self.press("tab")
        await write(self.pilot, url)

    async def to_key(self, url: str, name: str = "Acme Store") -> None:
        await self.name(url, name)
        await self.next("Users")
        await self.next("API key")

    def page_busy(self) -> bool:
        page = self.wizard.page
        return page is None or page.busy()


@asynccontextmanager
async def walk(
    workspace: Workspace, size: tuple[int, int] = NARROW
) -> AsyncIterator[ConnectionWalk]:
    """The wizard of a new connection, opened by Enter on the welcome."""
    app = still_app(workspace)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("enter")
        walking = ConnectionWalk(pilot)
        await until(pilot, lambda: walking.at == "Name" and app.focused is not None)
        yield walking


@asynccontextmanager
async def walk_at(
    app: OmnisendApp, step: str, url: str, key: str = "", name: str = "Acme Store"
) -> AsyncIterator[ConnectionWalk]:
    """The wizard of a new connection at ``step``, with all entered that its steps before ask for.

    At Connect it has been tried.
    """
    at = [each.label for each in NEW].index(step)
    draft = Draft(app.workspace, Connection(id="c1", name=name, base_url=url), NOW.timestamp)
    if key:
        draft.take_key(key)
    if at > [each.label for each in NEW].index("Privacy"):
        draft.agreed_at = NOW.timestamp()
    screen = WizardScreen("New connection", NEW, draft, app.stored)
    screen.at = screen._done = at
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await settle(app, pilot)
        app.push_screen(screen)
        walking = ConnectionWalk(pilot)
        await until(pilot, lambda: screen.page is not None and not screen.turning)
        await until(pilot, lambda: not walking.page_busy())
        yield walking


@asynccontextmanager
async def walk_stored(workspace: Workspace, key: str, to: str) -> AsyncIterator[ConnectionWalk]:
    """The wizard that ``key`` opens for the only connection, at its step ``to``."""
    app = still_app(workspace)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("2")
        await settle(app, pilot)
        await pilot.press(key)
        walking = ConnectionWalk(pilot)
        await until(pilot, lambda: walking.at == to)
        yield walking
