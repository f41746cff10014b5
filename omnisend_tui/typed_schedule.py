"""Schedules as people type them, read with what is wrong in one."""

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from omnisend_tui.errors import UsageError
from omnisend_tui.formats import number, shorten
from omnisend_tui.i18n import N_, _
from omnisend_tui.schedule import DAY_NAMES, DAYS, MINUTES_OF_DAY, Schedule
from omnisend_tui.zones import own_zone, zone_named

_LONGEST = 300  # characters of a schedule
_SHOWN = 40  # characters of what is wrong in one
_SHORT_NAMES = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_PARTS = {
    "minute": N_("minute"), "hour": N_("hour"), "day-of-month": N_("day of the month"),
    "month": N_("month"), "day-of-week": N_("weekday"),
}  # fmt: skip
_CRON = re.compile(r"""["'“”](?P<line>[^"'“”]*)["'“”](?P<zone>.*)""", re.DOTALL)


def parse(text: str) -> Schedule:
    """Reads a schedule; '' is off. Raises ``UsageError``, which says which part is wrong."""
    if len(text) > _LONGEST:
        raise _wrong(_("A schedule isn't that long."), _forms())
    words = text.lower().split()
    first, rest = (words[0] if words else "off"), words[1:]
    if first == "off" and not rest:
        return Schedule()
    if [first, *rest] in (["on", "refresh"], ["refresh"]):
        return Schedule("refresh")
    if first == "every":
        return _every(rest)
    if first == "daily":
        return _daily(rest)
    if first == "weekly":
        return _weekly(rest)
    if first == "cron":
        return _cron(text.split(maxsplit=1)[1] if rest else "")
    shown = shorten(" ".join(words), _SHOWN)
    raise _wrong(_("“{text}” isn't a schedule.").format(text=shown), _forms())


def short_days(days: tuple[int, ...]) -> str:
    """Days as one types them in the language in use: ``mon,thu``."""
    return ",".join(_(_SHORT_NAMES[day]).lower() for day in days)


def _every(words: list[str]) -> Schedule:
    given = re.fullmatch(r"([0-9]{1,6})? ?(m|min|mins|minutes?|h|hours?)", " ".join(words))
    if given is None:
        raise _wrong(
            _("“every” is followed by a number, and minutes or hours."),
            _("Such as every 15 minutes, or every 2 hours."),
        )
    count, hours = int(given[1] or 1), given[2].startswith("h")
    most = 24 if hours else MINUTES_OF_DAY
    if not 1 <= count <= most:
        raise _wrong(
            _("Every {count} hours can't be.").format(count=number(count))
            if hours
            else _("Every {count} minutes can't be.").format(count=number(count)),
            _("A number from 1 to {most}.").format(most=number(most)),
        )
    return Schedule("every", minutes=count * 60 if hours else count)


def _daily(words: list[str]) -> Schedule:
    words = words[1:] if words[:1] == ["at"] else words
    hour, minute = _time(words[0] if words else "", "daily 03:30")
    return Schedule("daily", hour=hour, minute=minute, zone=_zone(words[1:]))


def _weekly(words: list[str]) -> Schedule:
    at = next((n for n, word in enumerate(words) if word[0].isdigit()), len(words))
    named = [
        name
        for word in words[:at]
        for name in re.sub(r"\s*-\s*", "-", word).split(",")
        if name and name not in ("on", "at", "and")
    ]
    if not named:
        raise _wrong(_("“weekly” is followed by the days."), _("Such as weekly mon,thu 03:30."))
    days = sorted({day for name in named for day in _days(name)})
    hour, minute = _time(words[at] if at < len(words) else "", "weekly mon,thu 03:30")
    zone = _zone(words[at + 1 :])
    if len(days) == 7:
        return Schedule("daily", hour=hour, minute=minute, zone=zone)
    return Schedule("weekly", hour=hour, minute=minute, days=tuple(days), zone=zone)


def _days(name: str) -> list[int]:
    """The days of ``mon`` or ``mon-fri``."""
    first, dash, last = name.partition("-")
    start = _day(first)
    end = _day(last) if dash else start
    return [(start + n) % 7 for n in range((end - start) % 7 + 1)]


def _day(name: str) -> int:
    for day, long in enumerate(DAY_NAMES):
        english = len(name) >= 3 and long.lower().startswith(name)
        if english or name in (_(_SHORT_NAMES[day]).lower(), _(long).lower()):
            return day
    raise _wrong(
        _("“{name}” isn't a day of the week.").format(name=shorten(name, _SHOWN)),
        _("The days are: {days}.").format(days=", ".join(DAYS)),
    )


def _time(text: str, example: str) -> tuple[int, int]:
    if not text:
        raise _wrong(
            _("The time of day is missing."), _("Such as {example}.").format(example=example)
        )
    given = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})", text)
    if given is None or int(given[1]) > 23 or int(given[2]) > 59:
        raise _wrong(
            _("“{text}” isn't a time of day.").format(text=shorten(text, _SHOWN)),
            _("From 00:00 to 23:59, such as 03:30."),
        )
    return int(given[1]), int(given[2])


def _zone(words: list[str]) -> str:
    return zone_named(" ".join(words)) if words else own_zone()


def _cron(text: str) -> Schedule:
    quoted = _CRON.fullmatch(text.strip())
    parts = quoted["line"].split() if quoted else text.split()[:5]
    zone = quoted["zone"].split() if quoted else text.split()[5:]
    parts = [part.upper() for part in parts]
    if len(parts) != 5:
        raise _wrong(
            _("A cron line has five parts; this one has {count}.").format(count=len(parts)),
            _("Minute, hour, day of the month, month, weekday: cron \"30 3 * * *\"."),
        )  # fmt: skip
    line = " ".join(parts)
    try:
        if next(CronSim(line, datetime(2000, 1, 1, tzinfo=UTC)), None) is None:
            raise _wrong(_("This cron line never comes."), _("No such day is in the calendar."))
    except (CronSimError, ValueError, AssertionError) as error:
        raise _bad_cron(str(error), parts) from error
    return Schedule("cron", line=line, zone=_zone(zone))


def _bad_cron(told: str, parts: list[str]) -> UsageError:
    hint = _("Numbers, lists 1,15, ranges 1-5, steps */10, and * for all; “30 3 * * *” is 03:30.")
    name = told.removeprefix("Bad ")
    if name not in _PARTS:
        return _wrong(_("This cron line can't be read."), hint)
    return _wrong(
        _("“{text}” can't be the {part} of a cron line.").format(
            text=shorten(parts[list(_PARTS).index(name)], _SHOWN), part=_(_PARTS[name])
        ),
        hint,
    )


def _forms() -> str:
    return _("It is one of: {forms}.").format(
        forms="off, every 15 minutes, every 2 hours, daily 03:30 Europe/Helsinki, weekly mon,thu"
        ' 03:30 Europe/Helsinki, cron "30 3 * * *" Europe/Helsinki, on refresh'
    )


def _wrong(message: str, hint: str) -> UsageError:
    return UsageError("bad_schedule", message, hint)
