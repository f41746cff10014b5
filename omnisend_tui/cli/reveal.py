"""Reads the plain addresses of rejects from their source again; nothing of them is kept."""

from collections.abc import Sequence
from threading import Event

from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Export
from omnisend_tui.engine.refused import fingerprint
from omnisend_tui.i18n import _
from omnisend_tui.mapping import Converter, compile_mapping
from omnisend_tui.mapping.convert import needs_hash, problem_key
from omnisend_tui.mapping.texts import trim
from omnisend_tui.problems import Problem
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Chunk, Selection
from omnisend_tui.workspace import Workspace


def reveal_addresses(
    workspace: Workspace, export: Export, problems: Sequence[Problem]
) -> list[str | None]:
    """The address of each problem as its source has it now; None where it can't be told for sure.

    A row of a source without a key column is shown only while its hash is the one of the run, so
    that a file that changed never shows another person.
    """
    column = next(
        (attribute.column for attribute in export.mapping if attribute.field == "email"), ""
    )
    converter = compile_mapping(export)
    if column not in converter.columns:
        return [None] * len(problems)
    place = converter.columns.index(column)
    found: dict[tuple[str, str], str | None] = {}
    wanted: dict[str, set[str]] = {}
    for problem in problems:
        if problem.reason != "unreadable_row":
            wanted.setdefault(problem.key, set()).add(problem.row_hash)
    count = sum(map(len, wanted.values()))
    source = open_source(workspace.source(export.source), workspace.temp_dir)
    selection = Selection(export.segments, export.except_segments)
    for chunk in source.read(selection, converter.columns, Event()):
        for row in chunk.rows:
            key = problem_key(row)
            hashes = wanted.get(key, set())
            if hashes and needs_hash(row):
                hashes = (hashes - {""}) & _hashes(converter, row)
            for each in hashes:
                found.setdefault((key, each), trim(row[place] or "") or None)
        if len(found) == count:
            break
    if len(found) < count:
        message(
            _("Some rows changed or left the source since the run; their addresses stay hidden.")
        )
    return [found.get((problem.key, problem.row_hash)) for problem in problems]


def _hashes(converter: Converter, row: tuple[object, ...]) -> set[str]:
    """The hashes that the problems of this row have now, and that of its contact."""
    converted = converter.convert(Chunk([row]))
    problems = [*converted.rejects, *(warning for _index, warning in converted.warnings)]
    return {problem.row_hash for problem in problems} | set(map(fingerprint, converted.bodies))
