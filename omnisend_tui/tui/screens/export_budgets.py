"""How much of their requests the brands that are used just now have taken in this minute."""

from collections.abc import Sequence

from omnisend_tui.formats import number
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.widgets.bars import line_bar
from omnisend_tui.tui.widgets.paint import WIDE, Line, Piece, clean, cut, length
from omnisend_tui.tui.words import a_minute, others_too


def budgets(rows: Sequence[Row], marked: Row | None, width: int) -> Line:
    """One brand, or two from ``WIDE`` cells on; '' where the line has no room."""
    pieces: list[Piece] = []
    shown = brands(rows, marked)[: 2 if width >= WIDE else 1]
    bar = 4 if any(run.budget_lowered for run in shown) else 14
    for run in shown:
        name = cut(clean(run.connection), 16)
        pieces += [("     " if pieces else "", ""), (name + " ", "muted")]
        told = f", {others_too()}" if run.budget_lowered else ""
        pieces += line_bar(run.budget_used, run.budget_limit, bar)
        pieces.append((f" {number(run.budget_used):>3}", "bold"))
        pieces += [(f" {a_minute(run)}", "muted"), (told, "warning")]
    return tuple(pieces) if length(tuple(pieces)) < width - 10 else ()


def brands(rows: Sequence[Row], marked: Row | None) -> list[Snapshot]:
    """The freshest run of each brand that is used now, that of the marked export first."""
    found: dict[str, Snapshot] = {}
    for row in rows if marked is None else (marked, *rows):
        run = row.run
        if run is None or run.ended or not run.budget_limit:
            continue
        brand = run.brand_id or run.connection
        known = found.get(brand)
        if known is None or known.updated_at < run.updated_at:
            found[brand] = run
    return list(found.values())
