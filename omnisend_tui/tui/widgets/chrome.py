"""The frame of every screen: the header line, lines of tabs, the footer."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.paint import Line, Piece, between, clean, clip, length

APP = "omnisend-tui"
# Signs of keys that the help names, or what they do, in the order in which they give way.
_TOLD_ELSEWHERE = ("/", "1-4", "^p", "x", "v")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that works now: how it is written, what it does, the screen's action."""

    sign: str
    label: str
    action: str

    @property
    def cells(self) -> int:
        """The cells that it takes in the footer."""
        return cell_len(self.sign) + cell_len(self.label) + 3


def header(workspace: str, path: Sequence[str], who: str, role: str, width: int) -> Line:
    """App, workspace, where one is, who one is. The last place is bold."""
    pieces: list[Piece] = [(" ", ""), (APP, "bold"), ("  ", ""), (clean(workspace), "muted")]
    for index, place in enumerate(path):
        pieces += [(" › ", "muted"), (clean(place), "bold" if index == len(path) - 1 else "")]
    start = tuple(pieces)
    for name in (f"{who}, {role}", who, ""):
        end: Line = ((clean(name), "muted"), (" ", ""))
        if length(start) + length(end) + 2 <= width:
            return between(start, end, width)
    return clip(start, width)


def role_word(role: str) -> str:
    return {
        "administrator": _("administrator"),
        "contributor": _("contributor"),
        "viewer": _("viewer"),
    }.get(role, role)


def tabs(labels: Sequence[str], active: int, end: Line, width: int, gap: int = 2) -> list[Line]:
    """A line of tabs with ``end`` at its right, and a rule, thick under the active one."""
    pieces: list[Piece] = [(" ", "")]
    for index, label in enumerate(labels):
        pieces.append((label, "accent bold" if index == active else "muted"))
        pieces.append((" " * gap, ""))
    return [
        between(tuple(pieces[:-1]), (*end, (" ", "")), width),
        _rule(tab_places(labels, gap)[active], width),
    ]


def steps(labels: Sequence[str], active: int, width: int) -> list[Line]:
    """The steps of a wizard, as tabs: their labels carry signs of their own."""
    pieces: list[Piece] = [(" ", "")]
    for index, label in enumerate(labels):
        sign, blank, word = label.partition(" ")
        if sign not in ("●", "✔"):
            sign, blank, word = "", "", label
        ink = "accent bold" if index == active else "muted"
        pieces += [(sign + blank, "success" if sign == "✔" else ink), (word, ink), ("  ", "")]
    return [clip(tuple(pieces[:-1]), width), _rule(tab_places(labels)[active], width)]


def _rule(active: tuple[int, int], width: int) -> Line:
    """A thin rule, thick under the active tab."""
    first, last = active
    return (
        ("─" * first, "rule"),
        ("━" * (last - first), "accent"),
        ("─" * max(0, width - last), "rule"),
    )


def tab_places(labels: Sequence[str], gap: int = 2) -> list[tuple[int, int]]:
    """The cells of each tab, the last one excluded."""
    places: list[tuple[int, int]] = []
    at = 1
    for label in labels:
        places.append((at, at + cell_len(label)))
        at += cell_len(label) + gap
    return places


def tab_at(labels: Sequence[str], x: int, gap: int = 2) -> int | None:
    """The tab under cell ``x``."""
    for index, (first, last) in enumerate(tab_places(labels, gap)):
        if first <= x < last:
            return index
    return None


def fitting(keys: Sequence[Key], width: int) -> list[Key]:
    """Those that ``width`` cells hold: the ones that are told elsewhere too give way."""
    shown = list(keys)
    for sign in _TOLD_ELSEWHERE:
        # A cell before the first, and none behind the last.
        if sum(key.cells for key in shown) - 1 <= width:
            break
        shown = [key for key in shown if key.sign != sign]
    return shown


def footer(keys: Sequence[Key], width: int) -> Line:
    pieces: list[Piece] = [(" ", "")]
    for key in keys:
        pieces += [(key.sign, "accent bold"), (f" {key.label}  ", "muted")]
    if length(tuple(pieces)) > width:  # the gap behind the last one is nothing that is cut
        pieces[-1] = (pieces[-1][0].rstrip(), "muted")
    return clip(tuple(pieces), width)


def key_at(keys: Sequence[Key], x: int) -> Key | None:
    """The key under cell ``x`` of the footer."""
    at = 1
    for key in keys:
        wide = cell_len(key.sign) + 1 + cell_len(key.label)
        if at <= x < at + wide:
            return key
        at += wide + 2
    return None
