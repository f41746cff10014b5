"""Rejects and warnings beyond their reasons: plain addresses from the source again, and CSV files.

Nothing of an address is kept: whoever asks shows it and forgets it.
"""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

from omnisend_tui.config.models import Export
from omnisend_tui.engine.refused import fingerprint
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping import Converter, compile_mapping
from omnisend_tui.mapping.convert import needs_hash, problem_key
from omnisend_tui.mapping.texts import trim
from omnisend_tui.permissions import require
from omnisend_tui.problems import Problem
from omnisend_tui.sentences import problem_sentence
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Chunk, Selection
from omnisend_tui.workspace import Workspace

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("key", "email_masked", "email", "field", "reason", "message")


def reveal(
    workspace: Workspace,
    export: Export,
    problems: Sequence[Problem],
    stop: Event,
    tell: Callable[[int], None] = lambda _read: None,
) -> list[str | None]:
    """The address of each problem as its source has it now, None where there is none.

    None too where it can't be told for sure: a row of a source without a key column is shown only
    while its hash is the one of the run, so that a file that changed never shows another person.
    Reads until all are found or ``stop`` is set; ``tell`` has the number of rows so far. Raises
    ``UsageError`` for a role that may not, ``SourceError``.
    """
    require(workspace.actor, "reveal_addresses")
    converter = compile_mapping(export)
    column = next(
        (attribute.column for attribute in export.mapping if attribute.field == "email"), ""
    )
    wanted: dict[str, set[str]] = {}
    for problem in problems:
        if problem.reason != "unreadable_row":
            wanted.setdefault(problem.key, set()).add(problem.row_hash)
    found: dict[tuple[str, str], str | None] = {}
    if wanted and column in converter.columns:
        selection = Selection(export.segments, export.except_segments)
        source = open_source(workspace.source(export.source), workspace.temp_dir)
        rows = _rows(source.read(selection, converter.columns, stop), tell)
        _find(found, wanted, converter, rows, converter.columns.index(column))
    return [found.get((problem.key, problem.row_hash)) for problem in problems]


def unrevealed(problems: Sequence[Problem], addresses: Sequence[str | None]) -> str:
    """In one sentence that some stay hidden, '' where each that has an address is there."""
    hidden = any(
        address is None and problem.email_masked
        for problem, address in zip(problems, addresses, strict=True)
    )
    if not hidden:
        return ""
    return _("Some rows changed or left the source since the run; their addresses stay hidden.")


def write_csv(
    path: Path,
    problems: Sequence[Problem],
    addresses: Sequence[str | None] | None = None,
    *,
    replacing: bool = True,
) -> None:
    """Writes problems with mode 0600; a cell that a spreadsheet would calculate gets a ``'``.

    ``addresses``, where given, are a column of their own. Raises ``AppError`` 'csv_not_written', or
    'csv_exists' for a file that is there and isn't ``replacing``.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replacing else os.O_EXCL)
    shown = [name for name in _COLUMNS if name != "email" or addresses is not None]
    plain = addresses or [None] * len(problems)
    try:
        descriptor = os.open(path, flags, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            # An existing file keeps its mode when it is opened.
            os.chmod(path, 0o600)
            writer = csv.writer(file)
            writer.writerow(shown)
            for problem, address in zip(problems, plain, strict=True):
                cells = problem_cells(problem) | {"email": address}
                writer.writerow(_harmless(cells[name] or "") for name in shown)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise AppError(
            "csv_not_written",
            _("The file {path} can't be written: {reason}.").format(
                path=path, reason=error.strerror or _("unknown")
            ),
            _("Name a file in a folder that you may write to, with space left."),
        ) from error


def require_new(path: Path) -> None:
    """Raises ``AppError`` 'csv_exists' where something is there, before the source is read."""
    if os.path.lexists(path):
        raise _exists(path)


def _exists(path: Path) -> AppError:
    return AppError("csv_exists", _("The file {path} is there already.").format(path=path))


def csv_written(count: int, path: Path) -> str:
    """What is told afterwards."""
    return ngettext("{count} row is in {path}.", "{count} rows are in {path}.", count).format(
        count=number(count), path=path
    )


def problem_cells(problem: Problem) -> dict[str, str | None]:
    """A reject's or warning's object (cli.md)."""
    return {
        "key": problem.key,
        "email_masked": problem.email_masked,
        "field": problem.field,
        "reason": problem.reason,
        "message": problem_sentence(problem),
    }


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell


def _find(
    found: dict[tuple[str, str], str | None],
    wanted: dict[str, set[str]],
    converter: Converter,
    rows: Iterator[tuple[object, ...]],
    place: int,
) -> None:
    """Puts the cells at ``place`` into ``found``, until each that is wanted is there."""
    count = sum(map(len, wanted.values()))
    for row in rows:
        hashes = wanted.get(problem_key(row))
        if not hashes:
            continue
        if needs_hash(row):
            hashes = (hashes - {""}) & _hashes(converter, row)
        for each in hashes:
            cell = row[place]
            address = trim(cell) if isinstance(cell, str) else ""
            found.setdefault((problem_key(row), each), address or None)
        if len(found) == count:
            return


def _rows(chunks: Iterator[Chunk], tell: Callable[[int], None]) -> Iterator[tuple[object, ...]]:
    read = 0
    for chunk in chunks:
        yield from chunk.rows
        read += len(chunk.rows)
        tell(read)


def _hashes(converter: Converter, row: tuple[object, ...]) -> set[str]:
    """The hashes that the problems of this row have now, and that of its contact."""
    converted = converter.convert(Chunk([row]))
    problems = [*converted.rejects, *(warning for _index, warning in converted.warnings)]
    return {problem.row_hash for problem in problems} | set(map(fingerprint, converted.bodies))
