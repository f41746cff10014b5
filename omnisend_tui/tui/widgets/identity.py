"""The accounting identity: every profile read is in exactly one column."""

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
    perhaps_sent = run.unanswered or run.status == "interrupted"
    return _("Not confirmed") if perhaps_sent else _("Not sent")


def as_columns(run: Snapshot, width: int) -> list[Line]:
    """Two lines, labels over numbers, whose places depend on the size of the source alone."""
    shown = accounts(run)
    figure = max(6, cell_len(number(max(run.total or 0, run.read))))
    widths = [max(cell_len(label), figure) for label, _count, _ink in shown]
    room = width - 3 * (len(shown) - 1)
    if sum(widths) > room:  # labels are cut, figures never
        widths = [max(figure, min(wide, room // len(shown))) for wide in widths]
    spare = max(0, room - sum(widths))
    share, more = divmod(spare, len(shown) - 1)
    labels: list[Piece] = []
    numbers: list[Piece] = []
    for index, (label, count, ink) in enumerate(shown):
        wide = widths[index] + (share + (index <= more) if index else 0)
        sign = "" if not index else " = " if index == 1 else " + "
        labels += [(" " * len(sign), ""), (right(label, wide), "muted")]
        numbers += [(sign, "muted"), (right(number(count), wide), ink)]
    return [tuple(labels), tuple(numbers)]


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
