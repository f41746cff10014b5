"""Runs that died with batches open: the next one finds them or drops them, and counts once."""

import threading
import time
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest

from engine.interruptions import reach
from engine.recovery_room import RUN, body, die, open_context, post, record
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.job import Patience
from omnisend_tui.engine.ledger import Closed
from omnisend_tui.engine.outbox import Outgoing
from omnisend_tui.engine.recovery import recover
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.sandbox.faults import BatchStop, Faults, ItemFault
from shops import QUICK, MakeShop, Shop

LATER = RUN.replace("abcdef", "fedcba")
LISTING = "GET /batches"
ITEMS = "GET /batches/{batch_id}/items"


def again(shop: Shop, run_id: str = RUN, patience: Patience = QUICK) -> Context:
    context = open_context(shop, run_id, patience)
    recover(context)
    return context


def codes(context: Context) -> list[str]:
    lines = context.job.state.log(context.job.run_id)
    return [line.code for line in lines if line.code != "recovering"]


def asked(shop: Shop, what: str) -> int:
    return int(shop.sandbox.statistics()["requests"].get(what, 0))


@pytest.mark.parametrize("echo", [True, False])
@pytest.mark.parametrize("oldest_first", [True, False])
@pytest.mark.parametrize("same_run", [True, False])
def test_each_batch_is_found_or_dropped_wherever_the_run_died(
    make_shop: MakeShop, echo: bool, oldest_first: bool, same_run: bool
) -> None:
    shop = make_shop(faults=Faults(echo_origin=echo), oldest_first=oldest_first)
    dead = open_context(shop)
    never_sent = record(dead, range(0, 50))
    unanswered = record(dead, range(50, 100))
    post(dead, unanswered)
    posted = record(dead, range(100, 150))
    dead.ledger.posted(posted.number, post(dead, posted))
    record(dead, [150])  # writes the id of the one before
    confirmed = record(dead, range(151, 200))
    dead.ledger.posted(confirmed.number, post(dead, confirmed))
    dead.ledger.close_batches([Closed(dead.ledger.row_of(confirmed.number), "confirmed")])
    die(dead)

    context = again(shop, RUN if same_run else LATER)
    known = context.ledger.lookup([*never_sent.sealed, *unanswered.sealed, *posted.sealed])
    assert known.keys() == {*unanswered.sealed, *posted.sealed}
    assert context.ledger.open_batches() == []
    assert sorted(codes(context)) == ["batch_found"] * 2 + ["batch_not_found"] * 2
    now = context.counters.snapshot()
    assert (now.sent, now.confirmed, now.rejected) == (0, 0, 0)
    assert asked(shop, ITEMS) == (0 if echo else 1), "only the unanswered one is looked into"
    die(context)


@pytest.mark.parametrize("echo", [True, False])
def test_a_resumed_run_counts_each_profile_once(make_shop: MakeShop, echo: bool) -> None:
    faults = Faults(echo_origin=echo, items=(ItemFault(email="person5?@example.com"),))
    shop = make_shop(people=250, faults=faults)
    dead = open_context(shop)
    record(dead, range(0, 50))
    post(dead, record(dead, range(50, 100)))
    dead.ledger.posted(3, post(dead, record(dead, range(100, 150))))
    die(dead)
    before = shop.sandbox.statistics()["batches"]
    end = shop.run(resume=True)
    assert (end.run_id, end.status) == (RUN, "finished_with_rejects"), end.error
    assert (end.read, end.rejected, end.closed) == (250, 10, 250)
    assert (end.sent, end.confirmed) == (240, 240)
    assert (end.batches_confirmed, end.batches_with_errors) == (4, 1), "two were found"
    assert shop.sandbox.statistics()["batches"] - before == 2, "150 were left to send"
    assert shop.sandbox.statistics()["contacts"] == 240


def test_a_run_that_died_long_ago_needs_one_look(make_shop: MakeShop) -> None:
    shop = make_shop(people=60)
    dead = open_context(shop)
    record(dead, range(0, 50))
    died_at = time.time() - 120
    dead.job.state.save_snapshot(
        msgspec.structs.replace(dead.counters.snapshot(), updated_at=died_at)
    )
    die(dead)
    patient = replace(QUICK, lost=60.0)
    end = shop.launch(patient, resume=True).wait(30)
    assert end is not None
    assert (end.status, end.accepted) == ("finished", 60)


def test_nothing_open_makes_no_request(make_shop: MakeShop) -> None:
    shop = make_shop()
    die(again(shop))
    assert shop.sandbox.statistics()["requests"] == {}


