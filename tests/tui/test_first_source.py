"""The wizard of a source: by keyboard, with what people and files get wrong."""

from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from omnisend_tui.config import store
from omnisend_tui.config.models import Source
from omnisend_tui.permissions import Actor
from omnisend_tui.profiles import Column
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import ProfileSource
from omnisend_tui.tui.sourcing import wizard as sourcing
from omnisend_tui.tui.sourcing.draft import SourceDraft, end_of, name_of
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.workspace import Workspace
from tui.first_room import HOSTILE, LONG, ODD, command, csv, people, walk, with_source, workspace
from tui.screen_app import NARROW, WIDE, shown, still_app, told
from tui.source_room import source_at
from tui.walks import WizardWalk

__all__ = ["people", "workspace"]


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_source_by_keyboard_is_what_the_command_line_stores(
    workspace: Workspace, people: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(still_app(workspace), size=size) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.at(1)
        assert "F5 No key" in steps.text
        steps.burst("down", "down", "down", "f6", "f6", "f5")
        await steps.sees("Key and segments are the same column")
        steps.burst("f5", "up", "up", "up", "f5")
        await steps.sees("F5 No key")
        assert "the same" not in steps.text
        assert "m***@example.com" in steps.text
        await steps.press("enter")
        await steps.at(2)
        await steps.press("enter")
        await steps.at(3)
        assert steps.wizard.draft.source.name == "people"
        await steps.enter("Folk")
        await steps.press("f10")
        await steps.at(4)
        assert workspace.config.sources == {}
        for fact in ("Folk", "people.csv", "groups", "is stored"):
            assert fact in steps.text
        await steps.press("enter")
        await steps.gone()
        assert told(steps.app) == ["Source “Folk” is saved."]
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
            assert steps.step == 0
        for right in ("~/people.csv", "people.csv", "./peo*.csv"):
            await steps.enter(right)
            await steps.press("enter")
            await steps.at(1)
            kept = steps.wizard.draft.source.path
            assert kept in (str(people), str(people.parent / "peo*.csv"))
            await steps.press("f9")
            await steps.at(0)
            assert right in steps.text


async def test_opening_that_takes_long_ends_with_escape_or_another_path(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = Event()

    def slowly(workspace: Workspace, source: Source) -> ProfileSource:
        go.wait(20)
        return open_source(source, workspace.temp_dir)

    monkeypatch.setattr(Workspace, "open_source", slowly)
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        for ending in ("escape", "x"):
            await steps.enter(str(people))
            await steps.press("enter")
            await steps.sees("● Opening")
            await steps.press("f10")  # once is enough
            await steps.press(ending)
            await steps.sees("F10 Next F9 Back Esc Leave")
            assert "Opening" not in steps.text
        go.set()
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.at(1)


async def test_only_administrators_get_on_with_a_source(workspace: Workspace) -> None:
    workspace.actor = Actor("maija", "contributor")
    async with shown(still_app(workspace)) as pilot:
        wizard = sourcing.new_source(workspace, lambda: None)
        pilot.app.push_screen(wizard)
        steps = WizardWalk(pilot, wizard)
        await steps.at(0)
        for way in ("down", "up"):
            await steps.press(way, "enter")
            await steps.sees("Only administrators of the workspace change sources.")
            assert steps.step == 0


async def test_going_back_keeps_what_a_source_got(workspace: Workspace, people: Path) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(pilot, sourcing.new_source, workspace)
        await steps.enter(str(people))
        await steps.press("enter")
        await steps.at(1)
        await steps.press("f10")
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
        assert (draft.source.key, draft.source.name) == ("id", "Mine")


async def test_the_name_of_a_source_is_its_own(workspace: Workspace, people: Path) -> None:
    with_source(workspace, people)
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(
            pilot, lambda where, ended: source_at(where, 3, str(people), ended), workspace, 4
        )
        steps.choices = 1
        assert "people 2" in steps.text
        await steps.enter("PEOPLE")
        await steps.press("enter")
        await steps.sees("The name “PEOPLE” is taken.")
        assert steps.step == 3


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
        assert steps.wizard.draft.source.key == "column 191"
        await steps.press(*"xyz")
        assert "Nothing here is called “column 19xyz”." in steps.text
        await steps.press("f5")  # there is nothing to choose
        await steps.enter("")
        steps.wizard.query_one(Picker).action_move(180)
        steps.burst(*["pagedown"] * 5)
        await steps.sees("▌ column 199")
        for step in (2, 3, 4):
            await steps.press("enter")
            await steps.at(step)
            await fits(steps, size)


async def fits(steps: WizardWalk, size: tuple[int, int]) -> None:
    await steps.pilot.pause()
    lines = steps.text.splitlines()
    assert len(lines) == size[1]
    assert all(cell_len(line) <= size[0] for line in lines)
    assert any("step" in line for line in lines)


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


@pytest.mark.parametrize("dataverse", [False, True])
def test_the_steps_fit_a_narrow_window_in_longer_languages(
    workspace: Workspace, dataverse: bool
) -> None:
    wizard = sourcing.new_source(workspace, lambda: None, dataverse=dataverse)
    assert sum(cell_len(step.label) * 1.3 + 4 for step in wizard._steps) < NARROW[0]


def test_columns_whose_names_tell_are_proposed_once(workspace: Workspace) -> None:
    ids = ("1", "2", "3")
    columns = (
        Column("ID", ids), Column("Asiakasnumero", ("7", "7")), Column("Segments", ("VIP",)),
        Column("Customer number", ids),
    )  # fmt: skip
    draft = SourceDraft(workspace, Source(path="/people.csv"))
    draft.take_columns(columns)
    assert (draft.source.key, draft.source.segments_column) == ("Customer number", "Segments")
    draft.choose("key", "Customer number")
    draft.take_columns(columns)
    assert draft.source.key == ""
