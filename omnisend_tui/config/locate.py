"""Finds the line of a table or of a key in the text of config.toml, for error messages."""

import re
import tomllib
from collections.abc import Iterator, Sequence

Path = Sequence[str | int]

_HEADER = re.compile(r"\s*\[")
_KEY = re.compile(r"\s*(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[A-Za-z0-9_-]+)\s*[.=]")


def line_of(text: str, path: Path) -> int | None:
    """The line (from 1) of ``path``, or of the nearest table above it that stands in ``text``.

    ``path`` are keys and, in a list of tables, positions: ``("exports", "A", "mapping", 0)``.
    A guess for people: text that looks like TOML inside a long string can mislead it.
    """
    wanted = tuple(path)
    best: tuple[int, int] | None = None
    for found, line in _places(text):
        depth = min(len(found), len(wanted))
        if found[:depth] == wanted[:depth] and (best is None or depth > best[0]):
            best = depth, line
    return best[1] if best else None


def _places(text: str) -> Iterator[tuple[tuple[str | int, ...], int]]:
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEADER.match(line):
            header = _header(line)
            if header is None:
                continue
            if line.lstrip().startswith("[["):
                counts[header] = counts.get(header, -1) + 1
                header = (*header, counts[header])
            table = header
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, _plain(key[1])), number


def _header(line: str) -> tuple[str | int, ...] | None:
    try:
        level = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    names: list[str | int] = []
    while level:
        name, below = next(iter(level.items()))
        names.append(name)
        level = below[0] if isinstance(below, list) else below
    return tuple(names)


def _plain(key: str) -> str:
    try:
        return next(iter(tomllib.loads(f"{key} = 0")))
    except tomllib.TOMLDecodeError:
        return key
