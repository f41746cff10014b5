"""Files of every kind through the real DuckDB."""

import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import duckdb
import pytest
import zstandard

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import SourceError
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Column, ProfileSource, Segment, Selection, UnreadableRow
from omnisend_tui.sources.columns import some_names
from omnisend_tui.sources.conditions import VOLATILE

ALL = Selection((ALL_PROFILES,))
PEOPLE = "id,email,name,segments\n1,aino@example.com,Äinö,gold;vip\n2,bo@example.com,Bo,gold\n"
ROWS = [("aino@example.com", "Äinö", 1), ("bo@example.com", "Bo", 2)]

Open = Callable[..., ProfileSource]


@pytest.fixture(scope="module", autouse=True)
def one_duckdb() -> None:
    """None is shared: also what a source can't reach is tested here."""


@pytest.fixture
def temp_dir(tmp_path: Path) -> Path:
    return tmp_path / "temp"


@pytest.fixture
def opened(tmp_path: Path, temp_dir: Path) -> Open:
    """Writes ``content`` to a file and opens it as a source."""

    def open_it(content: str | bytes | None, name: str = "p.csv", **options: Any) -> ProfileSource:
        if content is not None:
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        return open_source(Source(path=str(tmp_path / name), **options), temp_dir)

    return open_it


def everything(
    source: ProfileSource, columns: Sequence[str], selection: Selection = ALL
) -> tuple[list[tuple[Any, ...]], list[UnreadableRow]]:
    chunks = list(source.read(selection, columns, Event()))
    return (
        [row for chunk in chunks for row in chunk.rows],
        [row for chunk in chunks for row in chunk.unreadable],
    )


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as caught:
        call()
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    "data",
    [
        PEOPLE.encode(),
        PEOPLE.encode("utf-8-sig"),
        PEOPLE.encode("utf-16"),
        b"\xfe\xff" + PEOPLE.encode("utf-16-be"),
        PEOPLE.encode("utf-16-le"),
        PEOPLE.encode("cp1252"),
        PEOPLE.replace("\n", "\r\n").encode(),
        PEOPLE.replace("\n", "\r").encode(),
        PEOPLE.replace("\n", "\r\n", 2).encode(),
        gzip.compress(PEOPLE.encode("cp1252")),
        gzip.compress(PEOPLE[:40].encode()) + gzip.compress(PEOPLE[40:].encode()),
        zstandard.compress(PEOPLE.encode()),
        zstandard.compress(PEOPLE.encode("utf-16")),
        b"sep=,\n" + PEOPLE.encode(),
        b"\n\n" + PEOPLE.encode(),
    ],
    ids=range(15),
)
def test_encodings_packings_and_line_ends(opened: Open, temp_dir: Path, data: bytes) -> None:
    source = opened(data)
    assert source.count(ALL) == 2
    assert everything(source, ["email", "name"]) == (ROWS, [])
    assert source.columns()[2] == Column("name", ("Äinö", "Bo"))
    assert not temp_dir.exists() or not os.listdir(temp_dir)


@pytest.mark.parametrize("sign", [";", "\t", "|", "^", "~", "\x1f", ":"])
def test_any_delimiter(opened: Open, sign: str) -> None:
    text = PEOPLE.replace("gold;vip", "gold").replace(",", sign)
    assert everything(opened(text), ["email", "name"]) == (ROWS, [])


def test_quoted_line_breaks_and_delimiters(opened: Open) -> None:
    rows, bad = everything(opened('a,b\n"x\ny, ""z""",1\n,""\n'), ["a", "b"])
    assert (rows, bad) == ([('x\ny, "z"', "1", 1), (None, None, 2)], [])


def test_one_column_with_blank_lines(opened: Open) -> None:
    assert everything(opened("email\na@example.com\n\n"), ["email"])[0] == [("a@example.com", 1)]


def test_json_lines(opened: Open) -> None:
    lines = [
        '{"email": "a@example.com", "n": 1, "list": ["x", {"y": null}], "none": null}',
        "",
        "{broken",
        "[1]",
        '{"email": "b@example.com", "odd \\"/~$.[]": "ä"}',
    ]
    source = opened("\n".join(lines), "p.ndjson")
    rows, bad = everything(source, ["email", "n", "list", "none", 'odd "/~$.[]'])
    assert rows == [
        ("a@example.com", "1", '["x",{"y":null}]', None, None, 1),
        ("b@example.com", None, None, None, "ä", 5),
    ]
    assert bad == [
        UnreadableRow("line 3", "invalid_json"),
        UnreadableRow("line 4", "invalid_json"),
    ]
    assert source.count(ALL) == 2


