"""Tables for people fit their terminal; files and pipes get all of every cell."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.command_lines import Cli
from omnisend_tui.cli import output, source_tables
from omnisend_tui.cli.output import fit, print_table, width
from omnisend_tui.cli.source_tables import print_columns, print_segments
from omnisend_tui.sources.base import Column, Segment

LONG = "a segment with a name of so many words that no terminal has room for all of them"
SEGMENTS = [
    Segment("All profiles", 9),
    Segment("msdynci_50% club", 4),
    Segment("msdynci_vip", 2, "Very important people"),
]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes standard output a terminal of so many columns."""

    def become(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        for module in (output, source_tables):
            monkeypatch.setattr(module, "on_terminal", lambda: True)

    return become


def test_the_widest_columns_are_cut_to_fit_a_terminal(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(80)
    rows = [[LONG, "1,234", LONG, "0123456789abcdef"], ["日本" * 30, "5", "x", "y"]]
    print_table(["Name", "Count", "Other", "Id"], rows, whole=(3,))
    lines = capsys.readouterr().out.splitlines()
    assert 78 <= max(map(width, lines)) <= 80
    assert all("…" in line for line in lines[1:])
    assert "1,234" in lines[1]
    assert lines[1].endswith("0123456789abcdef")


def test_a_narrow_terminal_leaves_enough_of_a_name_to_know_it_by(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal(20)
    print_table(["Name", "What"], [[LONG, "a sentence that is never cut"]], whole=(1,))
    assert capsys.readouterr().out.splitlines()[1] == (
        "a segment with …  a sentence that is never cut"
    )


def test_a_pipe_gets_whole_names_and_no_sea_of_spaces(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(["Name", "Count"], [["k" * 10_000, "1"], ["short", "2"]])
    _headers, long, short = capsys.readouterr().out.splitlines()
    assert long == "k" * 10_000 + "  1"
    assert re.fullmatch(r"short {57}2", short)


def test_text_is_cut_by_its_cells() -> None:
    assert [fit("日本語", cells) for cells in (6, 5, 4, 1, 0)] == [
        "日本語",
        "日本…",
        "日…",
        "…",
        "",
    ]
    assert fit("e\N{COMBINING ACUTE ACCENT}xyz", 3) == "e\N{COMBINING ACUTE ACCENT}x…"


def test_a_shared_prefix_is_told_once(
    terminal: Callable[[int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    print_segments(SEGMENTS, False, listed=True)
    assert "msdynci_vip" in capsys.readouterr().out
    terminal(80)
    print_segments(SEGMENTS, False, listed=True)
    told = capsys.readouterr()
    assert "msdynci_" not in told.out
    assert [re.split(" {2,}", line)[:2] for line in told.out.splitlines()] == [
        ["Segment", "Called"], ["All profiles", "9"], ["50% club", "4"],
        ["vip", "Very important people"],
    ]  # fmt: skip
    assert told.err.count("“msdynci_”") == 1
    print_columns([Column("msdynci_city"), Column("msdynci_mail", label="E-mail")], False)
    told = capsys.readouterr()
    assert ("msdynci_" in told.out, told.err.count("“msdynci_”")) == (False, 1)
    # Names that people gave to segments of files are theirs.
    print_segments([Segment("vip_a", 1), Segment("vip_b", 1)], False, listed=False)
    told = capsys.readouterr()
    assert ("vip_a" in told.out, told.err) == (True, "")


def test_nothing_rejected_and_nothing_left_out_are_told_apart(ready: Cli, people: Path) -> None:
    people.write_text("Email;First name;City;Phone;Segments\nnobody;Cecilia;Oulu;;Club\n")
    ready("run", "News")
    assert "nobody" not in ready("rejects", "News").err
    assert ready("rejects", "News", "--warnings").err == "This run left no values out.\n"
    people.write_text("Email;First name;City;Phone;Segments\nanna@example.com;Anna;Oulu;;Club\n")
    ready("run", "News")
    assert ready("rejects", "News").err == "This run rejected nobody.\n"
