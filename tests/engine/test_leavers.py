"""Leavers: found after a complete read, judged by tag, removed unless another export wants them."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from engine.leaver_room import Other, given, had, met
from engine.tag_room import KEY, asked, bring, confirm, lock_held_elsewhere, people, room, tags_in
from omnisend_tui.engine.compare import Comparer
from omnisend_tui.engine.leavers import find, judge, remove
from omnisend_tui.engine.ledger import Ledger, TagRow
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.errors import StateError
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from shops import MakeShop

NOBODY = Others(list)


def test_how_many_left_is_known_before_they_are_looked_for(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, people(600), "VIP", "export")
    had(shop, people(100, 600), "export")
    context = room(shop, max_leavers=100)
    comparer = Comparer(context, None, NOBODY)
    emails = [*people(200), *people(90, 600), *people(30, 800)]
    sealed = [context.ledger.seal(each) for each in emails]
    plan = comparer.divide(sealed, [b"{}"] * len(emails), [])
    context.ledger.leaving.note(plan.leaving)
    assert len(plan.leaving) == 200  # the export's segment isn't theirs
    assert (comparer.met, comparer.unmet, comparer.leavers) == (320, 410, 600)
    find(context, comparer.seen)
    assert judge(context)
    assert context.counters.snapshot().leavers_found == 600


def test_who_left_loses_the_segments_tag_and_nothing_else(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, people(600), "VIP", "export")
    context = room(shop, max_leavers=100)
    find(context, met(context, people(200)))
    assert judge(context)
    assert context.counters.snapshot().leavers_found == 400
    assert asked(shop, "DELETE") == 0
    remove(context, NOBODY)
    assert {tuple(tags_in(shop, each)) for each in people(400, 200)} == {("export", "own")}
    assert {tuple(tags_in(shop, each)) for each in people(200)} == {("VIP", "export", "own")}
    assert asked(shop, "DELETE") == 2
    now = context.counters.snapshot()
    assert (now.leavers, now.leavers_found) == (400, 400)
    assert given(context, people(1, 599)[0]) == {"export"}
    assert given(context, people(1)[0]) == {"VIP", "export"}
    find(context, met(context, people(200)))
    assert context.ledger.leaving.counts() == {}


def test_tags_owed_by_a_run_that_crashed_are_removed_too(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(2), tags=("VIP",))  # the answer to giving them was lost
    crashed = room(shop, run_id="r0")
    crashed.ledger.leaving.segment_tags(["VIP"])
    confirm(crashed, people(2), "VIP")
    crashed.ledger.close()
    context = room(shop)
    find(context, met(context, people(1)))
    assert judge(context)
    remove(context, NOBODY)
    assert [tags_in(shop, each) for each in people(2)] == [["VIP"], []]
    assert given(context, people(1, 1)[0]) == frozenset()


@pytest.mark.parametrize(
    ("limits", "allowed", "goes_on"),
    [
        ({"max_leavers": 20, "max_leavers_people": 50}, False, False),
        ({"max_leavers": 60, "max_leavers_people": 50}, False, True),
        ({"max_leavers": 20, "max_leavers_people": 60}, False, True),
        ({"max_leavers": 20, "max_leavers_people": 50}, True, True),
        ({"max_leavers": 0, "max_leavers_people": 0}, False, False),
    ],
)
def test_the_threshold_counts_each_tag(
    make_shop: MakeShop, limits: dict[str, Any], allowed: bool, goes_on: bool
) -> None:
    shop = make_shop()
    had(shop, people(1000), "big", segment=("big", "small"))
    had(shop, people(100, 1000), "small")
    context = room(shop, allow_leavers=allowed, **limits)
    find(context, met(context, people(1040)))  # 60 % of 'small', 6 % of everybody
    assert judge(context) is goes_on
    assert context.counters.snapshot().leavers_found == 60
    assert context.stop.is_set() is not goes_on
    if not goes_on:
        assert context.failure is not None
        assert context.failure.code == "too_many_leavers"
        assert "60 of 100" in context.failure.message
        assert "small" in context.failure.message
        assert "--allow-leavers" in context.failure.hint


def test_who_left_one_of_several_segments_keeps_the_other_tag(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, people(1), "A", "B", segment=("A", "B"))
    context = room(shop)
    ledger = context.ledger
    # As the reader notes it; the contact's new tag C was refused meanwhile.
    loses, after = ledger.tag_set(["A"]), ledger.tag_set(["B", "C"])
    ledger.leaving.note([TagRow(ledger.seal(people(1)[0]), loses, after)])
    find(context, met(context, people(1)))
    assert judge(context)
    remove(context, NOBODY)
    assert tags_in(shop, people(1)[0]) == ["B", "own"]
    assert given(context, people(1)[0]) == {"B"}


@pytest.mark.parametrize("how", ["given", "owed", "open", "confirmed", "unconfirmed"])
def test_what_another_export_wants_stays(make_shop: MakeShop, how: str) -> None:
    shop = make_shop()
    had(shop, people(3), "VIP", "old", segment=("VIP", "old"))
    stays, *go = people(3)
    other = Other(shop)
    state = {"open": "", "unconfirmed": "unconfirmed"}.get(how, "confirmed")
    other.record(stays, "VIP", state, riding=how == "given")
    if how in ("given", "owed"):
        other.ledger.merge()
    context = room(shop)
    others = Others(lambda: [other.path])
    find(context, met(context, []))
    assert judge(context)
    remove(context, others)
    assert tags_in(shop, stays) == ["VIP", "own"]
    assert {tuple(tags_in(shop, each)) for each in go} == {("own",)}
    assert {given(context, each) for each in people(3)} == {frozenset()}
    now = context.counters.snapshot()
    assert (now.leavers, now.leavers_found) == (3, 3)
    others.close()


def test_who_keeps_everything_costs_no_request(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, people(2), "VIP")
    other = Other(shop)
    for number, email in enumerate(people(2), 1):
        other.record(email, "VIP", "confirmed", number=number)
    context = room(shop)
    find(context, met(context, []))
    assert judge(context)
    remove(context, Others(lambda: [other.path]))
    assert asked(shop, "DELETE") == 0
    assert given(context, people(1)[0]) == frozenset()
    now = context.counters.snapshot()
    assert (now.leavers, now.leavers_found) == (0, 0)


def test_the_last_of_two_exports_that_both_let_go_removes_the_tag(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, people(1), "VIP")
    other = Other(shop)
    other.record(people(1)[0], "VIP", "confirmed", riding=True)
    other.ledger.merge()
    context = room(shop)
    find(context, met(context, []))
    remove(context, Others(lambda: [other.path]))  # the other export still wants it
    assert tags_in(shop, people(1)[0]) == ["VIP", "own"]
    # Not merged yet: the other export must see that this one wants it no more.
    others = Others(lambda: [context.job.ledger_path])
    assert others.wanting([context.ledger.seal(people(1)[0])], "VIP") == set()


def test_a_lost_answer_is_asked_again(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="cut", method="DELETE", processed=True, nth=(1,))
    shop = make_shop(faults=Faults(answers=(fault,)))
    had(shop, people(2), "VIP")
    context = room(shop)
    find(context, met(context, []))
    remove(context, NOBODY)
    assert asked(shop, "DELETE") == 2
    assert context.counters.snapshot().leavers == 2


def test_an_interruption_leaves_the_rest_to_the_next_run(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="server_error", method="DELETE", status=403, nth=(2,))
    shop = make_shop(faults=Faults(answers=(fault,)))
    had(shop, people(300), "VIP")
    context = room(shop, max_leavers=100)
    find(context, met(context, []))
    with pytest.raises(Stopped):
        remove(context, NOBODY)
    assert context.abandon.is_set()
    context.ledger.close()
    again = room(shop, run_id="r2", max_leavers=100)
    find(again, met(again, []))
    assert judge(again)
    assert again.counters.snapshot().leavers_found == 50
    remove(again, NOBODY)
    assert {tuple(tags_in(shop, each)) for each in people(300)} == {("own",)}


def test_the_wait_for_a_lock_ends_with_stop(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, people(2), "VIP")
    context = room(shop)
    find(context, met(context, []))
    with lock_held_elsewhere(context, "VIP"):
        threading.Timer(0.2, context.stop.set).start()
        with pytest.raises(Stopped):
            remove(context, NOBODY)
    assert asked(shop, "DELETE") == 0
    assert context.failure is None


def test_known_are_those_of_any_ledger_confirmed_or_merged(make_shop: MakeShop) -> None:
    shop = make_shop()
    other = Other(shop)
    seal = other.ledger.seal
    merged, confirmed, later, opened, stranger = people(5)
    others = Others(lambda: [other.path, other.path.with_name("missing.sqlite")])
    assert others.known([seal(merged)]) == set()
    other.record(merged, "VIP", "confirmed", number=1)
    other.ledger.merge()
    other.record(confirmed, "VIP", "confirmed", number=2)
    other.record(opened, "VIP", number=3)
    asked_for = [seal(email) for email in people(1200)]
    assert others.known(asked_for) == {seal(merged), seal(confirmed)}
    other.record(later, "VIP", "confirmed", number=4)
    assert others.known(asked_for) == {seal(merged), seal(confirmed), seal(later)}
    other.ledger.merge()
    assert seal(stranger) not in others.known(asked_for)
    others.close()


def test_an_unreadable_ledger_knows_nobody_but_stops_removing(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(b"not a database " * 100)
    others = Others(lambda: [path])
    assert others.known([b"x" * 32]) == set()
    for _again in range(2):
        with pytest.raises(StateError) as raised:
            others.wanting([b"x" * 32], "VIP")
        assert raised.value.code == "ledger_unusable"


def test_a_newer_ledger_stops_removing(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    Ledger(path, KEY).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError):
        Others(lambda: [path]).wanting([b"x" * 32], "VIP")


def test_a_ledger_of_before_tags_knows_people_and_wants_nothing(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE contact (sealed BLOB PRIMARY KEY, hash BLOB NOT NULL) WITHOUT ROWID;"
            "INSERT INTO contact VALUES (x'01', x'02'); PRAGMA user_version = 1;"
        )
    others = Others(lambda: [path])
    assert others.known([b"\1", b"\2"]) == {b"\1"}
    assert others.wanting([b"\1"], "VIP") == set()
    others.close()
