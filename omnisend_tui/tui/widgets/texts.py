"""Texts that several screens draw: bars, charts, aligned lines."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from omnisend_tui.tui.themes import Palette, Tone

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_ASCII_HEIGHTS = " .:-=+*%#"


def plain(value: str) -> str:
    """Text from outside in one line: what could move the cursor becomes a replacement sign."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in value)


def fit(value: str, width: int) -> str:
    """``plain`` text in exactly ``width`` cells, cut with an ellipsis or filled with spaces."""
    text = plain(value)
    if cell_len(text) > width:
        return set_cell_size(text, max(0, width - 1)) + ("…" if width > 0 else "")
    return set_cell_size(text, width)


def wrap(sentence: str, width: int) -> list[str]:
    """``sentence`` in lines of at most ``width`` cells, broken between words."""
    lines: list[str] = []
    for word in plain(sentence).split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(fit(word, min(width, cell_len(word))))
    return lines


def right(value: str, width: int) -> str:
    """``value`` at the right of ``width`` cells."""
    return " " * max(0, width - cell_len(value)) + value


def line_bar(done: int, total: int | None, width: int, tone: Tone, palette: Palette) -> Text:
    """A bar of one thin line, ``width`` cells; empty where the total isn't known."""
    halves = min(2 * width, max(done > 0, done * 2 * width // total)) if total else 0
    full, half = divmod(halves, 2)
    fill, middle, track = ("=", "-", ".") if palette.ascii else ("━", "╾", "─")
    text = Text(end="")
    text.append(fill * full + middle * half, palette.style(tone))
    text.append(track * (width - full - half), palette.style("track"))
    return text


def main_bar(done: int, total: int | None, width: int, tone: Tone, palette: Palette) -> Text:
    """The thick bar of a run, in eighths of a cell."""
    eighths = min(8 * width, max(done > 0, done * 8 * width // total)) if total else 0
    full, part = divmod(eighths, 8)
    text = Text(end="")
    if palette.ascii or not palette.track:
        fill, track = ("#", ".") if palette.ascii else ("█", "░")
        text.append(fill * full, palette.style(tone))
        text.append(track * (width - full))
        return text
    style = Style(color=getattr(palette, tone), bgcolor=palette.track)
    text.append("█" * full, style)
    if full < width:
        text.append(_EIGHTHS[part] + " " * (width - full - 1), style)
    return text


def columns(values: Sequence[int], width: int, height: int, palette: Palette) -> list[Text]:
    """A chart of ``height`` lines: one column a value, the newest in the accent colour."""
    shown = resample(values, width)
    top = max(shown, default=0) or 1
    levels = [0 if value <= 0 else max(1, value * 8 * height // top) for value in shown]
    signs = _ASCII_HEIGHTS if palette.ascii else _HEIGHTS
    lines = []
    for row in reversed(range(height)):
        drawn = "".join(signs[min(8, max(0, level - 8 * row))] for level in levels)
        line = Text(end="")
        line.append(drawn[:-1], palette.style("quiet"))
        line.append(drawn[-1:], palette.style("accent"))
        line.append(" " * (width - len(drawn)))
        lines.append(line)
    return lines


def resample(values: Sequence[int], width: int) -> list[int]:
    """At most ``width`` values: means of equal stretches where there are more."""
    count = len(values)
    if count <= width:
        return list(values)
    edges = [index * count // width for index in range(width + 1)]
    return [sum(values[a:b]) // (b - a) for a, b in pairwise(edges)]


def spread(left: Text, end: Text, width: int, fill: str = " ", style: Style | None = None) -> Text:
    """``left`` and ``end`` at the two ends of ``width`` cells; ``end`` keeps its place."""
    gap = width - left.cell_len - end.cell_len
    if gap < 1:
        left = left.copy()
        left.truncate(max(0, width - end.cell_len - 1), overflow="ellipsis")
        gap = max(0, width - left.cell_len - end.cell_len)
    middle = fill if gap < 3 or fill == " " else f" {fill * (gap - 2)} "
    if fill != " " and gap < 3:
        middle = " "
    return Text.assemble(left, (middle.ljust(gap)[:gap], style or Style()), end, end="")


def lines_of(lines: Iterable[Text]) -> Text:
    return Text("\n", end="").join(lines)


def heading(label: str, width: int, palette: Palette, end: Text | None = None) -> Text:
    """A muted label, a rule, and what stands at its end."""
    rule = "-" if palette.ascii else "─"
    left = Text(label, palette.style("muted"), end="")
    if end is None:
        gap = max(0, width - left.cell_len - 1)
        return Text.assemble(left, " ", (rule * gap, palette.style("rule")), end="")
    return spread(left, end, width, rule, palette.style("rule"))
