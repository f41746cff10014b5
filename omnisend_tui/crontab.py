"""Lines for cron, as any cron reads them."""

import re
import shlex
from pathlib import Path

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NUMBERS = {name: str(number) for number, name in enumerate(_MONTHS, 1)} | {
    name: str(number) for number, name in enumerate(_DAYS)
}
_MOST = (59, 23, 31, 12, 7)  # of each part of a line


def crontab_line(parts: str, export_name: str, workspace: Path | None = None) -> str:
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
