"""Each lasting fault at each stage, and faults while the next run recovers; what 429 does."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine.generations import (
    IMPATIENT,
    LASTING,
    PASSING,
    POSTS,
    UNCLEAR,
    WHERE,
    MakeGenerations,
    fault_at,
    short_timeouts,
)
from omnisend_tui.sandbox.faults import AnswerFault


@pytest.mark.parametrize("name", LASTING)
@pytest.mark.parametrize("stage", WHERE)
def test_a_fault_that_ends_the_run(
    make_generations: MakeGenerations, stage: str, name: str
) -> None:
    shop = make_generations(WHERE[stage])
    ended = shop.disturb(fault_at(stage, LASTING[name]), patience=IMPATIENT)
    if ended.status == "finished_with_rejects":
        assert name == "401 after one", "one request was enough"
        shop.expect_equal(ended)
        return
    # A batch whose answer is lost again and again while listings come is no outage.
    outage = "for ever" in name and (stage, name) != ("sending", "cut for ever")
    assert ended.status == ("interrupted" if outage else "failed"), ended.error
    shop.expect_equal(shop.go_on(ended), before=ended)


@pytest.mark.parametrize("stage", WHERE)
def test_a_key_that_is_revoked_and_given_back(
    make_generations: MakeGenerations, stage: str
) -> None:
    """The plan's own fault counts requests; each stage comes later than the one before."""
    shop = make_generations("stops")
    asked = shop.shop.sandbox.brand.counts.with_key
    # Even a run that polls least makes ten requests.
    ended = shop.disturb(revoke_key_after=asked + 8 * list(WHERE).index(stage) // 5)
    assert (ended.status, ended.error and ended.error.code) == ("failed", "key_refused")
    shop.expect_equal(shop.go_on(ended), before=ended)


def test_a_version_that_was_retired(make_generations: MakeGenerations) -> None:
    shop = make_generations("plain")
    ended = shop.disturb(retired=True)
    assert (ended.status, ended.error and ended.error.code) == ("failed", "version_retired")
    shop.expect_equal(shop.go_on(ended), before=ended)


def recovering() -> Iterator[Any]:
    for name in PASSING:
        yield pytest.param("no origin", name, id=f"no origin: {name}")
    for name in UNCLEAR:
        yield pytest.param("riding, no origin", name, id=f"riding: {name}")


@pytest.mark.parametrize(("kind", "name"), recovering())
def test_a_fault_in_recovery(
    make_generations: MakeGenerations, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    """One batch was taken without an answer, the others were never confirmed."""
    shop = make_generations(kind)
    before = shop.batches()
    dead = AnswerFault(action="cut", method="GET", path="/batches")
    lost = AnswerFault(action="cut", processed=True, nth=(2,), **POSTS)
    ended = shop.disturb(dead, lost, patience=IMPATIENT)
    assert ended.status == "interrupted"
    if name.startswith("too slow"):
        short_timeouts(monkeypatch)
    fault = AnswerFault(method="GET", path="/batches*", **PASSING[name])
    end = shop.disturb(fault, resume=True)
    assert end.run_id == ended.run_id
    assert shop.batches() - before == 3, "each was found, and none is sent again"
    shop.expect_equal(end, before=ended)


def test_after_429_the_share_is_lower_and_comes_back_slowly(
    make_generations: MakeGenerations,
) -> None:
    shop = make_generations("plain")
    fault = AnswerFault(action="rate_limit", retry_after=1, nth=(1,), **POSTS)
    began = time.monotonic()
    end = shop.disturb(fault)
    assert time.monotonic() - began >= 1.0, "as the server asks"
    assert (end.status, end.budget_lowered) == ("finished_with_rejects", True)
    now = time.time()
    with shop.budget(lambda: now) as budget:
        assert budget.use().lowered
        assert 0.8 * budget.limit <= budget.allowed < 0.81 * budget.limit
    with shop.budget(lambda: now + 60) as budget:
        assert budget.use().lowered
        assert 0.84 * budget.limit < budget.allowed < 0.86 * budget.limit
    with shop.budget(lambda: now + 300) as budget:
        assert not budget.use().lowered
        assert budget.allowed == budget.limit


@pytest.mark.parametrize("stage", ["tagging", "leaving"])
@pytest.mark.parametrize("name", ["429 with retryAfter", "429 with the header", "429 without"])
def test_a_429_for_tags_leaves_the_share_of_batches(
    make_generations: MakeGenerations, stage: str, name: str
) -> None:
    shop = make_generations("plain")
    end = shop.disturb(fault_at(stage, PASSING[name]))
    assert (end.status, end.budget_lowered) == ("finished_with_rejects", False)
    assert end.retries
    with shop.budget() as budget:
        assert not budget.use().lowered
        assert budget.allowed == budget.limit
