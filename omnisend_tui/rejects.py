"""Rejects and warnings beyond their reasons: plain addresses from the source again, and CSV files.

Nothing of an address is kept: whoever asks shows it and forgets it.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

from omnisend_tui.config.files import replace_file
from omnisend_tui.config.models import Export
from omnisend_tui.engine.job import keyed
from omnisend_tui.engine.refused import fingerprint
from omnisend_tui.errors import AppError, StateError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.convert import Converter, compile_mapping, needs_hash, problem_key
from omnisend_tui.mapping.texts import trim
from omnisend_tui.permissions import refusal
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import problem_sentence
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Chunk, Selection
from omnisend_tui.workspace import Workspace

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = ("key", "email_masked", "email", "field", "reason", "message")


def reveal(
    workspace: Workspace,
    export: Export,
    run: Snapshot,
    problems: Sequence[Problem],
    stop: Event,
    tell: Callable[[int], None] = lambda _read: None,
) -> list[str | None]:
    """The address of each of a run's problems as its source has it now, None where there is none.

    None too where it can't be told for sure: a row of a source without a key column, and of one
    that names its rows otherwise since the run, or reads another path, is shown only while its hash
    is the one of the run, so that a file that changed never shows another person. Reads until all
    are found or ``stop`` is set; ``tell`` has the number of rows so far. Raises ``UsageError`` for
    who may not, ``SourceError``.
    """
    connections = workspace.config.connections
    if refused := refusal(workspace.actor, "reveal_addresses", export, connections):
        raise refused
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
        source = workspace.source(export.source)
        opened = open_source(source, workspace.temp_dir, workspace.access(source))
        chunks = opened.read(selection, converter.columns, stop)
        finder = _Finder(converter, column, trusted=run.keyed == keyed(source))
        finder.find(found, wanted, _rows(chunks, tell))
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
    shown = [name for name in _COLUMNS if name != "email" or addresses is not None]
    plain = addresses or [None] * len(problems)
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(shown)
    for problem, address in zip(problems, plain, strict=True):
        cells = problem_cells(problem) | {"email": address}
        writer.writerow(_harmless(cells[name] or "") for name in shown)
    content = text.getvalue().encode("utf-8", "replace")
    try:
        _put(path, content, new=not replacing)
    except FileExistsError:
        raise _exists(path) from None
    except StateError as error:
        raise AppError("csv_not_written", error.message, error.hint) from error
    except (OSError, ValueError) as error:
        raise AppError(
            "csv_not_written",
            _("The file {path} can't be written: {reason}.").format(
                path=path, reason=getattr(error, "strerror", None) or _("unknown")
            ),
            _("Name a file in a folder that you may write to, with space left."),
        ) from error


def _put(path: Path, content: bytes, *, new: bool) -> None:
    """A file is replaced as a whole, so that a full disk loses nothing of it; a device is not."""
    if not new and path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as device:
            device.write(content)
    else:
        replace_file(path, content, new=new)


def require_new(path: Path) -> None:
    """Raises ``AppError`` 'csv_exists' where something is there, before the source is read."""
    if os.path.lexists(path):
        raise _exists(path)


def _exists(path: Path) -> AppError:
    return AppError("csv_exists", _("The file {path} is there already.").format(path=path))


def csv_written(count: int, path: Path, *, replaced: bool = False) -> str:
    """What is told afterwards; ``replaced``: a file was there before."""
    told = ngettext("{count} row is in {path}.", "{count} rows are in {path}.", count)
    if replaced:
        told += " " + _("It replaces the file that was there.")
    return told.format(count=number(count), path=path)


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


class _Finder:
    """Finds addresses by keys where those are ``trusted``, else by the hashes of rows."""

    def __init__(self, converter: Converter, column: str, *, trusted: bool) -> None:
        self._converter = converter
        self._place = converter.columns.index(column)
        self._trusted = trusted

    def find(
        self,
        found: dict[tuple[str, str], str | None],
        wanted: dict[str, set[str]],
        rows: Iterator[tuple[object, ...]],
    ) -> None:
        """Fills ``found``, until each that is wanted is there."""
        count = sum(map(len, wanted.values()))
        for row in rows:
            hashes = wanted.get(problem_key(row))
            if not hashes:
                continue
            if needs_hash(row) or not self._trusted:
                hashes = (hashes - {""}) & self._hashes(row)
            cell = row[self._place]
            address = trim(cell) if isinstance(cell, str) else ""
            for each in hashes:
                found.setdefault((problem_key(row), each), address or None)
            if len(found) == count:
                return

    def _hashes(self, row: tuple[object, ...]) -> set[str]:
        """The hashes that the problems of this row have now, and that of its contact."""
        converted = self._converter.convert(Chunk([row]))
        problems = [*converted.rejects, *(warning for _index, warning in converted.warnings)]
        return {problem.row_hash for problem in problems} | set(map(fingerprint, converted.bodies))


def _rows(chunks: Iterator[Chunk], tell: Callable[[int], None]) -> Iterator[tuple[object, ...]]:
    read = 0
    for chunk in chunks:
        yield from chunk.rows
        read += len(chunk.rows)
        tell(read)
