"""A sandbox of Customer Insights, a keyring in memory, and the wizard of its sources under keys."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from keyrings import MemoryKeyring, memory, no_keyring
from omnisend_tui.config.models import CUSTOMER_ID, Connection, Source
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sources.entra import DeviceCode, Entra
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.connecting.export_user_page import ExportUserPage
from omnisend_tui.tui.connecting.wizard import NEW
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.wizard import edit_source, new_source
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import AT, workspace_in
from tui.screen_app import NARROW, shown, still_app
from tui.walks import WizardWalk

__all__ = ["MemoryKeyring", "memory", "no_keyring", "sandbox", "workspace"]

PEOPLE = (
    Person(email="maija@example.com", first_name="Maija", segments=("vip", "win_back")),
    Person(email="kalle@example.com", first_name="Kalle", segments=("vip",)),
    Person(email="anna@example.com", first_name="Anna"),
)
WHO = "aino.korhonen@example.com"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningDataverse]:
    """Whoever asks for a device code has approved it already."""
    with running_dataverse(DataverseOptions(people=PEOPLE)) as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path, memory: MemoryKeyring) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        yield opened


def record(sandbox: RunningDataverse, name: str = "CI Helsinki", **fields: Any) -> Source:
    """The source of the sandbox as it is stored."""
    values = {"id": "ci", "type": "dataverse", "key": CUSTOMER_ID, "url": sandbox.url,
              "tenant": sandbox.tenant, "client_id": sandbox.client_id,
              "authority": sandbox.authority}  # fmt: skip
    return Source(name=name, **(values | fields))


class Answered:
    """Has each device code answered before anybody asks what became of it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.codes: list[DeviceCode] = []
        self.answers: list[Any] = []  # called with the code, one after the other
        begin = Entra.begin

        def begun(entra: Entra) -> DeviceCode:
            code = begin(entra)
            self.codes.append(code)
            if self.answers:
                self.answers.pop(0)(code.code)
            return code

        patch.setattr(Entra, "begin", begun)


class EnvironmentWalk(WizardWalk):
    """The wizard of a source of Customer Insights; steps go by 0 for the environment."""

    draft: DataverseDraft

    def settled(self) -> bool:
        page, focused = self.wizard.page, self.wizard.focused
        within = focused is not None and (page in focused.ancestors or isinstance(focused, Button))
        return super().settled() and within

    async def next(self, step: int) -> None:
        await self.press("f10")
        await self.at(step)

    async def focus(self, name: str) -> None:
        self.wizard.set_focus(self.wizard.query_one(f"#{name}"))
        await self.pilot.pause()

    async def stands_in(self, name: str) -> None:
        field = self.wizard.query_one(f"#{name}")
        await self.until(lambda: self.wizard.focused is field)

    async def fill(self, sandbox: RunningDataverse, **fields: str) -> None:
        """Pastes into the fields of the environment."""
        values = {"url": sandbox.url, "tenant": sandbox.tenant, "client_id": sandbox.client_id,
                  "authority": sandbox.authority} | fields  # fmt: skip
        for name, text in values.items():
            field = self.wizard.query_one(f"#{name}", TextInput)
            field.value = ""
            field.take(text)
        await self.pilot.pause()


@asynccontextmanager
async def walk(
    workspace: Workspace, stored: Source | None = None, size: tuple[int, int] = NARROW
) -> AsyncIterator[EnvironmentWalk]:
    """Of a new source, with its type chosen by keys, or of the stored one."""
    async with shown(still_app(workspace), size=size) as pilot:
        if stored is not None:
            yield await _opened(pilot, edit_source(workspace, stored, _nothing), 0)
            return
        steps = await _opened(pilot, new_source(workspace, _nothing), 0)
        await steps.press("down")
        await steps.choose()
        steps.draft = steps.wizard.draft
        yield steps


@asynccontextmanager
async def walk_at_sign_in(
    workspace: Workspace, sandbox: RunningDataverse, **fields: str
) -> AsyncIterator[EnvironmentWalk]:
    """Of a new source whose environment was entered, with other ``fields``."""
    async with shown(still_app(workspace)) as pilot:
        wizard = new_source(workspace, _nothing, dataverse=True)
        asked = record(sandbox, "", **fields)
        names = ("url", "tenant", "client_id", "authority")
        assert wizard.draft.take({name: getattr(asked, name) for name in names}) == ""
        wizard.at = wizard._done = 2
        yield await _opened(pilot, wizard, 1)


def _nothing() -> None:
    pass


async def _opened(pilot: Pilot[int], wizard: WizardScreen[Any], step: int) -> EnvironmentWalk:
    """At its ``step``; where its type is chosen already, that isn't counted."""
    steps = EnvironmentWalk(pilot, wizard)
    steps.draft = wizard.draft

    def ended() -> None:
        steps.endings += 1

    wizard._ended = ended
    steps.choices = 1 if wizard.at else 0
    pilot.app.push_screen(wizard)
    await steps.at(step)
    return steps


def export_user_step(workspace: Workspace) -> WizardScreen[Draft]:
    """The wizard of a connection at that step."""
    draft = Draft(workspace, Connection(id="c1", name="Acme Store"), lambda: AT, key="a-key")
    screen = WizardScreen("New connection", NEW, draft)
    screen.at = screen._done = [step.page for step in NEW].index(ExportUserPage)
    return screen
