"""Profiles from files: CSV, TSV, NDJSON and Parquet, one file or those that a pattern names."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from threading import Event
from typing import Any

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _
from omnisend_tui.sources.base import (
    MOST_MEMBERSHIPS,
    Chunk,
    Column,
    Segment,
    Selection,
    UnreadableRow,
)
from omnisend_tui.sources.columns import find_column, require_column
from omnisend_tui.sources.dialect import Shape, sample_columns
from omnisend_tui.sources.file_set import FileSet
from omnisend_tui.sources.paths import File, check_unchanged, find_files
from omnisend_tui.sources.query import Where
from omnisend_tui.sources.tables import Table, readable

_SAMPLE_ROWS = 200
_SAMPLES = 5


class FilesSource:
    """A ``ProfileSource`` over files; each is looked at once, and again when it has changed."""

    unlisted = False
    unclear = 0

    def __init__(self, source: Source, temp_dir: Path) -> None:
        self._source = source
        self._files = FileSet(source, temp_dir)

    def columns(self) -> list[Column]:
        shapes = self._files.look()
        file, shape = next(iter(shapes.items()))
        if shape.format == "parquet":
            return self._parquet_columns(file, shape)
        if not (columns := sample_columns(file, shape)):
            raise SourceError(
                "no_columns",
                _("{path} has no columns.").format(path=file.path),
                _("Each line of an NDJSON file is an object whose keys are the columns."),
            )
        return columns

    def segments(self) -> list[Segment]:
        conditions = [name for name in self._source.segments if name != ALL_PROFILES]
        named: dict[str, int | None]
        try:
            counted, members = self._counted(conditions)
            named = {**counted}
        except SourceError as error:
            if error.code != "segment_condition":
                raise
            # A wrong condition takes the number of its own segment only.
            counted, members = self._counted([])
            named = {**counted, **{name: self._count_alone(name) for name in conditions}}
        others = sorted(item for item in members.items() if item[0] not in named)
        return [Segment(name, profiles) for name, profiles in [*named.items(), *others]]

    def count(
        self, selection: Selection, stop: Event | None = None, *, limit: int | None = None
    ) -> int:
        shapes = self._files.settle(_segments_of(selection), [])
        total = 0
        for file, shape in shapes.items():
            with self._files.table(file, shape) as table:
                where = self._files.where(table, shapes)
                condition = where.of(selection) or "true"
                good = f"{table.relation.problem} IS NULL AND " if table.relation.flagged else ""
                sql = f"SELECT count(*) FROM ({table.relation.sql}) WHERE {good}({condition})"
                total += table.rows(sql, where.parameters, self._conditions_of(selection))[0][0]
        return total

    def version(self, selection: Selection, stop: Event | None = None) -> str:
        """By the names, sizes and times of the files."""
        files = [(str(file.path), file.stamp) for file in find_files(self._source.path)]
        return blake2b(repr(files).encode(), digest_size=16).hexdigest()

    def read(
        self,
        selection: Selection,
        columns: Sequence[str],
        stop: Event,
        chunk_rows: int = 2000,
        *,
        memberships: bool = False,
    ) -> Iterator[Chunk]:
        if memberships and len(selection.segments) > MOST_MEMBERSHIPS:
            raise ValueError("too many segments to say who is in which")
        masked = memberships and len(selection.segments) > 1
        asked = [*columns, self._source.key] if self._source.key else list(columns)
        shapes = self._files.settle(_segments_of(selection), asked)
        before = 0
        for at, (file, shape) in enumerate(shapes.items(), 1):
            names = [find_column(shape.columns, column) or column for column in asked]
            with self._files.table(file, shape) as table:
                sql, parameters = self._reading(table, shapes, selection, names, before, masked)
                label = f"{file.path.name} " if len(shapes) > 1 else ""
                with readable(file, self._conditions_of(selection)):
                    cursor = table.connection.execute(sql, parameters)
                    while not stop.is_set() and (rows := cursor.fetchmany(chunk_rows)):
                        chunk = _chunk(rows, label, table.relation.flagged, masked)
                        if memberships and not masked:
                            # Who is read is in the only segment there is.
                            chunk.memberships.extend([1] * len(chunk.rows))
                        yield chunk
                if stop.is_set():
                    return
                if at < len(shapes) and not self._source.key:
                    sql = f"SELECT max({table.relation.number}) FROM ({table.relation.sql})"
                    before += table.rows(sql, [])[0][0] or 0
        for file in shapes:
            check_unchanged(file)

    def _reading(
        self,
        table: Table,
        shapes: dict[File, Shape],
        selection: Selection,
        names: list[str],
        before: int,
        masked: bool,
    ) -> tuple[str, list[str]]:
        """The query of ``read``: cells, key, then for a flagged table problem and line, then masks
        where ``masked``.
        """
        relation = table.relation
        cells = [table.cell(column) for column in names]
        if self._source.key:
            cells[-1] = f"coalesce({cells[-1]}, 'row ' || ({relation.number} + {before}))"
        else:
            cells.append(f"{relation.number} + {before}")
        where = self._files.where(table, shapes)
        if relation.flagged:
            cells += [relation.problem, relation.line]
        if masked:
            rows, mask, condition = where.masked(selection)
            cells.append(mask)
        else:
            rows, condition = relation.sql, where.of(selection)
        sql = f"SELECT {', '.join(cells)} FROM ({rows})"
        if condition:
            bad = f"{relation.problem} IS NOT NULL OR " if relation.flagged else ""
            sql += f" WHERE {bad}({condition})"
        return sql, where.parameters

    def _counted(self, conditions: list[str]) -> tuple[Counter[str], Counter[str]]:
        """The profiles of all and of the segments by ``conditions``, and those of the column's."""
        shapes = self._files.settle(conditions, [])
        named: Counter[str] = Counter()
        members: Counter[str] = Counter()
        for file, shape in shapes.items():
            with self._files.table(file, shape) as table:
                named.update(self._count_named(table, conditions))
                if self._source.segments_column:
                    members.update(self._count_members(table, shapes))
        return named, members

    def _count_alone(self, segment: str) -> int | None:
        """None where the segment's condition can't be used."""
        try:
            return self.count(Selection((segment,)))
        except SourceError as error:
            if error.code != "segment_condition":
                raise
            return None

    def _count_named(self, table: Table, conditions: list[str]) -> dict[str, int]:
        names = [ALL_PROFILES, *conditions]
        where = Where(self._source.segments, "", table.relation)
        good = f"{table.relation.problem} IS NULL AND " if table.relation.flagged else ""
        counts = [f"count(*) FILTER (WHERE {good}{where.of_segment(s)})" for s in names]
        sql = f"SELECT {', '.join(counts)} FROM ({table.relation.sql})"
        row = table.rows(sql, [], ", ".join(conditions))[0]
        return dict(zip(names, row, strict=True))

    def _count_members(self, table: Table, shapes: dict[File, Shape]) -> dict[str, int]:
        require_column(table.relation.columns, self._source.segments_column)
        names = f"unnest(list_distinct({self._files.membership(table, shapes)}))"
        sql = (
            f"SELECT s, count(*) FROM (SELECT {names} AS s FROM ({table.relation.sql})) "
            "WHERE s <> '' GROUP BY s"
        )
        return dict(table.rows(sql, []))

    def _parquet_columns(self, file: File, shape: Shape) -> list[Column]:
        with self._files.table(file, shape) as table:
            cells = ", ".join(table.cell(column) for column in shape.columns)
            rows = table.rows(
                f"SELECT {cells} FROM ({table.relation.sql}) LIMIT {_SAMPLE_ROWS}", []
            )
        return [
            Column(name, tuple(dict.fromkeys(v for v in values if v))[:_SAMPLES])
            for name, values in zip(
                shape.columns,
                zip(*rows, strict=True) if rows else [()] * len(shape.columns),
                strict=True,
            )
        ]

    def _conditions_of(self, selection: Selection) -> str:
        return ", ".join(s for s in _segments_of(selection) if s in self._source.segments)


def _segments_of(selection: Selection) -> list[str]:
    return [*selection.segments, *selection.except_segments]


def _chunk(rows: list[tuple[Any, ...]], label: str, flagged: bool, masked: bool) -> Chunk:
    """A chunk of what ``_reading`` asked for."""
    if not flagged and not masked:
        return Chunk(rows)
    if not flagged:
        return Chunk([row[:-1] for row in rows], [], [row[-1] for row in rows])
    if masked:
        masks = [row[-1] for row in rows if row[-3] is None]
        return replace(_chunk([row[:-1] for row in rows], label, True, False), memberships=masks)
    good = [row[:-2] for row in rows if row[-2] is None]
    bad = [
        UnreadableRow(label + _("line {line}").format(line=row[-1]), str(row[-2]))
        for row in rows
        if row[-2] is not None
    ]
    return Chunk(good, bad)
