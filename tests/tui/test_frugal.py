"""What is written to the terminal: fewer signs, the same picture; and what is painted at a key."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.drivers.headless_driver import HeadlessDriver
from textual.strip import Strip

from omnisend_tui.tui.frugal import frugal, spared
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Inks
from omnisend_tui.tui.widgets.palettes import Palettes
from omnisend_tui.tui.widgets.table import Table
from omnisend_tui.workspace import Workspace
from tui.rooms import ended
from tui.screen_app import WIDE, settle, shown, still_app, text_of, until

_COLOURS = ("#ff0000", "#00ff7f", "red", "bright_blue", "color(200)", None)
_STYLES = st.builds(
    Style,
    color=st.sampled_from(_COLOURS),
    bgcolor=st.sampled_from(_COLOURS),
    bold=st.booleans(),
    dim=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
)
_PIECES = st.lists(st.tuples(st.text("ab é▌", min_size=1, max_size=4), _STYLES), max_size=8)


def seen(data: str) -> list[tuple[str, frozenset[str], str, str]]:
    """Each sign with what is in force for it, as a terminal counts."""
    others: set[str] = set()
    colours = {"3": "", "4": ""}
    signs: list[tuple[str, frozenset[str], str, str]] = []
    while data:
        if not data.startswith("\x1b["):
            signs.append((data[0], frozenset(others), colours["3"], colours["4"]))
            data = data[1:]
            continue
        told, _m, data = data[2:].partition("m")
        words = told.split(";")
        while words:
            word, size = words[0], 1
            if word == "0":
                others, colours = set(), {"3": "", "4": ""}
            elif word in ("38", "48"):
                size = 5 if words[1] == "2" else 3
                colours[word[0]] = ";".join(words[1:size])
            elif len(word) == 1:
                others.add(word)
            else:
                ground = {"9": "3", "10": "4"}.get(word[:-1], word[0])
                colours[ground] = "" if word in ("39", "49") else word
            del words[:size]
    return signs


@settings(max_examples=40)
@given(st.lists(_PIECES, max_size=3))
def test_the_picture_stays_and_is_told_in_fewer_signs(lines: list[list[tuple[str, Style]]]) -> None:
    console = Console(color_system="truecolor", force_terminal=True)
    strips = [Strip([Segment(*piece) for piece in line]) for line in lines]
    written = "\n".join(strip.render(console) for strip in strips)
    assert seen(spared(written)) == seen(written)
    assert len(spared(written)) <= len(written)


def test_only_the_colour_that_changes_is_told() -> None:
    one, two = "\x1b[1;38;2;1;2;3;48;2;9;9;9m", "\x1b[1;38;2;4;5;6;48;2;9;9;9m"
    end = "\x1b[0m"
    assert spared(f"{one}a{end}{two}b{end}") == f"{one}a\x1b[38;2;4;5;6mb{end}"
    assert spared(f"{one}a{end}{one}b{end}") == f"{one}ab{end}"
    apart = f"{one}a{end}\n\x1b[5;1H{two}b{end}"
    assert spared(apart) == apart  # a line begins with all that it is made of
    assert spared(f"a{end}{two}b{end}") == f"a{end}{two}b{end}"  # what came before isn't known


def test_the_driver_writes_so(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda _self, data: written.append(data))
    driver = frugal(HeadlessDriver)
    driver.write(driver.__new__(driver), "\x1b[1ma\x1b[0m\x1b[1mb\x1b[0m")
    assert written == ["\x1b[1mab\x1b[0m"]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(max_size=6), st.sampled_from(["", "muted", "bold"]))), _STYLES)
def test_a_line_has_exactly_its_cells(line: list[tuple[str, str]], under: Style) -> None:
    palette = Palettes().of(Inks({"muted": "#808080"}), under)
    pieces = tuple((text.replace("\n", " "), ink) for text, ink in line)
    for width in (0, 1, 7, 40):
        assert Strip(palette.segments(pieces, width)).cell_length == width


async def test_a_key_paints_the_mark_and_then_what_it_is_about(
    busy: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = still_app(busy)
    async with shown(app, size=WIDE) as pilot:
        await settle(app, pilot)
        screen = app.screen
        assert isinstance(screen, ExportsScreen)
        monkeypatch.setattr(Table, "show", lambda *_of: pytest.fail("the rows were made anew"))
        await pilot.press("down", "down")
        await until(pilot, lambda: screen._moving is None)
        row = screen.marked_row()
        assert row is not None
        assert any(row.export.name in line[79:] for line in text_of(app).splitlines())
        # Past runs are read in a thread; until then none are shown rather than another's.
        screen.gathered = [ended("Another", 55_321, 1)]
        screen.query_one("#pane", Lines).show()
        await pilot.pause()
        assert "55,321" not in text_of(app)
        screen.gathered = [replace(ended("Mine", 55_321, 1), export_id=row.export.id)]
        screen.query_one("#pane", Lines).show()
        await pilot.pause()
        assert "55,321" in text_of(app)
