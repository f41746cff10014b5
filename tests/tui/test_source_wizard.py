"""The pages of a source: segments by conditions, the editor, pictures."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from omnisend_tui import saved
from omnisend_tui.config import store
from omnisend_tui.config.models import Source
from omnisend_tui.i18n import use_language
from omnisend_tui.profiles import Column
from omnisend_tui.tui.sourcing.draft import EditDraft, SourceDraft
from omnisend_tui.tui.sourcing.wizard import FILES, new_source
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.paint import length
from omnisend_tui.workspace import Workspace
from tui.screen_app import NARROW, WIDE, Compare, settle, still_app, told, until
from tui.source_room import PEOPLE, SourceWalk, people, source_at, walk, workspace

__all__ = ["people", "workspace"]


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
        assert "F5 adds the segment that stands in the fields" in steps.said
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
        assert "2 conditions" in steps.said
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
        ("(SELECT count(*) FROM read_text('/etc/hostname')) > 0", "more than the columns"),
        ("CAST(country AS INTEGER) > 1", "can't be turned into"),
        ("[/b] = 1", "DuckDB says"),
    ],
)
async def test_a_wrong_condition_says_why_and_isnt_added(
    workspace: Workspace, people: Path, condition: str, wrong: str
) -> None:
    async with walk(workspace, path=people, step=2) as steps:
        await steps.sees("All profiles 3")
        await steps.write("Bad")
        await steps.press("enter")
        await steps.write(condition)
        await steps.press("f5")
        await steps.sees("✖ DuckDB says:")
        assert wrong in steps.said
        assert "maija@" not in steps.said
        await steps.press("f5")
        assert steps.draft.source.segments == {}


async def test_a_condition_that_was_typed_is_there_after_going_back(
    workspace: Workspace, people: Path
) -> None:
    async with walk(workspace, path=people, step=2) as steps:
        await steps.write("Bad")
        await steps.press("enter")
        await steps.write("contry = 'FI'")
        await steps.press("f9")
        await steps.at(1)
        await steps.next(2)
        assert "Bad" in steps.said
        assert "contry = 'FI'" in steps.said


async def test_names_of_segments(workspace: Workspace, people: Path) -> None:
    async with walk(workspace, path=people, step=2) as steps:
        await steps.sees("All profiles 3")
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
        assert "Key id" in steps.said  # as the file writes it
        await steps.next(2)
        await steps.sees("VIP 2")
        for shows in ("A country = 'SE' 1", "✖ can't be counted", "gold [/b] 1"):
            assert shows in steps.said
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
        assert "No export uses this source yet" in steps.said
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
        assert "! No longer in the files: customer [/b]." in steps.said


def test_only_what_differs_from_what_is_stored_is_unsaved(
    workspace: Workspace, people: Path
) -> None:
    assert not SourceDraft(workspace, Source(id="new")).unsaved()
    stored = Source(name="People", id="p", path=str(people), key="id", segments={"A": "true"})
    draft = EditDraft(workspace, stored, before=stored)
    draft.take({"path": stored.path})
    draft.take_columns([Column("id", ())])
    draft.segment = ("A", "true", "A")  # to be edited, and nobody typed yet
    assert not draft.unsaved()
    draft.segment = ("A", "false", "A")
    assert draft.unsaved()
    draft.segment = ("", "", "")
    draft.take({"name": "Folk"})
    assert draft.unsaved()
    draft.take({"name": "People"})
    assert not draft.unsaved()


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
        if page == "path":
            wizard = new_source(workspace, app.stored)
            app.push_screen(wizard)
            steps = SourceWalk(pilot, wizard)
            await steps.choose()
            await steps.types("~/p")
            await steps.press("down", "down")
            return
        step = 1 if page == "columns" else 2
        wizard = source_at(workspace, step, "~/people.csv", app.stored)
        app.push_screen(wizard)
        steps = SourceWalk(pilot, wizard)
        steps.choices = 1
        await steps.at(step)
        if page == "columns":
            await steps.press("down", "down", "down")
        else:
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


async def test_steps_and_footers_fit(workspace: Workspace, people: Path) -> None:
    stored = saved.add_source(
        workspace, Source(name="People", id="p", path=str(people), segments={"A": "true"})
    )
    async with walk(workspace, stored) as steps:
        for step in range(len(FILES)):
            if step == 2:
                await until(steps.pilot, lambda: "A" in steps.said)
                await steps.write("x")
                await steps.press("tab", "tab", "down")
            for code in ("fi", "en"):
                use_language(code)
                keys = steps.wizard.footer_keys()
                assert length(chrome.footer(keys, 500)) <= NARROW[0], keys
                labels = chrome.steps(steps.wizard._labels(), steps.wizard.at, 500)[0]
                assert length(labels) <= NARROW[0]
            if step == 2:
                steps.wizard.query_one("#segment", TextInput).value = ""
                await steps.pilot.pause()
            if step + 1 < len(FILES):
                await steps.next(step + 1)
