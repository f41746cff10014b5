"""The wizards of a source and of an export under the keys of a test."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from omnisend_tui.cli.root import run_command
from omnisend_tui.config import store
from omnisend_tui.config.models import Connection, Source
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from rooms import workspace_in
from screen_app import text_of

HOSTILE = "a [/b] c"
LONG = "x" * 10_000
ODD = (HOSTILE, "🎉 party", "\u202eevil", LONG, "[@click=app.quit]q")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        shop = Connection(name="Acme Store", id="acme", api_key="environment")
        store.add_connection(opened.config_path, shop)
        opened.reload_config()
        yield opened


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return csv(tmp_path / "people.csv", "id", "E-mail", "First name", "groups", "sex")


def csv(path: Path, *columns: str) -> Path:
    """Four people; the third column from the left names one, the fourth segments."""
    cells = {"E-mail": "m{n}@example.com", "First name": "Maija", "sex": "blue", "id": "{n}"}
    lines = [",".join(f'"{column}"' for column in columns)]
    for n in range(4):
        groups = "VIP" if n else "VIP;gold [/b]"
        row = [cells.get(column, groups).format(n=n) for column in columns]
        lines.append(",".join(row))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def with_source(workspace: Workspace, path: Path, name: str = "people") -> Source:
    """Stores a source whose column ``groups`` names segments."""
    store.add_source(
        workspace.config_path,
        Source(name=name, path=str(path), key="id", segments_column="groups"),
    )
    return workspace.reload_config().sources[name]


class Walk:
    """A wizard under the keys of a test."""

    def __init__(self, pilot: Pilot[int], wizard: WizardScreen[Any]) -> None:
        self.pilot = pilot
        self.wizard = wizard
        self.endings = 0

    @property
    def text(self) -> str:
        return text_of(self.wizard.app)  # type: ignore[arg-type]

    async def until(self, met: Callable[[], bool]) -> None:
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            await self.pilot.pause()
            if met():
                await self.pilot.pause()
                return
        pytest.fail(f"never came:\n{self.text}")

    async def sees(self, text: str) -> None:
        """Waits for a text, wherever its lines break."""
        await self.until(lambda: text in " ".join(self.text.split()))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def burst(self, *keys: str) -> None:
        """Keys typed ahead: nothing has happened for any of them yet."""
        for key in keys:
            self.pilot.app.post_message(events.Key(key, None))

    async def enter(self, text: str) -> None:
        """Puts a text into the focused field."""
        field = self.wizard.focused
        assert isinstance(field, TextInput)
        field.value = ""
        field.take(text)
        await self.pilot.pause()

    async def at(self, step: int) -> None:
        """Waits for a step whose page can be used."""
        await self.until(lambda: self.wizard.at == step and self._settled())

    async def gone(self) -> None:
        await self.until(lambda: self.endings == 1)
        assert self.wizard not in self.wizard.app.screen_stack

    def _settled(self) -> bool:
        page = self.wizard.page
        return page is not None and page.draft is self.wizard.draft and page.size.height > 0


async def walk(pilot: Pilot[int], make: Callable[..., object], workspace: Workspace) -> Walk:
    walks: list[Walk] = []

    def ended() -> None:
        walks[0].endings += 1

    wizard = make(workspace, ended)
    assert isinstance(wizard, WizardScreen)
    walks.append(Walk(pilot, wizard))
    pilot.app.push_screen(wizard)
    await walks[0].at(0)
    return walks[0]


def command(folder: Path, *arguments: str) -> None:
    """Runs the command line in another workspace."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert run_command(["--workspace", str(folder), *arguments]) == 0
