"""Which of the selected segments each row is in, against plain Python."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import SourceError
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import MOST_MEMBERSHIPS, ProfileSource, Selection

Row = dict[str, str | None]
Members = list[tuple[Any, int]]

CONDITIONS = {"big": "TRY_CAST(n AS INTEGER) > 50 -- points", "odd": "n LIKE '%7' OR n = 'x'"}


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def is_big(row: Row) -> bool:
    return (number(row["n"]) or 0) > 50


def is_odd(row: Row) -> bool:
    return row["n"] is not None and (row["n"].endswith("7") or row["n"] == "x")


def is_member(segment: str) -> Callable[[Row], bool]:
    return lambda row: segment in [name.strip() for name in (row["s"] or "").split(";")]


TESTS: dict[str, Callable[[Row], bool]] = {
    ALL_PROFILES: lambda _row: True,
    "big": is_big,
    "odd": is_odd,
    **{name: is_member(name) for name in ("gold", "vip", "it's ?")},
}


def members(source: ProfileSource, selection: Selection, columns: Sequence[str] = ()) -> Members:
    """Key and mask of each row, where rows are those of a read without memberships."""
    chunks = list(source.read(selection, columns, Event(), 3, memberships=True))
    assert all(len(chunk.rows) == len(chunk.memberships) for chunk in chunks)
    plain = list(source.read(selection, columns, Event(), 3))
    assert not any(chunk.memberships for chunk in plain)
    assert [c.rows for c in chunks] == [c.rows for c in plain]
    assert [c.unreadable for c in chunks] == [c.unreadable for c in plain]
    return [
        (row[-1], mask)
        for chunk in chunks
        for row, mask in zip(chunk.rows, chunk.memberships, strict=True)
    ]


def expected(rows: Sequence[Row | None], selection: Selection) -> Members:
    """The same for rows of which those that are None can't be read."""
    found = []
    for at, row in enumerate(rows, 1):
        if row is None or any(TESTS[name](row) for name in selection.except_segments):
            continue
        mask = sum(TESTS[name](row) << bit for bit, name in enumerate(selection.segments))
        if mask:
            found.append((at, mask))
    return found


def open_at(path: Path, **options: Any) -> ProfileSource:
    return open_source(Source(path=str(path), **options), path.parent / "temp")


def as_csv(rows: Sequence[Row | None]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(["e", "n", "s"])
    for row in rows:
        writer.writerow(["e", row["n"], row["s"]] if row else ["too few"])
    return out.getvalue()


def as_json(rows: Sequence[Row | None]) -> str:
    first = json.dumps({"e": None, "n": None, "s": None})
    return "\n".join([first, *(json.dumps({"e": "e", **row}) if row else "{" for row in rows)])


cells = st.sampled_from([None, "7", "51", "57", "x", "49", "zzz"])
named = st.sampled_from([None, "gold", "vip", "gold;vip", "vip ; gold", "it's ?;gold", "golden"])
some_rows = st.lists(st.none() | st.fixed_dictionaries({"n": cells, "s": named}), max_size=12)
names = st.lists(st.sampled_from(list(TESTS)), unique=True, max_size=len(TESTS))


@settings(max_examples=60, deadline=None)
@given(rows=some_rows, segments=names.filter(bool), unwanted=names, is_json=st.booleans())
def test_masks_are_those_of_plain_python(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Row | None],
    segments: list[str],
    unwanted: list[str],
    is_json: bool,
) -> None:
    folder = tmp_path_factory.mktemp("members")
    # The first row has the separator, so that all files cut alike.
    rows = [{"n": "1", "s": "a;b"}, *rows]
    path = folder / ("p.ndjson" if is_json else "p.csv")
    path.write_text(as_json(rows) if is_json else as_csv(rows))
    source = open_at(path, segments=CONDITIONS, segments_column="s")
    selection = Selection(tuple(segments), tuple(unwanted))
    wanted = expected([{"n": None, "s": None}, *rows] if is_json else rows, selection)
    assert members(source, selection) == wanted
    assert source.count(selection) == len(wanted)


