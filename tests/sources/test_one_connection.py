"""To make a DuckDB takes longer than to read a small file: one serves all files of a source."""

from collections.abc import Generator
from pathlib import Path
from threading import Event
from typing import Any

import duckdb
import pytest

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.sources import open_source, query, tables
from omnisend_tui.sources.base import Selection
from one_duckdb import sharing


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """What each connection may read."""
    made = []

    def noting(allowed: list[Path], temp_dir: Path) -> Any:
        made.append(allowed)
        return query.connect(allowed, temp_dir)

    monkeypatch.setattr(tables, "connect", noting)
    return made


def test_the_tests_share_one_with_its_settings(tmp_path: Path) -> None:
    def settings(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
        told = connection.execute("SELECT name, value::VARCHAR FROM duckdb_settings()").fetchall()
        return {(name, value) for name, value in told}

    shared = settings(sharing(tmp_path)([tmp_path], tmp_path))
    own = settings(query.connect([tmp_path], tmp_path).cursor())
    assert {name for name, _value in shared ^ own} <= {
        "allowed_directories", "allowed_paths", "enable_external_file_cache", "temp_directory",
    }  # fmt: skip


def test_one_file_is_looked_at_again_and_again(made: list[list[Path]], tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,s\n1,x|y\n2,x\n")
    source = open_source(Source(path=str(path), segments_column="s"), tmp_path / "temp")
    assert [(each.name, each.profiles) for each in source.segments()] == [
        (ALL_PROFILES, 2), ("x", 2), ("y", 1),
    ]  # fmt: skip
    assert source.count(Selection(("y",))) == 1
    (chunk,) = source.read(Selection(("x",)), ["a"], Event())
    assert chunk.rows == [("1", 1), ("2", 2)]
    assert made == [[path]]
    path.write_text("a,s\n3,x\n")
    assert source.count(Selection(("x",))) == 1
    assert made == [[path], [path]], "a file that changed is opened again"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_several_files(made: list[list[Path]], tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"p{n}.{ending}" for n in (1, 2)]
    for path in paths:
        duckdb.execute(f"COPY (SELECT 1 AS a, 'x' AS s) TO '{path}'")
    where = {"x": "s = 'x'"}
    source = open_source(Source(path=str(tmp_path / f"p*.{ending}"), segments=where), tmp_path)
    source.count(Selection((ALL_PROFILES,)))
    made.clear()
    assert source.count(Selection(("x",))) == 2
    rows = [row for chunk in source.read(Selection(("x",)), ["a"], Event()) for row in chunk.rows]
    assert rows == [("1", 1), ("1", 2)]
    assert made == []
    paths[1].unlink()
    assert source.count(Selection(("x",))) == 1
    assert made == [paths[:1]]


def test_after_an_error_another_is_made(made: list[list[Path]], tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a\n1\n")
    source = open_source(Source(path=str(path)), tmp_path / "temp")
    reading = source.read(Selection((ALL_PROFILES,)), ["a"], Event())
    assert isinstance(reading, Generator)
    next(reading)
    reading.close()
    assert made == [[path]]
    assert source.count(Selection((ALL_PROFILES,))) == 1
    assert made == [[path], [path]]
