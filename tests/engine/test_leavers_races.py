"""Another export wants a tag while it is taken: nobody loses what a ledger says they have."""

from collections.abc import Sequence
from threading import Event, Thread

import pytest

from engine.leaver_room import Other, given, had, met
from engine.tag_room import all_came, asked, bring, owe, people, room, tags_in, until, working
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.leavers import find, judge, remove
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.omnisend.client import Stopped
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from shops import MakeShop, Shop

WANTED, LEAVER = people(2)


def leaving(shop: Shop, run_id: str = "r1") -> Context:
    """A run at the moment when it removes; nobody is in its source any more."""
    context = room(shop, run_id=run_id)
    find(context, met(context, []))
    assert judge(context)
    return context


def rides(shop: Shop, other: Other, tag: str = "VIP") -> None:
    """The other export records a batch in which the tag rides, and Omnisend processes it."""
    other.record(WANTED, tag, riding=True)
    bring(shop, WANTED, tags=(tag,))


def between_look_and_request(
    context: Context, monkeypatch: pytest.MonkeyPatch, shop: Shop, other: Other, tag: str = "VIP"
) -> None:
    """Another export's batch comes after this run looked and before its first removal."""
    remove_tags = context.client.remove_tags
    came: list[str] = []

    def late(tags: Sequence[str], emails: Sequence[str], stop: Event) -> None:
        if not came:
            came.append(tag)
            rides(shop, other, tag)
        remove_tags(tags, emails, stop)

    monkeypatch.setattr(context.client, "remove_tags", late)


def test_a_tag_that_rode_in_meanwhile_is_given_again(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    had(shop, [WANTED, LEAVER], "VIP")
    other = Other(shop)
    context = leaving(shop)
    between_look_and_request(context, monkeypatch, shop, other)
    remove(context, Others(lambda: [other.path]))
    assert tags_in(shop, WANTED) == ["VIP", "own"]
    assert tags_in(shop, LEAVER) == ["own"]
    assert (asked(shop, "DELETE"), asked(shop, "POST")) == (1, 1)
    assert {given(context, each) for each in (WANTED, LEAVER)} == {frozenset()}
    now = context.counters.snapshot()
    assert (now.leavers, now.leavers_found) == (1, 1)


def test_one_of_two_tags_is_given_again_and_the_other_stays_away(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    had(shop, [WANTED, LEAVER], "VIP", "old", segment=("VIP", "old"))
    other = Other(shop)
    context = leaving(shop)
    between_look_and_request(context, monkeypatch, shop, other)
    remove(context, Others(lambda: [other.path]))
    assert tags_in(shop, WANTED) == ["VIP", "own"]
    assert tags_in(shop, LEAVER) == ["own"]
    now = context.counters.snapshot()
    assert (now.leavers, now.leavers_found) == (2, 2)


def test_a_lost_answer_and_a_tag_that_rode_in_meanwhile(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = AnswerFault(action="cut", method="DELETE", processed=True, nth=(1,))
    shop = make_shop(faults=Faults(answers=(fault,)))
    had(shop, [WANTED, LEAVER], "VIP")
    other = Other(shop)
    context = leaving(shop)
    between_look_and_request(context, monkeypatch, shop, other)
    remove(context, Others(lambda: [other.path]))
    assert tags_in(shop, WANTED) == ["VIP", "own"]
    assert tags_in(shop, LEAVER) == ["own"]


def test_the_next_run_gives_again_what_a_crash_left_taken(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    had(shop, [WANTED, LEAVER], "VIP")
    other = Other(shop)
    crashed = leaving(shop)
    remove_tags = crashed.client.remove_tags

    def last(tags: Sequence[str], emails: Sequence[str], stop: Event) -> None:
        rides(shop, other)
        remove_tags(tags, emails, stop)
        crashed.stop.set()
        raise Stopped

    monkeypatch.setattr(crashed.client, "remove_tags", last)
    with pytest.raises(Stopped):
        remove(crashed, Others(lambda: [other.path]))
    crashed.ledger.close()
    assert tags_in(shop, WANTED) == ["own"]

    context = leaving(shop, "r2")
    remove(context, Others(lambda: [other.path]))
    assert tags_in(shop, WANTED) == ["VIP", "own"]
    assert tags_in(shop, LEAVER) == ["own"]
    assert {given(context, each) for each in (WANTED, LEAVER)} == {frozenset()}
    find(context, met(context, []))
    assert context.ledger.leaving.counts() == {}


def test_what_was_never_asked_for_is_not_given_again(make_shop: MakeShop) -> None:
    shop = make_shop()
    had(shop, [WANTED, LEAVER], "VIP")
    other = Other(shop)
    rides(shop, other)
    remove(leaving(shop), Others(lambda: [other.path]))
    assert (asked(shop, "DELETE"), asked(shop, "POST")) == (1, 0)
    assert tags_in(shop, WANTED) == ["VIP", "own"]


def test_the_wish_may_end_before_the_tag_is_given_again(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step looks anew: a tag that nobody wants any more isn't brought back."""
    shop = make_shop()
    had(shop, [WANTED], "VIP")
    other = Other(shop)
    context = leaving(shop)
    between_look_and_request(context, monkeypatch, shop, other)
    wanting = Others.wanting
    looks: list[int] = []

    def fickle(self: Others, sealed: Sequence[bytes], tag: str) -> set[bytes]:
        looks.append(len(sealed))
        return wanting(self, sealed, tag) if len(looks) == 2 else set()

    monkeypatch.setattr(Others, "wanting", fickle)
    remove(context, Others(lambda: [other.path]))
    assert tags_in(shop, WANTED) == ["own"]
    assert asked(shop, "POST") == 0


def test_giving_elsewhere_waits_while_a_tag_is_taken(make_shop: MakeShop) -> None:
    slow = AnswerFault(action="delay", method="DELETE", processed=True, seconds=0.5)
    shop = make_shop(faults=Faults(answers=(slow,)))
    had(shop, people(1), "VIP")
    context = room(shop)
    find(context, met(context, []))
    giving = room(shop, "other", run_id="o1")
    others = Others(lambda: [giving.job.ledger_path])
    taking = Thread(target=remove, args=(context, others))
    taking.start()
    until(lambda: asked(shop, "DELETE") == 1)
    owe(giving, people(1), "VIP")
    with working(giving, all_came()) as thread:
        thread.join(0.2)
        assert asked(shop) == 0
        thread.join(10)
    taking.join(10)
    assert tags_in(shop, people(1)[0]) == ["VIP", "own"]
