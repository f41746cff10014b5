"""Less for the terminal to read: Textual ends each piece's style and tells the next one's whole.

Three quarters of what is written are styles then; over a slow line that is what one waits for.
"""

import re
from functools import lru_cache

from textual.driver import Driver

_STYLE = re.compile("(\x1b\\[0m)?\x1b\\[([\\d;]*)m")
_END = "\x1b[0m"
_UNKNOWN = ""  # what is in force isn't known, or nothing is
_COLOURS = {"38": 0, "48": 1}  # foreground, background
_PARTS = {"2": 5, "5": 3}  # of a true colour, and of one of 256


def frugal(driver: type[Driver]) -> type[Driver]:
    """The driver, which writes only what of a style differs from that of the piece before."""

    def write(self: Driver, data: str) -> None:
        driver.write(self, spared(data))

    return type(f"Frugal{driver.__name__}", (driver,), {"write": write})


def spared(data: str) -> str:
    """The same on every terminal. Only between pieces that touch anything is left out."""
    before = _UNKNOWN

    def shorter(match: re.Match[str]) -> str:
        nonlocal before
        ended, style = match.groups()
        old, before = before, _UNKNOWN if style in ("", "0") else style
        if ended is None:
            before = _UNKNOWN if old else before
            return match[0]
        return step(old, style) if old and before else match[0]

    return _STYLE.sub(shorter, data)


@lru_cache(maxsize=4096)
def step(old: str, new: str) -> str:
    """From one style to another, as SGR parameters."""
    (*old_colours, had), (*new_colours, has) = _parsed(old), _parsed(new)
    if not had <= has:
        return f"{_END}\x1b[{new}m"
    parts = sorted(has - had)
    for before, after, none in zip(old_colours, new_colours, ("39", "49"), strict=True):
        if before != after:
            parts.append(after or none)
    return f"\x1b[{';'.join(parts)}m" if parts else ""


def _parsed(style: str) -> tuple[str, str, frozenset[str]]:
    """Foreground, background, and all else."""
    colours, others = ["", ""], set()
    words = style.split(";")
    while words:
        word = words[0]
        size = 1
        if word in _COLOURS and len(words) > 1:
            size = _PARTS.get(words[1], 1)
            colours[_COLOURS[word]] = ";".join(words[:size])
        elif word.isdigit() and (30 <= int(word) <= 37 or 90 <= int(word) <= 97):
            colours[0] = word
        elif word.isdigit() and (40 <= int(word) <= 47 or 100 <= int(word) <= 107):
            colours[1] = word
        elif word not in ("39", "49"):
            others.add(word)
        del words[:size]
    return colours[0], colours[1], frozenset(others)
