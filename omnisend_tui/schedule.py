"""When an export runs by itself: what people write, the next times, and a line for cron.

``every N`` counts from midnight UTC and begins anew there, so a step that doesn't divide a day is
shorter before midnight. The others go by the clock of a zone. Where the clock jumps over a time of
day, the run comes right after the jump; where an hour comes twice, it comes the first time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from omnisend_tui.crontab import crontab_line
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.zones import own_zone, zone_named, zone_word

Kind = Literal["off", "every", "daily", "weekly", "cron", "refresh"]

_DAY = 24 * 60  # minutes
_LONGEST = 300  # characters of a schedule
_SHORT = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORT_SHOWN = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_LONG = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip
_PARTS = {
    "minute": N_("minute"), "hour": N_("hour"), "day-of-month": N_("day of the month"),
    "month": N_("month"), "day-of-week": N_("weekday"),
}  # fmt: skip
_CRON = re.compile(r"""["'“”](?P<line>[^"'“”]*)["'“”](?P<zone>.*)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``minutes`` between runs; ``days`` from Monday, 0; ``line`` of cron; ``zone`` by name."""

    kind: Kind = "off"
    minutes: int = 0
    hour: int = 0
    minute: int = 0
    days: tuple[int, ...] = ()
    line: str = ""
    zone: str = "UTC"

    @property
    def clock(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"

    @property
    def text(self) -> str:
        """The one way to write it, which ``parse`` reads."""
        if self.kind == "every":
            count, unit = self._steps()
            return f"every {count} {unit}" + ("s" if count > 1 else "")
        if self.kind == "daily":
            return f"daily {self.clock} {self.zone}"
        if self.kind == "weekly":
            return f"weekly {','.join(_SHORT[day] for day in self.days)} {self.clock} {self.zone}"
        if self.kind == "cron":
            return f'cron "{self.line}" {self.zone}'
        return "on refresh" if self.kind == "refresh" else "off"

    def words(self) -> str:
        """The schedule in plain language, without a full stop."""
        zone = zone_word(self.zone)
        if self.kind == "every":
            return self._every_words()
        if self.kind == "daily":
            return _("every day at {time}, {zone}").format(time=self.clock, zone=zone)
        if self.kind == "weekly":
            names = [_(_LONG[day]) for day in self.days]
            days = names[-1]
            if names[:-1]:
                days = _("{names} and {last}").format(names=", ".join(names[:-1]), last=days)
            return _("every {days} at {time}, {zone}").format(days=days, time=self.clock, zone=zone)
        if self.kind == "cron":
            return _("by the cron line {line}, {zone}").format(line=self.line, zone=zone)
        return _("when the source was refreshed") if self.kind == "refresh" else _("off")

    def next_times(self, after: datetime, count: int) -> list[datetime]:
        """Up to ``count`` times later than ``after`` (aware), in the schedule's zone."""
        times: list[datetime] = []
        last = after.astimezone(UTC)
        try:
            for when in self._times(after):
                if len(times) == count:
                    break
                # By UTC: within one zone, moments of an hour that comes twice compare as equal.
                if when.astimezone(UTC) > last:
                    times.append(when)
                    last = when.astimezone(UTC)
        except OverflowError:
            pass  # the year 9999
        return times

    def _times(self, after: datetime) -> Iterator[datetime]:
        """Times from about ``after`` on; some may be a little before it."""
        if self.kind == "every":
            yield from _steps_from(after.astimezone(UTC), self.minutes)
        elif self.kind in ("daily", "weekly", "cron"):
            zone = ZoneInfo(self.zone)
            for when in CronSim(self.cron, after.astimezone(zone)):
                # Through UTC: a time that the clock jumps over becomes the one after it.
                yield when.astimezone(UTC).astimezone(zone)

    @property
    def cron(self) -> str:
        """The five parts of a cron line in ``zone``; '' where there are none."""
        if self.kind == "cron":
            return self.line
        if self.kind == "every":
            if self.minutes % 60 == 0:
                hours = self.minutes // 60
                return "0 0 * * *" if hours == 24 else f"0 */{hours} * * *"
            return f"*/{self.minutes} * * * *" if 60 % self.minutes == 0 else ""
        if self.kind not in ("daily", "weekly"):
            return ""
        days = ",".join(str((day + 1) % 7) for day in self.days) or "*"
        return f"{self.minute} {self.hour} * * {days}"

    def _steps(self) -> tuple[int, str]:
        if self.minutes % 60 == 0:
            return self.minutes // 60, "hour"
        return self.minutes, "minute"

    def _every_words(self) -> str:
        count, unit = self._steps()
        step = (
            ngettext("every hour", "every {count} hours", count)
            if unit == "hour"
            else ngettext("every minute", "every {count} minutes", count)
        ).format(count=number(count))
        rest = _DAY % self.minutes
        if not rest:
            return step
        return _("{step} from midnight UTC, where it begins anew").format(step=step)


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
    raise _wrong(_("“{text}” isn't a schedule.").format(text=_cut(" ".join(words))), _forms())


def cron_line(
    schedule: Schedule,
    export_name: str,
    system_zone: str | None = None,
    workspace: Path | None = None,
) -> str:
    """What makes cron run the export; '' where cron can't say it.

    Two lines, the first sets ``CRON_TZ``, where the zone isn't ``system_zone``: this machine's.
    ``workspace`` is the folder of one that isn't this user's own.
    """
    told = crontab_line(schedule.cron, export_name, workspace)
    # Every zone is whole quarters of an hour from UTC.
    anywhere = schedule.kind == "every" and 15 % schedule.minutes == 0
    here = own_zone() if system_zone is None else system_zone
    if not told or anywhere or schedule.zone == here:
        return told
    return f"CRON_TZ={schedule.zone}\n{told}"


def _steps_from(after: datetime, minutes: int) -> Iterator[datetime]:
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        for at in range(0, _DAY, minutes):
            yield midnight + timedelta(minutes=at)
        midnight += timedelta(days=1)


def _every(words: list[str]) -> Schedule:
    given = re.fullmatch(r"([0-9]{1,6})? ?(m|min|mins|minutes?|h|hours?)", " ".join(words))
    if given is None:
        raise _wrong(
            _("“every” is followed by a number, and minutes or hours."),
            _("Such as every 15 minutes, or every 2 hours."),
        )
    count, hours = int(given[1] or 1), given[2].startswith("h")
    most = 24 if hours else _DAY
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
    for day, long in enumerate(_LONG):
        english = len(name) >= 3 and long.lower().startswith(name)
        if english or name in (_(_SHORT_SHOWN[day]).lower(), _(long).lower()):
            return day
    raise _wrong(
        _("“{name}” isn't a day of the week.").format(name=_cut(name)),
        _("The days are: {days}.").format(days=", ".join(_SHORT)),
    )


def short_days(days: tuple[int, ...]) -> str:
    """Days as one types them in the language in use: ``mon,thu``."""
    return ",".join(_(_SHORT_SHOWN[day]).lower() for day in days)


def _time(text: str, example: str) -> tuple[int, int]:
    if not text:
        raise _wrong(
            _("The time of day is missing."), _("Such as {example}.").format(example=example)
        )
    given = re.fullmatch(r"([0-9]{1,2})[:.]([0-9]{2})", text)
    if given is None or int(given[1]) > 23 or int(given[2]) > 59:
        raise _wrong(
            _("“{text}” isn't a time of day.").format(text=_cut(text)),
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
            text=_cut(parts[list(_PARTS).index(name)]), part=_(_PARTS[name])
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


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
