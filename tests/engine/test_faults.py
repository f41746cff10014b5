"""A sandbox that misbehaves: the run ends in the same counts, each contact counted once."""

import pytest

from omnisend_tui.engine.job import Patience
from omnisend_tui.sandbox.faults import AnswerFault, BatchStop, Faults, ItemFault
from shops import QUICK, MakeShop

POSTS = {"method": "POST", "path": "/batches"}

FAULTS = {
    "429 with retryAfter": AnswerFault(action="rate_limit", nth=(1, 3), retry_after=1, **POSTS),
    "429 without": AnswerFault(action="rate_limit", nth=(1, 2), **POSTS),
    "429 with the header": AnswerFault(
        action="rate_limit", nth=(2,), retry_after_header=1, **POSTS
    ),
    "502 with HTML": AnswerFault(action="server_error", nth=(1, 4), **POSTS),
    "503 with HTML": AnswerFault(action="server_error", status=503, nth=(1, 2), **POSTS),
    "502 although it was accepted": AnswerFault(
        action="server_error", processed=True, nth=(2,), **POSTS
    ),
    "cut before": AnswerFault(action="cut", nth=(1, 3), **POSTS),
    "cut after it was accepted": AnswerFault(action="cut", processed=True, nth=(1, 2), **POSTS),
    "truncated JSON": AnswerFault(action="truncate", nth=(2,), **POSTS),
    "HTML as 200": AnswerFault(action="html", nth=(1,), **POSTS),
    "HTML as 200 though accepted": AnswerFault(action="html", processed=True, nth=(1,), **POSTS),
    "delay": AnswerFault(action="delay", seconds=0.3, nth=(1, 2), **POSTS),
    "listed before its answer came, accepted": AnswerFault(
        action="delay", processed=True, seconds=0.3, every=2, **POSTS
    ),
    "a listing that fails": AnswerFault(
        action="server_error", method="GET", path="/batches", nth=(1, 2)
    ),
    "a cut listing": AnswerFault(action="cut", method="GET", path="/batches", nth=(1, 3)),
    "a truncated listing": AnswerFault(action="truncate", method="GET", path="/batches", nth=(1,)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_contact_arrives_and_is_counted_once(make_shop: MakeShop, name: str) -> None:
    shop = make_shop(people=730, faults=Faults(answers=(FAULTS[name],)), batch_seconds=0.01)
    end = shop.run()
    assert end.status == "finished", end.error
    assert (end.read, end.closed, end.rejected) == (730, 730, 0)
    statistics = shop.sandbox.statistics()
    assert statistics["contacts"] == 730
    if "accepted" in name or name in ("delay", "truncated JSON"):
        assert statistics["batches"] == 8, "a batch that was accepted is not sent again"


def test_many_faults_at_once(make_shop: MakeShop) -> None:
    answers = tuple(
        AnswerFault(action=action, processed=processed, probability=0.06)
        for action in ("server_error", "cut", "html", "rate_limit")
        for processed in (False, True)
    )
    shop = make_shop(people=3000, faults=Faults(seed=5, answers=answers))
    end = shop.run(Patience(lost=0.5, outage=30, poll=0.05))
    assert end.status == "finished", end.error
    assert (end.closed, end.rejected) == (3000, 0)


def test_stopped_batches_are_sent_again_in_part(make_shop: MakeShop) -> None:
    shop = make_shop(people=300, faults=Faults(stops=(BatchStop(after=40, nth=(1, 3)),)))
    end = shop.run()
    assert (end.status, end.closed) == ("finished", 300)
    assert shop.sandbox.statistics()["contacts"] == 300


def test_a_batch_that_always_stops_does_not_run_for_ever(make_shop: MakeShop) -> None:
    shop = make_shop(people=30, faults=Faults(stops=(BatchStop(after=0),)), max_rejects=100)
    end = shop.run()
    assert (end.status, end.rejected) == ("finished_with_rejects", 30)


def test_refused_items_are_rejects_with_omnisends_words(make_shop: MakeShop) -> None:
    fault = ItemFault(email="person1?@example.com", message="no mail for person12@example.com")
    shop = make_shop(people=150, faults=Faults(items=(fault,)))
    end = shop.run()
    assert (end.status, end.rejected) == ("finished_with_rejects", 10)
    assert end.read == end.closed == 150
    problems = shop.workspace.state.problems(end.run_id, "reject")
    assert {p.reason for p in problems} == {"refused_by_omnisend"}
    assert {p.key for p in problems} == {f"C{n}" for n in range(10, 20)}
    assert all("no mail for p***@example.com" in p.detail for p in problems)
    assert all(p.email_masked == "p***@example.com" for p in problems)


def test_a_key_that_is_revoked_ends_the_run(make_shop: MakeShop) -> None:
    shop = make_shop(people=3000, faults=Faults(revoke_key_after=5), batch_seconds=0.01)
    end = shop.run()
    assert end.status == "failed"
    assert end.error is not None
    assert end.error.code == "key_refused"
    assert "urn:omnisend" not in end.error.message


def test_a_retired_version_is_named(make_shop: MakeShop) -> None:
    shop = make_shop(faults=Faults(retired=True))
    end = shop.run()
    assert end.error is not None
    assert end.error.code == "version_retired"
    assert "2026-03-15" in end.error.message


def test_batches_that_never_finish_are_unconfirmed(make_shop: MakeShop) -> None:
    shop = make_shop(people=130, batch_seconds=3600)
    end = shop.run()
    assert (end.status, end.rejected, end.closed) == ("finished_with_rejects", 130, 130)
    assert shop.workspace.state.problem_counts(end.run_id, "reject") == {"unconfirmed": 130}


def test_no_network_interrupts_the_run(make_shop: MakeShop) -> None:
    shop = make_shop(people=130)
    shop.sandbox.stop()
    end = shop.run(QUICK)
    assert end.status == "interrupted"
    assert end.error is not None
    assert end.error.code == "outage"


@pytest.mark.parametrize(
    "fault",
    [
        AnswerFault(action="server_error", method="GET", path="/batches"),
        AnswerFault(action="server_error", status=503, **POSTS),
    ],
)
def test_errors_that_never_end_interrupt_the_run(make_shop: MakeShop, fault: AnswerFault) -> None:
    shop = make_shop(people=130, faults=Faults(answers=(fault,)))
    end = shop.run()
    assert end.status == "interrupted"
    assert end.error is not None
    assert end.error.code == "outage"


def test_one_bad_contact_uses_up_nobodys_tries(make_shop: MakeShop) -> None:
    """A request refused as a whole is halved; a part of it may still be lost and found."""
    answers = (
        AnswerFault(action="cut", processed=True, nth=(2, 5), **POSTS),
        AnswerFault(action="server_error", status=400, nth=(1, 3, 4), **POSTS),
    )
    shop = make_shop(people=100, faults=Faults(answers=answers))
    end = shop.run()
    assert (end.status, end.closed, end.rejected) == ("finished", 100, 0)
