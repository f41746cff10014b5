"""Lines, bars and charts keep their widths whatever they are made of."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.app import App

from omnisend_tui import tui
from omnisend_tui.tui.themes import defaults, own_themes
from omnisend_tui.tui.widgets.bars import columns, line_bar, main_bar
from omnisend_tui.tui.widgets.paint import (
    INKS,
    Inks,
    Line,
    between,
    clean,
    cut,
    left,
    length,
    padded,
    right,
    wrapped,
)  # fmt: skip
from omnisend_tui.tui.widgets.palettes import Palette

_TEXT = st.text(max_size=60)
NO_STYLE = Style.null()


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


def inks_in_use() -> Iterator[Inks]:
    """Of each theme, ours and Textual's, in colour and in ASCII; and without colour."""
    app = App[None]()
    for theme in own_themes():
        app.register_theme(theme)
    for theme in app.available_themes.values():
        variables = dict(defaults(theme)) | theme.to_color_system().generate()
        for ascii_only in (False, True):
            plain = theme.ansi
            yield Inks.of(variables, plain=plain, ascii_only=ascii_only)
            yield Inks.of({}, plain=True, ascii_only=ascii_only)


INKS_IN_USE = tuple(inks_in_use())
STYLE_WORDS = {*INKS, "bold", "dim", "italic", "reverse", "underline", "strike", "on"}


def styles_in_use() -> set[str]:
    """Every string of the app's modules that is an ink, and those made of one at run time."""
    found = {f"{ink} on track" for ink in INKS}
    for path in Path(tui.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.split()
                if words and STYLE_WORDS.issuperset(words) and INKS_OR_BOLD.intersection(words):
                    found.add(node.value)
    return found


INKS_OR_BOLD = {*INKS, "bold"}


def test_every_ink_can_be_painted_in_each_theme() -> None:
    styles = styles_in_use()
    assert {"accent bold", "warning", "accent on track"} <= styles
    for inks in INKS_IN_USE:
        for style in styles:
            (segment,) = Palette(inks, NO_STYLE, NO_STYLE).segments((("x", style),), 1)
            assert segment.text == "x"
            assert not (inks.plain and segment.style and segment.style.bgcolor)


@pytest.mark.parametrize("bar", [line_bar, main_bar])
@pytest.mark.parametrize("width", [1, 3, 15, 36, 47, 87])
def test_every_value_of_a_bar_can_be_painted(bar: Callable[..., Line], width: int) -> None:
    different = {(inks.plain, inks.ascii): inks for inks in INKS_IN_USE}.values()
    for done in range(401):
        for ink in ("accent", "success", "warning", "error", "muted"):
            line = bar(done, 400, width, ink)
            for inks in different:
                shown = "".join(inks.text(piece) for piece in line)
                assert cell_len(shown) == width
                assert shown.isascii() or not inks.ascii


def test_ascii_form_keeps_widths() -> None:
    inks = Inks({}, ascii=True)
    signs = "●◌‖✔✖■↯━╾─█░▁▂▃▄▅▆▇▏▌›→…–•│“”"
    shown = inks.text((signs, ""))
    assert shown.isascii()
    assert len(shown) == len(signs)
