"""The accounting identity: every profile read is in exactly one column."""

from collections.abc import Sequence

from rich.cells import cell_len

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.widgets.paint import Line, Piece, between, right


def accounts(run: Snapshot) -> list[tuple[str, int, str]]:
    """Label, count and ink of each account; the first is their sum."""
    accepted = run.created + run.updated + run.accepted
    return [
        (_("Read"), run.read, "bold"),
        (_("Accepted"), accepted, ""),
        (_("Unchanged"), run.unchanged, "" if run.unchanged else "muted"),
        (_("Duplicates"), run.duplicates, "" if run.duplicates else "muted"),
        (_("Rejected"), run.rejected, "warning" if run.rejected else "muted"),
        (_open_label(run), run.on_their_way, "accent" if run.on_their_way else "muted"),
    ]


def _open_label(run: Snapshot) -> str:
    """Of those without an outcome. Once a run has ended nothing is under way any more."""
    if not run.ended:
        return _("On their way")
    return _("Not confirmed") if run.perhaps_sent else _("Not sent")


def as_columns(run: Snapshot, width: int, *, tall: bool = False) -> list[Line]:
    """Two lines, labels over numbers, whose places depend on the size of the source alone while
    there is room for that.

    ``tall``: where the labels don't fit beside each other, they stand in two lines by turns.
    """
    shown = accounts(run)
    names = [label for label, _count, _ink in shown]
    figures, least, gap = _figures(run, [count for _label, count, _ink in shown], width)
    widths = [max(cell_len(name), low) for name, low in zip(names, least, strict=True)]
    room = width - gap * (len(shown) - 1)
    narrow = sum(widths) > room
    if narrow:  # labels are cut, figures never
        share = room // len(shown) if len(set(least)) == 1 else 0
        widths = [max(low, min(wide, share)) for wide, low in zip(widths, least, strict=True)]
    spare = max(0, room - sum(widths))
    share, more = divmod(spare, len(shown) - 1)
    labels: list[Piece] = []
    numbers: list[Piece] = []
    for index, (label, _count, ink) in enumerate(shown):
        wide = widths[index] + (share + (index <= more) if index else 0)
        sign = ("=" if index == 1 else "+").center(gap) if index else ""
        labels += [(" " * len(sign), ""), (right(label, wide), "muted")]
        numbers += [(sign, "muted"), (right(figures[index], wide), ink)]
    if narrow and tall:
        return [*_by_turns(names, widths, gap, width), tuple(numbers)]
    return [tuple(labels), tuple(numbers)]


def _figures(run: Snapshot, counts: Sequence[int], width: int) -> tuple[list[str], list[int], int]:
    """The counts as they are written, the cells that each needs, and those between two."""
    figures = [number(count) for count in counts]
    most = max(6, cell_len(number(max(run.total or 0, run.read))))
    for gap in (3, 1):
        if (most + gap) * len(counts) - gap <= width:
            return figures, [most] * len(counts), gap
    if sum(map(cell_len, figures)) + len(counts) - 1 > width:
        figures = [str(count) for count in counts]
    return figures, [cell_len(figure) for figure in figures], 1


def _by_turns(labels: list[str], widths: list[int], gap: int, width: int) -> list[Line]:
    """Every second label in a line of its own, each over the end of its number."""
    spare = max(0, width - gap * (len(labels) - 1) - sum(widths))
    share, more = divmod(spare, len(labels) - 1)
    lines: list[list[Piece]] = [[], []]
    taken, end = [0, 0], 0
    for index, label in enumerate(labels):
        end += widths[index] + (gap + share + (index <= more) if index else 0)
        turn = index % 2
        lines[turn].append((right(label, end - taken[turn] - (index > 1)), "muted"))
        if index > 1:
            lines[turn].insert(-1, (" ", ""))
        taken[turn] = end
    return [tuple(line) for line in lines]


def as_sum(run: Snapshot, width: int) -> list[Line]:
    """One account a line, and the sum under a rule."""
    read, *others = accounts(run)
    lines: list[Line] = []
    for index, (label, count, ink) in enumerate(others):
        sign = "+ " if index else "  "
        lines.append(between(((sign, "muted"), (label, "")), ((number(count), ink),), width))
    lines.append(between((), (("─" * 9, "rule"),), width))
    lines.append(between((("= ", "muted"), (read[0], "")), ((number(read[1]), "bold"),), width))
    return lines
