"""Progress lines: what they say, and that names can't break a terminal."""

import io
import re
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from omnisend_tui.cli.drawing import LinesDrawing, RedrawnDrawing, drawn_lines, plain_line
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


def drawn_line(run: Snapshot, cells: int) -> str:
    return drawn_lines([run], "#-", cells)[0]


def test_a_plain_line() -> None:
    assert plain_line(HALF) == (
        "News: sending, 50 %, 500/1,000, 12,000/min, 0:14 left, 40/360 requests, 10 rejects"
    )


def test_a_drawn_line_has_half_a_bar() -> None:
    assert "##########----------" in drawn_line(HALF, 119)


def test_the_bars_of_all_rows_are_of_one_length() -> None:
    waits = replace(HALF, export="Newsletter FI", total=92_000, waiting_for="network")
    for cells in (79, 90, 119):
        lines = drawn_lines([HALF, waits], "#-", cells)
        bars = [re.search("[#-]{6,}", line) for line in lines]
        assert len({bar.span() for bar in bars if bar}) == 1
        assert width(lines[0]) == width(lines[1]) <= cells


def test_a_narrow_line_keeps_the_rejects() -> None:
    line = drawn_line(HALF, 79)
    assert width(line) <= 79
    assert "###---" in line
    assert line.endswith("10 rejects")


def test_a_lowered_budget_says_why_where_it_fits() -> None:
    lowered = replace(HALF, budget_lowered=True, budget_limit=240)
    assert "40/240 requests (others use it too), 10 rejects" in plain_line(lowered)
    assert "others use it too" in drawn_line(lowered, 130)
    line = drawn_line(lowered, 96)
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


def test_a_small_window_says_how_many_more_run() -> None:
    stream = io.StringIO()
    drawing = RedrawnDrawing(stream, lambda: (60, 4))
    drawing.draw([HALF] * 4)
    assert stream.getvalue().splitlines()[2:] == ["… and 2 more"]
    one = io.StringIO()
    RedrawnDrawing(one, lambda: (60, 1)).draw([HALF] * 4)
    assert one.getvalue() == "… and 4 more\n"


def test_a_window_made_narrower_has_wrapped_what_is_drawn_again() -> None:
    stream, columns = io.StringIO(), [80]
    drawing = RedrawnDrawing(stream, lambda: (columns[0], 24))
    drawing.draw([HALF])
    cells = width(stream.getvalue().rstrip("\n"))
    columns[0] = 40
    drawing.draw([HALF])
    assert f"\r\x1b[{-(-cells // 40)}A\x1b[J" in stream.getvalue()


def test_a_terminal_that_was_closed_meanwhile_is_no_error() -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise OSError(5, "Input/output error")

    RedrawnDrawing(Closed(), lambda: (80, 24)).clear()


def test_watching_says_what_ended_and_that_nothing_runs() -> None:
    stream = io.StringIO()
    drawing = RedrawnDrawing(stream, lambda: (80, 24), watching=True)
    drawing.draw([HALF])
    drawing.draw([replace(HALF, status="cancelled")])
    said = stream.getvalue().partition("\x1b[1A\x1b[J")[2].splitlines()
    assert said[0] == "News: cancelled, 50 %, 500/1,000, 10 rejects"
    assert said[1:] == ["Nothing runs just now."]


def test_what_a_run_waits_for_is_told() -> None:
    for waits, word in (
        ("budget", "waits for budget"), ("asked", "asked to wait"), ("export", "waits for a run"),
        ("network", "waits for network"), ("process", "doesn't answer"), ("later", "waiting"),
    ):  # fmt: skip
        run = replace(HALF, waiting_for=waits)
        assert ("left" in plain_line(run)) == (waits in ("budget", "export"))  # it is known when
        assert plain_line(run).startswith(f"News: {word}, 50 %")
        assert word in drawn_line(run, 79)
    paused = replace(HALF, status="paused", waiting_for="budget")
    assert "paused" in plain_line(paused)
    assert "doesn't answer" in plain_line(replace(paused, waiting_for="process"))


def test_waiting_for_the_budget_now_and_then_is_no_news() -> None:
    stream = io.StringIO()
    drawing = LinesDrawing(stream, lambda: 100.0)
    for waits in ("", "budget", "", "export", "network"):
        drawing.draw([replace(HALF, waiting_for=waits)])
    assert len(stream.getvalue().splitlines()) == 2


@given(st.text())
def test_an_exports_name_cant_break_a_line(name: str) -> None:
    run = replace(HALF, export=name)
    for line in (plain_line(run), drawn_line(run, 79)):
        assert line.isprintable()
    assert width(drawn_line(run, 79)) <= 79


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
