"""Copies of text files that DuckDB reads without losing a row.

DuckDB passes over rows silently behind an unclosed quote and gives up on mixed line ends. So a file
with any such thing is copied record by record, and what can't be parsed stands in the copy as a
record of its own, in its place.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

_MOST_LINES = 1000
_MOST_CHARACTERS = 1_000_000
BAD_JSON = b"!\n"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a delimited file. ``problem`` is '' or a code, and ``cells`` are empty then."""

    line: int
    cells: list[str]
    problem: str = ""


def records(lines: Iterable[str], delimiter: str, width: int, first_line: int) -> Iterator[Record]:
    """The records below a header of ``width`` cells.

    ``lines`` keep their ends; ``first_line`` is the number of the first. A quote that is not closed
    well costs its own line only: reading goes on with the line below it.
    """
    source = _Lines(lines, first_line)
    while (line := source.take()) is not None:
        number = source.number
        if not line.strip("\r\n") and width > 1:
            continue
        if _is_broken(line):
            yield Record(number, [], "invalid_encoding")
        elif '"' in line:
            yield _quoted(line, source, delimiter, width)
        else:
            yield _checked(number, line.rstrip("\r\n").split(delimiter), width)


class _Lines:
    """Lines that can be given back; ``number`` is that of the line taken last."""

    def __init__(self, lines: Iterable[str], first: int) -> None:
        self._lines = iter(lines)
        self._returned: list[str] = []
        self.number = first - 1

    def take(self) -> str | None:
        line = self._returned.pop() if self._returned else next(self._lines, None)
        self.number += line is not None
        return line

    def give_back(self, lines: list[str]) -> None:
        self._returned.extend(reversed(lines))
        self.number -= len(lines)


def _quoted(line: str, source: _Lines, delimiter: str, width: int) -> Record:
    number = source.number
    more: list[str] = []

    def feed() -> Iterator[str]:
        yield line
        length = 0
        while len(more) < _MOST_LINES and length < _MOST_CHARACTERS:
            following = source.take()
            if following is None:
                return
            more.append(following)
            length += len(following)
            yield following

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter, strict=True))
    except csv.Error:
        source.give_back(more)
        return Record(number, [], "invalid_quotes")
    if any(map(_is_broken, more)):
        return Record(number, [], "invalid_encoding")
    return _checked(number, cells, width)


def _checked(number: int, cells: list[str], width: int) -> Record:
    if len(cells) == width:
        return Record(number, cells)
    return Record(number, [], "too_few_cells" if len(cells) < width else "too_many_cells")


def _is_broken(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def write_records(found: Iterable[Record], width: int, out: IO[bytes]) -> None:
    """Writes UTF-8 CSV without a header: number of the record, its line, its problem, its cells."""
    nothing = [""] * width
    for number, record in enumerate(found, 1):
        cells = nothing if record.problem else record.cells
        quoted = [f'"{cell.replace(chr(34), chr(34) * 2)}"' if cell else "" for cell in cells]
        out.write(f"{number},{record.line},{record.problem},{','.join(quoted)}\n".encode())


def write_json_lines(lines: Iterable[bytes], longest: int, out: IO[bytes]) -> None:
    """Writes the lines of NDJSON; one that can't be read as text or is too long becomes '!'."""
    for line in lines:
        text = line.rstrip(b"\r\n").replace(b"\r", b" ")
        out.write(text + b"\n" if _is_sound(text, longest) else BAD_JSON)


def _is_sound(line: bytes, longest: int) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return len(line) < longest and b"\x01" not in line


def keys_of(lines: Iterable[str]) -> Iterator[dict[str, object]]:
    """The JSON objects among the lines; what isn't one is passed over."""
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value
