"""Reads the plain addresses of rejects from their source again; nothing of them is kept."""

from collections.abc import Sequence
from threading import Event

from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Export
from omnisend_tui.engine.refused import fingerprint
from omnisend_tui.i18n import _
from omnisend_tui.mapping import Converter, compile_mapping
from omnisend_tui.mapping.texts import clean, trim
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
    found: dict[str, str | None] = {}
    wanted: dict[str, set[str]] = {}
    for problem in problems:
        if problem.reason != "unreadable_row":
            wanted.setdefault(problem.key, set()).add(problem.row_hash)
    source = open_source(workspace.source(export.source), workspace.temp_dir)
    selection = Selection(export.segments, export.except_segments)
    for chunk in source.read(selection, converter.columns, Event()):
        for row in chunk.rows:
            numbered = isinstance(row[-1], int)
            key = str(row[-1]) if numbered else clean(row[-1] or "")
            if key not in wanted or key in found:
                continue
            if numbered and not (wanted[key] - {""}) & _hashes(converter, row):
                continue
            found[key] = trim(row[place] or "") or None
        if len(found) == len(wanted):
            break
    if len(found) < len(wanted):
        message(
            _("Some rows changed or left the source since the run; their addresses stay hidden.")
        )
    return [found.get(problem.key) for problem in problems]


def _hashes(converter: Converter, row: tuple[object, ...]) -> set[str]:
    """The hashes that the problems of this row have now, and that of its contact."""
    converted = converter.convert(Chunk([row]))
    problems = [*converted.rejects, *(warning for _index, warning in converted.warnings)]
    return {problem.row_hash for problem in problems} | set(map(fingerprint, converted.bodies))
