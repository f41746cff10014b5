"""The details of a run: its stages' times, why it waits, its batches, rejects and what changed."""

import pytest
from msgspec.structs import replace

from omnisend_tui.history import stage_seconds
from omnisend_tui.i18n import use_language
from omnisend_tui.problems import Problem
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import RunOptions
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.tui.screens import run_facts, run_told
from omnisend_tui.tui.screens.run import RunScreen
from omnisend_tui.tui.widgets.paint import Line, length, plain, within
from omnisend_tui.workspace import Workspace
from shops import MakeShop
from tui.rooms import AT, NOW, running
from tui.screen_app import NARROW, WIDE, settle, shop_with, shown, still_app, text_of

RUN = running("VIP customers")
BUSY = AnswerFault(action="server_error", method="POST", path="/batches*", status=503, nth=(1,))
HOSTILE = "x" * 300 + " [red]" + "very long " * 90


def facts(run: Snapshot, size: tuple[int, int]) -> list[Line]:
    width, height = size
    if width < 120:
        return run_facts.narrow(run, NOW, width - 2, resumes=True)
    return run_facts.wide(run, NOW, width - 2, height, resumes=True)


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, {"reading": 4, "sending": 170}),
        ({"status": "failed", "finished_at": AT - 100}, {"reading": 4, "sending": 70}),
        # The hours between a crash and Resume are nobody's.
        ({"stages": (("reading", AT - 9000), ("sending", AT - 8000), ("reading", AT - 60),
                     ("sending", AT - 50), ("confirming", AT - 20), ("sending", AT - 15)),
          "reading_done_at": AT - 30},
         {"reading": 30, "sending": 45, "confirming": 5}),
        # Reading goes on while the first batches are sent.
        ({"reading_done_at": None}, {"reading": 174, "sending": 170}),
        ({"stages": (("reading", AT + 60),)}, {"reading": 0}),
        ({"stages": ()}, {"reading": 4}),
    ],
)  # fmt: skip
def test_stages_have_their_times(changes: dict[str, object], seconds: dict[str, int]) -> None:
    assert stage_seconds(replace(RUN, **changes), AT) == pytest.approx(seconds)


def test_the_time_of_the_current_stage_counts_up() -> None:
    for size in (NARROW, WIDE):
        reading, sending, confirming = (
            line for line in plain(facts(RUN, size)).splitlines()
            if line.startswith(("Read  ", "Sent", "Confirmed"))
        )  # fmt: skip
        assert "0:04" in reading
        assert "2:50" in sending
        assert "19 batches open" in confirming
    old = replace(RUN, stages=())
    assert "0:04" in plain(facts(old, NARROW))


WAITS = {
    "export": "Another run of the same shop uses the limit; this one goes on by itself.",
    "process": "it was stopped, or the machine slept.",
    "network": "look whether this machine is online.",
    "retry": "it is asked again by itself.",
    "budget": "it goes on by itself.",
    "tags": "Omnisend takes so many requests for tags a minute, and no more.",
}


@pytest.mark.parametrize("language", ["en", "fi"])
@pytest.mark.parametrize("size", [NARROW, WIDE, (200, 60)])
@pytest.mark.parametrize(
    "changes",
    [
        *({"waiting_for": waits} for waits in WAITS),
        {"waiting_for": "tags", "waits_seconds": 23.4},
        {"status": "paused"},
        {"status": "cancelled", "reading_done_at": None, "total": 999_999, "finished_at": AT},
        {"status": "cancelled", "finished_at": AT},
        {"status": "interrupted", "finished_at": AT},
        {"status": "interrupted", "finished_at": AT, "error": RunError("outage", HOSTILE)},
        {"status": "failed", "finished_at": AT, "error": RunError("x", HOSTILE, HOSTILE)},
        {"answers": (("429", 12_345), ("503", 9), ("network", 2)), "retries": 12_356},
        {"batches_unconfirmed": 7, "options": RunOptions(limit=1_000_000, only_rejects=True)},
    ],
)
def test_whatever_is_told_fits(
    changes: dict[str, object], size: tuple[int, int], language: str
) -> None:
    use_language(language)
    run = replace(RUN, connection="Acme Store Oy International " * 4, **changes)
    lines = facts(run, size)
    assert max(map(length, lines)) <= size[0] - 2
    assert len(lines) == (13 if size == NARROW else 16 if size == WIDE else 23)
    assert "41" in plain([lines[-2]])
    if "xxx" in str(changes):
        assert "…" in plain(lines)
    if language == "en" and (waits := str(changes.get("waiting_for", ""))) in WAITS:
        assert WAITS[waits] in " ".join(plain(facts(run, NARROW)).split())
    assert length(run_told.rule(run, size[0])) == size[0]
    assert length(run_told.batches_line(run, 36)) <= 36


