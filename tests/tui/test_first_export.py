"""The wizard of an export: by keyboard, with what people get wrong."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from omnisend_tui import saved
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.errors import UsageError
from omnisend_tui.permissions import Actor, Role
from omnisend_tui.tui.exporting import wizard as exporting
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.workspace import Workspace
from tui.export_room import STEPS, export_at
from tui.first_room import HOSTILE, LONG, command, csv, people, walk, with_source, workspace
from tui.screen_app import NARROW, WIDE, shown, still_app
from tui.walks import WizardWalk

__all__ = ["people", "workspace"]


async def begin(
    pilot: Pilot[int], workspace: Workspace, step: str, connection: str = "Acme Store"
) -> WizardWalk:
    return await walk(
        pilot, lambda where, ended: export_at(where, step, ended, connection=connection),
        workspace, STEPS.index(step),
    )  # fmt: skip


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
        await steps.press("down", "enter", "enter")
        await steps.at(3)
        await steps.sees("m0@example.com")
        for word in ("E-mail", "First name", "sure", "Maija"):
            assert word in steps.text
        for step in (4, 5, 6):
            await steps.press("f10")
            await steps.at(step)
        for fact in ("Acme Store", "VIP, 4 profiles", "Saving sends nothing"):
            await steps.sees(fact)
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
        steps = await begin(pilot, workspace, "Connection", connection="")
        assert sentence in " ".join(steps.text.split())
        await steps.press("f10")
        assert steps.wizard.at == 1


async def test_without_a_source_it_says_so(workspace: Workspace) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Source")
        assert "This workspace has no source yet" in steps.text
        await steps.press("f10")
        assert steps.wizard.at == 2


async def test_without_an_email_column_there_is_no_way_on(
    workspace: Workspace, tmp_path: Path
) -> None:
    with_source(workspace, csv(tmp_path / "none.csv", "id", "First name", "groups"))
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Source")
        await steps.sees("▌ All profiles")
        await steps.press("f5", "f10")
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
        steps = await begin(pilot, workspace, "Source")
        await steps.press(*"11")
        assert steps.wizard.draft.export.source == "source 00"
        await steps.press("enter")
        await steps.sees("▌ All profiles")
        assert steps.wizard.draft.export.source == "source 11"
        segments = steps.wizard.query_one("#segments", Picker)
        assert segments.size.width > 0
        await steps.pilot.click("#sources _Items")  # the marked one once more: to its segments
        segments.action_move(480)
        steps.burst(*["pagedown"] * 5)
        await steps.sees("101 more: search for one")
        await steps.press(*"599", "enter", "f10")
        await steps.at(3)
        assert steps.wizard.draft.export.segments == ("segment 599 [/b]",)


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