def test_what_omnisend_refused_or_left_is_told_by_address(make_shop: MakeShop) -> None:
    fault = ItemFault(email="person1@example.com", message="no mail for person1@example.com")
    shop = make_shop(faults=Faults(items=(fault,), stops=(BatchStop(after=3),)))
    dead = open_context(shop)
    batch = record(dead, range(5))
    post(dead, batch)
    die(dead)
    context = again(shop)
    assert context.ledger.lookup(batch.sealed).keys() == {batch.sealed[0], batch.sealed[2]}
    (words,) = context.ledger.refusals().values()
    assert words.endswith("no mail for p***@example.com")
    die(context)


def test_a_stopped_batch_without_origin_is_known_by_a_part(make_shop: MakeShop) -> None:
    shop = make_shop(faults=Faults(echo_origin=False, stops=(BatchStop(after=3),)))
    dead = open_context(shop)
    batch = record(dead, range(5))
    post(dead, batch)
    die(dead)
    context = again(shop)
    assert context.ledger.lookup(batch.sealed).keys() == set(batch.sealed[:3])
    die(context)


@pytest.mark.parametrize("riding", [True, False])
@pytest.mark.parametrize("echo", [True, False])
def test_a_batch_that_never_finishes_is_dropped(
    make_shop: MakeShop, riding: bool, echo: bool
) -> None:
    shop = make_shop(batch_seconds=3600, faults=Faults(echo_origin=echo))
    dead = open_context(shop)
    batch = record(dead, range(5), riding=riding)
    post(dead, batch)
    die(dead)
    context = again(shop, patience=replace(QUICK, standstill=0.6))
    assert "batch_unconfirmed" in codes(context)
    assert context.ledger.open_batches() == []
    vip = context.ledger.tag_set(["vip"])
    known = context.ledger.lookup(batch.sealed)
    assert [each.owed for each in known.values()] == ([vip] * 5 if riding else [])
    die(context)


def test_stopping_leaves_everything_for_the_next_time(make_shop: MakeShop) -> None:
    shop = make_shop(batch_seconds=3600)
    dead = open_context(shop)
    post(dead, record(dead, range(5)))
    die(dead)
    context = open_context(shop)
    context.stop.set()
    with suppress(Stopped):
        recover(context)
    assert len(context.ledger.open_batches()) == 1
    die(context)


def test_batches_of_others_are_looked_into_once(make_shop: MakeShop) -> None:
    shop = make_shop(faults=Faults(echo_origin=False))
    dead = open_context(shop)
    record(dead, range(5))
    other = Outgoing(99, [body(n) for n in range(5, 10)], [], [])
    post(dead, other)
    post(dead, replace(other, bodies=other.bodies[:4]))
    die(dead)
    context = again(shop)
    assert codes(context) == ["batch_not_found"]
    assert asked(shop, LISTING) > 1
    assert asked(shop, ITEMS) <= 2
    die(context)


def test_what_was_never_posted_is_not_called_lost(make_shop: MakeShop) -> None:
    shop = make_shop(people=0)
    dead = open_context(shop)
    record(dead, range(5))
    dead.ledger.close_batches([Closed(dead.ledger.row_of(record(dead, [5]).number), "posted")])
    post(dead, record(dead, range(6, 10)))  # died before that was noted
    die(dead)
    context = open_context(shop, patience=replace(QUICK, lost=600.0))
    worker = threading.Thread(target=recover, args=(context,))
    worker.start()
    while context.counters.snapshot().batches_confirmed != 1:
        assert worker.is_alive()
        worker.join(0.01)
    now = context.counters.snapshot()
    assert (now.batches, now.batches_lost, now.batches_open) == (3, 1, 0)
    context.stop.set()
    worker.join(20)
    die(context)


def test_batches_that_were_told_of_as_unconfirmed_are_counted_once(make_shop: MakeShop) -> None:
    shop = make_shop(people=500, batch_seconds=1000.0)
    state, patience = shop.workspace.state, replace(QUICK, standstill=0.8)
    stuck = shop.run(patience)
    assert (stuck.batches, stuck.batches_unconfirmed) == (5, 5)
    # Its process died when it had told of them, and before its end.
    state.save_snapshot(msgspec.structs.replace(stuck, status="running", finished_at=None))
    run = shop.launch(patience, resume=True)
    reach(run, lambda now: now.batches_lost > 0)
    now = run.snapshot()
    assert (now.batches, now.batches_lost, now.batches_unconfirmed) == (5, 5, 0)
    end = run.wait(30)
    assert end is not None
    assert (end.batches, end.batches_unconfirmed, end.batches_lost) == (10, 10, 0)  # sent again
