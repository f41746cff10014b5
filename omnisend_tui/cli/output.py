"""What commands print: JSON documents, tables, messages. Results to stdout, the rest to stderr."""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import click

from omnisend_tui.errors import AppError


def clean(text: str) -> str:
    """``text`` on one line without control and direction characters: names may hold any of them."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else ""
        for char in unicodedata.normalize("NFC", text)
    )


def width(text: str) -> int:
    """The cells that ``text`` takes in a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def fit(text: str, cells: int) -> str:
    """``text`` cut to at most ``cells`` cells, with an ellipsis where something was cut."""
    if width(text) <= cells:
        return text
    kept = text
    while kept and width(kept) > cells - 1:
        kept = kept[:-1]
    return kept + "…" if cells > 0 else ""


def pad(text: str, cells: int) -> str:
    """``text`` filled with spaces to ``cells`` cells."""
    return text + " " * max(0, cells - width(text))


def print_json(document: Any) -> None:
    """Prints one JSON document on one line; ASCII, so that no terminal or pipe can garble it."""
    click.echo(json.dumps(document))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints rows under headers, columns aligned; cells are cleaned."""
    lines = [list(headers), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headers))]
    for line in lines:
        cells = (pad(cell, cells) for cell, cells in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


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
