"""The files of a source as they stand: their columns, their tables, and who is in which segment."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import RLock

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import SourceError
from omnisend_tui.sources.columns import agreeing, column_missing, find_column
from omnisend_tui.sources.conditions import check_expression
from omnisend_tui.sources.dialect import Shape, with_keys
from omnisend_tui.sources.paths import File, find_files
from omnisend_tui.sources.query import Where, is_json_list, membership
from omnisend_tui.sources.tables import Known, Table, open_table, shape_of


class FileSet:
    """Each file is looked at once, and again when it has changed. Usable from any thread."""

    def __init__(self, source: Source, temp_dir: Path) -> None:
        self._source = source
        self._temp_dir = temp_dir
        self._lock = RLock()
        self._shapes: dict[File, Shape] = {}
        self._known = Known()
        self._separators: dict[tuple[File, ...], str] = {}

    def look(self) -> dict[File, Shape]:
        """The files as they are now, in order, with columns that agree. Raises ``SourceError``."""
        with self._lock:
            files = find_files(self._source.path)
            self._shapes = {
                file: self._shapes.get(file) or shape_of(file, self._temp_dir) for file in files
            }
            self._known.keep_only(files)
            return agreeing(self._shapes)

    def settle(self, segments: Sequence[str], columns: Sequence[str]) -> dict[File, Shape]:
        """The files, after a look at columns and conditions. Keys that only later lines of NDJSON
        have are looked for when one seems to be missing. Raises ``SourceError``.
        """
        shapes = self.look()
        if self._source.segments_column and set(segments) - {ALL_PROFILES, *self._source.segments}:
            columns = [*columns, self._source.segments_column]
        try:
            self._check(shapes, segments, columns)
        except SourceError:
            if all(shape.complete for shape in shapes.values()):
                raise
            with self._lock:
                for file, shape in self._shapes.items():
                    self._shapes[file] = shape if shape.complete else with_keys(file, shape)
                shapes = agreeing(self._shapes)
            self._check(shapes, segments, columns)
        return shapes

    def table(self, file: File, shape: Shape) -> AbstractContextManager[Table]:
        """One of the files, open for the time of the block."""
        return open_table(file, shape, self._temp_dir, self._known)

    def where(self, table: Table, shapes: dict[File, Shape]) -> Where:
        """What makes conditions of segments, for one query."""
        return Where(self._source.segments, self.membership(table, shapes), table.relation)

    def membership(self, table: Table, shapes: dict[File, Shape]) -> str:
        """SQL of the list of a row's segments; '' where the source has no membership column."""
        column = find_column(table.relation.columns, self._source.segments_column)
        if column is None:
            return ""
        return membership(table.cell(column), self._separator(table, shapes))

    def _check(
        self, shapes: dict[File, Shape], segments: Sequence[str], columns: Sequence[str]
    ) -> None:
        file, shape = next(iter(shapes.items()))
        missing = [column for column in columns if find_column(shape.columns, column) is None]
        if missing:
            raise column_missing(missing, shape.columns)
        conditions = {s: self._source.segments[s] for s in segments if s in self._source.segments}
        if conditions:
            with self.table(file, shape) as table:
                for segment, condition in conditions.items():
                    check_expression(table.connection, table.relation, segment, condition)

    def _separator(self, opened: Table, shapes: dict[File, Shape]) -> str:
        """What stands between segments in the membership column: ``;``, ``|`` or nothing."""
        files = tuple(shapes)
        if files not in self._separators:
            seen: set[str] = set()
            for file, shape in shapes.items():
                is_open = file == opened.file
                with nullcontext(opened) if is_open else self.table(file, shape) as table:
                    column = find_column(shape.columns, self._source.segments_column)
                    text = table.cell(column or self._source.segments_column)
                    sql = (
                        f"SELECT bool_or(contains({text}, ';')), bool_or(contains({text}, '|')) "
                        f"FROM ({table.relation.sql}) WHERE NOT {is_json_list(text)}"
                    )
                    found = table.rows(sql, [])[0]
                    seen.update(
                        sign for sign, is_there in zip(";|", found, strict=True) if is_there
                    )
            self._separators = {files: next((sign for sign in ";|" if sign in seen), "")}
        return self._separators[files]
