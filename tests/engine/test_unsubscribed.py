"""Runs on a brand where an upsert subscribes who had unsubscribed: those people are never sent."""

import time
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import pytest

from engine.recovery_room import open_context
from omnisend_tui import launch as launching
from omnisend_tui.engine import statuses, unsubscribed
from omnisend_tui.engine.run import Run
from omnisend_tui.engine.seen import Seen
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.omnisend.errors import NotOmnisend
from omnisend_tui.records import Behaviour
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from shops import QUICK, MakeShop, Shop


def unsubscribe(shop: Shop, *emails: str) -> None:
    for email in emails:
        identifier = {
            "type": "email",
            "id": email,
            "channels": {"email": {"status": "unsubscribed"}},
        }
        body = msgspec.json.encode({"identifiers": [identifier], "firstName": "Left"})
        shop.sandbox.brand.contacts.upsert(body)


def state(shop: Shop, email: str) -> tuple[str, str]:
    """Status and first name of a contact in Omnisend."""
    contacts = shop.sandbox.brand.contacts
    contact = contacts.get(contacts.find(email))
    return contact["identifiers"][0]["channels"]["email"]["status"], contact["firstName"]


def revive(*answers: AnswerFault) -> Faults:
    return Faults(revive_unsubscribed=True, answers=answers)


