"""The wizard and the editor of an export: segments, options, saving, by keyboard alone."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.pilot import Pilot

from omnisend_tui.config import store
from omnisend_tui.config.models import ALL_PROFILES, Export
from omnisend_tui.i18n import use_language
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.wizard import edit_export
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.price import PriceDialog
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.paint import plain
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.workspace import Workspace
from tui.export_room import STEPS, add_source, export_at, stored_export, workspace, write_people
from tui.first_room import walk
from tui.screen_app import NARROW, WIDE, Compare, settle, shown, still_app
from tui.walks import WizardWalk

__all__ = ["workspace"]

SOURCE, MATCHING, OPTIONS, SCHEDULE, SAVE = (
    STEPS.index(label) for label in ("Source", "Matching", "Options", "Schedule", "Save")
)
EVERYBODY = (ALL_PROFILES,)
HOSTILE = ("a [/b] c", "\u202eevil", "[@click=app.quit]q", "🎉 " + "x" * 300)


def draft_of(steps: WizardWalk) -> ExportDraft:
    draft = steps.wizard.draft
    assert isinstance(draft, ExportDraft)
    return draft


async def begin(pilot: Pilot[int], workspace: Workspace, step: str, **entered: Any) -> WizardWalk:
    """A new export at ``step``; at Source one of its sources is looked at first."""
    steps = await walk(
        pilot, lambda where, ended: export_at(where, step, ended, **entered), workspace,
        STEPS.index(step),
    )  # fmt: skip
    if step == "Source":
        await steps.sees("All profiles")
    return steps


async def everybody(steps: WizardWalk) -> None:
    """Chooses All profiles, which nobody has by pressing Next."""
    await steps.press("f5")
    await steps.sees("● All profiles")


async def forward(steps: WizardWalk, step: int) -> None:
    while steps.wizard.at < step:
        at = steps.wizard.at
        await steps.until(lambda: steps.wizard.page is not None and steps.wizard.page.ready())
        await steps.press("f10")
        await steps.at(at + 1)


async def edit(
    pilot: Pilot[int], workspace: Workspace, export: Export, step: str = "Name"
) -> WizardWalk:
    return await walk(
        pilot, lambda where, ended: edit_export(where, export, ended, step=step), workspace,
        STEPS.index(step),
    )  # fmt: skip


async def choose_column(steps: WizardWalk, *keys: str) -> None:
    """Chooses the consent column that the keys lead to."""
    steps.wizard.query_one("#columns", Picker).focus_first()
    await steps.press(*keys, "enter")


async def subscribe(steps: WizardWalk) -> None:
    """On the Options page: subscribed, by the last column, with a consent source."""
    steps.wizard.query_one("#row-email_status Choices").focus()
    await steps.press("down")
    await choose_column(steps, "end", "down", "down", "down", "down")
    await steps.press(*"shop form")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_segments_options_and_schedule_by_keyboard(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with shown(still_app(workspace), size=size) as pilot:
        steps = await begin(pilot, workspace, "Source")
        # All profiles, VIP, gold, silver: nobody is exported unchosen.
        await steps.sees("No segment is chosen yet")
        await steps.press("f10")
        await steps.sees("✖ Choose at least one segment.")
        assert steps.wizard.at == SOURCE
        await steps.press("down", "space", "down", "f5", "down", "f6")
        await steps.sees("2 segments, 1 left out, 3 profiles, 1 in")
        await forward(steps, OPTIONS)
        await steps.enter("spring, [/b]")
        await forward(steps, SCHEDULE)
        await steps.press("down", "down", "down")
        await forward(steps, SAVE)
        assert "VIP, gold, 3 profiles" in steps.text
        assert workspace.config.exports == {}
        await steps.press("enter")
        await steps.gone()
    kept = store.load(workspace.config_path).exports["Mine"]
    assert (kept.segments, kept.except_segments) == (("VIP", "gold"), ("silver",))
    assert kept.tags == ("spring", "[/b]")
    assert kept.schedule.startswith("daily")
    assert [each.field for each in kept.mapping][:2] == ["email", "first_name"]
    assert (kept.email_status, kept.send_welcome, kept.max_rejects) == ("", False, 20)


async def test_back_keeps_everything_and_escape_asks(workspace: Workspace) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Source")
        await steps.press("down", "enter", "down", "down", "f6")
        await steps.sees("1 segment, 1 left out, 2 profiles")
        await forward(steps, OPTIONS)
        await steps.enter("spring")
        for step in range(OPTIONS - 1, -1, -1):
            await steps.press("f9")
            await steps.at(step)
        assert "Mine" in steps.text
        await forward(steps, SOURCE)
        await steps.sees("● VIP")
        await steps.sees("✖ silver")
        await forward(steps, OPTIONS)
        assert "spring" in steps.text
        await steps.press("escape")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        await steps.press("enter")
        await steps.until(lambda: pilot.app.screen is steps.wizard)
        await steps.press("escape")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        await steps.press("tab", "enter")
        await steps.until(lambda: steps.wizard not in pilot.app.screen_stack)
    assert store.load(workspace.config_path).exports == {}


async def test_subscribed_says_for_how_many_and_asks(workspace: Workspace, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    with people.open("a", encoding="utf-8") as file:
        # Neither an address that can't be nor one that comes twice is one more.
        file.write("m0@,Maija,VIP,yes\n M1@example.com,Maija,VIP,yes\n")
        file.write("m1@example.com,Maija,VIP,no\nM1@example.com,Maija,VIP,no\n")
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Options", source="people", segments=EVERYBODY)
        assert not steps.wizard.query_one("#consent").display
        choices = steps.wizard.query_one("#row-email_status Choices")
        choices.focus()
        assert draft_of(steps).export.email_status == ""
        await steps.press("down", "f10")
        await steps.sees("needs the column that says who agreed")
        assert steps.wizard.at == OPTIONS
        await steps.press("end", "down", "down", "down", "down", "enter")
        await steps.sees("2 of 4 people say yes here")
        await steps.sees("1 address says yes and no in several rows")
        await steps.press("f10")
        await steps.sees("needs the name of the consent's source")
        await steps.press(*"shop form", "f10")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        await steps.press("enter")  # 'Not yet' has the focus
        await steps.until(lambda: pilot.app.screen is steps.wizard)
        assert steps.wizard.at == OPTIONS
        await steps.press("f10")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        await steps.press("enter")
        # Another column can't be counted: it is told, and Next counts anew.
        people.rename(tmp_path / "away.csv")
        await choose_column(steps, "up")
        await steps.press("f10")
        await steps.until(lambda: "✖ There is no file" in steps.text)
        assert steps.wizard.at == OPTIONS
        (tmp_path / "away.csv").rename(people)
        await steps.press("f10")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        assert "for 0 of 4 people?" in steps.text
        await steps.press("enter")
        await choose_column(steps, "down")
        await steps.press("f10")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        await steps.press("tab", "enter")
        await steps.at(SCHEDULE)
        await forward(steps, SAVE)
        assert "subscribed, by opt_in; source: shop form" in steps.text
        await steps.press("f10")
        await steps.gone()
    kept = store.load(workspace.config_path).exports["Mine"]
    assert (kept.consent_column, kept.consent_source) == ("opt_in", "shop form")


async def test_save_and_run_shows_the_price_and_sends_nothing(workspace: Workspace) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Save", source="people", segments=EVERYBODY)
        await steps.press("f5")
        await steps.until(lambda: isinstance(pilot.app.screen, PriceDialog))
        assert steps.endings == 1
        await steps.press("escape")
        await steps.until(lambda: not isinstance(pilot.app.screen, PriceDialog))
        assert workspace.state.latest_runs() == {}
    assert "Mine" in store.load(workspace.config_path).exports


async def test_the_editor_stores_only_what_changed(workspace: Workspace) -> None:
    before = stored_export(workspace)
    async with shown(still_app(workspace)) as pilot:
        steps = await edit(pilot, workspace, before)
        await steps.press("ctrl+s")
        await steps.at(SAVE)
        assert "Changes" in steps.text
        for step in range(SAVE - 1, OPTIONS - 1, -1):
            await steps.press("f9")
            await steps.at(step)
        await steps.enter("spring")
        await subscribe(steps)
        await steps.press("f9")  # kept, and never asked for
        await steps.at(MATCHING)
        # Somebody else changes another field meanwhile.
        store.edit_export(workspace.config_path, before, replace(before, max_rejects=9))
        await steps.press("ctrl+s")
        await steps.at(SAVE)
        assert "none → spring" in steps.text
        assert "Connection" not in steps.text.splitlines()[6]
        await steps.press("enter")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        assert "for 1 of 2 people?" in steps.text
        await steps.press("enter")
        await steps.until(lambda: pilot.app.screen is steps.wizard)
        assert store.load(workspace.config_path).exports["VIP"] == replace(before, max_rejects=9)
        await steps.press("f10")
        await steps.until(lambda: isinstance(pilot.app.screen, Choice))
        await steps.press("tab", "enter")
        await steps.gone()
    kept = store.load(workspace.config_path).exports["VIP"]
    assert kept == replace(
        before, tags=("spring",), max_rejects=9, email_status="subscribed",
        consent_column="opt_in", consent_source="shop form",
    )  # fmt: skip


async def test_walking_through_the_editor_changes_nothing(workspace: Workspace) -> None:
    before = stored_export(
        workspace, connection="", schedule="daily 03:30 UTC", tags=("Paris, France",),
        segment_tag=" seg {segment} ",
    )  # fmt: skip
    async with shown(still_app(workspace)) as pilot:
        steps = await edit(pilot, workspace, before)
        await forward(steps, SAVE)
        assert "Changes" in steps.text
        assert "Save and run" not in steps.text  # it is detached
        await steps.press("enter")
        await steps.gone()
    assert store.load(workspace.config_path).exports["VIP"] == before


async def test_a_segment_that_vanished_is_shown_and_taken_away(workspace: Workspace) -> None:
    before = stored_export(workspace, segments=("VIP", "[/b] old"))
    # One that a column named would be there without members; a condition is gone.
    people = workspace.source("people")
    named = replace(people, segments_column="", segments={"VIP": "groups = 'VIP'"})
    store.edit_source(workspace.config_path, people, named)
    workspace.reload_config()
    async with shown(still_app(workspace)) as pilot:
        steps = await edit(pilot, workspace, before, "Source")
        await steps.sees("The source has no segment")
        await steps.until(lambda: steps.wizard.page is not None and steps.wizard.page.ready())
        await steps.press("f10")
        assert steps.wizard.at == SOURCE
        await steps.press("home", "f5")
        await steps.until(lambda: "has no segment" not in steps.text)
        await steps.press("ctrl+s")
        await steps.at(SAVE)
        await steps.press("enter")
        await steps.gone()
    assert store.load(workspace.config_path).exports["VIP"].segments == ("VIP",)


async def test_too_many_profiles_or_segments_are_refused_with_the_numbers(
    workspace: Workspace, tmp_path: Path
) -> None:
    write_people(tmp_path / "many.csv", [f"s{n:02}" for n in range(70)])
    add_source(workspace, "many", tmp_path / "many.csv")
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Source", max_profiles=69)
        picker = steps.wizard.query_one("#segments", Picker)
        picker.focus_first()
        await everybody(steps)
        await steps.sees("These are 70 profiles,")
        await steps.press("f10")
        assert steps.wizard.at == SOURCE
        await steps.press("f5")
        draft = draft_of(steps)
        draft.export = replace(draft.export, segments=tuple(f"s{n:02}" for n in range(59)))
        picker.action_move(70)
        await steps.press("f5", "up", "f5")
        await steps.sees("61 segments are chosen;")
        await steps.press("f10")
        assert steps.wizard.at == SOURCE
        await steps.press("f5")
        await steps.sees("60 segments, 60 profiles")
        await forward(steps, MATCHING)


async def test_next_waits_for_the_count_and_a_failure_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(still_app(workspace)) as pilot:
        steps = await begin(pilot, workspace, "Source")
        await steps.press("down", "enter", "down", "enter", "f10")
        await steps.at(MATCHING)
        assert draft_of(steps).total() == 3
        await steps.press("f9")
        await steps.at(SOURCE)
        Path(workspace.config.sources["people"].path).unlink()
        await steps.press("end", "enter", "f10")
        await steps.sees("There is no file")
        assert steps.wizard.at == SOURCE


async def test_a_source_that_fails_keeps_the_page_and_another_one_works(
    workspace: Workspace, tmp_path: Path
) -> None:
    add_source(workspace, "another", tmp_path / "gone.csv")
    async with shown(still_app(workspace)) as pilot:
        steps = await walk(
            pilot, lambda where, ended: export_at(where, "Source", ended), workspace, SOURCE
        )
        await steps.sees("There is no file")
        await steps.press("f10", "f5", "space")
        assert steps.wizard.at == SOURCE
        await steps.press("down")
        await steps.sees("gold")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_segments_of_any_name_stay_in_their_line(
    workspace: Workspace, tmp_path: Path, size: tuple[int, int]
) -> None:
    write_people(tmp_path / "odd.csv", HOSTILE)
    add_source(workspace, "odd", tmp_path / "odd.csv")
    async with shown(still_app(workspace), size=size) as pilot:
        steps = await begin(pilot, workspace, "Source")
        await steps.press("enter")
        for _segment in HOSTILE:
            await steps.press("down", "f5")
        await steps.sees("4 segments, 4 profiles")
        await forward(steps, SAVE)
        lines = steps.text.splitlines()
        assert all(cell_len(line) <= size[0] for line in lines)
        assert "\u202e" not in steps.text
        await steps.press("enter")
        await steps.gone()
    assert set(store.load(workspace.config_path).exports["Mine"].segments) == set(HOSTILE)


# Pictures.


CHOSEN: dict[str, Any] = {
    "source": "people", "segments": ("VIP", "gold"), "except_segments": ("silver",)
}  # fmt: skip


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("step", ["Source", "Options", "Save"])
def test_step(
    snap_compare: Compare, workspace: Workspace, step: str, size: tuple[int, int]
) -> None:
    screen = export_at(workspace, step, **CHOSEN)
    screen.draft.looked.clear()
    app = still_app(workspace)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        app.push_screen(screen)
        walking = WizardWalk(pilot, screen)
        await walking.at(STEPS.index(step))
        if step == "Source":
            await walking.sees("3 profiles, 1 in")
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("step", STEPS)
async def test_steps_and_footer_fit(workspace: Workspace, step: str) -> None:
    screen = export_at(workspace, step, **CHOSEN)
    screen._done = len(STEPS) - 1
    async with shown(still_app(workspace)) as pilot:
        pilot.app.push_screen(screen)
        walking = WizardWalk(pilot, screen)
        await walking.at(STEPS.index(step))
        await walking.until(lambda: screen.page is not None and screen.page.ready())
        for language, screen._editing in product(("en", "fi"), (False, True)):
            use_language(language)
            screen.renew()
            await pilot.pause()
            lines = walking.text.splitlines()
            for line in (
                chrome.footer(screen.footer_keys(), 500),
                chrome.steps(screen._labels(), screen.at, 500)[0],
            ):
                assert plain([line]).strip() in map(str.strip, lines)
