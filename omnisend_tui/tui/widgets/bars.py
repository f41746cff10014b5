"""Bars and charts as pieces of a line."""

from collections.abc import Sequence

from omnisend_tui.tui.widgets.paint import Line, Piece

_EIGHTHS = " ▏▎▍▌▋▊▉"
_HEIGHTS = " ▁▂▃▄▅▆▇█"


def line_bar(done: int, total: int | None, width: int, ink: str = "accent") -> Line:
    """A thin bar ``━╾─`` of ``width`` cells; only a track where the total isn't known."""
    halves = _share(done, total, width * 2)
    full, half = divmod(halves, 2)
    rest = width - full - half
    return (("━" * full, ink), ("╾" * half, ink), ("─" * rest, "track"))


def main_bar(done: int, total: int | None, width: int, ink: str = "accent") -> Line:
    """A solid bar in steps of an eighth of a cell."""
    full, eighths = divmod(_share(done, total, width * 8), 8)
    edge: tuple[Piece, ...] = ((_EIGHTHS[eighths], f"{ink} on track"),) if eighths else ()
    rest = width - full - len(edge)
    return (("█" * full, ink), *edge, ("█" * rest, "track"))


def columns(values: Sequence[int], width: int, rows: int, top: int = 1) -> list[Line]:
    """A column a value, the newest at the right and in the accent colour; at most ``width``.

    Fewer values than cells stretch over the whole width; 0 is an empty column. The highest, or
    ``top`` where that is more, is as high as all ``rows``.
    """
    if not values:
        return [((" " * width, ""),)] * rows
    cells = [values[cell * len(values) // width] for cell in range(width)]
    top = max(max(cells), top, 1)
    heights = [-(-value * rows * 8 // top) for value in cells]
    newest = max(1, width - (len(values) - 1) * width // len(values) if len(values) > 1 else width)
    newest = min(newest, 2)
    lines: list[Line] = []
    for row in reversed(range(rows)):
        signs = "".join(_HEIGHTS[min(8, max(0, height - row * 8))] for height in heights)
        lines.append(((signs[:-newest], "quiet"), (signs[-newest:], "accent")))
    return lines


def columns_apart(values: Sequence[int], inks: Sequence[str], rows: int) -> list[Line]:
    """A column of a cell and a gap for each value, each in its ink; only 0 is an empty one."""
    top = max(max(values, default=0), 1)
    heights = [-(-value * rows * 8 // top) for value in values]
    return [
        tuple(
            (_HEIGHTS[min(8, max(0, height - row * 8))] + " ", ink)
            for height, ink in zip(heights, inks, strict=True)
        )
        for row in reversed(range(rows))
    ]


def _share(done: int, total: int | None, steps: int) -> int:
    """Full only when all is done, and never empty once something is."""
    if not total or done <= 0:
        return 0
    return min(steps, max(1, done * steps // total))
