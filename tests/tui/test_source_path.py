"""The path of a source, which completes while one types."""

from pathlib import Path
from threading import Event
from unittest.mock import Mock

import pytest
from textual.widgets import Button

from omnisend_tui.tui.widgets import completions, path_input
from omnisend_tui.tui.widgets.completions import MOST, Completions
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.workspace import Workspace
from tui.screen_app import until
from tui.source_room import PEOPLE, people, walk, workspace

__all__ = ["people", "workspace"]


async def test_a_path_completes_folder_by_folder(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(people.parent.parent))
    for name in ("people-old.csv", ".hidden.csv", "[b]x.csv"):
        (people.parent / name).write_text(PEOPLE, encoding="utf-8")
    async with walk(workspace) as steps:
        await steps.types("~/fi")
        assert "files/" in steps.said
        await steps.press("tab")
        assert steps.path.value == "~/files/"
        await until(steps.pilot, lambda: steps.path.found.typed == "~/files/")
        for name in ("people.csv", "people-old.csv", "[b]x.csv"):
            assert name in steps.said
        assert ".hidden" not in steps.said
        await steps.types("~/files/PEO")
        await steps.press("tab")  # what both have in common, as they write it
        assert steps.path.value == "~/files/people"
        await until(steps.pilot, lambda: steps.path.found.typed == "~/files/people")
        await steps.press("tab")  # the first is marked
        await steps.press("down", "enter")
        assert steps.path.value == "~/files/people.csv"
        assert steps.step == 0
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
        assert ".hidden.csv" in steps.said
        await steps.types(f"{people.parent}/peo*.csv")
        assert "2 files match." in steps.said
        assert "people-2.csv" in steps.said
        await steps.types(f"{people.parent}/no*.csv")
        assert "match." not in steps.said


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Event:
    """No folder answers before this is set."""
    event = Event()

    def slowly(typed: str, stop: Event) -> Completions:
        event.wait(20)
        return completions.completions(typed, stop)

    monkeypatch.setattr(path_input, "completions", slowly)
    return event


async def test_tab_before_the_folder_answers_completes_when_it_does(
    workspace: Workspace, people: Path, go: Event
) -> None:
    async with walk(workspace) as steps:
        await steps.write(f"{people.parent}/p")
        await steps.press("tab")
        assert isinstance(steps.wizard.focused, PathInput)
        await steps.press("e")  # typing goes on meanwhile
        assert steps.path.value.endswith("/pe")
        await steps.press("tab")
        go.set()
        await until(steps.pilot, lambda: steps.path.value == str(people))


@pytest.mark.parametrize("ends", [None, "escape", "e"])
async def test_going_on_waits_for_what_tab_completes(
    workspace: Workspace, people: Path, go: Event, ends: str | None
) -> None:
    async with walk(workspace) as steps:
        await steps.write(f"{people.parent}/p")
        await steps.press("tab", "f10")
        assert "● Completing " in steps.said
        assert "Opening" not in steps.said
        assert steps.wizard.query_one("#next", Button).disabled
        if ends:
            await steps.press(ends)
            assert "Completing" not in steps.said
            typed = steps.path.value
        go.set()
        if not ends:
            await steps.at(1)
        await until(steps.pilot, lambda: steps.step or steps.path.found.typed)
        assert steps.step == (0 if ends else 1)
        assert steps.draft.source.path == ("" if ends else str(people))
        if ends:
            assert steps.path.value == typed


@pytest.mark.parametrize("ends", ["leave", "action_previous"])
async def test_going_on_can_be_ended_until_it_does(
    workspace: Workspace, people: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    # The folder answers, and what follows from that is seen only when the test says so.
    monkeypatch.setattr(PathInput, "set_interval", lambda *_args, **_more: Mock())
    async with walk(workspace) as steps:
        await steps.write(f"{people.parent}/p")
        path, wizard = steps.path, steps.wizard
        await steps.press("tab", "f10")
        attempt = path._attempt
        assert attempt is not None
        await until(steps.pilot, lambda: attempt.done)
        path._take_found()
        getattr(wizard, ends)()
        await steps.pilot.pause()
        await until(steps.pilot, lambda: not wizard.turning and wizard.page is not None)
        assert wizard is steps.app.screen
        assert wizard.at == (1 if ends == "leave" else 0)


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
    (tmp_path / "[b] 1.csv").touch()
    assert completions.completions(f"{tmp_path}/[b]", Event()).names == ("[b] 1.csv",)
    assert completions.completions("/no/such/folder/x", Event()).names == ()
    assert completions.completions("a\0b/c", Event()).names == ()
    assert completions.completions("/**/x", Event()) == Completions("/**/x", pattern=True)
    assert completions.completions("~", Event()).taking("~/") == "~/"


async def test_keys_wait_for_a_page_that_comes_by_itself(
    workspace: Workspace, people: Path
) -> None:
    async with walk(workspace) as steps:
        await steps.write(str(people))
        await steps.next(1)
        steps.wizard._enter(steps.wizard.at)  # as when the files are open
        steps.burst("down", "down", "down", "f6")
        await steps.until(lambda: not steps.draft.source.segments_column)
        assert steps.draft.source.key == "id"