def test_json_keys_that_come_late(opened: Open) -> None:
    lines = ['{"email": "a@example.com"}'] * 1500 + ['{"email": "b@example.com", "late": "1"}']
    source = opened("\n".join(lines), "p.jsonl", segments={"late": "late = '1'"})
    assert everything(source, ["late"], Selection(("late",)))[0] == [("1", 1501)]


def test_json_with_broken_bytes_and_signs(opened: Open) -> None:
    good = '{"a": "ä"}\n'.encode()
    data = good * 3 + b'{"a": "\xff"}\n' + b'{"a": "\x01"}\r\n' + good
    rows, bad = everything(opened(data, "p.json"), ["a"])
    assert [row[-1] for row in rows] == [1, 2, 3, 6]
    assert [row.key for row in bad] == ["line 4", "line 5"]


def test_parquet(opened: Open, tmp_path: Path) -> None:
    sql = (
        "SELECT 'a@example.com' AS email, [1, 2] AS list, {'x': 'y'} AS s, DATE '2000-01-02' AS d, "
        "12 AS n, NULL::INTEGER AS none, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS t"
    )
    duckdb.execute(f"COPY ({sql}) TO '{tmp_path / 'p.parquet'}'")
    columns = ["email", "list", "s", "d", "n", "none", "t"]
    expected = [
        (
            "a@example.com",
            "[1,2]",
            '{"x":"y"}',
            "2000-01-02",
            "12",
            None,
            "2020-01-01 00:00:00+00",
            1,
        )
    ]
    source = opened(None, "p.parquet", segments={"n": "n > 11"})
    assert everything(source, columns, Selection(("n",)))[0] == expected
    assert source.columns()[1] == Column("list", ("[1,2]",))
    packed = gzip.compress((tmp_path / "p.parquet").read_bytes())
    assert everything(opened(packed, "p.parquet.gz"), columns)[0] == expected


BAD_ROWS = {
    "1,2": "too_few_cells",
    "1,2,3,4": "too_many_cells",
    '1,"x"y,3': "invalid_quotes",
    '1,"open,3': "invalid_quotes",
}


@pytest.mark.parametrize("bad", BAD_ROWS)
@pytest.mark.parametrize("after", ["7,8,9\n", '7,"8",9\n', ""])
def test_a_bad_row_costs_itself_only(opened: Open, bad: str, after: str) -> None:
    good = "1,2,3\n" * 3
    source = opened(f"a,b,c\n{good}{bad}\n{after * 20}")
    rows, unreadable = everything(source, ["a"])
    assert len(rows) == 3 + 20 * bool(after)
    assert unreadable == [UnreadableRow("line 5", BAD_ROWS[bad])]
    assert [row[-1] for row in rows[:3]] == [1, 2, 3]
    assert all(row == ("7", at) for at, row in enumerate(rows[3:], 5))
    assert source.count(ALL) == len(rows)


def test_broken_bytes_in_utf_8(opened: Open) -> None:
    data = "a,b\nä,ö\n".encode() + b"x\xff,y\n" + "å,ä\n".encode()
    rows, bad = everything(opened(data), ["a", "b"])
    assert rows == [("ä", "ö", 1), ("å", "ä", 3)]
    assert bad == [UnreadableRow("line 3", "invalid_encoding")]


def test_nul_in_a_cell(opened: Open) -> None:
    assert everything(opened("a,b\nx\0y,1\n"), ["a"])[0] == [("x\0y", 1)]


def test_hostile_column_names(opened: Open) -> None:
    names = ['it\'s "q"', "😀", "[x]", "a b;", "y" * 10_000, "_number", "?", "$1", "c0"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    source = opened(
        header + "\n" + ",".join(map(str, range(9))) + "\n1\n", segments={"s": "\"😀\" = '1'"}
    )
    assert [column.name for column in source.columns()] == names
    assert everything(source, names, Selection(("s",)))[0] == [(*tuple("012345678"), 1)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["gold", "vip", ""], {"gold": 1, "vip": 1}),
        (["gold; vip|x", "gold", ""], {"gold": 2, "vip|x": 1}),
        (["gold|vip|gold", "gold", ""], {"gold": 2, "vip": 1}),
        (['["gold; a", "vip"]', "gold", "[]"], {"gold": 1, "gold; a": 1, "vip": 1}),
    ],
)
def test_segments_of_a_column(opened: Open, cells: list[str], expected: dict[str, int]) -> None:
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    source = opened("e,s\n" + "".join(f"x,{cell}\n" for cell in quoted), segments_column="S")
    assert source.segments() == [
        Segment(ALL_PROFILES, 3),
        *(Segment(*each) for each in expected.items()),
    ]
    for name, profiles in expected.items():
        assert source.count(Selection((name,))) == profiles


