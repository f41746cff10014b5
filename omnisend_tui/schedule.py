"""When an export runs by itself: in plain words, the next times, and as a cron line's parts.

``every N`` counts from midnight UTC and begins anew there, so a step that doesn't divide a day is
shorter before midnight. The others go by the clock of a zone. Where the clock jumps over a time of
day, the run comes right after the jump; where an hour comes twice, it comes the first time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim

from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.zones import zone_word

Kind = Literal["off", "every", "daily", "weekly", "cron", "refresh"]

MINUTES_OF_DAY = 24 * 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as they are stored
DAY_NAMES = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"),
    N_("Sunday"),
)  # fmt: skip


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
        """The one way to write it, which ``typed_schedule.parse`` reads."""
        if self.kind == "every":
            count, unit = self._steps()
            return f"every {count} {unit}" + ("s" if count > 1 else "")
        if self.kind == "daily":
            return f"daily {self.clock} {self.zone}"
        if self.kind == "weekly":
            return f"weekly {','.join(DAYS[day] for day in self.days)} {self.clock} {self.zone}"
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
            names = [_(DAY_NAMES[day]) for day in self.days]
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
        rest = MINUTES_OF_DAY % self.minutes
        if not rest:
            return step
        return _("{step} from midnight UTC, where it begins anew").format(step=step)


def _steps_from(after: datetime, minutes: int) -> Iterator[datetime]:
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        for at in range(0, MINUTES_OF_DAY, minutes):
            yield midnight + timedelta(minutes=at)
        midnight += timedelta(days=1)
