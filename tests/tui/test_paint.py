"""Lines, bars and charts keep their widths whatever they are made of."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from omnisend_tui.tui.widgets.bars import columns, line_bar, main_bar
from omnisend_tui.tui.widgets.paint import (
    Inks,
    between,
    clean,
    cut,
    left,
    length,
    padded,
    right,
    wrapped,
)  # fmt: skip

_TEXT = st.text(max_size=60)


@given(_TEXT, st.integers(1, 40))
def test_texts_take_exactly_their_cells(text: str, width: int) -> None:
    text = clean(text)
    assert cell_len(cut(text, width)) <= width
    assert cell_len(left(text, width)) == width
    assert cell_len(right(text, width)) == width
    assert length(padded(((text, ""), (text, "muted")), width)) == width


@given(_TEXT, _TEXT, st.integers(10, 80))
def test_two_ends_fill_a_line(start: str, end: str, width: int) -> None:
    line = between(((clean(start), ""),), ((clean(end), ""),), width, ("─", "rule"))
    assert length(line) == width


@given(_TEXT)
def test_clean_text_is_one_line_without_control_signs(text: str) -> None:
    cleaned = clean(text + "\x1b[2J\u202e\n\u2028")
    assert "\x1b" not in cleaned
    assert "\u202e" not in cleaned
    assert len(cleaned.splitlines() or [""]) == 1


@given(st.integers(0, 10**9), st.one_of(st.none(), st.integers(0, 10**9)), st.integers(1, 90))
def test_bars_have_their_width_and_are_full_only_at_the_end(
    done: int, total: int | None, width: int
) -> None:
    for bar in (line_bar, main_bar):
        assert length(bar(done, total, width)) == width
    full = line_bar(done, total, width)[0][0] == "━" * width
    assert full == bool(total and done >= total)


@given(st.lists(st.integers(0, 20_000), max_size=60), st.integers(1, 60), st.integers(1, 6))
def test_charts_have_their_size(values: list[int], width: int, rows: int) -> None:
    lines = columns(values, width, rows)
    assert len(lines) == rows
    assert all(length(line) == width for line in lines)


@given(_TEXT, st.integers(5, 40))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    assert all(length(line) <= width for line in wrapped(clean(text), width))


def test_ascii_form_keeps_widths() -> None:
    inks = Inks({}, ascii=True)
    signs = "●◌‖✔✖■↯━╾─█░▁▂▃▄▅▆▇▏▌›→…–•│“”"
    shown = inks.text((signs, ""))
    assert shown.isascii()
    assert len(shown) == len(signs)
