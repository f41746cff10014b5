"""The wizards of a source and of an export under the keys of a test."""

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from textual.pilot import Pilot

from omnisend_tui.cli.root import run_command
from omnisend_tui.config import store
from omnisend_tui.config.models import Connection, Source
from omnisend_tui.tui.sourcing.type_page import TypePage
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in
from tui.walks import WizardWalk

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


async def walk(
    pilot: Pilot[int], make: Callable[..., object], workspace: Workspace, step: int = 0
) -> WizardWalk:
    """The wizard that ``make`` makes, which opens at ``step``."""
    walks: list[WizardWalk] = []

    def ended() -> None:
        walks[0].endings += 1

    wizard = make(workspace, ended)
    assert isinstance(wizard, WizardScreen)
    walks.append(WizardWalk(pilot, wizard))
    pilot.app.push_screen(wizard)
    await walks[0].at(step)
    if isinstance(wizard.page, TypePage):
        await walks[0].choose()
    return walks[0]


def command(folder: Path, *arguments: str) -> None:
    """Runs the command line in another workspace."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        assert run_command(["--workspace", str(folder), *arguments]) == 0
