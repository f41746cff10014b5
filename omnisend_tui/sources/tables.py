"""A file as a table that DuckDB reads, by way of a temporary copy where it must be."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources.dialect import Shape, look_at
from omnisend_tui.sources.paths import File, check_unchanged, damaged
from omnisend_tui.sources.query import (
    LONGEST_LINE,
    Relation,
    cell,
    connect,
    csv_relation,
    json_relation,
    parquet_relation,
    said,
    text,
    wrong_condition,
)
from omnisend_tui.sources.repair import records, write_json_lines, write_records
from omnisend_tui.sources.streams import blocks, disk_error, temporary_file, text_stream

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Table:
    """An open file. ``types`` are Parquet's types by column, empty for text formats."""

    file: File
    connection: "DuckDBPyConnection"
    relation: Relation
    types: dict[str, str]

    def cell(self, column: str) -> str:
        """SQL of the column as text."""
        return cell(self.relation, column, bool(self.types), self.types)

    def rows(self, sql: str, parameters: list[str], condition_of: str = "") -> list[Any]:
        """All rows of a query over ``{relation}``; what fails is a ``SourceError``."""
        with readable(self.file, condition_of):
            return self.connection.execute(sql, parameters).fetchall()


@dataclass(slots=True)
class Known:
    """What earlier looks at files left: which of them DuckDB reads to their end by itself, and a
    connection that can read them all. To make one takes longer than to read a small file.
    """

    clean: dict[File, bool] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    idle: dict[tuple[File, ...], "DuckDBPyConnection"] = field(default_factory=dict)

    def keep_only(self, files: Sequence[File]) -> None:
        """Forgets files that are no longer there, or have changed."""
        self.clean = {file: self.clean[file] for file in files if file in self.clean}
        if self.files != tuple(files):
            self._let_go(self.files)
            self.files = tuple(files)

    @contextmanager
    def connection(self, file: File, temp_dir: Path) -> Iterator["DuckDBPyConnection"]:
        """One that can read ``file``; it is kept for the next unless an error ends the block."""
        files = self.files if file in self.files else (file,)
        connection = self.idle.pop(files, None) or connect([each.path for each in files], temp_dir)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._let_go(files)
        if files == self.files:
            self.idle[files] = connection
        else:
            connection.close()

    def _let_go(self, files: tuple[File, ...]) -> None:
        if connection := self.idle.pop(files, None):
            connection.close()


@contextmanager
def readable(file: File, condition_of: str = "") -> Iterator[None]:
    """Turns what DuckDB raises into a ``SourceError``.

    ``condition_of`` names the segments whose conditions run, which may be what is wrong.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        check_unchanged(file)
        if condition_of and not isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
            raise wrong_condition(condition_of, said(error)) from None
        if isinstance(error, duckdb.OutOfMemoryException):
            raise SourceError(
                "source_too_wide",
                _("{path} needs more memory than the app may use.").format(path=file.path),
                _("Its rows or row groups are very large: write it with smaller ones."),
            ) from None
        raise damaged(file.path) from None


def shape_of(file: File, temp_dir: Path) -> Shape:
    """What ``look_at`` finds, with the columns of Parquet too."""
    shape = look_at(file)
    if shape.format != "parquet":
        return shape
    with open_table(file, shape, temp_dir, Known()) as table:
        return replace(shape, columns=tuple(table.types))


@contextmanager
def open_table(file: File, shape: Shape, temp_dir: Path, known: Known) -> Iterator[Table]:
    """The file as a table for the time of the block, after which ``known`` knows more."""
    with ExitStack() as stack:
        if shape.format == "parquet":
            yield _parquet(file, shape, temp_dir, known, stack)
            return
        path, direct = file.path, shape
        if shape.encoding in ("cp1252", "utf-16-le", "utf-16-be"):
            path = _copy(stack, temp_dir, lambda out: _transcode(file, shape, out))
            direct = replace(shape, compression="none", encoding="utf-8")
        related = csv_relation if shape.format == "csv" else json_relation
        if known.clean.get(file, shape.encoding != "utf-8-damaged"):
            relation = related(path, direct, False)
            with _connected(file, path, temp_dir, known) as connection:
                if file in known.clean or _is_clean(connection, relation):
                    known.clean[file] = True
                    yield Table(file, connection, relation, {})
                    return
        known.clean[file] = False
        path = _copy(stack, temp_dir, lambda out: _repair(file, shape, out))
        connection = stack.enter_context(_connected(file, path, temp_dir, known))
        yield Table(file, connection, related(path, direct, True), {})


@contextmanager
def _connected(
    file: File, path: Path, temp_dir: Path, known: Known
) -> Iterator["DuckDBPyConnection"]:
    """A connection for ``file``, or for its copy at ``path``."""
    if path == file.path:
        with known.connection(file, temp_dir) as connection:
            yield connection
    else:
        with closing(connect([path], temp_dir)) as connection:
            yield connection


def _parquet(file: File, shape: Shape, temp_dir: Path, known: Known, stack: ExitStack) -> Table:
    path = file.path
    if shape.compression != "none":
        path = _copy(stack, temp_dir, lambda out: _unpack(file, shape, out))
    connection = stack.enter_context(_connected(file, path, temp_dir, known))
    with readable(file):
        found = connection.execute(f"DESCRIBE FROM read_parquet({text(str(path))})").fetchall()
    types = {str(row[0]): str(row[1]) for row in found}
    return Table(file, connection, parquet_relation(path, list(types)), types)


def _is_clean(connection: "DuckDBPyConnection", relation: Relation) -> bool:
    import duckdb

    try:
        connection.execute(f"SELECT count({relation.number}) FROM ({relation.sql})").fetchall()
    except duckdb.Error:
        return False
    return True


def _copy(stack: ExitStack, temp_dir: Path, write: Callable[[IO[bytes]], None]) -> Path:
    path, out = stack.enter_context(temporary_file(temp_dir))
    try:
        write(out)
        out.flush()
    except OSError as error:
        raise disk_error(temp_dir, error) from error
    return path


def _unpack(file: File, shape: Shape, out: IO[bytes]) -> None:
    for block in blocks(file.path, shape.compression):
        out.write(block)


def _transcode(file: File, shape: Shape, out: IO[bytes]) -> None:
    with text_stream(file.path, shape.compression, shape.encoding) as decoded:
        while part := decoded.read(1 << 18):
            out.write(part.encode("utf-8", "surrogateescape"))


def _repair(file: File, shape: Shape, out: IO[bytes]) -> None:
    with text_stream(file.path, shape.compression, shape.encoding) as decoded:
        if shape.format == "ndjson":
            lines = (line.encode("utf-8", "surrogateescape") for line in decoded)
            write_json_lines(lines, LONGEST_LINE, out)
            return
        for _line in range(shape.below - 1):
            decoded.readline()
        width = len(shape.columns)
        write_records(records(decoded, shape.delimiter, width, shape.below), width, out)
