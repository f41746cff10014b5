"""Numbers, times and durations as the language in use writes them; texts made short."""

import re
from datetime import datetime, timedelta

from omnisend_tui.i18n import _, language, ngettext

_DIGITS = re.compile(r"(\d{1,18})")
_GROUP = {"en": ",", "fi": "\N{NO-BREAK SPACE}"}


def number(value: int) -> str:
    """``1234567`` as ``1,234,567`` in English, ``1 234 567`` in Finnish."""
    return f"{value:,}".replace(",", _GROUP[language()])


def natural(name: str) -> list[str | int]:
    """What names are sorted by: ``Shop 2`` before ``Shop 10``, in whatever case."""
    # Every second part is a number, so that like is compared with like.
    parts = _DIGITS.split(name.casefold())
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def shorten(text: str, most: int = 60) -> str:
    """Somebody's text for a sentence: ``most`` characters of it, whatever its length."""
    return text if len(text) <= most else text[: most - 1] + "…"


def duration(seconds: float | None) -> str:
    """``63`` seconds as ``1:03``, hours as ``2:05:00``; a dash where it isn't known."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def about(seconds: float) -> str:
    """A duration as one plans with it: ``13 minutes``, ``less than a minute``, ``3 hours``."""
    minutes = int(seconds / 60 + 0.5)
    if minutes < 1:
        return _("less than a minute")
    if minutes <= 120:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=number(minutes))
    hours = int(minutes / 60 + 0.5)
    return ngettext("{count} hour", "{count} hours", hours).format(count=number(hours))


def short_duration(seconds: float | None) -> str:
    """As ``duration`` up to ten hours, then in whole ones: at most seven cells up to 9,999."""
    if seconds is None or round(seconds) < 10 * 3600:
        return duration(seconds)
    return _("{count} h").format(count=number(int(seconds / 3600 + 0.5)))


def percent(done: int, total: int | None, *, ended: bool = True) -> str:
    """Whole percent, rounded down so that 100 % means all; empty where the total isn't known.

    What hasn't ``ended``, or not well, is at 99 % at most.
    """
    return f"{min(done * 100 // total, 100 if ended else 99)} %" if total else ""


def moment(when: datetime, now: datetime) -> str:
    """A moment as people say it: ``today 14:20``, ``Mon 06:00``, ``28 Aug 16:40``.

    Both moments are aware; what is shown is in the time zone of ``now``.
    """
    local = when.astimezone(now.tzinfo)
    clock = f"{local:%H:%M}"
    if local.date() == now.date():
        return _("today {time}").format(time=clock)
    if timedelta(0) <= now - local < timedelta(days=6):
        return f"{_weekday(local)} {clock}"
    return _("{day} {month} {time}").format(day=local.day, month=_month(local), time=clock)


def moment_at(seconds: float | None, now: datetime) -> str:
    """As ``moment``, of seconds since the epoch; empty where they aren't known."""
    return "" if seconds is None else moment(datetime.fromtimestamp(seconds, now.tzinfo), now)


def coming(local: datetime, now: datetime) -> str:
    """A moment to come: ``Thu 26 Nov 03:30``, ``Thu 29 Feb 2028 00:00`` of another year.

    Both moments are aware and on the user's clock; a zone may have another offset by then.
    """
    date = _dated(local, now, f"{local:%H:%M}")
    return f"{_weekday(local)} {date}"


def to_the_second(local: datetime, now: datetime) -> str:
    """A moment in full: ``25 Nov 13:22:14``, ``25 Nov 2025 13:22:14`` of another year.

    Both moments are aware and on the user's clock.
    """
    return _dated(local, now, f"{local:%H:%M:%S}")


def _dated(local: datetime, now: datetime, clock: str) -> str:
    day, month = local.day, _month(local)
    if local.year == now.year:
        return _("{day} {month} {time}").format(day=day, month=month, time=clock)
    return _("{day} {month} {year} {time}").format(
        day=day, month=month, year=local.year, time=clock
    )


def _weekday(when: datetime) -> str:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")][when.weekday()]


def _month(when: datetime) -> str:
    return _("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()[when.month - 1]