def test_selection_over_several_segments(opened: Open) -> None:
    source = opened(PEOPLE, segments_column="segments", segments={"b": "email LIKE 'b%' -- no"})
    assert [row[-1] for row in everything(source, [], Selection(("gold", "vip", "b")))[0]] == [1, 2]
    assert [row[-1] for row in everything(source, [], Selection(("gold",), ("vip",)))[0]] == [2]
    assert source.count(Selection((ALL_PROFILES,), ("b",))) == 1
    assert source.count(Selection(("' OR true --",))) == 0
    assert code_of(lambda: opened(None).count(Selection(("x",)))) == "segment_missing"


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "1) UNION SELECT 1 --",
        "true) OR (true",
        "true; SELECT 1",
        "true UNION SELECT true",
        "true, true",
        "true FROM duckdb_settings()",
        "true LIMIT 1",
        "true AS x",
        "true /*",
        "*",
        "nosuch = 1",
        "getenv('HOME') = ''",
        "EXISTS (FROM read_csv('{other}'))",
        "EXISTS (FROM read_text('{other}'))",
        "EXISTS (FROM read_blob('{other}'))",
        "EXISTS (FROM glob('{folder}/*'))",
        "EXISTS (FROM sniff_csv('{other}'))",
        "EXISTS (FROM '{other}')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/x.db'",
        "PRAGMA database_list",
        "SET enable_external_access = true",
        "(COPY (SELECT 1) TO '{folder}/out.csv')",
        "EXISTS (FROM query('COPY (SELECT 1) TO ''{folder}/out.csv'''))",
    ],
)
def test_conditions_reach_nothing_else(opened: Open, tmp_path: Path, condition: str) -> None:
    (tmp_path / "other.csv").write_text("a\nsecret\n")
    written = condition.replace("{other}", str(tmp_path / "other.csv")).replace(
        "{folder}", str(tmp_path)
    )
    source = opened(PEOPLE, segments={"s": written})
    assert code_of(lambda: source.count(Selection(("s",)))) == "segment_condition"
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "condition",
    [
        "1=1) OR (1=1", "nosuch = 1", "count(*) > 0", "unnest([true])", "COLUMNS(*) = 'yes'",
        "row_number() OVER () < 3", "main.RANDOM() < 0.5", "email IN (SELECT uuid()::VARCHAR)",
        "email::INTEGER > 3",
    ],
)  # fmt: skip
def test_a_wrong_condition_takes_the_number_of_its_segment_only(
    opened: Open, condition: str
) -> None:
    conditions = {"bad": condition, "b": "email LIKE 'b%'"}
    source = opened(PEOPLE, segments=conditions, segments_column="segments")
    assert code_of(lambda: source.count(Selection(("bad",)))) == "segment_condition"
    counted = {each.name: each.profiles for each in source.segments()}
    right = opened(PEOPLE, segments={"b": conditions["b"]}, segments_column="segments").segments()
    assert counted == {"bad": None} | {each.name: each.profiles for each in right}
    assert list(counted)[:3] == [ALL_PROFILES, "bad", "b"]


def test_of_many_names_the_closest_are_told() -> None:
    many = [f"column {number}" for number in range(1000)]
    assert some_names(["town"], ["City", "Mail"]) == "City, Mail"
    assert some_names(["Column 77"], many) == "column 77 and others"
    assert some_names(["xyz"], many) == ", ".join(many[:10]) + " and others"


def test_what_duckdb_calls_volatile_is_no_condition() -> None:
    sql = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability = 'VOLATILE'"
    assert {row[0] for row in duckdb.execute(sql).fetchall()} - {"error"} == VOLATILE


def test_a_condition_that_fails_in_a_row_tells_no_cell(opened: Open) -> None:
    source = opened("email,n\naino@example.com,12x7\n", segments={"many": "n::INTEGER > 3"})
    with pytest.raises(SourceError) as caught:
        everything(source, ["email"], Selection(("many",)))
    assert "12x7" not in caught.value.hint
    assert "INT" in caught.value.hint


def test_key_column(opened: Open) -> None:
    source = opened("id,e\nA1,x\n,y\n", key="ID")
    assert everything(source, ["e"])[0] == [("x", "A1"), ("y", "row 2")]


def test_several_files(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "p2.csv").write_bytes("name;email\nCé;c@example.com\nx\n".encode("cp1252"))
    opened("email,name\na@example.com,A\nb@example.com,B\n", "p1.csv")
    source = opened(None, "p*.csv", segments={"not a": "name <> 'A'"})
    rows, bad = everything(source, ["email"], Selection(("not a",)))
    assert rows == [("b@example.com", 2), ("c@example.com", 3)]
    assert bad == [UnreadableRow("p2.csv line 3", "too_few_cells")]
    assert source.segments() == [Segment(ALL_PROFILES, 3), Segment("not a", 2)]


