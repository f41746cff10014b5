"""What the screens show of runs, and what is asked of those of other processes."""

import pytest
from msgspec.structs import replace

from omnisend_tui.i18n import use_language
from omnisend_tui.problems import Problem
from omnisend_tui.progress import RunError
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.reject_dialogs import Revealing
from omnisend_tui.tui.screens.run_reject import RejectDialog
from omnisend_tui.tui.words import hint_of, others_too
from omnisend_tui.workspace import Workspace
from tui.rooms import AT, add_export, add_shop, ended, running
from tui.screen_app import NARROW, WIDE, settle, shop_with, shown, still_app, text_of, told, until


@pytest.mark.parametrize(
    ("changes", "keys", "wish"),
    [
        ({}, ("p",), "pause"),
        ({"status": "paused"}, ("p",), "resume"),
        ({}, ("c", "right", "enter"), "cancel"),
        ({}, ("c", "enter"), None),
        ({}, ("enter", "p"), "pause"),
    ],
)
async def test_a_run_of_another_process_is_asked(
    empty: Workspace, changes: dict[str, str], keys: tuple[str, ...], wish: str | None
) -> None:
    add_shop(empty)
    add_export(empty, "VIP customers")
    run = running("VIP customers", **changes)
    empty.state.save_snapshot(run)
    empty.reload_config()
    app = still_app(empty)
    async with shown(app, *keys) as pilot:
        if wish is not None:
            await until(pilot, lambda: bool(told(app)))
            assert told(app) == ["The process that runs “VIP customers” is told."]
        assert bool(told(app)) is (wish is not None)
        assert empty.state.take_wish(run.run_id) == wish


async def test_nothing_is_asked_of_an_earlier_run(empty: Workspace) -> None:
    add_shop(empty)
    add_export(empty, "VIP customers")
    empty.reload_config()
    app = still_app(empty)
    past = ended("VIP customers", 10, 1)
    async with shown(app) as pilot:
        export = next(iter(empty.config.exports.values()))
        app.pause(Row(export, past, starting=True))
        await settle(app, pilot)
        assert "only just starting" in told(app)[-1]
        assert empty.state.take_wish(past.run_id) is None


def line_with(app: OmnisendApp, label: str) -> str:
    return next(line for line in text_of(app).splitlines() if line.strip().startswith(label))


STOP = RunError("too_many_leavers", "412 of 1,000 would lose a tag.", "Look at the source.")


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize(
    ("changes", "tagged", "leavers"),
    [
        ({}, "12,250   of 38,400", "0   after sending"),
        ({"tags_owed": 0, "tagged": 0}, "0   none owed", "0   after sending"),
        ({"stage": "leaving", "leavers_found": 1_212, "leavers": 500}, "", "500   of 1,212"),
        ({"status": "failed", "finished_at": AT, "leavers_found": 412, "error": STOP}, "",
         "0   412 found"),
        ({"status": "finished", "finished_at": AT, "tagged": 38_400}, "38,400   of 38,400",
         "0   none removed"),
    ],
)  # fmt: skip
async def test_tags_and_leavers_have_bars(
    empty: Workspace, changes: dict[str, object], tagged: str, leavers: str, size: tuple[int, int]
) -> None:
    app = shop_with(empty, running("VIP customers", **changes))
    async with shown(app, "enter", size=size):
        assert tagged in line_with(app, "Tagged")
        assert leavers in line_with(app, "Leavers")
        # The identity stays whole beneath them.
        assert "41,200 =" in text_of(app)
        assert " = " in line_with(app, "41,200")


async def test_a_run_has_room_for_five_rejects(empty: Workspace) -> None:
    app = shop_with(empty, running("VIP customers"))
    more = [Problem(key=f"MORE-{n}", field="email", reason="missing_email") for n in range(9)]
    empty.state.add_problems("run-VIP customers", "reject", more)
    async with shown(app, "enter"):
        assert "MORE-0" in text_of(app)


@pytest.mark.parametrize("language", ["en", "fi"])
@pytest.mark.parametrize("keys", [(), ("enter",)])
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_lowered_share_says_that_others_use_it(
    empty: Workspace, keys: tuple[str, ...], size: tuple[int, int], language: str
) -> None:
    use_language(language)
    run = running("VIP customers", budget_limit=240, budget_used=180, budget_lowered=True)
    app = shop_with(empty, run)
    async with shown(app, *keys, size=size) as pilot:
        for lowered in (True, False):
            empty.state.save_snapshot(replace(run, budget_lowered=lowered))
            await settle(app, pilot)
            assert (others_too() in text_of(app)) is lowered
            assert "180" in text_of(app)
            assert "240" in text_of(app)


async def test_an_interrupted_run_says_that_r_resumes_it(empty: Workspace) -> None:
    app = shop_with(empty, running("VIP customers", status="interrupted", finished_at=AT))
    async with shown(app) as pilot:
        row = line_with(app, "▌ VIP customers")
        assert "interrupted" in row
        assert "r resumes it" in row
        assert "r Resume" in text_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        assert "r Resume" in text_of(app)


async def test_the_price_of_an_interrupted_run_asks_what_becomes_of_it(empty: Workspace) -> None:
    interrupted = running("VIP customers", status="interrupted", finished_at=AT)
    app = shop_with(empty, interrupted)
    async with shown(app) as pilot:
        await pilot.press("P")
        await settle(app, pilot)
        assert isinstance(app.screen, Choice)
        assert "Discard" in text_of(app)


async def test_a_safety_stop_is_told_in_words(empty: Workspace) -> None:
    app = shop_with(empty, running("VIP customers", status="failed", finished_at=AT, error=STOP))
    async with shown(app):
        assert "412 of 1,000 would lose" in line_with(app, "▌ VIP customers")
        assert f"{STOP.message} {hint_of(STOP)}" in " ".join(text_of(app).split())


async def test_an_ended_run_shows_what_became_of_everybody(empty: Workspace) -> None:
    add_shop(empty)
    add_export(empty, "Wholesale")
    empty.state.save_snapshot(ended("Wholesale", 412, 1))
    empty.reload_config()
    app = still_app(empty)
    async with shown(app, "enter", size=WIDE):
        text = text_of(app)
        assert "finished" in text
        assert "Every profile accounted for" in text
        assert "412" in text


@pytest.mark.parametrize("status", ["running", "finished"])
async def test_that_there_are_no_batches_is_told(empty: Workspace, status: str) -> None:
    none = {"batches": 0, "batches_open": 0, "batches_confirmed": 0, "batches_with_errors": 0}
    app = shop_with(empty, running("VIP customers", status=status, **none))
    async with shown(app, "enter", "2"):
        told = "nothing was to be sent" if status == "finished" else "nothing is sent yet"
        assert told in line_with(app, "Rejects 4")


async def test_v_works_where_a_reject_is_shown_in_full(empty: Workspace) -> None:
    app = shop_with(empty, ended("VIP customers", 10, 1, run_id="run-VIP customers", rejected=4))
    async with shown(app, "enter", "enter") as pilot:
        assert isinstance(app.screen, RejectDialog)
        assert "v Reveal" in text_of(app)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, Revealing))
