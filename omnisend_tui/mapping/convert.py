"""Chunks of rows to encoded contacts, rejects and warnings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.mapping.cases import CASES
from omnisend_tui.mapping.contacts import BodyMaker
from omnisend_tui.mapping.countries import sendable_code
from omnisend_tui.mapping.emails import is_plain, mask, normalise
from omnisend_tui.mapping.fields import CUSTOM, check_mapping, custom_name
from omnisend_tui.mapping.opt_ins import OptIns
from omnisend_tui.mapping.readers import Reader, Readers, reason
from omnisend_tui.mapping.texts import clean, clean_column
from omnisend_tui.mapping.values import read_text
from omnisend_tui.problems import Problem
from omnisend_tui.profiles import Chunk

__all__ = ["Converted", "Converter", "compile_mapping", "mask"]

Row = tuple[Any, ...]
Warnings = list[tuple[int, Problem]]


@dataclass(slots=True)
class Converted:
    """What became of a chunk. The first three lists go together, one entry a contact.

    ``warnings`` name the contact's index; ``bodies`` are JSON objects of contracts/omnisend.md;
    ``places`` are the rows of the chunk that the contacts come from. ``opt_ins`` has for each
    contact what subscribes it (``with_status``), b'' for who didn't agree; it is empty where the
    export sends no status.
    """

    emails: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rejects: list[Problem] = field(default_factory=list)
    warnings: Warnings = field(default_factory=list)
    opt_ins: list[bytes] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where an attribute's texts come from, and how they are read."""

    attribute: Attribute
    position: int
    reader: Reader
    case: Callable[[str], str] | None


def compile_mapping(
    export: Export, today: date | None = None, now: datetime | None = None
) -> "Converter":
    """The converter of an export; ``UsageError`` as of ``check_mapping``.

    ``today`` bounds birth dates, ``now`` (aware) the times of opt-ins: those of the call where they
    aren't given.
    """
    check_mapping(export)
    return Converter(export, today or date.today(), now or datetime.now(UTC))


class Converter:
    """Converts rows of one export; keeps nothing of a row, so nothing leaks into another.

    ``columns`` are what to ask the source for, in this order.
    """

    def __init__(self, export: Export, today: date, now: datetime) -> None:
        mapped = {attribute.column for attribute in export.mapping if attribute.column}
        sends_status = export.email_status == "subscribed"
        if sends_status:
            mapped.add(export.consent_column)
        self.columns: tuple[str, ...] = tuple(sorted(mapped))
        readers = Readers(export, today)
        cells = [
            _Cells(
                attribute,
                self.columns.index(attribute.column) if attribute.column else -1,
                readers.reader(attribute),
                CASES[attribute.case] if attribute.case else None,
            )
            for attribute in export.mapping
        ]
        self._email = next(c.position for c in cells if c.attribute.field == "email")
        self._cells = [c for c in cells if c.attribute.field != "email"]
        self._opt_ins = OptIns(export.consent_source, now) if sends_status else None
        self._consent = self.columns.index(export.consent_column) if sends_status else -1
        fields = [c.attribute.field for c in self._cells]
        self._maker = BodyMaker(
            [*fields, "country_code"] if "country" in fields else fields,
            [custom_name(name) for name in fields if name.startswith(CUSTOM)],
            export.send_welcome,
        )

    def convert(self, chunk: Chunk) -> Converted:
        """Every row ends as one contact or one reject, and each unreadable row as a reject."""
        done = Converted()
        done.rejects += [
            Problem(key=_named(row.key), field="", reason="unreadable_row", detail=row.detail)
            for row in chunk.unreadable
        ]
        rows = self._addressed(chunk.rows, done)
        if rows:
            done.keys = [problem_key(row) for row in rows]
            done.bodies = self._maker.bodies(done.emails, self._values(rows, done))
            if self._opt_ins is not None:
                done.opt_ins = self._opt_ins.read(row[self._consent] for row in rows)
        return done

    def _addressed(self, rows: list[Row], done: Converted) -> list[Row]:
        """The rows with a valid address, which goes to ``done``; the others become rejects."""
        position = self._email
        emails, places, good = done.emails, done.places, []
        for place, row in enumerate(rows):
            cell = row[position]
            email = cell.strip().lower() if cell else ""
            if len(email) > 254 or not is_plain(email):
                email, fault = normalise(cell or "")
                if not email:
                    done.rejects.append(_reject(row, cell or "", fault))
                    continue
            emails.append(email)
            places.append(place)
            good.append(row)
        return good

    def _values(self, rows: list[Row], done: Converted) -> dict[str, list[Any]]:
        by_position = list(zip(*rows, strict=True))
        values: dict[str, list[Any]] = {}
        for cells in self._cells:
            name = cells.attribute.field
            texts = _texts(cells, by_position, len(rows))
            if name == "country":
                values["country_code"] = _country_codes(texts, rows, done)
            values[name] = texts if cells.reader is read_text else _read(cells, texts, rows, done)
        return values


def _texts(cells: _Cells, by_position: Sequence[Row], count: int) -> list[str | None]:
    if cells.position < 0:
        return [clean(cells.attribute.value) or None] * count
    column, default = by_position[cells.position], cells.attribute.default
    if cells.case is None:
        return clean_column(column, default)
    change, fallback = cells.case, clean(default) or None  # which is as the person wrote it
    return [change(text) if text else fallback for text in clean_column(column, "")]


def _read(cells: _Cells, texts: list[str | None], rows: list[Row], done: Converted) -> list[Any]:
    read, name = cells.reader, cells.attribute.field
    values: list[Any] = []
    for index, text in enumerate(texts):
        value, fault = read(text) if text else (None, "")
        if fault:
            _warn(done, rows, index, name, reason(name), fault)
        values.append(value)
    return values


def _country_codes(texts: list[str | None], rows: list[Row], done: Converted) -> list[str | None]:
    codes = [sendable_code(text) if text else None for text in texts]
    for index, code in enumerate(codes):
        if code is None and texts[index]:
            _warn(done, rows, index, "country", "unknown_country", "name_kept")
    return codes


def _warn(
    done: Converted, rows: list[Row], index: int, name: str, reason: str, detail: str
) -> None:
    problem = Problem(
        key=problem_key(rows[index]),
        field=name,
        reason=reason,
        detail=detail,
        email_masked=mask(done.emails[index]),
        row_hash=_row_hash(rows[index]),
    )
    done.warnings.append((index, problem))


def _reject(row: Row, cell: str, fault: str) -> Problem:
    return Problem(
        key=problem_key(row),
        field="email",
        reason="invalid_email" if fault else "missing_email",
        detail=fault or "column_empty",
        email_masked=mask(cell) if fault else "",
        row_hash=_row_hash(row),
    )


def problem_key(row: Row) -> str:
    """What names a row to its people: the source's key or the row's number.

    A key that is an address, or was meant to be one, is masked.
    """
    key = row[-1]
    if isinstance(key, int):
        return str(key)
    return _named(key or "")


def _named(key: str) -> str:
    text = clean(key)
    return mask(text) if "@" in text else text


def needs_hash(row: Row) -> bool:
    """Whether ``problem_key`` alone doesn't tell the row from others, now and later."""
    key = row[-1]
    return isinstance(key, int) or bool(key and "@" in key)


def _row_hash(row: Row) -> str:
    """Recognises the row where its key doesn't; '' where it does."""
    if not needs_hash(row):
        return ""
    digest = blake2b(digest_size=8)
    for cell in row[:-1]:
        data = b"" if cell is None else cell.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % (-1 if cell is None else len(data)) + data)
    return digest.hexdigest()
