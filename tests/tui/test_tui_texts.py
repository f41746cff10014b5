"""Bars, charts, the identity, states and log sentences as texts."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from omnisend_tui.progress import Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.tui.live import SILENT_SECONDS
from omnisend_tui.tui.log_sentences import log_sentence
from omnisend_tui.tui.states import look
from omnisend_tui.tui.themes import Palette, own_themes, palette_of
from omnisend_tui.tui.widgets.accounting import identity_lines
from omnisend_tui.tui.widgets.texts import columns, fit, line_bar, main_bar, resample, wrap

RUN = Snapshot(run_id="r", export_id="e", export="E", status="running")
PALETTE = palette_of(own_themes()[0], ascii_only=False, colourless=False)


def test_bars_grow_from_left_to_right() -> None:
    assert line_bar(0, 10, 5, "accent", PALETTE).plain == "─────"
    assert line_bar(5, 10, 5, "accent", PALETTE).plain == "━━╾──"
    assert line_bar(10, 10, 5, "accent", PALETTE).plain == "━━━━━"
    assert line_bar(5, 10, 5, "accent", Palette(ascii=True)).plain == "==-.."
    assert main_bar(1, 2, 5, "accent", PALETTE).plain == "██▌  "
    assert main_bar(1, 2, 5, "accent", Palette()).plain == "██░░░"


def test_an_unknown_total_is_an_empty_bar() -> None:
    assert line_bar(7, None, 4, "accent", PALETTE).plain == "────"


def test_a_chart_keeps_zero_low_and_the_top_full() -> None:
    (line,) = columns((0, 1, 50, 100), 4, 1, PALETTE)
    assert line.plain == " ▁▄█"
    upper, lower = columns((50, 100), 2, 2, PALETTE)
    assert (upper.plain, lower.plain) == (" █", "██")


def test_more_values_than_columns_are_averaged() -> None:
    assert resample([1, 3, 10, 20], 2) == [2, 15]


@given(st.integers(0, 10**7), st.none() | st.integers(0, 10**7), st.integers(1, 90))
def test_bars_are_as_wide_as_asked(done: int, total: int | None, width: int) -> None:
    assert line_bar(done, total, width, "accent", PALETTE).cell_len == width
    assert main_bar(done, total, width, "accent", PALETTE).cell_len == width


@given(st.text(), st.integers(0, 40))
def test_text_from_outside_fits_its_cells_and_moves_no_cursor(value: str, width: int) -> None:
    fitted = fit(value, width)
    assert cell_len(fitted) == width
    assert fitted.isprintable()


@given(st.text(), st.integers(1, 40))
def test_wrapped_lines_fit(value: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(value, width))


def test_the_identity_stays_in_place_while_numbers_grow() -> None:
    small = identity_lines(RUN, 78, PALETTE)
    large = identity_lines(
        msgspec.structs.replace(RUN, read=1_234_567, accepted=1_234_567), 78, PALETTE
    )
    assert small[0].plain == large[0].plain
    assert small[1].cell_len == large[1].cell_len == 78


def test_every_status_and_stage_has_a_look() -> None:
    for status in ("queued", "waiting", "running", "paused", "finished", "finished_with_rejects",
                   "failed", "cancelled", "interrupted"):  # fmt: skip
        shown = look(msgspec.structs.replace(RUN, status=status))
        assert shown.word
        assert shown.drawn(Palette(ascii=True)).isascii()
    assert look(msgspec.structs.replace(RUN, waiting_for="budget")).word == "waits for budget"
    assert look(None).word == "never run"


def test_log_sentences_need_their_parameters_and_pass_unknown_codes_on() -> None:
    line = LogLine(at=0.0, code="rate_limited", parameters={"seconds": 30})
    assert log_sentence(line) == "Omnisend asked for a break of 30 s. The run goes on by itself."
    assert log_sentence(LogLine(at=0.0, code="rate_limited")) == "rate_limited"
    assert log_sentence(LogLine(at=0.0, code="what")) == "what"
    end = LogLine(at=0.0, code="run_ended", parameters={"status": "finished_with_rejects"})
    assert log_sentence(end) == "The run ended: with rejects."


def test_silence_is_longer_than_the_pause_between_two_snapshots() -> None:
    assert SILENT_SECONDS > 10
