"""Progress lines: what they say, and that names can't break a terminal."""

import io
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from omnisend_tui.cli.drawing import LinesDrawing, RedrawnDrawing, drawn_line, plain_line
from omnisend_tui.cli.output import clean, fit, width
from omnisend_tui.cli.running import worst
from omnisend_tui.errors import Exit
from omnisend_tui.progress import Snapshot

HALF = Snapshot(
    run_id="1",
    export_id="1",
    export="News",
    status="running",
    stage="sending",
    total=1000,
    read=600,
    accepted=490,
    rejected=10,
    rate_per_minute=12000,
    seconds_left=14.2,
    budget_used=40,
    budget_limit=360,
)


def test_a_plain_line() -> None:
    assert plain_line(HALF) == (
        "News: sending, 50 %, 500/1,000, 12,000/min, 0:14 left, 40/360 requests, 10 rejects"
    )


def test_a_drawn_line_has_half_a_bar() -> None:
    assert "##########----------" in drawn_line(HALF, 8, "#-", 119)


def test_a_narrow_line_keeps_the_rejects() -> None:
    line = drawn_line(HALF, 16, "#-", 79)
    assert width(line) <= 79
    assert "###---" in line
    assert line.endswith("10 rejects")


def test_a_lowered_budget_says_why_where_it_fits() -> None:
    lowered = replace(HALF, budget_lowered=True, budget_limit=240)
    assert "40/240 requests (others use it too), 10 rejects" in plain_line(lowered)
    assert "others use it too" in drawn_line(lowered, 8, "#-", 130)
    line = drawn_line(lowered, 8, "#-", 100)
    assert "40/240 requests" in line
    assert "12,000/min" in line
    assert "others" not in line
    assert "others" not in plain_line(replace(lowered, status="finished"))


def test_lines_come_at_changes_and_every_ten_seconds() -> None:
    stream = io.StringIO()
    times: Iterator[float] = iter([100.0, 105.0, 110.0, 111.0])
    drawing = LinesDrawing(stream, lambda: next(times))
    for _ in range(3):
        drawing.draw([HALF])
    assert len(stream.getvalue().splitlines()) == 2
    drawing.draw([Snapshot(run_id="1", export_id="1", export="News", status="finished")])
    assert len(stream.getvalue().splitlines()) == 3


def test_redrawn_lines_fit_the_window() -> None:
    stream = io.StringIO()
    drawing = RedrawnDrawing(stream, lambda: (40, 3))
    runs = [HALF, HALF, HALF]
    drawing.draw(runs)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert max(width(line) for line in lines) < 40
    drawing.draw(runs)
    assert "\x1b[2A\x1b[J" in stream.getvalue()


@given(st.text())
def test_clean_text_holds_nothing_that_moves_a_cursor(text: str) -> None:
    assert clean(text).isprintable()
    assert width(fit(clean(text), 10)) <= 10


def test_the_worst_of_several_codes() -> None:
    assert worst([]) == Exit.DONE
    assert worst([Exit.REJECTS, Exit.BUSY]) == Exit.BUSY
    assert worst([Exit.BUSY, Exit.FAILED, Exit.REJECTS]) == Exit.FAILED
    assert worst([Exit.FAILED, Exit.CONSENT]) == Exit.CONSENT
    assert worst([Exit.CONSENT, Exit.CREDENTIALS]) == Exit.CREDENTIALS
