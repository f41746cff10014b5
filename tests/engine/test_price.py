"""What a run costs, on the examples of the specification."""

import pytest

from omnisend_tui.config.models import Connection
from omnisend_tui.engine.price import Limits, batch_requests, price, tag_requests
from omnisend_tui.formats import about

USUAL = Limits.of(Connection())  # 90 % of 400 a minute, 60 a minute for tags


def test_the_limits_are_those_that_a_run_keeps() -> None:
    assert Limits(brand=360, reserve=3, tags=60) == USUAL
    small = Connection(requests_per_minute=1, budget_share=50, tag_requests_per_minute=5)
    assert Limits.of(small) == Limits(brand=1, reserve=0, tags=5)


@pytest.mark.parametrize(
    ("people", "batches", "tags", "contacts_take", "tags_take"),
    [
        (1_000_000, 10_000, 4_000, "28 minutes", "67 minutes"),
        (184_000, 1_840, 736, "5 minutes", "13 minutes"),
    ],
)
def test_first_members_with_tags_in_the_safe_way(
    people: int, batches: int, tags: int, contacts_take: str, tags_take: str
) -> None:
    assert batch_requests(people, people * 200) == batches
    assert tag_requests([people]) == tags
    found = price(batches, tags, USUAL)
    assert (found.contacts, found.tags) == (batches, tags)
    assert found.requests == batches + tags + found.polls
    assert found.polls <= batches // 100
    assert about(found.contact_seconds) == contacts_take
    assert about(found.tag_seconds) == about(found.seconds) == tags_take


def test_tags_that_ride_along_cost_nothing() -> None:
    found = price(10_000, 0, USUAL)
    assert found.tag_seconds == 0
    assert found.seconds == found.contact_seconds
    assert about(found.seconds) == "28 minutes"


def test_what_fits_a_window_goes_out_at_once() -> None:
    assert price(0, 0, USUAL).requests == 0
    assert price(0, 0, USUAL).seconds == 0
    assert about(price(297, 60, USUAL).seconds) == "less than a minute"
    assert price(358, 0, USUAL).seconds > 60
    assert price(0, 61, USUAL).seconds > 60


def test_tag_requests_count_for_the_brand_too() -> None:
    quick_tags = Limits(brand=360, reserve=3, tags=6000)
    found = price(357, 357, quick_tags)
    assert found.seconds >= 120 > found.contact_seconds


def test_a_lone_slot_a_minute_still_has_an_end() -> None:
    assert price(10, 0, Limits(brand=1, reserve=0, tags=1)).seconds >= 600


def test_two_sets_of_tags_never_share_a_request() -> None:
    assert tag_requests([1, 250, 251]) == 4
    assert tag_requests([]) == 0


def test_large_contacts_fill_a_batch_earlier() -> None:
    assert batch_requests(100, 100 * 200) == 1
    assert batch_requests(100, 100 * 20_000) == 2
    assert batch_requests(0, 0) == 0
