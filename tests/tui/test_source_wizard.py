"""The pages of a source: a path that completes, segments by conditions, the editor."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from msgspec.structs import replace
from rooms import workspace_in
from screen_app import NARROW, WIDE, settle, shown, still_app, text_of, told, until
from test_pictures import Compare
from textual.pilot import Pilot
from textual.widgets import Button

from omnisend_tui import saved
from omnisend_tui.config import store
from omnisend_tui.config.models import Source
from omnisend_tui.i18n import use_language
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.sourcing import segments_page
from omnisend_tui.tui.sourcing.draft import SourceDraft
from omnisend_tui.tui.sourcing.wizard import NEW, edit_source, new_source
from omnisend_tui.tui.widgets import chrome, completions, path_input
from omnisend_tui.tui.widgets.completions import MOST, Completions
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.paint import length
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace

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


class Walk:
    """A wizard of a source under the keys of a test."""

    def __init__(
        self, app: OmnisendApp, pilot: Pilot[int], wizard: WizardScreen[SourceDraft]
    ) -> None:
        self.app, self.pilot, self.wizard = app, pilot, wizard
        self.draft = wizard.draft

    @property
    def text(self) -> str:
        return " ".join(text_of(self.app).replace("│", " ").split())

    @property
    def path(self) -> PathInput:
        return self.wizard.query_one(PathInput)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def sees(self, text: str) -> None:
        await until(self.pilot, lambda: text in self.text)

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

    async def at(self, step: int) -> None:
        def ready() -> bool:
            page, focused = self.wizard.page, self.wizard.focused
            return (
                self.wizard.at == step
                and page is not None
                and page.size.height > 0
                and focused is not None
                and (page in focused.ancestors or isinstance(focused, Button))
            )

        await until(self.pilot, ready)

    async def to_segments(self, path: Path) -> None:
        await self.write(str(path))
        await self.next(1)
        await self.next(2)
        await self.sees("All profiles 3")


@asynccontextmanager
async def walk(
    workspace: Workspace, stored: Source | None = None, size: tuple[int, int] = NARROW
) -> AsyncIterator[Walk]:
    app = still_app(workspace)
    async with shown(app, size=size) as pilot:
        if stored is None:
            wizard = new_source(workspace, app.stored)
        else:
            wizard = edit_source(workspace, stored, app.stored)
        app.push_screen(wizard)
        walking = Walk(app, pilot, wizard)
        await walking.at(0)
        yield walking


# The path.


async def test_a_path_completes_folder_by_folder(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(people.parent.parent))
    for name in ("people-old.csv", ".hidden.csv", "[b]x.csv"):
        (people.parent / name).write_text(PEOPLE, encoding="utf-8")
    async with walk(workspace) as steps:
        await steps.types("~/fi")
        assert "files/" in steps.text
        await steps.press("tab")
        assert steps.path.value == "~/files/"
        await until(steps.pilot, lambda: steps.path.found.typed == "~/files/")
        for name in ("people.csv", "people-old.csv", "[b]x.csv"):
            assert name in steps.text
        assert ".hidden" not in steps.text
        await steps.types("~/files/PEO")
        await steps.press("tab")  # what both have in common, as they write it
        assert steps.path.value == "~/files/people"
        await until(steps.pilot, lambda: steps.path.found.typed == "~/files/people")
        await steps.press("tab")  # the first is marked
        await steps.press("down", "enter")
        assert steps.path.value == "~/files/people.csv"
        assert steps.wizard.at == 0
        await until(steps.pilot, lambda: steps.path.found.typed == steps.path.value)
        await steps.press("tab")  # nothing is left to complete
        assert not isinstance(steps.wizard.focused, PathInput)
        await steps.next(1)
        assert steps.draft.source.path == str(people)


async def test_hidden_files_show_by_their_dot_and_patterns_show_what_they_match(
    workspace: Workspace, people: Path
) -> None:
    (people.parent / ".hidden.csv").write_text(PEOPLE, encoding="utf-8")
    (people.parent / "people-2.csv").write_text(PEOPLE, encoding="utf-8")
    async with walk(workspace) as steps:
        await steps.types(f"{people.parent}/.")
        assert ".hidden.csv" in steps.text
        await steps.types(f"{people.parent}/peo*.csv")
        assert "2 files match." in steps.text
        assert "people-2.csv" in steps.text
        await steps.types(f"{people.parent}/no*.csv")
        assert "match." not in steps.text


async def test_tab_before_the_folder_answers_completes_when_it_does(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = Event()

    def slowly(typed: str, stop: Event) -> Completions:
        go.wait(20)
        return completions.completions(typed, stop)

    monkeypatch.setattr(path_input, "completions", slowly)
    async with walk(workspace) as steps:
        await steps.write(f"{people.parent}/p")
        await steps.press("tab")
        assert isinstance(steps.wizard.focused, PathInput)
        await steps.press("e")  # typing goes on meanwhile
        assert steps.path.value.endswith("/pe")
        await steps.press("tab")
        go.set()
        await until(steps.pilot, lambda: steps.path.value == str(people))


async def test_folders_that_hang_hold_up_nothing(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, asked = Event(), []

    def hanging(typed: str, stop: Event) -> Completions:
        asked.append(typed)
        go.wait(20)
        return Completions(typed)

    monkeypatch.setattr(path_input, "completions", hanging)
    async with walk(workspace) as steps:
        for letter in "/a/bcdefg":
            await steps.press("slash" if letter == "/" else letter)
        assert steps.path.value == "/a/bcdefg"
        assert len(asked) == 4
        await steps.press("tab")
        assert not isinstance(steps.wizard.focused, PathInput)
        go.set()


def test_at_most_a_hundred_of_many(tmp_path: Path) -> None:
    for n in range(MOST + 5):
        (tmp_path / f"f{n:03}.csv").touch()
    (tmp_path / "fold").mkdir()
    (tmp_path / "f\nbad").touch()
    found = completions.completions(f"{tmp_path}/f", Event())
    assert len(found.names) == MOST
    assert found.more
    assert completions.completions(f"{tmp_path}/fol", Event()).names == ("fold/",)
    assert completions.completions(f"{tmp_path}/f\n", Event()).names == ()
    assert completions.completions("/no/such/folder/x", Event()).names == ()
    assert completions.completions("a\0b/c", Event()).names == ()
    assert completions.completions("/**/x", Event()) == Completions("/**/x", pattern=True)
    assert completions.completions("~", Event()).taking("~/") == "~/"


# Segments.


async def test_conditions_are_tried_while_typing_and_kept(
    workspace: Workspace, people: Path
) -> None:
    async with walk(workspace) as steps:
        await steps.to_segments(people)
        await steps.write("Finns")
        await steps.press("enter")
        await steps.write("country = 'FI'")
        await steps.sees("✔ 2 profiles")
        await steps.press("f10")
        assert "F5 adds the segment that stands in the fields" in steps.text
        await steps.press("enter")
        await steps.sees("Finns country = 'FI' 2")
        assert steps.draft.source.segments == {"Finns": "country = 'FI'"}
        await steps.write("Annas")
        await steps.press("enter")
        await steps.write("\"first name\" = 'Anna'")
        await steps.press("f5")  # it is added once it was tried
        await steps.sees("Annas \"first name\" = 'Anna' 1")
        await steps.next(3)
        await steps.next(4)
        assert "2 conditions" in steps.text
        await steps.press("f10")
        await until(steps.pilot, lambda: workspace.config.sources)
    (kept,) = store.load(workspace.config_path).sources.values()
    assert kept.segments == {"Finns": "country = 'FI'", "Annas": "\"first name\" = 'Anna'"}


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ("contry = 'FI'", "contry"),
        ("country = ", "DuckDB says"),
        ("country = 'FI'; DROP TABLE x", "DuckDB says"),
        ("(SELECT count(*) FROM read_text('/etc/hostname')) > 0", "outside the source"),
        ("CAST(country AS INTEGER) > 1", "can't be turned into"),
        ("[/b] = 1", "DuckDB says"),
    ],
)
async def test_a_wrong_condition_says_why_and_isnt_added(
    workspace: Workspace, people: Path, condition: str, wrong: str
) -> None:
    async with walk(workspace) as steps:
        await steps.to_segments(people)
        await steps.write("Bad")
        await steps.press("enter")
        await steps.write(condition)
        await steps.press("f5")
        await steps.sees("✖ DuckDB says:")
        assert wrong in steps.text
        assert "maija@" not in steps.text
        await steps.press("f5")
        assert steps.draft.source.segments == {}
        await steps.press("f9")
        await steps.at(1)
        await steps.next(2)
        assert "Bad" in steps.text  # what was typed is still there


async def test_names_of_segments(workspace: Workspace, people: Path) -> None:
    async with walk(workspace) as steps:
        await steps.to_segments(people)
        for name, wrong in (
            ("", "A name can't be empty."),
            ("all PROFILES", "is taken"),
            ("x" * 101, "100 characters"),
        ):
            steps.wizard.query_one("#segment", TextInput).value = name
            steps.wizard.query_one("#condition", TextInput).value = "true"
            await steps.pilot.pause()
            await steps.press("f5")
            await steps.sees(wrong)
        odd = "[@click=app.quit] 🎉 [/b]"
        steps.wizard.query_one("#segment", TextInput).value = odd
        await steps.pilot.pause()
        await steps.press("f5")
        await steps.sees(f"{odd} true 3")


async def test_the_column_and_conditions_are_counted_changed_and_removed(
    workspace: Workspace, people: Path
) -> None:
    stored = saved.add_source(
        workspace,
        Source(name="People", id="p", path=str(people), key="ID", segments_column="groups",
               segments={"A": "country = 'SE'", "B": "contry = 'SE'"}),
    )  # fmt: skip
    async with walk(workspace, stored) as steps:
        await steps.next(1)
        assert "Key id" in steps.text  # as the file writes it
        await steps.next(2)
        await steps.sees("VIP 2")
        for shows in ("A country = 'SE' 1", "✖ can't be counted", "gold [/b] 1"):
            assert shows in steps.text
        await steps.press("tab", "tab", "down", "down", "f6")
        await steps.sees("F5 Change it")
        assert steps.wizard.focused is steps.wizard.query_one("#condition")
        await steps.write("country = 'FI'")
        await steps.press("enter")
        await steps.sees("B country = 'FI' 2")
        assert list(steps.draft.source.segments) == ["A", "B"]
        await steps.press("tab", "tab", "up", "f7")
        await until(steps.pilot, lambda: list(steps.draft.source.segments) == ["B"])
        await steps.next(3)
        await steps.next(4)
        assert "No export uses this source yet" in steps.text
        await steps.press("f10")
        await until(steps.pilot, lambda: "Source “People” is saved." in told(steps.app))
    kept = store.load(workspace.config_path).sources["People"]
    assert kept == replace(stored, key="id", segments={"B": "country = 'FI'"})


async def test_a_column_that_is_gone_is_told(workspace: Workspace, people: Path) -> None:
    stored = saved.add_source(
        workspace, Source(name="People", id="p", path=str(people), key="customer [/b]")
    )
    async with walk(workspace, stored) as steps:
        await steps.next(1)
        assert "! No longer in the files: customer [/b]." in steps.text


async def test_a_change_by_somebody_else_is_told_and_can_be_overruled(
    workspace: Workspace, people: Path
) -> None:
    stored = saved.add_source(workspace, Source(name="People", id="p", path=str(people)))
    async with walk(workspace, stored) as steps:
        for step in (1, 2, 3):
            await steps.next(step)
        await steps.write("Mine")
        await steps.next(4)
        saved.edit_source(workspace, stored, replace(stored, name="Theirs", key="id"))
        await steps.press("f10")
        await steps.sees("F7 Save mine")
        await steps.press("f7")
        await until(steps.pilot, lambda: "Source “Mine” is saved." in told(steps.app))
    kept = store.load(workspace.config_path).sources
    assert kept == {"Mine": replace(stored, name="Mine", key="id")}


# Pictures.


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("page", ["path", "columns", "segments", "save"])
def test_pictures_of_the_wizard(
    snap_compare: Compare, workspace: Workspace, people: Path, size: tuple[int, int], page: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(people.parent)
    monkeypatch.setenv("HOME", str(people.parent))
    for name in ("people-2025.csv", "people-2026.csv"):
        (people.parent / name).write_text(PEOPLE, encoding="utf-8")
    (people.parent / "profiles").mkdir()
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        wizard = new_source(workspace, app.stored)
        app.push_screen(wizard)
        steps = Walk(app, pilot, wizard)
        await steps.at(0)
        if page == "path":
            await steps.types("~/p")
            await steps.press("down", "down")
            return
        await steps.write("~/people.csv")
        await steps.next(1)
        await steps.press("f5", "down", "down", "down", "f6")
        if page != "columns":
            await steps.next(2)
            await steps.sees("All profiles 3")
            await steps.write("Finns")
            await steps.press("enter")
            await steps.write("country = 'FI'")
            await steps.press("enter")
            await steps.sees("'FI' 2")
        if page == "segments":
            await steps.press("tab")
            await steps.write("contry = 'SE'")
            await steps.sees("✖ DuckDB says")
        # The path differs from run to run.
        wizard.draft.source = replace(wizard.draft.source, path="/srv/files/people.csv")
        if page == "save":
            await steps.next(3)
            await steps.next(4)
        wizard.renew()
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("code", ["en", "fi"])
async def test_steps_and_footers_fit(workspace: Workspace, people: Path, code: str) -> None:
    stored = saved.add_source(
        workspace, Source(name="People", id="p", path=str(people), segments={"A": "true"})
    )
    use_language(code)
    async with walk(workspace, stored) as steps:
        for step in range(len(NEW)):
            if step == 2:
                await until(steps.pilot, lambda: "A" in steps.text)
                await steps.write("x")
                await steps.press("tab", "tab", "down")
            keys = steps.wizard.footer_keys()
            assert length(chrome.footer(keys, 500)) <= NARROW[0], keys
            labels = chrome.steps(steps.wizard._labels(), steps.wizard.at, 500)[0]
            assert length(labels) <= NARROW[0]
            if step == 2:
                steps.wizard.query_one("#segment", TextInput).value = ""
                await steps.pilot.pause()
            if step + 1 < len(NEW):
                await steps.next(step + 1)
