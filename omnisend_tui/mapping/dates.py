"""Birth dates and other dates in the forms that people and systems write."""

import re
from collections.abc import Callable
from datetime import date, datetime

from omnisend_tui.mapping.remember import remembered

# Signs of a friendly format such as DD.MM.YYYY, or pp.kk.vvvv in Finnish, by strptime directive.
_SIGNS = re.compile("(?P<Y>YYYY|VVVV)|(?P<y>YY|VV)|(?P<d>DD?|PP?)|(?P<m>MM?|KK?)|(?P<_Y>Y|V)")
_TIME = re.compile(
    r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
    r"\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?\Z",
    re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})\Z", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4})\Z", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\s?\d{1,2}\1\s?\d{2}\Z", re.ASCII)
_EARLIEST = date(1900, 1, 1)

DateReader = Callable[[str], tuple[str | None, str]]


def directives(date_format: str) -> str:
    """``DD.MM.YYYY`` or a strptime format as strptime's directives; ValueError where it's neither.

    A format must name the day, the month and the year.
    """
    found = date_format.strip()
    if "%" not in found:
        found = _SIGNS.sub(lambda sign: "%" + (sign.lastgroup or "")[-1:], found.upper())
    moment = datetime(1987, 11, 23)
    try:
        again = datetime.strptime(moment.strftime(found), found)
    except re.error:  # a directive that stands twice
        raise ValueError("no format") from None
    if again.date() != moment.date():
        raise ValueError("day, month and year are not all there")
    return found


def birthdate_reader(date_format: str, today: date) -> DateReader:
    """Reads birth dates: YYYY-MM-DD and '', or None and a detail code.

    ``date_format`` is strptime's or ''. What lies after ``today`` or before 1900 is refused.
    """

    @remembered(32768, "not_a_date")
    def read(text: str) -> tuple[str | None, str]:
        day, fault = _date(text, date_format)
        if day is None:
            return None, fault
        if day > today and "%y" in date_format:
            day = _century_before(day)
        if day > today:
            return None, "in_the_future"
        return (None, "before_1900") if day < _EARLIEST else (day.isoformat(), "")

    return read


def date_reader(date_format: str) -> DateReader:
    """Reads dates of any time; an ISO 8601 time that comes with one is kept.

    Systems write an empty date as one of the year 1: that is none.
    """

    @remembered(8192, "not_a_date")
    def read(text: str) -> tuple[str | None, str]:
        if len(text) > 10 and _TIME.search(text[10:]) and _YEAR_FIRST.match(text[:10]):
            try:
                return _written(datetime.fromisoformat(text))
            except ValueError:
                pass  # 2026-01-31 9:05 PM is no ISO time: its date counts
        day, fault = _date(text, date_format)
        return (None, fault) if day is None else _written(day)

    return read


def _written(day: date) -> tuple[str | None, str]:
    return (None, "empty_date") if day.year == 1 else (day.isoformat(), "")


def _date(text: str, date_format: str) -> tuple[date | None, str]:
    bare = _TIME.sub("", text)
    if date_format:
        for candidate in (text, bare):
            try:
                return datetime.strptime(candidate, date_format).date(), ""
            except ValueError:
                continue
    return _common_forms(bare, given=bool(date_format))


def _common_forms(text: str, given: bool) -> tuple[date | None, str]:
    """Forms that mean one date only.

    With a format ``given``, 5/1/1990 that doesn't fit it is a mistake, not a date to guess at.
    """
    if found := _YEAR_FIRST.match(text):
        return _build(found[1], found[3], found[4])
    if found := _COMPACT.match(text):
        return _build(found[1], found[2], found[3])
    if given:
        return None, "not_in_the_format"
    if found := _YEAR_LAST.match(text):
        first, sign, second, year = found.groups()
        if sign == "." or first == second or int(first) > 12:
            return _build(year, second, first)
        return _build(year, first, second) if int(second) > 12 else (None, "day_or_month_first")
    return None, "two_digit_year" if _SHORT_YEAR.match(text) else "not_a_date"


def _build(year: str, month: str, day: str) -> tuple[date | None, str]:
    try:
        return date(int(year), int(month), int(day)), ""
    except ValueError:
        return None, "no_such_day"


def _century_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 100)
    except ValueError:  # 29 February of a year that was none of 366 days
        return day
