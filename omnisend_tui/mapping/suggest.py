"""Proposals for a mapping, from the names and the sample values of columns."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from omnisend_tui.bare_names import shared_start
from omnisend_tui.config.models import Attribute, Confidence
from omnisend_tui.mapping.countries import country_code
from omnisend_tui.mapping.custom import custom_field_name, infer_type
from omnisend_tui.mapping.dates import date_reader
from omnisend_tui.mapping.emails import normalise
from omnisend_tui.mapping.fields import FIELDS
from omnisend_tui.mapping.names import LIKELY, NEARLY, SURE, likeness, words
from omnisend_tui.mapping.values import read_gender
from omnisend_tui.profiles import Column

__all__ = ["custom_field_name", "infer_type", "ranked", "suggest"]

_CONFIDENCES: tuple[Confidence, ...] = ("guess", "likely", "sure")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,20}\Z")
_ABROAD = re.compile(r"\+[\d\s()./-]{7,20}\Z")
_DAY = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
_DATE = re.compile(_DAY + r"\b")
_DATE_TIME = re.compile(_DAY + r"(\b|T\d\d:)")
_STATES_OF_THINGS = {
    "active", "inactive", "open", "closed", "enabled", "disabled", "new", "pending", "paid",
}  # fmt: skip
_FITS: dict[str, Callable[[str], object]] = {
    "email": lambda text: normalise(text)[0],
    "country": country_code,
    "phone": lambda text: _PHONE.match(text) and sum(map(str.isdigit, text)) >= 6,
    "birthdate": lambda text: _DATE_TIME.match(text) or (text.isdigit() and len(text) == 8),
    "gender": lambda text: read_gender(text)[0],
    "first_name": lambda text: not any(map(str.isdigit, text)),
    "last_name": lambda text: not any(map(str.isdigit, text)),
    "city": lambda text: not text.isdigit(),
    "state": lambda text: text.casefold() not in _STATES_OF_THINGS,
    "postal_code": lambda text: len(text) <= 12,
}  # fmt: skip
# Headings that say nothing: Column 7, F3, c1, Unnamed: 4.
_SAYS_NOTHING = re.compile(r"(column|col|field|unnamed|sarake|kentta|spalte|kolumn|[a-z])?\d*\Z")
_LONGEST = 200  # signs of a heading that are looked at
_YOUNGEST = 10  # years; a column of later days is hardly one of birth dates
_read_date = date_reader("")


def suggest(columns: Sequence[Column]) -> tuple[Attribute, ...]:
    """A match for each standard field that has one, in the order of ``FIELDS``.

    No column is proposed twice. 'sure': the name says so and the values fit; 'likely': a name often
    used or nearly written so, a label where the name says nothing, or addresses under another name;
    'guess': the name says so, but the values don't, or the other way round.
    """
    prefix = shared_start([column.name for column in columns])
    best: dict[str, tuple[str, int]] = {}
    scored = [
        (-score, FIELDS.index(field), place, column.name)
        for place, column in enumerate(columns)
        for field, score in _scores(column, prefix).items()
    ]
    taken: set[str] = set()
    for score, place, _, name in sorted(scored):
        field = FIELDS[place]
        if field not in best and name not in taken:
            best[field] = (name, -score)
            taken.add(name)
    return tuple(
        Attribute(field=field, column=best[field][0], confidence=_confidence(best[field][1]))
        for field in FIELDS
        if field in best
    )


def ranked(field: str, columns: Sequence[Column]) -> list[tuple[Column, Confidence | None]]:
    """All columns for a picker: those that fit ``field``, best first, then the others by name."""
    prefix = shared_start([column.name for column in columns])
    scored = [(_scores(column, prefix).get(field, -1), column) for column in columns]
    scored.sort(key=lambda each: (-each[0], each[1].name.casefold(), each[1].name))
    return [(column, _confidence(score) if score >= 0 else None) for score, column in scored]


def _confidence(score: int) -> Confidence:
    return _CONFIDENCES[score // 10]


def _scores(column: Column, prefix: str) -> dict[str, int]:
    """Field -> 0 to 29: the tens are the confidence, the ones the order among equals."""
    samples = [sample.strip() for sample in column.samples if sample.strip()]
    scores: dict[str, int] = {}
    heading = column.name[:_LONGEST]
    found = likeness(heading, heading.removeprefix(prefix))
    if not found and column.label:
        # What people call a column says less surely what it holds than its own name.
        found = {f: min(n, SURE - 1) for f, n in likeness(column.label[:_LONGEST]).items()}
    for field, named in found.items():
        fits = _share(field, samples) >= 0.5
        if named >= LIKELY:
            base = 20 if named >= SURE else 10
            scores[field] = (base if fits else 0) + named % 10
        elif fits and samples:
            scores[field] = 10 if field in _FITS else named - NEARLY
        elif not samples:
            scores[field] = named - NEARLY
    if samples and _share("email", samples) >= 0.5:
        scores["email"] = max(scores.get("email", 0), 10)
    if samples and not scores and _SAYS_NOTHING.match("".join(words(heading))):
        scores.update(dict.fromkeys(_fields_by_values(samples), 0))
    return scores


def _share(field: str, samples: list[str]) -> float:
    fits = _FITS.get(field)
    return sum(bool(fits(text)) for text in samples) / len(samples) if fits and samples else 1.0


def _fields_by_values(samples: list[str]) -> list[str]:
    """What a column without a telling name may hold; the values must all say so."""
    if all(_ABROAD.match(text) for text in samples):
        return ["phone"]
    if all(map(_is_birthdate, samples)):
        return ["birthdate"]
    if any(any(map(str.isdigit, text)) for text in samples):
        return []
    if all(read_gender(text)[0] for text in samples):
        return ["gender"]
    return ["country"] if all(map(country_code, samples)) else []


def _is_birthdate(text: str) -> bool:
    day = _read_date(text)[0] if _DATE.match(text) else None
    return day is not None and int(day[:4]) <= date.today().year - _YOUNGEST