def test_what_resume_does_is_told_where_it_can_be_resumed() -> None:
    run = replace(RUN, status="interrupted", finished_at=AT)
    assert "r resumes it" in run_told.standing(run, resumes=True)[0]
    assert "later run" in run_told.standing(run, resumes=False)[0]
    assert run_told.standing(RUN, resumes=False)[0] == ""


def test_what_ended_at_the_sign_in_says_who_is_in_omnisend() -> None:
    error = RunError("sign_in_needed", "Nobody is signed in.", "Sign in.")
    run = replace(RUN, status="failed", error=error, finished_at=AT)
    counts = {"created": 2, "updated": 3, "accepted": 0, "unchanged": 23_795}
    told, ink = run_told.standing(replace(run, **counts), resumes=False)
    assert told.endswith(
        "Sign in. 23,800 profiles are in Omnisend; after the sign-in, r sends the rest."
    )
    assert ink == "error"
    none = replace(run, **dict.fromkeys(counts, 0))
    assert "Nothing was sent" in run_told.standing(none, resumes=False)[0]


def test_a_segment_with_nobody_in_it_is_told() -> None:
    run = replace(RUN, status="finished", finished_at=AT, empty_segments=("Ei ole",))
    assert run_told.standing(run, resumes=False) == (
        "Nobody is in the segment “Ei ole”; look at its spelling.", "warning",
    )  # fmt: skip


def test_what_has_no_room_ends_in_a_sign() -> None:
    assert plain(within("one two three four", 9, 2)) == "one two\nthree fo…"
    assert plain(within("one two", 9, 2)) == "one two"
    assert within("one", 9, 0) == []


async def test_a_real_run_is_told_in_full(make_shop: MakeShop) -> None:
    shop = make_shop(faults=Faults(answers=(BUSY,)))
    good = [f"C{n},person{n}@example.com,Person {n}" for n in range(300)]
    shop.write([*good, "R1,two@@example.com,One", "R2,,Two", "R3,,Three"])
    shop.run()
    shop.write([*good, "N1,new@example.com,New", "R2,,Two", "R3,,Three", "R4,,Four"])
    last = shop.run()
    assert last.rejected == 3
    app = still_app(shop.workspace)
    async with shown(app, "enter", size=WIDE) as pilot:
        assert isinstance(app.screen, RunScreen)
        text = text_of(app)
        assert "started by" in text
        assert "1 confirmed" in text
        assert "Contacts a minute" in text
        assert "a minute" in text
        # By reason, those of one reason, each in full, and back.
        await pilot.press("g")
        await settle(app, pilot)
        assert "R2" not in text_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        assert "R2" in text_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        assert "What to do" in text_of(app)
        assert "Reveal the address" in text_of(app)
        await pilot.press("escape", "escape")
        await settle(app, pilot)
        assert isinstance(app.screen, RunScreen)
        assert "R2" not in text_of(app)
        await pilot.press("4")
        await settle(app, pilot)
        changes = {
            line.split()[0]: line.split()[1:]
            for line in text_of(app).splitlines()
            if line.strip() and len(line.split()) > 3
        }
        assert changes["Unchanged"][:3] == ["300", "0", "+300"]
        assert changes["Rejected"][:3] == ["3", "3", "0"]
        await pilot.press("3")
        await settle(app, pilot)
        assert "The run ended" in text_of(app)


async def test_many_rejects_say_how_to_get_all_and_warnings_stand_apart(empty: Workspace) -> None:
    run = running("VIP customers", warnings=1, rejected=604)
    app = shop_with(empty, run)
    more = [Problem(key=f"MORE-{n}", field="email", reason="missing_email") for n in range(599)]
    rare = Problem(key="RARE", field="tags", reason="too_many_tags")
    empty.state.add_problems(run.run_id, "reject", [*more, rare])
    warning = Problem(key="WARNED", field="phone", reason="invalid_phone", detail="no_digits")
    empty.state.add_problems(run.run_id, "warning", [warning])
    async with shown(app, "enter") as pilot:
        assert "The first 500 of 604 are listed; x writes all" in text_of(app)
        await pilot.press("g")
        await settle(app, pilot)
        assert "The first 500" not in text_of(app)
        # Those of a rare reason are found, wherever they stand.
        await pilot.press("end", "enter")
        await settle(app, pilot)
        assert "RARE" in text_of(app)
        await pilot.click("#tabs", offset=(text_of(app).splitlines()[15].index("Warnings"), 0))
        await settle(app, pilot)
        text = text_of(app)
        assert "WARNED" in text
        assert "Warnings 1" in text
        assert "x To CSV" not in text
        await pilot.press("w")
        await settle(app, pilot)
        assert "Rejects 604" in text_of(app)
