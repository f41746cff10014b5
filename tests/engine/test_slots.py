"""Requests that wait for a window which others want too."""

import pytest

from omnisend_tui.engine.slots import Share, until

EMPTY = (0,) * 60
FULL_AT_ONCE = (0,) * 30 + (120,) + (0,) * 29  # free in half a minute, all together
FULL_EVENLY = (2,) * 60


@pytest.mark.parametrize("wanted", [0, 20, 1000])
def test_those_who_want_more_hold_up_nobody_who_waits_for_single_slots(wanted: int) -> None:
    assert until(60, Share(120, FULL_EVENLY, wanted)) == pytest.approx(30, abs=1)


@pytest.mark.parametrize("first", [10, 60, 500, 5_000])
def test_it_ends_once_all_have_what_they_want_who_want_less(first: int) -> None:
    left = until(60, Share(120, FULL_EVENLY, first, first))
    assert left == pytest.approx((60 + first) / 2, rel=0.02)


def test_what_fits_takes_as_long_as_the_requests() -> None:
    assert until(50, Share(120, EMPTY), at_once=10.0) == pytest.approx(5, abs=1)
    assert until(50, Share(120, EMPTY, 60), at_once=10.0) == pytest.approx(5, abs=1)


def test_what_does_not_fit_with_what_others_want_is_paced() -> None:
    assert until(50, Share(120, EMPTY, 80)) == pytest.approx(25, abs=1)
    assert until(50, Share(120, EMPTY, 80, 20)) == pytest.approx(35, abs=1)


def test_what_fits_waits_for_slots_that_get_free_together() -> None:
    assert until(50, Share(120, FULL_AT_ONCE)) == pytest.approx(30.5, abs=1)
    assert until(100, Share(120, FULL_AT_ONCE, 300)) == pytest.approx(80, abs=1)


@pytest.mark.parametrize("mine", [500, 5_000, 5_000_000])
def test_far_ahead_it_takes_what_the_window_takes(mine: int) -> None:
    assert until(mine, Share(120, FULL_EVENLY)) == pytest.approx(mine / 2, rel=0.02)


def test_slow_answers_take_longer_than_the_window() -> None:
    assert until(1000, Share(120, FULL_EVENLY), at_once=0.5) == pytest.approx(2000, rel=0.02)


@pytest.mark.parametrize("requests", [13, 130])
def test_what_is_not_paced_comes_again_as_it_came(requests: int) -> None:
    left = until(requests, Share(12, EMPTY), paced=False, ready=requests)
    assert left == pytest.approx((requests - 1) // 12 * 60, abs=1)


def test_what_comes_later_waits_for_it() -> None:
    window = Share(12, EMPTY)
    assert until(10, window, paced=False, ready=10, later=40.0) < 1
    assert until(10, window, paced=False, ready=9, later=40.0) == pytest.approx(40, abs=1)