def requests(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop.sandbox.statistics()["requests"]
    return found


def test_the_unsubscribed_are_left_alone(make_shop: MakeShop) -> None:
    shop = make_shop(faults=revive())
    shop.measured()
    unsubscribe(shop, "Left@Example.com", "elsewhere@example.com")
    shop.write(["1,stays@example.com,A", "2, LEFT@example.com ,B", "3,left@example.com,C", "4,,D"])
    end = shop.run()
    assert end.status == "finished_with_rejects"
    assert (end.read, end.accepted, end.unchanged, end.duplicates, end.rejected) == (4, 1, 1, 1, 1)
    assert (end.to_send, end.sent) == (1, 1)
    assert state(shop, "left@example.com") == ("unsubscribed", "Left")
    lines = {line.code: line.parameters for line in shop.workspace.state.log(end.run_id)}
    assert lines["unsubscribed_left_alone"] == {"count": 1}


def test_more_than_a_page_is_listed(make_shop: MakeShop) -> None:
    shop = make_shop(people=700, faults=revive())
    shop.measured()
    left = [f"person{n}@example.com" for n in range(0, 620)]
    unsubscribe(shop, *left)
    end = shop.run()
    assert (end.status, end.unchanged, end.accepted) == ("finished", 620, 80)
    assert {state(shop, email) for email in left} == {("unsubscribed", "Left")}
    assert requests(shop)["GET /contacts"] == 3


def test_a_run_with_nobody_to_send_finishes(make_shop: MakeShop) -> None:
    shop = make_shop(people=3, faults=revive())
    shop.measured()
    unsubscribe(shop, *(f"person{n}@example.com" for n in range(3)))
    end = shop.run()
    assert (end.status, end.unchanged, end.batches) == ("finished", 3, 0)


@pytest.mark.parametrize("known", [False, True])
def test_without_need_nobody_is_listed(make_shop: MakeShop, known: bool) -> None:
    shop = make_shop(people=3)
    if known:
        shop.measured("kept")
    unsubscribe(shop, "person1@example.com")
    end = shop.run()
    assert (end.status, end.accepted, end.unchanged) == ("finished", 3, 0)
    assert state(shop, "person1@example.com") == ("unsubscribed", "Person 1")
    assert "GET /contacts" not in requests(shop)


@pytest.mark.parametrize("action", ["server_error", "cut", "truncate", "html"])
def test_a_spoiled_list_is_asked_again(make_shop: MakeShop, action: Any) -> None:
    fault = AnswerFault(action=action, method="GET", path="/contacts", nth=(1,))
    shop = make_shop(people=3, faults=revive(fault))
    shop.measured()
    unsubscribe(shop, "person1@example.com")
    end = shop.run()
    assert (end.status, end.unchanged, end.retries) == ("finished", 1, 1)


@pytest.mark.parametrize(
    ("status", "ending"), [(403, "failed"), (503, "interrupted")], ids=["refused", "outage"]
)
def test_without_the_list_nothing_is_sent(make_shop: MakeShop, status: int, ending: str) -> None:
    fault = AnswerFault(action="server_error", method="GET", path="/contacts", status=status)
    shop = make_shop(people=3, faults=revive(fault))
    shop.measured()
    end = shop.run()
    assert (end.status, end.sent) == (ending, 0)
    assert "POST /batches" not in requests(shop)


@pytest.mark.parametrize("after", ["again", None])
def test_a_list_without_an_end_sends_nothing(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, after: str | None
) -> None:
    page = {"contacts": [], "paging": {"cursors": {"after": after}, "hasMore": True}}
    monkeypatch.setattr("omnisend_tui.sandbox.listing.page", lambda *_arguments: page)
    shop = make_shop(people=3, faults=revive())
    shop.measured()
    end = shop.run()
    assert end.error is not None
    assert (end.status, end.error.code, end.sent) == ("failed", "unsubscribed_unclear", 0)


def test_a_cancel_while_the_list_is_awaited_is_no_failure(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="rate_limit", method="GET", path="/contacts", retry_after=30)
    shop = make_shop(people=3, faults=revive(fault))
    shop.measured()
    run = shop.launch()
    while not run.snapshot().retries:
        assert run.wait(0.01) is None
    run.cancel()
    end = run.wait(10)
    assert end is not None
    assert (end.status, end.sent) == ("cancelled", 0)


def test_a_cancel_during_a_request_that_fails_is_no_failure(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(people=3, faults=revive())
    shop.measured()
    launched: Future[Run] = Future()

    def fails(*_arguments: object) -> None:
        launched.result(10).cancel()
        raise NotOmnisend("host")

    monkeypatch.setattr(OmnisendClient, "list_unsubscribed", fails)
    run = shop.launch()
    launched.set_result(run)
    end = run.wait(10)
    assert end is not None
    assert (end.status, end.sent) == ("cancelled", 0)


# Who unsubscribes while the run goes on.


class Ticks:
    """Seconds of a clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def old_at_once(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """``act`` happens before the first batch is decided, and the list is old by then."""
    real = unsubscribed.still_listed
    acts = [act]

    def listed(context: Any) -> Seen:
        if acts:
            acts.pop()()
            context.fresh_until = context.ticks() - 1
        return real(context)

    monkeypatch.setattr(statuses, "still_listed", listed)


def before_the_first_post(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    real = OmnisendClient.post_batch
    acts = [act]

    def post(client: OmnisendClient, *arguments: Any) -> str:
        if acts:
            acts.pop()()
        return real(client, *arguments)

    monkeypatch.setattr(OmnisendClient, "post_batch", post)


def test_without_statuses_too_who_unsubscribes_meanwhile_is_left_alone(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(people=50, faults=revive())
    shop.measured()
    old_at_once(monkeypatch, lambda: unsubscribe(shop, "person7@example.com"))
    end = shop.run()
    assert (end.status, end.unchanged, end.accepted) == ("finished", 1, 49)
    assert state(shop, "person7@example.com") == ("unsubscribed", "Left")


def test_a_batch_that_waited_long_for_its_request_is_decided_anew(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop(people=50, faults=revive())
    shop.measured()
    ahead = [0.0]
    monkeypatch.setattr(launching, "Run", partial(Run, ticks=lambda: time.monotonic() + ahead[0]))

    def wait_long() -> None:
        unsubscribe(shop, "person9@example.com")
        ahead[0] = 601.0

    old_at_once(monkeypatch, lambda: unsubscribe(shop, "person7@example.com"))
    before_the_first_post(monkeypatch, wait_long)
    end = shop.run(replace(QUICK, standstill=9999.0))
    assert (end.status, end.unchanged, end.accepted, end.to_send) == ("finished", 2, 48, 48)
    assert state(shop, "person7@example.com") == ("unsubscribed", "Left")
    assert state(shop, "person9@example.com") == ("unsubscribed", "Left")
    assert requests(shop)["POST /batches"] == 1


@pytest.mark.parametrize(("took", "fresh"), [(0, 120), (30, 300), (200, 600), (5000, 600)])
def test_a_list_counts_as_right_for_ten_times_as_long_as_it_took(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, took: int, fresh: int
) -> None:
    context = open_context(make_shop(people=0))
    context.job = replace(
        context.job, behaviour=Behaviour(at=1.0, tags="add", unsubscribed="revived")
    )
    context.ticks = ticks = Ticks()
    times: list[float] = []

    def listed(_context: Any) -> Seen:
        ticks.now += took
        times.append(ticks.now)
        return Seen()

    monkeypatch.setattr(unsubscribed, "_listed", listed)
    halt = unsubscribed.WhileListIsFresh(context)
    unsubscribed.still_listed(context)
    assert not halt.is_set()
    ticks.now += fresh - 1
    unsubscribed.still_listed(context)
    assert len(times) == 1
    assert not halt.is_set()
    ticks.now += 2
    assert halt.is_set()
    unsubscribed.still_listed(context)
    assert len(times) == 2
    assert not halt.is_set()


def test_after_a_pause_they_are_listed_again(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = open_context(make_shop(people=0))
    context.job = replace(
        context.job, behaviour=Behaviour(at=1.0, tags="add", unsubscribed="revived")
    )
    listed: list[int] = []

    def pause_meanwhile(_context: Any) -> Seen:
        listed.append(1)
        if len(listed) == 2:
            context.outbox.pause(True)
            context.outbox.pause(False)
        return Seen()

    monkeypatch.setattr(unsubscribed, "_listed", pause_meanwhile)
    halt = unsubscribed.WhileListIsFresh(context)
    for times in (1, 1):
        unsubscribed.still_listed(context)
        assert len(listed) == times
    context.outbox.pause(True)
    assert halt.is_set()
    context.outbox.pause(False)
    assert halt.is_set(), "what was decided before the pause is decided anew"
    for times in (2, 3, 3):
        unsubscribed.still_listed(context)
        assert len(listed) == times
    assert not halt.is_set()
