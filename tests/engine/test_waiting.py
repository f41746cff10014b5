"""What a run waits for: said once nothing moves, and never flickering."""

from itertools import pairwise
from threading import Event
from typing import Any

import pytest

from engine.recovery_room import die, open_context
from omnisend_tui.engine.waiting import Network, Waiting, reason
from omnisend_tui.omnisend.budget import open_budget, open_tag_budget
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.omnisend.share import Rival, Use
from omnisend_tui.sentences import waits_for, what_is_left
from omnisend_tui.tui.screens.run_told import standing
from shops import MakeShop

FREE = Use(40, (0,) * 60)
FULL = Use(40, (0,) * 20 + (1,) * 40)
TAKEN = Use(40, FULL.chart, (Rival(30, 1.0),))
OVER = Use(40, FULL.chart, (Rival(30, 30.0),))
FEW = Use(40, FULL.chart, (Rival(2, 1.0),))
HELD = Use(40, FREE.chart, held=True, lowered=True)
PLAIN: dict[str, Any] = {
    "recovering": False, "trouble": "", "window": FREE, "full_for": 0.0, "tags": FREE,
    "silent_for": 9.0, "tags_full_for": 0.0, "tags_only": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("now", "waits"),
    [
        ({}, ""),
        ({"window": FULL}, ""),
        ({"window": FULL, "full_for": 4.0}, ""),  # a pace of 1.5 s is no wait
        ({"window": FULL, "full_for": 5.0}, "budget"),
        ({"window": TAKEN, "full_for": 5.0}, "export"),
        ({"window": OVER, "full_for": 5.0}, "budget"),
        ({"window": FEW, "full_for": 5.0}, "budget"),
        ({"window": HELD}, "asked"),
        ({"tags": FULL, "tags_full_for": 9.0}, ""),
        ({"tags": FULL, "tags_full_for": 9.0, "tags_only": True}, "tags"),
        ({"tags": HELD}, ""),
        ({"tags": HELD, "tags_only": True}, "asked"),
        ({"tags": TAKEN, "tags_full_for": 9.0, "tags_only": True}, "tags"),
        ({"source": True}, "source"),
        ({"source": True, "window": HELD}, "source"),
        ({"source": True, "recovering": True}, "recovery"),
        ({"lost": True, "window": FULL, "full_for": 9.0}, "lost"),
        ({"lost": True, "trouble": "network"}, "network"),
        ({"recovering": True, "window": FULL, "full_for": 9.0}, "recovery"),
        ({"recovering": True, "trouble": "network"}, "network"),
        ({"trouble": "retry"}, "retry"),
        ({"trouble": "retry", "silent_for": 1.0}, ""),  # another request was answered meanwhile
    ],
)
def test_what_it_waits_for(now: dict[str, Any], waits: str) -> None:
    assert reason(**PLAIN | now) == waits


def test_it_changes_about_once_a_second_at_most() -> None:
    waiting = Waiting()
    told = [waiting.see(at / 4, "budget" if at % 2 else "") for at in range(16)]
    assert told[:2] == ["", "budget"]
    assert sum(a != b for a, b in pairwise(told)) <= 4


def test_each_outage_is_told_once_and_its_end() -> None:
    network = Network()
    looks = [
        ("network", 0.5), ("", 0.0), ("network", 1.0), ("network", 2.5), ("network", 9.0),
        ("retry", 10.0), ("network", 11.0), ("", 0.1), ("", 0.2), ("network", 3.0),
    ]  # fmt: skip
    told = [network.see(trouble, silent_for) for trouble, silent_for in looks]
    assert told == ["", "", "", "lost", "", "", "", "back", "", "lost"]


def test_an_outage_counts_from_its_first_failure_however_long_nothing_was_asked(
    make_shop: MakeShop,
) -> None:
    context, network, now = open_context(make_shop()), Network(), 100.0
    context.ticks = lambda: now

    def told() -> tuple[str, str]:
        seen = network.see(context.trouble, context.silent_for)
        also = PLAIN | {"trouble": context.trouble, "silent_for": context.silent_for}
        return seen, reason(**also)

    context.answered()
    now += 60  # paused
    context.unanswered("network")
    now += 1.0
    assert told() == ("", "")
    context.answered()
    assert told() == ("", "")
    context.unanswered("retry")
    now += 1.5
    context.unanswered("network")
    now += 1.0
    assert told() == ("lost", "network")
    context.answered()
    assert told() == ("back", "")
    die(context)


def test_a_run_tells_that_another_has_taken_the_window(make_shop: MakeShop) -> None:
    shop = make_shop(people=300, requests_per_minute=100)
    connection, brand = shop.workspace.connection("Shop"), brand_of_key(shop.sandbox.api_key)
    with open_budget(shop.workspace.budget_path, connection, brand, "another") as budget:
        for left in range(budget.limit, 0, -1):
            budget.take("other", Event(), left)
        run = shop.launch()
        while (now := run.snapshot()).waiting_for != "export":
            assert run.wait(0.1) is None
        assert (now.status, now.budget_used) == ("running", 100)
        assert now.seconds_left is not None
        assert now.seconds_left > 30
        assert now.time_left == now.seconds_left  # the window says when it goes on
        run.pause()
        while (now := run.snapshot()).seconds_left is not None:
            assert run.wait(0.1) is None
        assert (now.status, now.waiting_for) == ("paused", "")
        run.cancel()
        assert run.wait(20) is not None


def test_the_tag_limit_is_named_with_when_it_goes_on(make_shop: MakeShop) -> None:
    shop = make_shop(people=300, segment_tag="VIP")
    connection, brand = shop.workspace.connection("Shop"), brand_of_key(shop.sandbox.api_key)
    with open_tag_budget(shop.workspace.budget_path, connection, brand, "another") as budget:
        slots = [budget.take("tag", Event(), left) for left in range(budget.limit, 0, -1)]
        for slot in filter(None, slots):
            budget.done(slot)
        run = shop.launch()
        while (now := run.snapshot()).waiting_for != "tags":
            assert run.wait(0.1) is None
        assert waits_for(now) == "tags"
        assert now.time_left is not None
        assert now.waits_seconds is not None
        assert 30 < now.waits_seconds <= now.time_left + 5 < 75
        assert "It goes on in" in standing(now, resumes=False)[0]
        run.cancel()
        end = run.wait(20)
    assert end is not None
    assert (end.status, end.confirmed, end.untagged) == ("cancelled", 300, 300)
    left = what_is_left(end)
    assert "Left: 300 contacts without their tags." in left
    assert standing(end, resumes=False) == (left, "muted")
