"""What a run tells of itself: its batches one by one, what it left, and since when it runs."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Event

import pytest
from msgspec import structs

from engine.interruptions import interrupted, reach
from engine.recovery_room import die, open_context
from omnisend_tui.engine.fresh import Fresh
from omnisend_tui.engine.ledger import Closed, Ledger, read_batches
from omnisend_tui.engine.lock import ExportLock
from omnisend_tui.errors import BusyError, StateError
from omnisend_tui.history import origin, seconds_of
from omnisend_tui.launch import dry_run, launch
from omnisend_tui.omnisend.budget import Budget, open_budget
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import RunOptions
from omnisend_tui.sandbox.faults import AnswerFault, Faults, ItemFault
from omnisend_tui.sentences import waits_for, what_is_left
from omnisend_tui.tui.screens.run_told import batches_by_state, standing
from omnisend_tui.tui.words import batch_state, event
from shops import QUICK, MakeShop, Shop

DAY = 86_400.0
LOST = AnswerFault(action="cut", method="POST", path="/batches", nth=(1,))


def by_state(run: Snapshot) -> dict[str, int]:
    return {label: count for label, count, _ink in batches_by_state(run) if count}


def states(shop: Shop, run: Snapshot) -> list[str]:
    """As the tab of its batches calls them, the newest first."""
    path = shop.workspace.ledger_path(run.export_id, run.brand_id)
    return [batch_state(batch) for batch in read_batches(path, run.run_id, 100)]


def test_a_batch_whose_answer_was_lost_was_sent_and_is_looked_for(make_shop: MakeShop) -> None:
    shop = make_shop(people=100, faults=Faults(answers=(LOST,)))
    run = shop.launch(replace(QUICK, lost=600.0, cancel=0.2))
    reach(run, lambda now: now.batches_lost == 1)
    assert by_state(run.snapshot()) == {"looked for": 1}
    assert states(shop, run.snapshot()) == ["sent, the answer is lost"]
    run.cancel()
    end = run.wait(20)
    assert end is not None
    assert "Left: 100 not confirmed." in what_is_left(end)
    shop.sandbox.brand.plan.change(Faults())
    # The next run finds that it never arrived.
    assert shop.run().accepted == 100


@pytest.mark.parametrize("processed", [True, False])
def test_a_lost_batch_is_lost_no_more_once_its_end_is_known(
    make_shop: MakeShop, processed: bool
) -> None:
    fault = structs.replace(LOST, processed=processed)
    end = make_shop(people=100, faults=Faults(answers=(fault,))).run()
    assert (end.status, end.batches, by_state(end)) == ("finished", 1, {"confirmed": 1})


def test_a_batch_that_was_halved_counts_as_its_halves(make_shop: MakeShop) -> None:
    refusal = AnswerFault(
        action="server_error", status=400, method="POST", path="/batches", nth=(1,)
    )
    shop = make_shop(people=100, faults=Faults(answers=(refusal,)))
    end = shop.run()
    assert (end.status, end.batches, by_state(end)) == ("finished", 2, {"confirmed": 2})
    assert states(shop, end) == ["confirmed", "confirmed", "replaced by new ones"]


def test_what_a_run_never_sent_is_none_of_its_batches(make_shop: MakeShop) -> None:
    shop = make_shop(people=3000, requests_per_minute=100)
    connection, brand = shop.workspace.connection("Shop"), brand_of_key(shop.sandbox.api_key)
    with open_budget(shop.workspace.budget_path, connection, brand, "another") as budget:
        for left in range(budget.limit, 0, -1):
            budget.take("other", Event(), left)
        run = shop.launch()
        reach(run, lambda now: now.batches > 2)
        run.cancel()
        end = run.wait(20)
    assert end is not None
    assert (end.batches, end.requests, by_state(end)) == (0, 0, {})


def test_a_cancelled_run_of_all_says_what_it_left(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, requests_per_minute=60, segment_tag="VIP")
    run = shop.launch(full=True)
    reach(run, lambda now: now.sent >= 500)
    run.cancel()
    end = run.wait(60)
    assert end is not None
    assert end.unread == 20_000 - end.read > 0
    # Nobody is owed a tag whom Omnisend doesn't have.
    assert end.untagged <= end.confirmed
    told = what_is_left(end)
    assert f"Left: {end.unread:,} profiles not read, {end.on_their_way:,} not sent" in told
    assert f"{end.on_their_way:,} profiles" not in told


def test_whom_omnisend_refused_is_owed_no_tag(make_shop: MakeShop) -> None:
    fault = ItemFault(email="person1?@example.com")
    end = make_shop(people=150, faults=Faults(items=(fault,)), segment_tag="VIP").run()
    assert (end.status, end.rejected) == ("finished_with_rejects", 10)
    assert (end.tagged, end.tags_owed) == (140, 140)


def test_a_resumed_run_is_the_one_that_was_started(make_shop: MakeShop) -> None:
    shop = make_shop(people=300)
    state, dead = shop.workspace.state, interrupted(shop)
    at = dead.started_at - DAY
    dead = structs.replace(
        dead, started_at=at, finished_at=at + 100, updated_at=at + 100, user="maija",
        started_by="app",
    )  # fmt: skip
    state.save_snapshot(dead)
    resumed = launch(
        shop.workspace, "E", started_by="cli", patience=QUICK, options=RunOptions(resume=True)
    ).wait(60)
    assert resumed is not None
    assert (resumed.run_id, resumed.status) == (dead.run_id, "finished")
    assert (resumed.started_at, origin(resumed)) == (at, "maija, in the app")
    # The day between the two is nobody's.
    assert 100 < seconds_of(resumed, 0.0) < 160
    assert by_state(resumed) == {"confirmed": resumed.batches}
    (line,) = (line for line in state.log(resumed.run_id) if line.code == "run_resumed")
    assert event(line).endswith("command line.")


def test_a_batch_that_never_arrived_is_not_sent_yet_and_after_the_end_not_sent(
    make_shop: MakeShop,
) -> None:
    lost = structs.replace(LOST, nth=(1, 2, 3))
    shop = make_shop(people=300, faults=Faults(answers=(lost,)))
    run = shop.launch(replace(QUICK, lost=0.3, outage=30.0, standstill=30.0))
    reach(run, lambda now: now.batches_lost == 3)
    run.pause()
    reach(run, lambda now: now.batches_lost == 0)
    assert by_state(run.snapshot()) == {"not sent yet": 3}
    assert states(shop, run.snapshot()) == ["recorded, not sent yet"] * 3
    run.cancel()
    end = run.wait(20)
    assert end is not None
    assert (end.batches, by_state(end), end.perhaps_sent) == (0, {}, False)
    assert "Left: 300 not sent." in what_is_left(end)
    # Nobody looks for them any more.
    after = shop.run()
    assert after.accepted == 300
    assert "recovering" not in [line.code for line in shop.workspace.state.log(after.run_id)]


def test_what_waits_for_lost_batches_alone_says_so(make_shop: MakeShop) -> None:
    shop = make_shop(people=100, faults=Faults(answers=(LOST,)))
    run = shop.launch(replace(QUICK, lost=600.0, standstill=600.0, cancel=0.2))
    reach(run, lambda now: now.waiting_for == "lost")
    now = run.snapshot()
    assert (now.time_left, waits_for(now), now.batches_open) == (None, "lost", 0)
    assert now.waits_seconds is not None
    assert 500 < now.waits_seconds <= 600
    assert "sent again in" in standing(now, resumes=False)[0]
    run.cancel()
    end = run.wait(20)
    assert end is not None
    assert (end.waiting_for, end.waits_seconds) == ("", None)


def test_a_ledger_that_fails_leaves_a_lost_batch_watched(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Ledger.close_batches

    def full(ledger: Ledger, closed: Sequence[Closed]) -> None:
        if [each.state for each in closed] == ["posted"]:
            raise StateError("disk_full", "The disk is full.")
        real(ledger, closed)

    monkeypatch.setattr(Ledger, "close_batches", full)
    processed = structs.replace(LOST, processed=True)
    end = make_shop(people=100, faults=Faults(answers=(processed,))).run()
    assert (end.status, end.confirmed, by_state(end)) == ("failed", 100, {"confirmed": 1})


@pytest.mark.parametrize("paused", [True, False])
def test_a_run_that_will_send_nothing_more_wants_nothing_of_the_window(
    make_shop: MakeShop, paused: bool
) -> None:
    context = open_context(make_shop())
    context.counters.set(total=1000)
    path, brand = context.job.budget_path, context.job.brand.id
    with Budget(path, brand, 10_000, taker="another") as budget:
        Fresh(context).tick()
        assert budget.use().wanted == 10
        if paused:
            context.outbox.pause(True)
        else:
            context.stop.set()
        Fresh(context).tick()
        assert budget.use().wanted == 0
    die(context)


def test_a_run_that_looks_back_wants_what_is_known_alone(make_shop: MakeShop) -> None:
    shop = make_shop(people=300)
    interrupted(shop)
    context = open_context(shop)
    assert context.counters.snapshot().total is None
    assert (context.posts_left(), context.tag_requests_left()) == (0, 0)
    die(context)


def test_who_resumes_a_run_of_an_older_version_is_who_runs_it(make_shop: MakeShop) -> None:
    shop = make_shop(people=300)
    old = structs.replace(interrupted(shop), started_by="", user="", started_at=0.0)
    shop.workspace.state.save_snapshot(old)
    end = shop.run(resume=True)
    assert end.run_id == old.run_id
    assert origin(end).endswith("test")
    assert (end.started_at, end.seconds_before) == (end.resumed_at, 0.0)
    assert seconds_of(end, 0.0) > 0


def test_the_lock_tells_who_runs_it_now(make_shop: MakeShop) -> None:
    shop = make_shop(people=300)
    dead = structs.replace(interrupted(shop), user="maija", started_at=1.0)
    shop.workspace.state.save_snapshot(dead)
    run = shop.launch(resume=True)
    run.wait(20)
    again = structs.replace(run.snapshot(), status="running", resumed_user="pekka")
    shop.workspace.state.save_snapshot(again)
    lock = ExportLock(run.job.lock_path, "E")
    with pytest.raises(BusyError) as busy:
        dry_run(shop.workspace, "E")
    lock.release()
    assert busy.value.message.startswith("pekka resumed a run of 'E', under way since today")
