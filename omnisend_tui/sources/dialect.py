"""What a file is: its format, packing, encoding, delimiter and columns."""

import csv
import io
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from omnisend_tui.errors import SourceError
from omnisend_tui.formats import shorten
from omnisend_tui.i18n import _
from omnisend_tui.sources.base import Column
from omnisend_tui.sources.paths import File, damaged, empty, file_error
from omnisend_tui.sources.repair import keys_of, records
from omnisend_tui.sources.streams import (
    Compression,
    Encoding,
    blocks,
    compression_of,
    detect_encoding,
    text_stream,
)

Format = Literal["csv", "ndjson", "parquet"]

_SAMPLE_ROWS = 200
_SAMPLES = 5
_KEY_LINES = 1000
_SNIFFED = 256 * 1024
_USUAL = ",;\t|"
_NO_DELIMITER = " _-.@'\"\\()[]{}<>/+*&%$!?\r\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """How to read a file. ``skip`` lines stand before the header, ``below`` is its next line.

    ``columns`` are the header's names; those of NDJSON are of its first lines unless ``complete``.
    """

    format: Format
    compression: Compression
    encoding: Encoding = "utf-8"
    delimiter: str = ","
    skip: int = 0
    below: int = 1
    columns: tuple[str, ...] = ()
    complete: bool = True


def look_at(file: File) -> Shape:
    """The shape of a file, whose bytes are read once whole unless it is Parquet (``columns`` are
    then left out: DuckDB knows them). ``SourceError`` for what can't be a source.
    """
    try:
        with file.path.open("rb") as opened:
            start = opened.read(8)
        compression = compression_of(start)
        if next(blocks(file.path, compression), b"").startswith(b"PAR1"):
            return Shape("parquet", compression)
        if ".parquet" in [suffix.lower() for suffix in file.path.suffixes]:
            raise damaged(file.path)
        encoding = detect_encoding(file.path, compression)
        return _text_shape(file, compression, encoding)
    except OSError as error:
        raise file_error(file.path, error) from error


def _text_shape(file: File, compression: Compression, encoding: Encoding) -> Shape:
    with text_stream(file.path, compression, encoding) as text:
        head = text.read(_SNIFFED)
    if not head.strip():
        raise empty(file.path)
    suffixes = {suffix.lower() for suffix in file.path.suffixes}
    if suffixes & {".ndjson", ".jsonl", ".json"} or _is_json(head):
        return _json_shape(file, compression, encoding, head)
    whole = len(head) < _SNIFFED
    return _csv_shape(file, compression, encoding, head if whole else head[: head.rfind("\n") + 1])


def _is_json(head: str) -> bool:
    try:
        return isinstance(json.loads(head.lstrip().split("\n", 1)[0]), dict)
    except (ValueError, RecursionError):
        return False


def _json_shape(file: File, compression: Compression, encoding: Encoding, head: str) -> Shape:
    if head.lstrip().startswith("["):
        raise SourceError(
            "not_json_lines",
            _("{path} holds one JSON list, not one object a line.").format(path=file.path),
            _("Write each profile on a line of its own (NDJSON), without brackets around them."),
        )
    shape = Shape("ndjson", compression, encoding)
    return with_keys(file, shape, _KEY_LINES)


def with_keys(file: File, shape: Shape, most_lines: int | None = None) -> Shape:
    """``shape`` of an NDJSON file with the keys of its lines (all where ``most_lines`` is None)."""
    names: dict[str, None] = {}
    with text_stream(file.path, shape.compression, shape.encoding) as text:
        for found in keys_of(itertools.islice(text, most_lines)):
            names.update(dict.fromkeys(found))
        complete = not text.readline()
    columns = tuple(names)
    check_names(file, columns)
    return Shape("ndjson", shape.compression, shape.encoding, columns=columns, complete=complete)


def _csv_shape(file: File, compression: Compression, encoding: Encoding, head: str) -> Shape:
    lines = io.StringIO(head, newline="").readlines()
    skip = next(at for at, line in enumerate(lines) if line.strip("\r\n"))
    delimiter = ""
    if lines[skip].lower().startswith("sep=") and len(lines[skip].rstrip("\r\n")) == 5:
        delimiter = lines[skip][4]
        skip += 1
    delimiter = delimiter or _delimiter(lines[skip:], ".tsv" in file.path.suffixes)
    reader = csv.reader(lines[skip:], delimiter=delimiter)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise damaged(file.path) from error
    columns = tuple(
        name.strip() or _("column {number}").format(number=number)
        for number, name in enumerate(header, 1)
    )
    check_names(file, columns)
    below = skip + reader.line_num + 1
    return Shape("csv", compression, encoding, delimiter, skip, below, columns)


def _delimiter(lines: Sequence[str], is_tsv: bool) -> str:
    """The sign that cuts most of the first rows into as many cells as the header."""
    candidates = dict.fromkeys(_USUAL)
    for sign in lines[0] if lines else "":
        if not sign.isalnum() and sign not in _NO_DELIMITER:
            candidates[sign] = None
    if is_tsv:
        candidates = {"\t": None}
    best, best_score = ",", (0.0, 0)
    for sign in list(candidates)[:30]:
        score = _score(lines, sign)
        if score > best_score:
            best, best_score = sign, score
    return best


def _score(lines: Sequence[str], sign: str) -> tuple[float, int]:
    try:
        reader = csv.reader(lines, delimiter=sign)
        header = next(reader, [])
        if len(header) < 2:
            return (0.0, 0)
        rows = [each for each in itertools.islice(reader, _SAMPLE_ROWS) if each]
    except csv.Error:
        return (0.0, 0)
    fitting = sum(len(each) == len(header) for each in rows) / len(rows) if rows else 1.0
    # A sign inside values seldom cuts each row alike, but a header without rows says nothing more.
    return (round(0.01 + fitting, 1), len(header) if sign in _USUAL else 1)


def check_names(file: File, columns: Sequence[str]) -> None:
    """``SourceError`` 'duplicate_columns' where two names are one to DuckDB (case of A to Z)."""
    seen: dict[bytes, str] = {}
    for name in columns:
        key = plain_case(name)
        if key in seen:
            raise SourceError(
                "duplicate_columns",
                _("{path} has two columns with one name: {first} and {second}.").format(
                    path=file.path, first=shorten(seen[key]), second=shorten(name)
                ),
                _("Give each column of the file a name of its own."),
            )
        seen[key] = name


def plain_case(name: str) -> bytes:
    """What DuckDB compares names by: the letters A to Z in lower case, others as they are."""
    return name.encode("utf-8", "surrogatepass").lower()


def sample_columns(file: File, shape: Shape) -> list[Column]:
    """The columns of a text file with up to 5 different values each, of the first 200 rows."""
    samples: dict[str, dict[str, None]] = {name: {} for name in shape.columns}
    for row in _sample_rows(file, shape):
        for name, cell in row:
            found = samples.get(name)
            if cell and found is not None and len(found) < _SAMPLES:
                found[cell] = None
    return [Column(name, tuple(found)) for name, found in samples.items()]


def _sample_rows(file: File, shape: Shape) -> Iterator[Sequence[tuple[str, str]]]:
    with text_stream(file.path, shape.compression, shape.encoding) as text:
        if shape.format == "ndjson":
            for found in keys_of(itertools.islice(text, _SAMPLE_ROWS)):
                yield [(name, _json_text(value)) for name, value in found.items()]
            return
        for _line in range(shape.below - 1):
            text.readline()
        rows = records(text, shape.delimiter, len(shape.columns), shape.below)
        for record in itertools.islice(rows, _SAMPLE_ROWS):
            yield list(zip(shape.columns, record.cells, strict=False))


def _json_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
