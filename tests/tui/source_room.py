"""A workspace and a file of people, and the wizard of a source under the keys of a test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui.config import store
from omnisend_tui.config.models import Source
from omnisend_tui.tui.sourcing import segments_page
from omnisend_tui.tui.sourcing.draft import SourceDraft
from omnisend_tui.tui.sourcing.wizard import edit_source, new_source
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in
from tui.screen_app import shown, still_app, until
from tui.walks import WizardWalk

PEOPLE = (
    'id,E-mail,country,groups,"first name"\n'
    "1,maija@example.com,FI,VIP;gold [/b],Maija\n"
    "2,kalle@example.com,FI,VIP,Kalle\n"
    "3,anna@example.com,SE,,Anna\n"
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(segments_page, "_PAUSE", 0.01)
    with workspace_in(tmp_path / "config") as opened:
        store.load(opened.config_path)
        yield opened


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "people.csv"
    path.parent.mkdir()
    path.write_text(PEOPLE, encoding="utf-8")
    return path


class SourceWalk(WizardWalk):
    """A wizard of a source under the keys of a test."""

    def __init__(self, pilot: Pilot[int], wizard: WizardScreen[SourceDraft]) -> None:
        super().__init__(pilot, wizard)
        self.draft = wizard.draft

    @property
    def path(self) -> PathInput:
        return self.wizard.query_one(PathInput)

    async def write(self, text: str) -> None:
        field = self.wizard.focused
        assert isinstance(field, TextInput)
        field.value = text
        field.cursor_position = len(text)
        await self.pilot.pause()

    async def types(self, path: str) -> None:
        """A path, and what it may go on with."""
        await self.write(path)
        await until(self.pilot, lambda: self.path.found.typed == path)

    async def next(self, step: int) -> None:
        await self.press("f10")
        await self.at(step)

    def settled(self) -> bool:
        page, focused = self.wizard.page, self.wizard.focused
        within = focused is not None and (page in focused.ancestors or isinstance(focused, Button))
        return super().settled() and within

    async def to_segments(self, path: Path) -> None:
        await self.write(str(path))
        await self.next(1)
        await self.next(2)
        await self.sees("All profiles 3")


def source_at(
    workspace: Workspace, step: int, path: str, ended: Callable[[], None]
) -> WizardScreen[SourceDraft]:
    """The wizard of new files at ``step``, after the choice of files and of ``path``."""
    wizard = new_source(workspace, ended)
    draft = wizard.draft
    assert draft.take({"path": path}) == ""
    draft.take_columns(workspace.open_source(draft.source).columns())
    wizard.at = wizard._done = step + 1
    return wizard


@asynccontextmanager
async def walk(
    workspace: Workspace, stored: Source | None = None, *, path: Path | None = None, step: int = 0
) -> AsyncIterator[SourceWalk]:
    """Of a new source, with its type chosen by keys or at ``step``, or of the stored one."""
    app = still_app(workspace)
    async with shown(app) as pilot:
        if stored is not None:
            wizard = edit_source(workspace, stored, app.stored)
        elif path is not None:
            wizard = source_at(workspace, step, str(path), app.stored)
        else:
            wizard = new_source(workspace, app.stored)
        app.push_screen(wizard)
        walking = SourceWalk(pilot, wizard)
        walking.choices = 1 if path is not None else 0
        await walking.at(step)
        if stored is None and path is None:
            await walking.choose()
        yield walking