def test_a_single_segment(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("n\n60\n1\n70\n")
    source = open_at(path, segments=CONDITIONS)
    assert members(source, Selection(("big",))) == [(1, 1), (3, 1)]
    assert members(source, Selection((ALL_PROFILES,))) == [(1, 1), (2, 1), (3, 1)]
    assert members(source, Selection((ALL_PROFILES,), ("big",))) == [(2, 1)]


def test_a_condition_that_is_null_is_not_met(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("n,m\n,1\n60,2\n")
    source = open_at(path, segments={"big": "n::INTEGER > 50", "null": "NULL"})
    assert members(source, Selection(("null", ALL_PROFILES, "big"))) == [(1, 0b010), (2, 0b110)]


def test_a_row_that_cannot_be_read_is_not_put_to_the_conditions(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("n,m\n60,1\n60\n70,2\n")
    strict = "CASE WHEN n IS NULL THEN error('no') ELSE n = '70' END"
    source = open_at(path, segments={"s": strict})
    assert members(source, Selection((ALL_PROFILES, "s"))) == [(1, 0b01), (3, 0b11)]


def test_sixty_segments_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("n\n" + "".join(f"{n}\n" for n in range(MOST_MEMBERSHIPS + 1)))
    segments = {f"s{n}": f"n::INTEGER >= {n}" for n in range(MOST_MEMBERSHIPS + 1)}
    source = open_at(path, segments=segments)
    every = tuple(segments)
    wanted = [(n + 1, (2 << min(n, MOST_MEMBERSHIPS - 1)) - 1) for n in range(MOST_MEMBERSHIPS + 1)]
    assert members(source, Selection(every[:-1])) == wanted
    with pytest.raises(ValueError, match="too many"):
        next(source.read(Selection(every), [], Event(), memberships=True))


def test_a_segment_named_twice(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("s\na|b\nb\n")
    source = open_at(path, segments_column="s")
    assert members(source, Selection(("a", "b", "a"))) == [(1, 0b111), (2, 0b010)]


def test_json_lists_of_segments_with_a_key_column(tmp_path: Path) -> None:
    path = tmp_path / "p.ndjson"
    lists = [["gold; a", "vip"], [], ["vip"]]
    path.write_text(
        "".join(json.dumps({"id": f"A{n}", "s": s}) + "\n" for n, s in enumerate(lists))
    )
    source = open_at(path, segments_column="S", key="ID")
    selection = Selection(("vip", "gold; a", ALL_PROFILES))
    assert members(source, selection) == [("A0", 0b111), ("A1", 0b100), ("A2", 0b101)]


def test_parquet(tmp_path: Path) -> None:
    sql = "SELECT i AS n, ['a', 'b'][1 : i % 3] AS s FROM range(5) t(i)"
    duckdb.execute(f"COPY ({sql}) TO '{tmp_path / 'p.parquet'}'")
    source = open_at(tmp_path / "p.parquet", segments_column="s", segments={"three": "n = 3"})
    selection = Selection(("a", "b", "three"))
    assert members(source, selection) == [(2, 0b001), (3, 0b011), (4, 0b100), (5, 0b001)]


def test_files_of_a_pattern_whose_columns_differ(tmp_path: Path) -> None:
    (tmp_path / "p1.csv").write_text("n,s\n60,gold;vip\n1,gold\n")
    (tmp_path / "p2.csv").write_bytes('S;x;N\n"vip;ä";1;7\nx\n'.encode("cp1252"))
    with pytest.raises(SourceError, match="different columns"):
        members(open_at(tmp_path / "p*.csv", segments_column="s"), Selection(("vip", "gold")))
    (tmp_path / "p2.csv").write_bytes('S;N\n"vip;ä";7\nx\n;60\n'.encode("cp1252"))
    source = open_at(tmp_path / "p*.csv", segments_column="s", segments=CONDITIONS)
    selection = Selection(("ä", "vip", "big"), ("odd",))
    assert members(source, selection) == [(1, 0b110), (5, 0b100)]
    selection = Selection(("ä", "vip", "big"))
    assert members(source, selection) == [(1, 0b110), (3, 0b011), (5, 0b100)]
    (tmp_path / "q1.ndjson").write_text('{"n": 60}\n')
    (tmp_path / "q2.ndjson").write_text('{"s": "gold"}\n{\n')
    source = open_at(tmp_path / "q*.ndjson", segments_column="s", segments=CONDITIONS)
    assert members(source, Selection(("gold", "big"))) == [(1, 0b10), (2, 0b01)]


def test_names_like_the_hidden_ones(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("_mask,_names,__mask\n1,a,x\n2,b,y\n")
    source = open_at(path, segments_column="_names", segments={"x": "__mask = 'x'"})
    assert members(source, Selection(("a", "b", "x")), ["_mask"]) == [(1, 0b101), (2, 0b010)]


def test_a_condition_that_fails_is_said(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("n\n12x7\n")
    source = open_at(path, segments={"big": "n::INTEGER > 3"})
    with pytest.raises(SourceError) as caught:
        list(source.read(Selection((ALL_PROFILES, "big")), ["n"], Event(), memberships=True))
    assert caught.value.code == "segment_condition"
    assert "12x7" not in caught.value.hint
