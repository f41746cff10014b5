"""What commands print: JSON documents, tables, messages. Results to stdout, the rest to stderr."""

import json
import shutil
import sys
import unicodedata
from collections.abc import Collection, Sequence
from itertools import accumulate, takewhile
from typing import Any

import click

from omnisend_tui.errors import AppError

_LEAST = 16  # cells of a column that is cut
_PADDED = 60  # cells: a single long name doesn't spread all other rows


def clean(text: str) -> str:
    """``text`` on one line without control and direction characters: names may hold any of them."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else ""
        for char in unicodedata.normalize("NFC", text)
    )


def width(text: str) -> int:
    """The cells that ``text`` takes in a terminal."""
    return sum(map(_cells, text))


def fit(text: str, cells: int) -> str:
    """``text`` cut to at most ``cells`` cells, with an ellipsis where something was cut."""
    if width(text) <= cells:
        return text
    ends = accumulate(map(_cells, text))
    kept = text[: sum(1 for _end in takewhile(lambda end: end < cells, ends))]
    return kept + "…" if cells > 0 else ""


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, cells: int) -> str:
    """``text`` filled with spaces to ``cells`` cells."""
    return text + " " * max(0, cells - width(text))


def print_json(document: Any) -> None:
    """Prints one JSON document on one line; ASCII, so that no terminal or pipe can garble it."""
    click.echo(json.dumps(document))


def on_terminal() -> bool:
    """Whether people see what is printed, and not a file or another program."""
    return sys.stdout.isatty()


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], whole: Collection[int] = ()
) -> None:
    """Prints rows under headers, columns aligned; cells are cleaned.

    In a terminal the widest columns are cut until a line fits, except those at the places
    ``whole``; a file or a pipe gets all of each cell.
    """
    lines = [list(headers), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    if on_terminal():
        widths = _fitted(widths, shutil.get_terminal_size().columns, whole)
        lines = [[fit(*each) for each in zip(line, widths, strict=True)] for line in lines]
    for line in lines:
        cells = (pad(cell, min(cells, _PADDED)) for cell, cells in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _fitted(widths: Sequence[int], cells: int, whole: Collection[int]) -> list[int]:
    """The widths of columns that fit into ``cells``, those that are cut not below ``_LEAST``."""
    room = cells - 2 * (len(widths) - 1) - sum(widths[place] for place in whole)
    open_ = sorted(each for place, each in enumerate(widths) if place not in whole)
    most = max(open_, default=0)
    for place, each in enumerate(open_):
        # The narrower ones stay as they are; the others share what is left.
        share = room // (len(open_) - place)
        if each > share:
            most = max(share, _LEAST)
            break
        room -= each
    return [each if place in whole else min(each, most) for place, each in enumerate(widths)]


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Prints label and value pairs, one a line; values are cleaned."""
    cells = max((width(label) for label, _value in facts), default=0)
    for label, value in facts:
        click.echo(f"{pad(label, cells)}  {clean(value)}".rstrip())


def message(text: str) -> None:
    """Prints a message to stderr, on one line."""
    click.echo(clean(text), err=True)


def say_error(error: AppError) -> None:
    """Prints an error's sentence and, on a line of its own, its hint."""
    message(error.message)
    if error.hint:
        message(error.hint)
