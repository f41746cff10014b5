"""The SQL over one file, and the connection that can read nothing but the files of its source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources.base import Selection
from omnisend_tui.sources.dialect import Shape

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST_LINE = 2_000_000
_BUFFER = 4_000_000
_ALL_ROWS = (1 << 62) - 1
_LIMITS = {
    "threads": "1",
    "memory_limit": "100MB",
    "preserve_insertion_order": "true",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

# Cursors have what is GLOBAL; the last one closes the rest.
_CONFINED = (
    "GLOBAL TimeZone = 'UTC'", "enable_external_access = false", "lock_configuration = true",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """A file as a table: ``sql`` has a column of each name, and ``number``, ``line``, ``problem``.

    The names of the last three are identifiers that no column of the file has. ``problem`` is NULL
    in good rows; without ``flagged`` all rows are good.
    """

    sql: str
    columns: tuple[str, ...]
    number: str
    line: str
    problem: str
    flagged: bool


def connect(allowed: Sequence[Path], temp_dir: Path) -> "DuckDBPyConnection":
    """An in-memory DuckDB that can read ``allowed`` and nothing else, and stays so.

    A condition can read any of them, as text too: they are files of one source.
    """
    listed = ", ".join(text(str(path)) for path in allowed)
    return confined(temp_dir, f"allowed_paths = [{listed}]")


def confined(temp_dir: Path, *settings: str) -> "DuckDBPyConnection":
    """An in-memory DuckDB with ``settings`` (SQL) and those that every one has, for good."""
    import duckdb

    connection = duckdb.connect(":memory:", config={**_LIMITS, "temp_directory": str(temp_dir)})
    for setting in (*settings, *_CONFINED):
        connection.execute(f"SET {setting}")
    return connection


def text(value: str) -> str:
    """A string literal."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A quoted identifier."""
    return '"' + value.replace('"', '""').replace("\0", "�") + '"'


def csv_relation(path: Path, shape: Shape, copied: bool) -> Relation:
    """A delimited file, or its copy by ``repair.write_records``."""
    number, line, problem = _hidden(shape.columns)
    cells = [f"c{at} AS {name(column)}" for at, column in enumerate(shape.columns)]
    types = [f"c{at}" for at in range(len(shape.columns))]
    if copied:
        types = ["n", "l", "p", *types]
        hidden = f"n::BIGINT AS {number}, l AS {line}, p AS {problem}"
        scan = _scan(path, types, ",", header=False)
    else:
        hidden = f"row_number() OVER () AS {number}, NULL AS {line}, NULL AS {problem}"
        scan = _scan(path, types, shape.delimiter, skip=shape.skip, compression=shape.compression)
    blank = " WHERE c0 IS NOT NULL" if len(shape.columns) == 1 and not copied else ""
    sql = f"SELECT {hidden}, {', '.join(cells)} FROM {scan}{blank}"
    return Relation(sql, shape.columns, number, line, problem, copied)


def json_relation(path: Path, shape: Shape, copied: bool) -> Relation:
    """A file of one JSON object a line; nested values are JSON text."""
    number, line, problem = _hidden(shape.columns)
    compression = "none" if copied else shape.compression
    scan = _scan(path, ["j"], "\x01", header=False, quote="", compression=compression)
    pointers = ", ".join(text(_pointer(column)) for column in shape.columns)
    cells = [f"v[{at}] AS {name(column)}" for at, column in enumerate(shape.columns, 1)]
    sql = (
        f"SELECT n AS {number}, n AS {line}, "
        f"CASE WHEN o IS NULL THEN 'invalid_json' END AS {problem}, {', '.join(cells)} FROM ("
        f"SELECT n, o, json_extract_string(o, [{pointers}]) AS v FROM ("
        "SELECT n, CASE WHEN starts_with(ltrim(j, ' \t\r'), '{') AND json_valid(j) THEN j END AS o "
        f"FROM (SELECT row_number() OVER () AS n, j FROM {scan}) "
        "WHERE j IS NOT NULL AND trim(j, ' \t\r') <> ''))"
    )
    return Relation(sql, shape.columns, number, line, problem, True)


def parquet_relation(path: Path, columns: Sequence[str]) -> Relation:
    """A Parquet file with the types it has; ``cell`` turns them into text."""
    number, line, problem = _hidden(columns)
    sql = (
        f"SELECT row_number() OVER () AS {number}, NULL AS {line}, NULL AS {problem}, * "
        f"FROM read_parquet({text(str(path))})"
    )
    return Relation(sql, tuple(columns), number, line, problem, False)


def _hidden(columns: Sequence[str]) -> tuple[str, str, str]:
    return hidden(columns, "number"), hidden(columns, "line"), hidden(columns, "problem")


