"""Where to look in a list of batches, newest or oldest first, with times or without."""

from collections.abc import Sequence

import pytest

from omnisend_tui.engine.paging import Paging, moment, older_follow, oldest_first
from omnisend_tui.engine.watch import sooner
from omnisend_tui.omnisend.models import LISTED_BATCHES, Batch
from omnisend_tui.omnisend.share import Rival, Use

NOON = 1795608000.0  # 2026-11-25T12:00:00Z


def page(*minutes: int | None) -> list[Batch]:
    """Batches made so many minutes after noon."""
    return [
        Batch(batch_id=str(n), created_at=None if at is None else f"2026-11-25T12:{at:02}:00Z")
        for n, at in enumerate(minutes)
    ]


@pytest.mark.parametrize(
    ("batches", "order"),
    [
        (page(), None),
        (page(1), None),
        (page(1, 1, 1), None),
        (page(None, None), None),
        (page(1, 1, 2), True),
        (page(2, 1, 1), False),
    ],
)
def test_the_order_of_a_page(batches: Sequence[Batch], order: bool | None) -> None:
    assert oldest_first(batches) is order


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-25T12:00:00Z", NOON),
        ("2026-11-25T14:00:00+02:00", NOON),
        ("2026-11-25T12:00:00.500", NOON + 0.5),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_moments(text: str | None, seconds: float | None) -> None:
    assert moment(text) == seconds


def test_older_batches_follow_only_where_the_newest_come_first() -> None:
    since = NOON + 10 * 60
    assert older_follow(page(30, 8), since)
    assert not older_follow(page(30, 9), since), "clocks may differ by a minute"
    assert not older_follow(page(8, 30), since)
    assert not older_follow(page(8, 8), since)
    assert not older_follow(page(None, None), since)
    assert not older_follow([], since)


def test_the_newest_first_are_always_listed_from_the_start() -> None:
    paging = Paging()
    assert paging.after(0, page(9, 8)) == LISTED_BATCHES
    paging.begin_next(LISTED_BATCHES, page(7, 6), LISTED_BATCHES)
    assert paging.first == 0


def test_the_oldest_first_are_listed_from_the_first_open_one() -> None:
    paging = Paging()
    paging.begin_next(3 * LISTED_BATCHES, page(1, 2), LISTED_BATCHES)
    assert paging.first == LISTED_BATCHES
    paging.begin_next(3 * LISTED_BATCHES, page(1, 2), None)
    assert paging.first == 3 * LISTED_BATCHES


def test_an_order_that_turns_round_begins_at_the_start() -> None:
    paging = Paging(first=2 * LISTED_BATCHES)
    assert paging.after(2 * LISTED_BATCHES, page(9, 8)) == 0
    assert paging.first == 0
    assert paging.after(0, page(9, 8)) == LISTED_BATCHES


def test_an_order_that_does_not_show_begins_at_the_start() -> None:
    paging = Paging(first=LISTED_BATCHES)
    assert paging.after(LISTED_BATCHES, page(1, 1)) == 2 * LISTED_BATCHES
    paging.begin_next(LISTED_BATCHES, page(1, 1), None)
    assert paging.first == 0


@pytest.mark.parametrize("pages", [1, 10, 100])
@pytest.mark.parametrize("rivals", [0, 3])
def test_in_a_full_window_listings_take_an_eighth_of_it_however_many_pages(
    pages: int, rivals: int
) -> None:
    full = Use(400, (0,) * 20 + (20,) * 20, (Rival(30, 1.0),) * rivals)
    runs = 1 + rivals
    assert runs * pages * 60 / sooner(15.0, full, pages) <= 400 / 8 + 0.001
