"""The wizards of a source and of an export: by keyboard, with what people and files get wrong."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rooms import workspace_in
from screen_app import NARROW, WIDE, shown, still_app, text_of, told
from textual.pilot import Pilot

from omnisend_tui import saved
from omnisend_tui.cli.root import run_command
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.errors import UsageError
from omnisend_tui.permissions import Actor, Role
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import ProfileSource
from omnisend_tui.tui.exporting import wizard as exporting
from omnisend_tui.tui.sourcing import pages
from omnisend_tui.tui.sourcing import wizard as sourcing
from omnisend_tui.tui.sourcing.draft import end_of, name_of
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

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


# The source.


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_source_by_keyboard_is_what_the_command_line_stores(
    workspace: Workspace, people: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(still_app(workspace), size=size) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.at(1)
        await steps.press("f5", "down", "down", "down", "f6")
        assert "F6 No segments" in steps.text
        assert "m***@example.com" in steps.text
        await steps.press("enter")
        await steps.at(2)
        await steps.press("enter")
        await steps.at(3)
        assert steps.wizard.draft.source.name == "people"  # type: ignore[attr-defined]
        await steps.enter("Folk")
        await steps.press("f10")
        await steps.at(4)
        assert workspace.config.sources == {}
        for fact in ("Folk", "people.csv", "groups", "is stored"):
            assert fact in steps.text
        await steps.press("enter")
        await steps.gone()
        assert told(steps.pilot.app) == ["Source “Folk” is saved."]  # type: ignore[arg-type]
    command(
        tmp_path / "other", "source", "add", "files", "--name", "Folk", "--path", str(people),
        "--key", "id", "--segments-column", "groups",
    )  # fmt: skip
    with Workspace.open(tmp_path / "other", {}, tmp_path / "b.sqlite") as other:
        theirs = other.config.sources["Folk"]
    ours = store.load(workspace.config_path).sources["Folk"]
    assert replace(ours, id="") == replace(theirs, id="")
    assert len(ours.id) == len(theirs.id)


async def test_a_path_that_leads_nowhere_is_one_sentence_and_the_page_stays(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(people.parent))
    monkeypatch.chdir(people.parent)
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.press("enter")
        await steps.sees("Enter where the file is.")
        for wrong, sentence in (
            ("/no/such.csv", "There is no file /no/such.csv."),
            ("/no/[/b].csv", "No file matches /no/[/b].csv."),
            (str(people.parent), "is a folder"),
            ("*.parquet", "No file matches"),
            ("/" + LONG[1:], "File name too long"),
        ):
            await steps.enter(wrong)
            await steps.press("enter")
            await steps.sees(sentence)
            assert steps.wizard.at == 0
        for right in ("~/people.csv", "people.csv", "./peo*.csv"):
            await steps.enter(right)
            await steps.press("enter")
            await steps.at(1)
            kept = steps.wizard.draft.source.path  # type: ignore[attr-defined]
            assert kept in (str(people), str(people.parent / "peo*.csv"))
            await steps.press("f9")
            await steps.at(0)
            assert right in steps.text


async def test_opening_that_takes_long_ends_with_escape_or_another_path(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = Event()

    def slowly(source: Source, temp_dir: Path) -> ProfileSource:
        go.wait(20)
        return open_source(source, temp_dir)

    monkeypatch.setattr(pages, "open_source", slowly)
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        for ending in ("escape", "x"):
            await steps.enter(str(people))
            await steps.press("enter")
            await steps.sees("● Opening")
            await steps.press("f10")  # once is enough
            await steps.press(ending)
            await steps.sees("F10 Next Esc Leave")
            assert "Opening" not in steps.text
        go.set()
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.at(1)


async def test_only_administrators_get_on_with_a_source(workspace: Workspace, people: Path) -> None:
    workspace.actor = Actor("maija", "contributor")
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.sees("Only an administrator of this workspace can add a source.")


async def test_going_back_keeps_what_a_source_got(workspace: Workspace, people: Path) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.at(1)
        await steps.press("f5", "down", "down", "down", "f6", "f10")
        await steps.at(2)
        await steps.press("f10")
        await steps.at(3)
        await steps.enter("Mine")
        for step in (2, 1, 0):
            await steps.press("f9")
            await steps.at(step)
        await steps.press("f10")
        await steps.at(1)
        assert steps.text.count("groups") == 2
        await steps.press("f10")
        await steps.at(2)
        await steps.press("f10")
        await steps.at(3)
        assert "Mine" in steps.text
        # Another file takes the columns with it that it doesn't have.
        csv(people.parent / "few.csv", "id", "E-mail")
        for step in (2, 1, 0):
            await steps.press("f9")
            await steps.at(step)
        await steps.enter(str(people.parent / "few.csv"))
        await steps.press("f10")
        await steps.at(1)
        assert "none, only All profiles" in steps.text
        draft = steps.wizard.draft
        assert (draft.source.key, draft.source.name) == ("id", "Mine")  # type: ignore[attr-defined]


async def test_the_name_of_a_source_is_its_own(workspace: Workspace, people: Path) -> None:
    with_source(workspace, people)
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(people))
        for step in (1, 2, 3):
            await steps.press("enter")
            await steps.at(step)
        assert "people 2" in steps.text
        await steps.enter("PEOPLE")
        await steps.press("enter")
        await steps.sees("The name “PEOPLE” is taken.")
        assert steps.wizard.at == 3


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_columns_of_any_name_and_number_stay_in_their_line(
    workspace: Workspace, tmp_path: Path, size: tuple[int, int]
) -> None:
    path = csv(tmp_path / "odd.csv", *ODD, *(f"column {n}" for n in range(200)))
    async with shown(still_app(workspace), size=size) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(path))
        await steps.press("enter")
        await steps.at(1)
        await steps.press("f5", "down", "down", "down", "f6")
        await fits(steps, size)
        assert HOSTILE in steps.text
        assert "[@click=app.quit]q" in steps.text
        assert "\u202e" not in steps.text
        await steps.press(*"column 19", "down", "down", "f5")
        assert steps.wizard.draft.source.key == "column 191"  # type: ignore[attr-defined]
        await steps.press(*"xyz")
        assert "Nothing here is called “column 19xyz”." in steps.text
        await steps.press("f5")  # there is nothing to choose
        await steps.enter("")
        await steps.press(*["pagedown"] * 30)
        assert "▌ column 199" in steps.text
        for step in (2, 3, 4):
            await steps.press("enter")
            await steps.at(step)
            await fits(steps, size)


async def fits(steps: Walk, size: tuple[int, int]) -> None:
    await steps.pilot.pause()
    lines = steps.text.splitlines()
    assert len(lines) == size[1]
    assert all(cell_len(line) <= size[0] for line in lines)
    assert any("step" in line for line in lines)


# The export.


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_an_export_by_keyboard_is_what_the_command_line_stores(
    workspace: Workspace, people: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    with_source(workspace, people)
    async with shown(still_app(workspace), size=size) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        await steps.press(*"VIP", "enter")
        await steps.at(1)
        await steps.press("enter")
        await steps.at(2)
        await steps.sees("gold [/b]")
        assert "All profiles" in steps.text
        await steps.press("enter", "down", "enter", "enter")
        await steps.at(3)
        await steps.sees("m0@example.com")
        for word in ("E-mail", "First name", "sure", "Maija"):
            assert word in steps.text
        for step in (4, 5, 6):
            await steps.press("f10")
            await steps.at(step)
        for fact in ("Acme Store", "VIP, 4 profiles", "Saving sends nothing"):
            assert fact in steps.text
        assert workspace.config.exports == {}
        await steps.press("enter")
        await steps.gone()
    other = tmp_path / "other"
    with Workspace.open(other, {}, tmp_path / "b.sqlite") as theirs:
        store.add_connection(theirs.config_path, workspace.config.connections["Acme Store"])
        store.add_source(theirs.config_path, workspace.config.sources["people"])
    command(
        other, "export", "add", "--name", "VIP", "--connection", "Acme Store",
        "--source", "people", "--segment", "VIP", "--auto-map",
    )  # fmt: skip
    ours = store.load(workspace.config_path).exports["VIP"]
    wanted = store.load(other / "config.toml").exports["VIP"]
    assert replace(ours, id="") == replace(wanted, id="")


async def test_going_back_keeps_what_an_export_got(workspace: Workspace, people: Path) -> None:
    store.add_connection(workspace.config_path, Connection(name="B2B", id="b2b"))
    with_source(workspace, people)
    with_source(workspace, people.parent / "gone.csv", "another")
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        await steps.press(*"Mine", "enter")
        await steps.at(1)
        await steps.press("down", "enter")
        await steps.at(2)
        await steps.sees("There is no file")
        await steps.press("f10")
        assert steps.wizard.at == 2
        await steps.press("down")
        await steps.sees("gold [/b]")
        await steps.press("enter", "end", "enter", "f10")
        await steps.at(3)
        await steps.sees("m0@example.com")
        await steps.press("down", "delete")
        assert "Maija" not in steps.text
        for step in (2, 1, 0):
            await steps.press("f9")
            await steps.at(step)
        assert "Mine" in steps.text
        for step in (1, 2, 3):
            await steps.press("f10")
            await steps.at(step)
            await steps.until(lambda: steps.wizard.page is not None and steps.wizard.page.ready())
        await steps.sees("m0@example.com")
        for step in (4, 5, 6):
            await steps.press("f10")
            await steps.at(step)
        await steps.press("enter")
        await steps.gone()
    kept = workspace.config.exports["Mine"]
    assert (kept.connection, kept.source, kept.segments) == ("B2B", "people", ("gold [/b]",))
    assert [each.field for each in kept.mapping] == ["email", "gender"]


async def test_the_name_of_an_export_is_its_own(workspace: Workspace) -> None:
    store.add_export(workspace.config_path, Export(name="Vip"))
    workspace.reload_config()
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        for wrong, sentence in (
            ("vIP", "The name “vIP” is taken."),
            ("", "A name can't be empty."),
            (LONG, "A name has 100 characters at most"),
        ):
            await steps.enter(wrong)
            await steps.press("enter")
            await steps.sees(sentence)
        await steps.enter(HOSTILE)
        await steps.press("enter")
        await steps.at(1)


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("administrator", "This workspace has no connection yet"),
        ("contributor", "Ask an administrator to allow you one"),
        ("viewer", "Ask an administrator of this workspace for another role"),
    ],
)
async def test_without_a_connection_to_use_it_says_whom_to_ask(
    workspace: Workspace, role: Role, sentence: str
) -> None:
    workspace.actor = Actor("maija", role)
    if role == "administrator":
        acme = workspace.config.connections["Acme Store"]
        store.remove_connection(workspace.config_path, acme, detach=True)
        workspace.reload_config()
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        await steps.press(*"Mine", "enter")
        await steps.at(1)
        assert sentence in " ".join(steps.text.split())
        await steps.press("f10")
        assert steps.wizard.at == 1


async def test_without_a_source_it_says_so(workspace: Workspace) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        await steps.press(*"Mine", "enter")
        await steps.at(1)
        await steps.press("enter")
        await steps.at(2)
        assert "This workspace has no source yet" in steps.text
        await steps.press("f10")
        assert steps.wizard.at == 2


async def test_without_an_email_column_there_is_no_way_on(
    workspace: Workspace, tmp_path: Path
) -> None:
    with_source(workspace, csv(tmp_path / "none.csv", "id", "First name", "groups"))
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        await steps.press(*"Mine", "enter")
        await steps.at(1)
        await steps.press("enter")
        await steps.at(2)
        await steps.sees("▌ ● All profiles")
        await steps.press("f10")
        await steps.at(3)
        await steps.sees("No column is matched with the e-mail address")
        assert "F10" not in steps.text.splitlines()[-1]
        await steps.press("f10")
        assert steps.wizard.at == 3


async def test_many_sources_and_segments_are_searched(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = "".join(f"m{n}@example.com,{n},segment {n} [/b]\n" for n in range(600))
    path.write_text("E-mail,id,groups\n" + rows)
    for n in range(12):
        with_source(workspace, path, f"source {n:02}")
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, exporting.new_export, workspace)
        await steps.press(*"Mine", "enter")
        await steps.at(1)
        await steps.press("enter")
        await steps.at(2)
        await steps.press(*"11")
        assert steps.wizard.draft.export.source == "source 00"  # type: ignore[attr-defined]
        await steps.press("enter")
        await steps.sees("▌ ● All profiles")
        assert steps.wizard.draft.export.source == "source 11"  # type: ignore[attr-defined]
        segments = steps.wizard.query_one("#segments", Picker)
        assert segments.size.width > 0
        await steps.pilot.click("#sources _Items")  # the marked one once more: to its segments
        await steps.press(*["pagedown"] * 60)
        assert "101 more: search for one" in steps.text, steps.text
        await steps.press(*"599", "enter", "f10")
        await steps.at(3)
        assert steps.wizard.draft.export.segments == ("segment 599 [/b]",)  # type: ignore[attr-defined]


# What both stand on.


def test_roles_and_names_are_checked_before_anything_is_stored(workspace: Workspace) -> None:
    source = Source(name="People", path="/people.csv")
    mapped = (Attribute(field="email", column="mail"),)
    export = Export(name="VIP", connection="Acme Store", source="People", mapping=mapped)
    workspace.actor = Actor("maija", "contributor")
    for refused in (
        lambda: saved.add_source(workspace, source),
        lambda: saved.add_export(workspace, export),
        lambda: saved.add_export(workspace, replace(export, connection="Nowhere")),
        lambda: saved.add_export(workspace, replace(export, connection="", mapping=())),
    ):
        with pytest.raises(UsageError):
            refused()
    assert saved.add_export(workspace, replace(export, connection="")).id
    workspace.actor = Actor("maija", "administrator")
    assert saved.add_source(workspace, source).id
    for taken in (
        lambda: saved.add_source(workspace, replace(source, name="PEOPLE")),
        lambda: saved.add_export(workspace, replace(export, name="vip")),
    ):
        with pytest.raises(UsageError, match="is taken"):
            taken()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/people.csv", "people"),
        ("/srv/people.2026.csv.gz", "people.2026"),
        ("/srv/helsinki-*.csv", "helsinki"),
        ("/srv/exports/*.parquet", "exports"),
        ("/*", ""),
        (f"/srv/{'y' * 300}.csv", "y" * 100),
        ("/srv/a [b] c.csv", "a b c"),
    ],
)
def test_a_name_comes_from_the_file_or_its_folder(path: str, name: str) -> None:
    assert name_of(path) == name


def test_the_end_of_a_path_is_kept() -> None:
    assert end_of("/srv/people.csv", 11) == "…people.csv"
    assert cell_len(end_of("/日本/" * 30, 20)) <= 20


@pytest.mark.parametrize("labels", [sourcing.NEW])
def test_the_steps_fit_a_narrow_window_in_longer_languages(labels: tuple[object, ...]) -> None:
    cells = sum(cell_len(step.label) * 1.3 + 4 for step in labels)  # type: ignore[attr-defined,misc]
    assert cells < NARROW[0]
