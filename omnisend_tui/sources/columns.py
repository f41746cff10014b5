"""The columns of one file and of several: finding one, and what is said where one is missing."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from omnisend_tui.errors import SourceError
from omnisend_tui.formats import shorten
from omnisend_tui.i18n import _
from omnisend_tui.sources.dialect import Shape, check_names, plain_case
from omnisend_tui.sources.paths import File

_FEW = 10  # names that are all told


def find_column(columns: Sequence[str], wanted: str) -> str | None:
    """The column as the file writes it: the same name, or one in another case."""
    if wanted in columns:
        return wanted
    key = plain_case(wanted)
    return next((column for column in columns if wanted and plain_case(column) == key), None)


def require_column(columns: Sequence[str], wanted: str) -> str:
    """As ``find_column``. Raises ``SourceError`` 'column_missing' where there is none."""
    found = find_column(columns, wanted)
    if found is None:
        raise column_missing([wanted], columns)
    return found


def _closest(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    known = {name.casefold(): name for name in names if len(name) <= 200}
    found = [
        known[match]
        for name in wanted
        for match in get_close_matches(name.casefold()[:200], known, n=1, cutoff=0.5)
    ]
    return list(dict.fromkeys(found))


def some_names(wanted: Sequence[str], names: Sequence[str]) -> str:
    """All of a few names, else those closest to ``wanted``, or the first ones."""
    if len(names) <= _FEW:
        return ", ".join(map(shorten, names))
    some = _closest(wanted, names) or names[:_FEW]
    return _("{names} and others").format(names=", ".join(map(shorten, some)))


def column_missing(missing: Sequence[str], columns: Sequence[str]) -> SourceError:
    close = _closest(missing, columns)
    hint = _("Match the data again, or bring the column back.")
    if close:
        nearest = ", ".join(close)
        hint = _("The closest columns are: {columns}.").format(columns=nearest) + " " + hint
    return SourceError(
        "column_missing",
        _("The source has no column {columns}.").format(
            columns=", ".join(shorten(column) for column in missing)
        ),
        hint,
    )


def agreeing(shapes: dict[File, Shape]) -> dict[File, Shape]:
    """``SourceError`` 'columns_differ' where files differ in columns. Objects of NDJSON may lack
    keys, so its files share all the keys there are.
    """
    first_file, first = next(iter(shapes.items()))
    if all(shape.format == "ndjson" for shape in shapes.values()):
        union = tuple(dict.fromkeys(c for shape in shapes.values() for c in shape.columns))
        check_names(first_file, union)
        complete = all(shape.complete for shape in shapes.values())
        return {f: replace(s, columns=union, complete=complete) for f, s in shapes.items()}
    wanted = {plain_case(column): column for column in first.columns}
    for file, shape in shapes.items():
        has = {plain_case(column): column for column in shape.columns}
        odd = [has.get(key) or wanted[key] for key in has.keys() ^ wanted.keys()]
        if odd:
            raise SourceError(
                "columns_differ",
                _("{first} and {second} have different columns: {columns} is only in one.").format(
                    first=first_file.path.name,
                    second=file.path.name,
                    columns=", ".join(sorted(map(shorten, odd))[:5]),
                ),
                _("Make the columns the same, or give each kind of file a source of its own."),
            )
    return shapes
