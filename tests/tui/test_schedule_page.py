"""The schedule page of an export: what is chosen, the next times, what is wrong."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from omnisend_tui.config.models import Export
from omnisend_tui.i18n import N_
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.schedule_page import SchedulePage
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.wizard.page import Page, Step
from omnisend_tui.tui.wizard.screen import WizardScreen
from omnisend_tui.workspace import Workspace
from tui.rooms import workspace_in
from tui.screen_app import NARROW, WIDE, Compare, settle, shown, still_app, text_of, until, write

STEPS = (
    Step[ExportDraft](N_("Schedule"), SchedulePage, lambda draft: draft.export.schedule),
    Step[ExportDraft](N_("Save"), Page, lambda _draft: ""),
)


@pytest.fixture(autouse=True)
def _in_helsinki(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Helsinki")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with workspace_in(tmp_path) as opened:
        opened.named = None  # as the user's own
        yield opened


def wizard(
    workspace: Workspace, schedule: str = "", name: str = "VIP customers"
) -> WizardScreen[ExportDraft]:
    draft = ExportDraft(workspace, Export(id="e1", name=name, schedule=schedule))
    return WizardScreen("Export", STEPS, draft)


class Shown:
    """The page under the keys of a test."""

    def __init__(self, pilot: Pilot[int], screen: WizardScreen[ExportDraft]) -> None:
        self.pilot, self.screen = pilot, screen

    @property
    def text(self) -> str:
        return " ".join(text_of(self.screen.app).split())

    @property
    def schedule(self) -> str:
        return self.screen.draft.export.schedule

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def write(self, text: str) -> None:
        await write(self.pilot, text)
        await self.pilot.pause()

    async def next(self, to: int = 1) -> None:
        await self.press("f10")
        await until(self.pilot, lambda: self.screen.at == to and self.screen.page is not None)


@asynccontextmanager
async def opened(
    screen: WizardScreen[ExportDraft], size: tuple[int, int] = NARROW
) -> AsyncIterator[Shown]:
    async with shown(still_app(screen.draft.workspace), size=size) as pilot:
        yield await opened_in(pilot, screen)


async def opened_in(pilot: Pilot[int], screen: WizardScreen[ExportDraft]) -> Shown:
    pilot.app.push_screen(screen)
    await until(pilot, lambda: screen.page is not None and screen.focused is not None)
    return Shown(pilot, screen)


async def test_off_at_first_and_stored_as_nothing(workspace: Workspace) -> None:
    async with opened(wizard(workspace)) as page:
        assert "never by itself" in page.text
        assert "crontab" not in page.text
        assert "F5" not in page.text
        await page.next()
        assert page.schedule == ""


async def test_weekly_by_keyboard_shows_the_next_times_as_one_types(workspace: Workspace) -> None:
    async with opened(wizard(workspace)) as page:
        await page.press(*["down"] * 4, "tab")
        await page.write("mon, thu")
        await page.press("tab")
        await page.write("3.30")
        assert "every Monday and Thursday at 03:30, Helsinki time" in page.text
        assert "Thu 26 Nov 03:30, Mon 30 Nov 03:30, Thu 3 Dec 03:30" in page.text
        assert "Nothing carries out schedules yet" in page.text
        assert "30 3 * * 1,4 omnisend-tui run 'VIP customers' --no-progress" in page.text
        assert "CRON_TZ" not in page.text
        await page.next()
        assert page.schedule == "weekly mon,thu 03:30 Europe/Helsinki"


async def test_times_stand_on_the_clock_of_the_user(workspace: Workspace) -> None:
    async with opened(wizard(workspace, "daily 22:00 America/New_York")) as page:
        assert "Thu 26 Nov 05:00, Fri 27 Nov 05:00, Sat 28 Nov 05:00" in page.text
        assert "CRON_TZ=America/New_York 0 22 * * *" in page.text


async def test_the_user_s_clock_changes_between_two_times(workspace: Workspace) -> None:
    async with opened(wizard(workspace, 'cron "0 12 1 1,4,7 *" UTC')) as page:
        assert "Fri 1 Jan 2027 14:00, Thu 1 Apr 2027 15:00, Thu 1 Jul 2027 15:00" in page.text


async def test_what_is_wrong_is_said_and_keeps_the_page(workspace: Workspace) -> None:
    wrong = (
        (1, 1, "0", "Every 0 minutes can't be."),
        (1, 1, "", "Every 0 minutes can't be."),
        (2, 1, "25", "A number from 1 to 24."),
        (3, 1, "25:00", "“25:00” isn't a time of day."),
        (3, 1, "", "isn't a time of day"),
        (3, 2, "Europe/Helsinky", "Near it: Europe/Helsinki"),
        (3, 2, "[/b] x", "“[/b] x” isn't a known time zone."),
        (4, 1, "", "followed by the days"),
        (4, 1, "mon,foo", "“foo” isn't a day of the week."),
        (5, 1, "61 3 * * *", "“61” can't be the minute"),
        (5, 1, '30 3 * * *" UTC "', "time zone"),
    )
    async with opened(wizard(workspace, "on refresh")) as page:
        for downs, tabs, entered, said in wrong:
            page.screen.set_focus(page.screen.query_one(Choices))
            await page.press("home", *["down"] * downs, *["tab"] * tabs)
            field = page.screen.focused
            assert isinstance(field, TextInput)
            right = field.value
            await page.write(entered)
            assert said in page.text
            await page.press("f10")
            assert page.screen.at == 0
            assert said in page.text
            assert page.schedule == "on refresh"
            await page.write(right)
            assert "✖" not in page.text


async def test_what_was_stored_stays_as_it_is(workspace: Workspace) -> None:
    async with shown(still_app(workspace)) as pilot:
        for schedule in (
            "every 15 minutes", "every 2 hours", "daily 04:10 Asia/Tokyo",
            "weekly tue,sun 23:59 UTC", 'cron "5 4 * * 1-5" Europe/Paris', "on refresh",
        ):  # fmt: skip
            page = await opened_in(pilot, wizard(workspace, schedule))
            await page.next()
            assert page.schedule == schedule
            await pilot.app.pop_screen()


async def test_a_schedule_written_wrongly_by_hand_is_told(workspace: Workspace) -> None:
    async with opened(wizard(workspace, "hourly [/b]")) as page:
        assert "“hourly [/b]” isn't a schedule." in page.text


async def test_the_line_for_cron_is_copied_whole(workspace: Workspace) -> None:
    workspace.named = Path("/srv/my shop")
    screen = wizard(workspace, "daily 03:30 UTC", name="VIP 50 % " + "x" * 80)
    async with opened(screen) as page:
        await page.press("f5")
        copied = page.screen.app.clipboard
        assert copied.startswith(
            "CRON_TZ=UTC\n30 3 * * * omnisend-tui --workspace '/srv/my shop' run 'VIP 50 \\% xxx"
        )
        assert "--workspace '/srv/my shop'" in page.text
        assert copied.endswith("x' --no-progress")


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("schedule", "keys"),
    [
        ("", ()),
        ("weekly mon,thu 03:30 America/New_York", ()),
        ("every 90 minutes", ()),
        ("daily 03:30 Europe/Helsinki", ("tab", "end", "5")),
    ],
    ids=["off", "weekly", "every", "wrong"],
)
def test_picture(
    snap_compare: Compare,
    workspace: Workspace,
    schedule: str,
    keys: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    app = still_app(workspace)
    screen = wizard(workspace, schedule)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(app, pilot)
        app.push_screen(screen)
        await until(pilot, lambda: screen.page is not None and screen.focused is not None)
        await pilot.press(*keys)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


async def test_what_cant_be_read_is_there_again_after_going_back(workspace: Workspace) -> None:
    screen = wizard(workspace)
    async with opened(screen) as page:
        screen.draft.unread_schedule = None
        first = SchedulePage(screen.draft)
        await page.press("down", "down", "down")
        assert screen.page is not None
        screen.page.query_one("#time", TextInput).value = "7:99"
        assert screen.page.problem()
        again = SchedulePage(screen.draft)
        assert first._choices.index == 0
        assert again._choices.index == 3
        assert again._inputs["time"].value == "7:99"
        assert page.schedule == ""
