"""Lines of text with inks: made without Textual, painted at one place.

A line is a tuple of pieces; a piece is a text and its ink: names of ``INKS`` and style words, such
as ``accent bold``. Text is never markup. What the terminal can't show is replaced here and nowhere
else, sign by sign, so that every width stays.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

Piece = tuple[str, str]
Line = tuple[Piece, ...]

WIDE = 120  # columns from which on a pane stands at the right of the table
PANE = 41  # cells of that pane, as in app.tcss
TABLE = 79  # cells of a table in a window of 80 columns
INKS = ("muted", "accent", "success", "warning", "error", "quiet", "track", "rule")
# Python's own split breaks at a blank that must not break, as between thousands.
_WORD = re.compile(r"(?:\S|\N{NO-BREAK SPACE})+")
# Such as that of a variable, maybe in brackets.
_VARIABLE = re.compile(r"[(“]?[A-Z0-9_]+[)”.,;:]{0,3}")
_PIECE = 12  # cells: narrower than that nothing is broken
_PLAIN = {
    "muted": "dim", "accent": "bold", "success": "", "warning": "bold", "error": "bold",
    "quiet": "dim", "track": "dim", "rule": "dim",
}  # fmt: skip
_ASCII = str.maketrans(
    "●○◌‖✔✖■↯━╾─█░▁▂▃▄▅▆▇▏▎▍▌▋▊▉›→…–•│“”\N{NO-BREAK SPACE}←↑↓",
    '*.o=+x#%=--#._..--==   |###>>~-.|"" <^v',
)


@dataclass(frozen=True, slots=True)
class Inks:
    """What each ink looks like. ``plain``: no colour at all; ``ascii``: no sign beyond ASCII."""

    colours: Mapping[str, str]
    plain: bool = False
    ascii: bool = False

    @classmethod
    def of(cls, variables: Mapping[str, str], *, plain: bool, ascii_only: bool) -> "Inks":
        """From a theme's variables (``#rrggbb`` by name)."""
        if plain:
            return cls(_PLAIN, plain=True, ascii=ascii_only)
        return cls({name: variables[name] for name in INKS}, ascii=ascii_only)

    def style(self, ink: str) -> str:
        # Without colour nothing lies under a sign.
        ink = ink.partition(" on ")[0] if self.plain else ink
        words = (self.colours.get(word, word) for word in ink.split())
        return " ".join(word for word in words if word)

    def text(self, piece: Piece) -> str:
        text, ink = piece
        if (self.plain or self.ascii) and ink == "track":
            text = text.replace("█", "░")  # without colour a solid track looks like the bar
        return text.translate(_ASCII) if self.ascii else text


def clean(text: str) -> str:
    """Text from outside in one line: no control sign, nothing that turns the writing around."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign
        for sign in text
    )


def cut(text: str, width: int) -> str:
    """At most ``width`` cells; what is too long ends in ``…``."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def left(text: str, width: int) -> str:
    """Exactly ``width`` cells, aligned left."""
    return set_cell_size(cut(text, width), width)


def right(text: str, width: int) -> str:
    """Exactly ``width`` cells, aligned right."""
    text = cut(text, width)
    return " " * (width - cell_len(text)) + text


def length(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_len(text) for text, _ink in line)


def clip(line: Line, width: int) -> Line:
    """A line of at most ``width`` cells; the piece that doesn't fit is cut."""
    taken: list[Piece] = []
    for text, ink in line:
        if width <= 0:
            break
        text = cut(text, width)
        taken.append((text, ink))
        width -= cell_len(text)
    return tuple(taken)


def padded(line: Line, width: int) -> Line:
    """A line of exactly ``width`` cells."""
    line = clip(line, width)
    return (*line, (" " * (width - length(line)), ""))


def between(start: Line, end: Line, width: int, fill: Piece = (" ", "")) -> Line:
    """``start`` at the left and ``end`` at the right of ``width`` cells; ``start`` gives way."""
    end = clip(end, width)
    start = clip(start, max(0, width - length(end) - 1))
    gap = width - length(start) - length(end)
    if fill[0] == " " or gap < 3:
        return (*start, (" " * gap, ""), *end)
    before = 1 if start else 0
    after = 1 if end else 0
    middle = (fill[0] * (gap - before - after), fill[1])
    return (*start, (" " * before, ""), middle, (" " * after, ""), *end)


def heading(text: str, width: int, end: Line = ()) -> Line:
    """A muted label, a rule through the rest, and ``end`` at the right."""
    return between(((text, "muted"),), end, width, ("─", "rule"))


def wrapped(text: str, width: int, ink: str = "") -> list[Line]:
    """A sentence in lines of at most ``width`` cells; a longer word is cut, a variable broken."""
    lines: list[str] = [""]
    for word in (piece for each in _WORD.findall(text) for piece in _pieces(each, width)):
        longer = f"{lines[-1]} {word}".lstrip()
        if cell_len(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [((line, ink),) for line in lines if line]


def _pieces(word: str, width: int) -> list[str]:
    """A word as it fits: what is cut off the name of a variable can't be guessed."""
    if cell_len(word) <= width or width < _PIECE or word.count("_") < 2:
        return [cut(word, width)]
    if not _VARIABLE.fullmatch(word):
        return [cut(word, width)]
    pieces = []
    while len(word) > width:
        at = word.rfind("_", 0, width) + 1 or width
        pieces.append(word[:at])
        word = word[at:]
    return [*pieces, word]


def within(text: str, width: int, rows: int, ink: str = "") -> list[Line]:
    """As ``wrapped``, in ``rows`` lines at most: the last then ends in ``…``."""
    lines = wrapped(text, width, ink)
    if len(lines) <= rows or not rows:
        return lines[:rows]
    rest = " ".join(piece[0][0] for piece in lines[rows - 1 :])
    return [*lines[: rows - 1], ((cut(rest, width), ink),)]


def beside(lefts: Sequence[Line], rights: Sequence[Line], at: int) -> list[Line]:
    """Two columns of lines; the second starts at cell ``at``."""
    rows = max(len(lefts), len(rights))
    empty: Line = ()
    return [
        (
            *padded(lefts[row] if row < len(lefts) else empty, at),
            *(rights[row] if row < len(rights) else empty),
        )
        for row in range(rows)
    ]


def plain(lines: Iterable[Line]) -> str:
    """The text of lines, without inks."""
    return "\n".join("".join(text for text, _ink in line) for line in lines)
