"""Wild text through the tolerant reader and through the whole source."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Selection
from omnisend_tui.sources.repair import records

WILD = st.text(
    st.one_of(st.sampled_from(',;|"\n\r \t\0\\ä'), st.characters(exclude_categories=["Cs"])),
    max_size=8,
)
ROWS = st.lists(st.lists(WILD, min_size=3, max_size=3), max_size=20)


def written(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


@given(ROWS)
def test_what_csv_wrote_comes_back(rows: list[list[str]]) -> None:
    lines = io.StringIO(written(rows), newline="")
    found = list(records(lines, ",", 3, 1))
    assert [(record.cells, record.problem) for record in found] == [(row, "") for row in rows]


@given(st.lists(st.text(st.sampled_from('a,"\n\r;'), max_size=12), max_size=30))
def test_any_text_ends_and_numbers_its_lines_in_order(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    lines = io.StringIO(text, newline="").readlines()
    numbers = [record.line for record in records(lines, ",", 2, 5)]
    assert numbers == sorted(set(numbers))
    assert all(5 <= number < 5 + len(lines) for number in numbers)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.sampled_from(["", "1\r\n", '"x"y,,\r\n', '1,"open,3\r\n']))
def test_the_source_gives_what_csv_wrote(rows: list[list[str]], bad: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "p.csv")
        path.write_bytes((written([["a", "b", "c"]]) + bad + written(rows)).encode())
        source = open_source(Source(path=str(path)), Path(folder, "temp"))
        chunks = list(source.read(Selection((ALL_PROFILES,)), ["a", "b", "c"], Event()))
    good = [row[:3] for chunk in chunks for row in chunk.rows]
    if bad.startswith("1,"):
        return  # An open quote may take the line below with it where that has quotes to close it.
    assert sum(len(chunk.unreadable) for chunk in chunks) == bool(bad)
    assert good == [tuple(cell or None for cell in row) for row in rows]
