"""The accounting identity: every profile read has exactly one outcome."""

from rich.cells import cell_len
from rich.text import Text

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.themes import Palette, Tone
from omnisend_tui.tui.widgets.texts import right

Part = tuple[str, int, Tone, bool]
_NUMBER = 9  # cells of a number up to 9,999,999


def parts(run: Snapshot) -> list[Part]:
    """Label, count, tone and weight; the first is the sum of the others."""
    return [
        (_("Read"), run.read, "foreground", True),
        (_("Accepted"), run.created + run.updated + run.accepted, "foreground", False),
        (_("Unchanged"), run.unchanged, _tone(run.unchanged, "foreground"), False),
        (_("Duplicates"), run.duplicates, _tone(run.duplicates, "foreground"), False),
        (_("Rejected"), run.rejected, _tone(run.rejected, "warning"), False),
        (_("On their way"), run.on_their_way, _tone(run.on_their_way, "accent"), False),
    ]


def identity_lines(run: Snapshot, width: int, palette: Palette) -> list[Text]:
    """Two lines of columns, labels over numbers, which stay in place while the numbers grow."""
    columns = parts(run)
    widths = [max(_NUMBER, cell_len(label)) for label, *_rest in columns]
    gap = max(3, (width - sum(widths)) // (len(widths) - 1))
    labels, numbers = Text(end=""), Text(end="")
    for index, ((label, count, tone, bold), cells) in enumerate(zip(columns, widths, strict=True)):
        if index:
            labels.append(" " * gap)
            sign = " =" if index == 1 else " +"
            numbers.append(sign.ljust(gap), palette.style("muted"))
        labels.append(right(label, cells), palette.style("muted"))
        numbers.append(right(number(count), cells), palette.style(tone, bold=bold))
    return [labels, numbers]


def identity_column(run: Snapshot, width: int, palette: Palette) -> list[Text]:
    """The same as a sum, one line a part, the total below."""
    (total, read, _tone_of_total, _bold), *rest = parts(run)
    lines = []
    for index, (label, count, tone, _weight) in enumerate(rest):
        line = Text(end="")
        line.append("+ " if index else "  ", palette.style("muted"))
        line.append(label, palette.style("foreground"))
        line.append(right(number(count), width - 2 - cell_len(label)), palette.style(tone))
        lines.append(line)
    rule = "-" if palette.ascii else "─"
    lines.append(Text(right(rule * _NUMBER, width), palette.style("rule"), end=""))
    line = Text("= ", palette.style("muted"), end="")
    line.append(total, palette.style("foreground"))
    line.append(right(number(read), width - 2 - cell_len(total)), palette.style(bold=True))
    return [*lines, line]


def _tone(count: int, tone: Tone) -> Tone:
    return tone if count else "muted"
