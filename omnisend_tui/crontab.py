"""What makes cron run an export by its schedule, as any cron reads it."""

import re
import shlex
from pathlib import Path

from omnisend_tui.schedule import Schedule
from omnisend_tui.zones import own_zone

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NUMBERS = {name: str(number) for number, name in enumerate(_MONTHS, 1)} | {
    name: str(number) for number, name in enumerate(_DAYS)
}
_MOST = (59, 23, 31, 12, 7)  # of each part of a line


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
    told = _line(schedule.cron, export_name, workspace)
    # Every zone is whole quarters of an hour from UTC.
    anywhere = schedule.kind == "every" and 15 % schedule.minutes == 0
    here = own_zone() if system_zone is None else system_zone
    if not told or anywhere or schedule.zone == here:
        return told
    return f"CRON_TZ={schedule.zone}\n{told}"


def _line(parts: str, export_name: str, workspace: Path | None) -> str:
    """The line that runs an export, from the five ``parts`` of a time in capital letters.

    ``workspace`` is the folder of one that must be named: cron has none of the user's environment.
    '' without parts, for a folder that no line can hold, and for what not every cron knows: the
    last day or the second Monday of a month.
    """
    line = _plain(parts)
    named = [] if workspace is None else ["--workspace", str(workspace)]
    if not line or re.search("[L#]", line) or not "".join(named).isprintable():
        return ""
    name = " ".join("".join(c if c.isprintable() else " " for c in export_name).split())
    end = ["--no-progress", "--", name] if name.startswith("-") else [name, "--no-progress"]
    # A bare percent sign ends cron's command.
    command = shlex.join(["omnisend-tui", *named, "run", *end]).replace("%", r"\%")
    return f"{line} {command}"


def _plain(parts: str) -> str:
    """Without names, and without a step that has no range."""
    told = []
    for part, most in zip(parts.split(), _MOST, strict=False):
        numbers = re.sub("[A-Z]{3}", lambda found: _NUMBERS[found[0]], part)
        terms = [re.sub(r"^(\d+)/", rf"\1-{most}/", term) for term in numbers.split(",")]
        told.append(",".join(terms))
    return " ".join(told)
