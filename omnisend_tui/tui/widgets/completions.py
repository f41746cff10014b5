"""What a path may go on with: the entries of a folder, or the files of a pattern."""

import glob
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from threading import Event

MOST = 100  # entries to choose from; whoever wants another one types on
_SCANNED = 50_000  # entries of a folder that are looked at


@dataclass(frozen=True, slots=True)
class Completions:
    """``names`` are what may stand after the last ``/`` of ``typed``; folders end in ``/``.

    Of a pattern they are the files that it matches, to look at only. ``more``: there are others.
    """

    typed: str
    names: tuple[str, ...] = ()
    more: bool = False
    pattern: bool = False

    def taking(self, name: str) -> str:
        """The path with ``name`` as its end."""
        return self.typed[: self.typed.rfind("/") + 1] + name


def completions(typed: str, stop: Event) -> Completions:
    """Reads the folder of ``typed``, which may take long; ends early once ``stop`` is set.

    Folders that can't be read have no entries. Hidden files are found by their dot only, and names
    that can't be typed not at all.
    """
    if typed == "~":
        return Completions(typed, ("~/",))
    try:
        if glob.has_magic(typed):
            matching = _matching(typed, stop)
            if matching.names or "**" in typed:
                return matching
            # What matches nothing may be the start of a name with brackets.
        return _entries(typed, stop)
    except (OSError, ValueError):
        return Completions(typed)


def _entries(typed: str, stop: Event) -> Completions:
    folder, slash, start = typed.rpartition("/")
    wanted = start.casefold()
    names: list[str] = []
    with os.scandir(os.path.expanduser(folder + slash) or ".") as entries:
        for entry in islice(entries, _SCANNED):
            name = entry.name
            if stop.is_set():
                break
            if not name.casefold().startswith(wanted) or not name.isprintable():
                continue
            if name.startswith(".") and not start.startswith("."):
                continue
            names.append(f"{name}/" if entry.is_dir() else name)
    return _some(typed, names)


def _matching(typed: str, stop: Event) -> Completions:
    if "**" in typed:  # it may walk a whole disk, and nothing ends it
        return Completions(typed, pattern=True)
    names: list[str] = []
    for path in islice(glob.iglob(os.path.expanduser(typed)), MOST + 1):
        if stop.is_set():
            break
        name = os.path.basename(path)
        if name.isprintable() and not os.path.isdir(path):
            names.append(name)
    return _some(typed, names, pattern=True)


def _some(typed: str, names: Iterable[str], *, pattern: bool = False) -> Completions:
    ordered = sorted(names, key=lambda name: (name.casefold(), name))
    return Completions(typed, tuple(ordered[:MOST]), len(ordered) > MOST, pattern)
