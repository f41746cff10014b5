"""Time zones by name: the user's own one, and those that people mean."""

import os
from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from omnisend_tui.errors import UsageError
from omnisend_tui.formats import shorten
from omnisend_tui.i18n import _

UTC_NAMES = ("UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "UCT", "Universal", "Zulu")
_FOLDER = "zoneinfo/"


def local_zone(environ: Mapping[str, str] = os.environ, etc: Path = Path("/etc")) -> str:
    """The name of this machine's zone, '' where it can't be known."""
    wanted = environ.get("TZ", "").removeprefix(":")
    if wanted:
        return _known(wanted)
    return _known(_linked(etc / "localtime")) or _known(_first_line(etc / "timezone"))


def own_zone() -> str:
    """The user's zone for a new schedule: UTC where it can't be known."""
    return local_zone() or "UTC"


def in_local_time(when: datetime) -> datetime:
    """An aware moment on the user's clock, right across daylight saving changes."""
    name = local_zone()
    return when.astimezone(ZoneInfo(name) if name else None)


def zone_named(text: str) -> str:
    """The zone that ``text`` means, whatever its case: a whole name, or the place alone.

    Raises ``UsageError`` with the names that are near.
    """
    wanted = "_".join(text.split()).lower()
    names, places = _names(), _places()
    if wanted in names:
        return names[wanted]
    near = places.get(wanted, ())
    if len(near) == 1:
        return near[0]
    if not near:
        found = get_close_matches(wanted, [*names, *places], n=3, cutoff=0.8)
        candidates = (
            zone for each in found for zone in ([names[each]] if each in names else places[each])
        )
        near = tuple(dict.fromkeys(candidates))[:3]
    hint = (
        _("Near it: {names}.").format(names=", ".join(near))
        if near
        else _("Zones are called by a place, such as Europe/Helsinki; UTC is one too.")
    )
    raise UsageError(
        "unknown_zone",
        _("“{name}” isn't a known time zone.").format(name=shorten(text, 40)),
        hint,
    )


def zone_word(name: str) -> str:
    """A zone as people say it: ``Helsinki time``."""
    if name == "UTC":
        return name
    return _("{place} time").format(place=name.rpartition("/")[2].replace("_", " "))


@cache
def _names() -> dict[str, str]:
    names = {name.lower(): name for name in available_timezones() if name != "localtime"}
    return names | {name.lower(): "UTC" for name in UTC_NAMES}


@cache
def _places() -> dict[str, tuple[str, ...]]:
    """The zones of each last part of a name, in lower case."""
    places: dict[str, tuple[str, ...]] = {}
    for lower, name in sorted(_names().items()):
        if "/" in name:
            place = lower.rpartition("/")[2]
            places[place] = (*places.get(place, ()), name)
    return places


def _known(name: str) -> str:
    return _names().get(name.rpartition(_FOLDER)[2].lower(), "")


def _linked(path: Path) -> str:
    try:
        return str(path.readlink())
    except (OSError, NotImplementedError):
        return ""


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""
