"""Requests that wait for a window which others want too."""

import pytest

from omnisend_tui.engine.slots import Share, until, until_beside, wanted

EMPTY = (0,) * 60
FULL_AT_ONCE = (0,) * 30 + (120,) + (0,) * 29  # free in half a minute, all together
FULL_EVENLY = (2,) * 60


def test_a_small_run_goes_before_large_ones_where_many_slots_get_free_together() -> None:
    window = Share(120, FULL_AT_ONCE)
    assert until_beside(50, [300, 400], window, at_once=80.0) == pytest.approx(30.5, abs=1)
    assert until_beside(300, [50, 400], window, at_once=80.0) > 150


@pytest.mark.parametrize("others", [[], [500], [500, 500, 500]])
def test_runs_that_wait_for_single_slots_get_even_parts(others: list[int]) -> None:
    left = until_beside(60, others, Share(120, FULL_EVENLY), at_once=80.0)
    assert left == pytest.approx(30 * (1 + len(others)), rel=0.1)


def test_rivals_that_want_less_leave_their_part_to_the_others() -> None:
    left = until_beside(60, [10, 10], Share(120, FULL_EVENLY), at_once=80.0)
    assert left == pytest.approx(40, rel=0.1)


def test_what_fits_the_free_window_takes_as_long_as_the_requests() -> None:
    assert until_beside(50, [400], Share(120, EMPTY), at_once=10.0) == pytest.approx(5, abs=1)


@pytest.mark.parametrize("mine", [500, 5_000, 5_000_000])
def test_far_ahead_all_get_what_they_want_in_even_parts(mine: int) -> None:
    left = until_beside(mine, [100, 2 * mine], Share(120, FULL_EVENLY), at_once=80.0)
    assert left == pytest.approx((2 * mine + 100) / 2, rel=0.02)


def test_alone_it_takes_what_the_window_takes() -> None:
    window = Share(120, FULL_EVENLY)
    assert until_beside(600, [], window, at_once=80.0) == pytest.approx(
        until(600, window), rel=0.02
    )


def test_a_rival_that_lets_slots_pass_is_gone() -> None:
    slots = (0,) * 40 + (2,) * 20
    assert wanted(Share(120, slots, ((20.0, 70),))) == []
    assert wanted(Share(120, slots, ((5.0, 70),))) == [70]


def test_a_rival_is_not_gone_while_nobody_gets_a_slot() -> None:
    assert wanted(Share(120, FULL_AT_ONCE, ((29.0, 70), (29.0, 80)))) == [70, 80]
