"""Giving tags: 250 contacts a request, within the tags' own limit, under the tags' locks."""

import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from engine.ledger_rows import tags_left
from engine.tag_room import (
    all_came,
    asked,
    bring,
    confirm,
    lock_held_elsewhere,
    owe,
    people,
    room,
    tags_in,
    until,
    working,
)
from omnisend_tui.engine.tags import Tagger
from omnisend_tui.omnisend import budget as budgets
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.omnisend.errors import Refusal, Unreachable
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from shops import QUICK, MakeShop


def test_tags_arrive_250_a_request(make_shop: MakeShop) -> None:
    shop = make_shop()
    everybody = people(600)
    bring(shop, *everybody, tags=("own",))
    context = room(shop)
    confirm(context, everybody, "VIP", "news")
    Tagger(context).work(all_came())
    assert {tuple(tags_in(shop, email)) for email in everybody} == {("VIP", "news", "own")}
    assert asked(shop) == 3
    assert context.counters.snapshot().tagged == 600
    context.ledger.merge()
    known = context.ledger.lookup([context.ledger.seal(everybody[0])])
    (one,) = known.values()
    assert context.ledger.tags(one.given) == {"VIP", "news"}
    assert one.owed == 0


def test_full_requests_go_out_before_the_end_and_the_rest_at_it(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(300))
    context, no_more = room(shop), threading.Event()
    with working(context, no_more) as thread:
        owe(context, people(300), "VIP")
        until(lambda: context.counters.snapshot().tagged == 250)
        time.sleep(0.2)
        assert asked(shop) == 1
        no_more.set()
        thread.join(10)
    assert asked(shop) == 2
    assert context.counters.snapshot().tagged == 300


def test_many_kinds_of_tags_do_not_wait_for_the_end(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(1100))
    context = room(shop)
    with working(context, threading.Event()):
        owe(context, people(1), "rare")
        owe(context, people(1099, 1), "VIP")
        until(lambda: context.counters.snapshot().tagged == 1001)
    assert tags_in(shop, people(1)[0]) == ["rare"]


def test_a_cancelled_run_leaves_tags_owed_to_the_next(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(3))
    context = room(shop)
    confirm(context, people(3), "VIP")
    context.stop.set()
    Tagger(context).work(all_came())
    assert asked(shop) == 0
    context.ledger.merge()
    known = context.ledger.lookup([context.ledger.seal(email) for email in people(3)])
    assert {context.ledger.tags(one.owed) for one in known.values()} == {frozenset({"VIP"})}
    assert {one.given for one in known.values()} == {0}


def test_their_own_limit_is_kept(make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "WINDOW", 0.5)
    shop = make_shop()
    context = room(shop, tag_requests=5)
    for n in range(12):
        owe(context, people(1), f"tag {n}")
    began = time.monotonic()
    Tagger(context).work(all_came())
    assert time.monotonic() - began >= 1.0
    assert asked(shop) == 12


def test_a_slot_is_awaited_and_the_wait_ends_with_stop(make_shop: MakeShop) -> None:
    shop = make_shop()
    context = room(shop, tag_requests=5)
    for n in range(7):
        owe(context, people(1), f"tag {n}")
    with working(context, all_came()):
        until(lambda: asked(shop) == 5)
        time.sleep(0.1)
    assert asked(shop) == 5
    assert tags_left(context.ledger, "give") == 2
    assert context.failure is None


@pytest.mark.parametrize(
    "fault",
    [
        AnswerFault(action="cut", path="/contacts/tags", processed=True, nth=(1,)),
        AnswerFault(action="cut", path="/contacts/tags", nth=(1,)),
        AnswerFault(action="server_error", path="/contacts/tags", processed=True, nth=(1,)),
    ],
    ids=["lost", "cut", "500"],
)
def test_a_lost_answer_is_asked_again(make_shop: MakeShop, fault: AnswerFault) -> None:
    shop = make_shop(faults=Faults(answers=(fault,)))
    bring(shop, *people(3))
    context = room(shop)
    owe(context, people(3), "VIP")
    Tagger(context).work(all_came())
    assert asked(shop) == 2
    assert tags_in(shop, people(1)[0]) == ["VIP"]
    now = context.counters.snapshot()
    assert (now.tagged, now.retries) == (3, 1)


def test_a_full_window_of_tags_holds_no_batches(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="rate_limit", path="/contacts/tags", retry_after=1, nth=(1,))
    shop = make_shop(faults=Faults(answers=(fault,)))
    bring(shop, *people(3))
    context = room(shop)
    owe(context, people(3), "VIP")
    with working(context, all_came()) as thread:
        until(lambda: context.counters.snapshot().retries)
        began = time.monotonic()
        context.client.list_batches(0, "2026-01-01", context.stop)
        assert time.monotonic() - began < 0.5
        thread.join(10)
    assert tags_in(shop, people(1)[0]) == ["VIP"]


def test_a_refusal_ends_the_run_but_not_its_confirming(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="server_error", path="/contacts/tags", status=400)
    shop = make_shop(faults=Faults(answers=(fault,)))
    context = room(shop)
    owe(context, people(3), "VIP")
    with pytest.raises(Stopped):
        Tagger(context).work(all_came())
    assert isinstance(context.failure, Refusal)
    assert context.stop.is_set()
    assert not context.abandon.is_set()
    assert tags_left(context.ledger, "give") == 3


def test_an_outage_is_told_when_the_patience_ends(make_shop: MakeShop) -> None:
    shop = make_shop()
    context = room(shop)
    context.job = replace(context.job, patience=replace(QUICK, outage=0.2))
    owe(context, people(3), "VIP")
    shop.sandbox.stop()
    with pytest.raises(Unreachable):
        Tagger(context).work(all_came())
    assert tags_left(context.ledger, "give") == 3


def test_the_wait_for_a_lock_of_another_process_ends_with_stop(make_shop: MakeShop) -> None:
    shop = make_shop()
    context = room(shop)
    owe(context, people(1), "VIP", "news")
    with lock_held_elsewhere(context, "VIP"), working(context, all_came()):
        time.sleep(0.2)
    assert asked(shop) == 0
    assert tags_left(context.ledger, "give") == 1
    assert context.failure is None


def test_tags_come_once_their_lock_is_free(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(1))
    context = room(shop)
    owe(context, people(1), "free")
    owe(context, people(1), "held")
    with ExitStack() as running:
        with lock_held_elsewhere(context, "held"):
            thread = running.enter_context(working(context, all_came()))
            until(lambda: context.counters.snapshot().tagged == 1)
            time.sleep(0.1)
            assert tags_in(shop, people(1)[0]) == ["free"]
        thread.join(10)
    assert tags_in(shop, people(1)[0]) == ["free", "held"]