def test_what_cannot_be_a_source(opened: Open, tmp_path: Path) -> None:
    assert code_of(opened(None, "none.csv").columns) == "source_not_found"
    assert code_of(opened(None, "none*.csv").columns) == "source_no_match"
    assert code_of(open_source(Source(path=str(tmp_path)), tmp_path).columns) == "source_is_folder"
    assert code_of(opened(b"").columns) == "source_empty"
    assert code_of(opened(b"\xef\xbb\xbf\n").columns) == "source_empty"
    assert code_of(opened(gzip.compress(b"")).columns) == "source_empty"
    assert code_of(opened("Email,email\n").columns) == "duplicate_columns"
    assert code_of(opened('[\n{"a": 1}]', "p.json").columns) == "not_json_lines"
    packed = gzip.compress(os.urandom(90_000).hex().encode())
    assert code_of(opened(packed[:-50_000]).columns) == "source_damaged"
    assert code_of(opened(packed[:-8] + b"12345678").columns) == "source_damaged"
    assert code_of(opened(zstandard.compress(packed)[:-9]).columns) == "source_damaged"
    assert code_of(opened(b"PAR1 nothing", "p.parquet").columns) == "source_damaged"
    (tmp_path / "q1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "q2.csv").write_text("a,c\n1,2\n")
    assert code_of(opened(None, "q*.csv").columns) == "columns_differ"


def test_a_header_only_is_a_source_without_profiles(opened: Open) -> None:
    for text in ("email,name", "email,name\r\n"):
        source = opened(text)
        assert [column.name for column in source.columns()] == ["email", "name"]
        assert (source.count(ALL), everything(source, ["email"])) == (0, ([], []))


def test_a_column_that_vanished(opened: Open) -> None:
    with pytest.raises(SourceError) as caught:
        everything(opened(PEOPLE), ["e-mail", "id"])
    assert caught.value.code == "column_missing"
    assert "e-mail" in caught.value.message
    assert "email" in caught.value.hint


@contextmanager
def without_roots_rights() -> Iterator[None]:
    """Root may read everything, so that it becomes nobody meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_no_permission(opened: Open, tmp_path: Path) -> None:
    source = opened(PEOPLE)
    assert source.columns()
    (tmp_path / "p.csv").chmod(0)
    with without_roots_rights():
        assert code_of(source.columns) == "source_no_permission"


def test_a_file_that_changes_and_one_that_stops(
    opened: Open, tmp_path: Path, temp_dir: Path
) -> None:
    source = opened(PEOPLE.encode("cp1252") + b"x,y\n" * 5000)
    stop = Event()
    chunks = source.read(ALL, ["email"], stop, 100)
    next(chunks)
    assert [path.stat().st_mode & 0o777 for path in temp_dir.iterdir()] == [0o600] * 2
    stop.set()
    assert not list(chunks)
    assert not list(temp_dir.iterdir())
    chunks = opened(PEOPLE).read(ALL, ["email"], Event(), 1)
    next(chunks)
    with (tmp_path / "p.csv").open("a") as file:
        file.write("3,c@example.com,C,\n")
    assert code_of(lambda: list(chunks)) == "source_changed"


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(PEOPLE.encode("cp1252"))
    (tmp_path / "file").write_text("")
    source = open_source(Source(path=str(tmp_path / "p.csv")), tmp_path / "file" / "temp")
    assert code_of(lambda: source.count(ALL)) == "temporary_file"


def test_many_rows_over_the_bounds_of_blocks(opened: Open) -> None:
    lines = [f'{n},"line\n{n} ""ä""",{"x" * (n % 521)}\n' for n in range(30_000)]
    rows, bad = everything(opened("a,b,c\n" + "".join(lines)), ["a", "b"])
    assert not bad
    assert rows == [(str(n), f'line\n{n} "ä"', n + 1) for n in range(30_000)]
    rows, bad = everything(opened("a,b,c\n" + "".join(lines) + "1\n"), ["a", "b"])
    assert (len(rows), len(bad)) == (30_000, 1)


def test_many_json_lines(opened: Open) -> None:
    text = "".join(json.dumps({"a": n, "b": "ä" * (n % 200)}) + "\n" for n in range(12_500))
    rows, _bad = everything(opened(text, "p.ndjson.zst"), ["a"])
    assert rows == [(str(n), n + 1) for n in range(12_500)]