def hidden(columns: Sequence[str], what: str) -> str:
    """An identifier that none of ``columns`` has."""
    mark = "_"
    while any(column.lower().startswith(mark) for column in columns):
        mark += "_"
    return name(mark + what)


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _scan(
    path: Path,
    columns: Sequence[str],
    delimiter: str,
    *,
    header: bool = True,
    skip: int = 0,
    quote: str = '"',
    compression: str = "none",
) -> str:
    types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    return (
        f"read_csv({text(str(path))}, auto_detect=false, header={str(header).lower()}, "
        f"skip={skip}, delim={text(delimiter)}, quote='{quote}', escape='{quote}', "
        f"columns={{{types}}}, compression='{compression}', buffer_size={_BUFFER}, "
        f"max_line_size={LONGEST_LINE})"
    )


def boolean(condition: str) -> str:
    """SQL that is true or false for each row; what a condition leaves open is false."""
    # The line breaks end a comment in the condition; they stand inside the outer brackets.
    return f"coalesce((\n{condition}\n)::BOOLEAN, false)"


def wrong_condition(segment: str, reason: str) -> SourceError:
    return SourceError(
        "segment_condition",
        _("The condition of segment {name} can't be used.").format(name=segment),
        _("DuckDB says: {reason} Cells are text: CAST or TRY_CAST makes numbers of them.").format(
            reason=reason.rstrip(".!") + "."
        ),
    )


def said(error: Exception) -> str:
    """The first line of what DuckDB said. What it quotes is left out where it may be a cell."""
    import duckdb

    first = str(error).split("\n", 1)[0]
    if isinstance(error, duckdb.BinderException | duckdb.ParserException | duckdb.CatalogException):
        return first
    if isinstance(error, duckdb.PermissionException):
        return _("It reaches for more than the columns of its source.")
    if isinstance(error, duckdb.ConversionException):
        target = re.search(r" to ([A-Z0-9_]+)", first)
        return _("A cell can't be turned into {type}.").format(type=target[1] if target else "?")
    return _("It can't be worked out for every row.")


class Where:
    """The condition of a selection, with its parameters (names from outside are never pasted)."""

    def __init__(self, conditions: Mapping[str, str], membership: str, relation: Relation) -> None:
        self._conditions = conditions
        self._membership = membership
        self._relation = relation
        self.parameters: list[str] = []

    def of(self, selection: Selection) -> str:
        """SQL that is true for the good rows of the selection; '' where it is all of them."""
        if ALL_PROFILES in selection.segments and not selection.except_segments:
            return ""
        wanted = [self.of_segment(segment) for segment in selection.segments]
        unwanted = [self.of_segment(segment) for segment in selection.except_segments]
        parts = [f"({' OR '.join(wanted) or 'false'})", *(f"NOT {each}" for each in unwanted)]
        return " AND ".join(parts)

    def masked(self, selection: Selection) -> tuple[str, str, str]:
        """A table with a column of bit masks (see ``Chunk.memberships``), that column, and a
        condition like ``of``. Masks of rows with a problem are 0.
        """
        relation, table = self._relation, self._relation.sql
        if self._membership:
            names = hidden(relation.columns, "names")
            table = f"SELECT *, {self._membership} AS {names} FROM ({table})"
            self._membership = names
        mask = hidden(relation.columns, "mask")
        bits = " + ".join(
            f"{self.of_segment(segment)}::BIGINT * {1 << at}"
            for at, segment in enumerate(selection.segments)
        )
        # Conditions aren't made for rows with a problem, and might fail on them.
        bits = f"CASE WHEN {relation.problem} IS NULL THEN {bits} ELSE 0 END"
        # Through a LIMIT no filter is pushed down, so each condition is worked out once a row.
        table = f"SELECT *, {bits} AS {mask} FROM ({table}) LIMIT {_ALL_ROWS}"
        unwanted = [self.of_segment(segment) for segment in selection.except_segments]
        return table, mask, " AND ".join([f"{mask} <> 0", *(f"NOT {each}" for each in unwanted)])

    def of_segment(self, segment: str) -> str:
        if segment == ALL_PROFILES:
            return "true"
        if segment in self._conditions:
            return boolean(self._conditions[segment])
        if not self._membership:
            raise SourceError(
                "segment_missing",
                _("The source has no segment {name}.").format(name=segment),
                _("Look at the segments of the source, and at the spelling."),
            )
        self.parameters.append(segment)
        return f"coalesce(list_contains({self._membership}, ?), false)"


def cell(relation: Relation, column: str, is_parquet: bool, types: Mapping[str, str]) -> str:
    """The column as text; lists, structs and maps of Parquet as JSON text."""
    if not is_parquet:
        return name(column)
    kind = types.get(column, "VARCHAR")
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({name(column)})::VARCHAR"
    return name(column) if kind == "VARCHAR" else f"{name(column)}::VARCHAR"


def membership(column: str, separator: str) -> str:
    """A list of the names in a membership cell: a JSON list, or cut at ``separator`` ('': none)."""
    pattern = rf"\s*{re.escape(separator)}\s*"
    names = (
        f"string_split_regex(trim({column}), {text(pattern)})" if separator else f"[trim({column})]"
    )
    return (
        f"CASE WHEN {is_json_list(column)} THEN from_json({column}, '[\"VARCHAR\"]') "
        f"ELSE {names} END"
    )


def is_json_list(column: str) -> str:
    return f"(starts_with(ltrim({column}), '[') AND json_valid({column}))"
