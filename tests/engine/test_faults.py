"""A sandbox that misbehaves in its own ways; test_fault_matrix.py has each fault at each stage."""

from typing import Any

from omnisend_tui.engine.job import Patience
from omnisend_tui.sandbox.faults import AnswerFault, BatchStop, Faults, ItemFault
from shops import MakeShop

POSTS: dict[str, Any] = {"method": "POST", "path": "/batches"}


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
    assert {"429", "502", "network"} <= dict(end.answers).keys()
    assert end.retries <= sum(dict(end.answers).values())


def test_a_batch_that_always_stops_does_not_run_for_ever(make_shop: MakeShop) -> None:
    shop = make_shop(people=30, faults=Faults(stops=(BatchStop(after=0),)), max_rejects=100)
    end = shop.run()
    assert (end.status, end.rejected) == ("finished_with_rejects", 30)


def test_refused_items_are_rejects_with_omnisends_words(make_shop: MakeShop) -> None:
    fault = ItemFault(email="person1?@example.com", message="no mail for person12@example.com")
    shop = make_shop(people=150, faults=Faults(items=(fault,)))
    end = shop.run()
    assert (end.status, end.rejected) == ("finished_with_rejects", 10)
    assert (end.batches_confirmed, end.batches_with_errors) == (2, 1)
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
    assert (end.batches_confirmed, end.batches_unconfirmed) == (0, 2)
    assert shop.workspace.state.problem_counts(end.run_id, "reject") == {"unconfirmed": 130}


def test_no_network_interrupts_the_run(make_shop: MakeShop) -> None:
    shop = make_shop(people=130)
    shop.sandbox.stop()
    end = shop.run(Patience(outage=4.0))
    assert end.status == "interrupted"
    assert end.error is not None
    assert end.error.code == "outage"
    assert [what for what, _times in end.answers] == ["network"]
    codes = [line.code for line in shop.workspace.state.log(end.run_id)]
    assert codes.count("network_lost") == 1


def test_one_bad_contact_uses_up_nobodys_tries(make_shop: MakeShop) -> None:
    """A request refused as a whole is halved; a part of it may still be lost and found."""
    answers = (
        AnswerFault(action="cut", processed=True, nth=(2, 5), **POSTS),
        AnswerFault(action="server_error", status=400, nth=(1, 3, 4), **POSTS),
    )
    shop = make_shop(people=100, faults=Faults(answers=answers))
    end = shop.run()
    assert (end.status, end.closed, end.rejected) == ("finished", 100, 0)
