"""What an export would send, before there is one: its first profiles as contacts.

Nothing here is stored: the values that are shown are forgotten with the screen that shows them.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from omnisend_tui.config.models import Attribute, Export, Source
from omnisend_tui.mapping.convert import Converter, compile_mapping
from omnisend_tui.mapping.fields import CUSTOM
from omnisend_tui.problems import Problem
from omnisend_tui.profiles import Chunk, Column
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Access, Selection
from omnisend_tui.sources.columns import require_column

FIRST = 200  # profiles that are read for the preview
_AT_ONCE = 300  # columns; a thousand take more memory than a source has

# Our fields -> Omnisend's names, in the order of a preview.
_NAMES = {
    "first_name": "firstName",
    "last_name": "lastName",
    "address": "address",
    "postal_code": "postalCode",
    "city": "city",
    "state": "state",
    "country": "country",
    "country_code": "countryCode",
    "phone": "phone",
    "birthdate": "birthdate",
    "gender": "gender",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """The first profiles of a selection with all ``columns``: rows as a ``Chunk`` holds them."""

    columns: tuple[Column, ...]
    chunk: Chunk

    def filled(self, name: str) -> int | None:
        """Percent of the rows that have something in the column; None where there is no row."""
        place = [column.name for column in self.columns].index(name)
        rows = self.chunk.rows
        full = sum(bool(row[place] and row[place].strip()) for row in rows)
        return full * 100 // len(rows) if rows else None


@dataclass(frozen=True, slots=True)
class Sample:
    """One profile. ``contact`` is what would be sent: Omnisend's names and values, () for a reject.

    ``email`` is the address as sent, or the cell of a reject. ``given`` are the cells and ``sent``
    the values by our field. ``duplicate``: an earlier one has its address, so it isn't sent.
    """

    email: str
    contact: tuple[tuple[str, str], ...] = ()
    given: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    reject: Problem | None = None
    warnings: tuple[Problem, ...] = ()
    duplicate: bool = False


def read_rows(
    source: Source,
    selection: Selection,
    temp_dir: Path,
    stop: threading.Event,
    access: Access | None = None,
) -> Rows:
    """The first profiles, read once. Raises ``SourceError``."""
    opened = open_source(source, temp_dir, access)
    columns = tuple(opened.columns())
    names = [column.name for column in columns]
    parts = [
        next(iter(opened.read(selection, names[at : at + _AT_ONCE], stop, FIRST)), Chunk([]))
        for at in range(0, len(names), _AT_ONCE)
    ]
    # Each part has the key at its end.
    rows = [
        (*chain.from_iterable(row[:-1] for row in pieces), pieces[-1][-1])
        for pieces in zip(*(part.rows for part in parts), strict=False)
    ]
    return Rows(columns, Chunk(rows, parts[0].unreadable))


def samples(rows: Rows, export: Export) -> list[Sample]:
    """The profiles as ``export`` would send them, in their order; unreadable rows come first.

    Raises ``UsageError`` for a mapping that no run would take, ``SourceError`` for a column that
    isn't there.
    """
    converter = compile_mapping(export)
    names = [column.name for column in rows.columns]
    places = [names.index(require_column(names, name)) for name in converter.columns]
    picked = [tuple(row[place] for place in (*places, -1)) for row in rows.chunk.rows]
    done = converter.convert(Chunk(picked, rows.chunk.unreadable))
    lost = len(rows.chunk.unreadable)
    found = [Sample("", reject=problem) for problem in done.rejects[:lost]]
    rejects = iter(done.rejects[lost:])
    contacts = {place: index for index, place in enumerate(done.places)}
    warnings: dict[int, list[Problem]] = {}
    for index, problem in done.warnings:
        warnings.setdefault(index, []).append(problem)
    met: set[str] = set()
    for place, row in enumerate(picked):
        given = _given(export.mapping, converter, row)
        at = contacts.get(place)
        if at is None:
            found.append(Sample(given.get("email", ""), given=given, reject=next(rejects)))
            continue
        email = done.emails[at]
        sent = _sent(msgspec.json.decode(done.bodies[at]))
        contact = tuple(
            (_NAMES.get(name, name), value) for name, value in sent.items() if name != "email"
        )
        told = tuple(warnings.get(at, ()))
        found.append(Sample(email, contact, given, sent, None, told, duplicate=email in met))
        met.add(email)
    return found


def _given(
    mapping: Sequence[Attribute], converter: Converter, row: tuple[Any, ...]
) -> dict[str, str]:
    cells = dict(zip(converter.columns, row, strict=False))
    return {
        each.field: str(cells[each.column] or "") if each.column else each.value for each in mapping
    }


def _sent(body: dict[str, Any]) -> dict[str, str]:
    """The values of a body as text, by our field, in the order of a preview."""
    people = {each["type"]: each["id"] for each in body["identifiers"]}
    values = {"email": people["email"]}
    for name, theirs in _NAMES.items():
        value = people.get("phone") if name == "phone" else body.get(theirs)
        if value is not None:
            values[name] = str(value)
    for name, value in body.get("customProperties", {}).items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        values[CUSTOM + name] = text
    return values
