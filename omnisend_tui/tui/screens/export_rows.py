"""An export as a row of the home screen."""

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from omnisend_tui.formats import moment, natural, number, percent, short_duration
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.widgets.bars import line_bar
from omnisend_tui.tui.widgets.paint import TABLE, Line, between, clean, clip, cut, left, right
from omnisend_tui.tui.widgets.table import Column, TableRow
from omnisend_tui.tui.words import local, profiles, state_line

_FIGURES = 22 + 12  # cells of the columns that only a wide table has
_RANKS = (
    "running", "waiting", "queued", "paused", "failed", "interrupted", "finished_with_rejects",
    "finished", "cancelled",
)  # fmt: skip
SORTS = ("state", "name", "newest", "rejects")


@dataclass(frozen=True, slots=True)
class Widths:
    """Cells of the columns that grow; ``figures``: whether done and rate have their own."""

    name: int = 18
    bar: int = 15
    figures: bool = False

    @classmethod
    def of(cls, table: int) -> "Widths":
        """Of a table of so many cells. In a narrow one the bar gives way, then the name."""
        more = table - TABLE
        if more < 0:
            bar = 15 + more if 15 + more >= 4 else 0
            return cls(max(10, 18 + more + 15 - bar), bar)
        figures = more >= _FIGURES
        if figures:
            more -= _FIGURES
        name = min(16, max(0, more // 2))
        return cls(18 + name, 15 + min(25, max(0, more - name)), figures)

    @property
    def progress(self) -> int:
        return self.bar + 13


_USUAL = Widths()


def export_columns(widths: Widths = _USUAL) -> list[Column]:
    progress = left(_("Progress"), widths.bar) + right(_("Time left"), 13)
    columns = [
        Column(_("Export"), widths.name),
        Column(_("State"), 20),
        Column(progress, widths.progress),
    ]
    if widths.figures:
        columns += [Column(_("Done"), 22, numeric=True), Column(_("A minute"), 12, numeric=True)]
    return [*columns, Column(_("Rejects") + " ", 10, numeric=True)]


def arranged(rows: tuple[Row, ...], by: str) -> list[Row]:
    """Rows in one of the orders of ``SORTS``; 'state' puts what runs first, what rests last."""
    by_name = sorted(rows, key=lambda row: natural(row.export.name))
    if by == "name":
        return by_name
    newest = sorted(by_name, key=lambda row: -(row.run.started_at if row.run else 0.0))
    if by == "newest":
        return newest
    if by == "rejects":
        return sorted(newest, key=lambda row: -(row.run.rejected if row.run else -1))
    return sorted(newest, key=_rank)


def found(rows: tuple[Row, ...], by: str, wanted: str) -> list[Row]:
    """Those whose export, connection or source has ``wanted`` in its name, arranged."""
    return [
        row
        for row in arranged(rows, by)
        if not wanted or matches(wanted, row.export.name, row.export.connection, row.export.source)
    ]


def sorted_by(order: str) -> str:
    """The order in words, as in 'sorted by name'."""
    return {
        "state": _("by state"),
        "name": _("by name"),
        "newest": _("by the last run"),
        "rejects": _("by rejects"),
    }[order]


def export_row(row: Row, now: datetime, widths: Widths = _USUAL) -> TableRow:
    run = row.run
    name = cut(clean(row.export.name), widths.name - 1)
    calm = not row.busy and row.trouble is None and row.wrong is None
    rests = calm and (_detached(row) or run is None or run.status in ("finished", "cancelled"))
    bold = row.busy and (run is None or run.status != "paused") and not (run and run.waiting_for)
    ink = "muted" if rests else "bold" if bold else ""
    cells: list[Line] = [((name, ink),), _state(row), _progress(row, now, widths)]
    if widths.figures:
        cells += _figures(row)
    return TableRow(row.export.id, (*cells, _rejects(run)))


def _figures(row: Row) -> list[Line]:
    """Done of total and rate; of what doesn't run, both are empty."""
    run = row.run
    if run is None or run.ended or row.starting:
        return [(), ()]
    done = number(run.closed)
    if run.total is not None:
        done = _("{done} of {total}").format(done=done, total=number(run.total))
    rate = number(run.rate_per_minute) if run.status == "running" else "–"
    return [((right(done, 22), ""),), ((right(rate, 12), "" if run.rate_per_minute else "muted"),)]


def _state(row: Row) -> Line:
    if row.starting:
        return (("◌", "muted"), (" ", ""), (_("starting"), "muted"))
    if row.wrong is not None and not row.busy:
        return (("✖", "error"), (" ", ""), (_("can't run"), "error"))
    if row.trouble is not None and not row.busy:
        return (("✖", "error"), (" ", ""), (_("not started"), "error"))
    if _detached(row):
        return (("-", "muted"), (" ", ""), (_("detached"), "muted"))
    return clip(state_line(row.run), 19)


def _detached(row: Row) -> bool:
    """Whether it can't run again before it gets a connection; its last run still may go on."""
    return not row.export.connection and not row.busy


def _progress(row: Row, now: datetime, widths: Widths) -> Line:
    run, cells = row.run, widths.progress
    if row.starting:
        return ()
    if row.wrong is not None and not row.busy:
        return ((cut(row.wrong.words, cells), ""),)
    if row.trouble is not None and not row.busy:
        return ((cut(clean(row.trouble.message), cells), ""),)
    if _detached(row):
        return ((cut(_("no connection"), cells), "muted"),)
    if run is None:
        return ((cut(_("r runs it"), cells), "muted"),)
    if not run.ended:
        return _live(run, widths)
    if run.status == "failed" and run.error is not None:
        return ((cut(clean(run.error.message), cells), ""),)
    if run.status == "interrupted":
        return _interrupted(run, cells)
    when = moment(local(run.finished_at or run.updated_at, now), now)
    end = profiles(run.closed)
    if len(end) + len(when) >= cells:
        end = number(run.closed)
    if len(end) + len(when) >= cells:
        return ((cut(when, cells), "muted"),)
    return between(((when, "muted"),), ((end, "muted"),), cells)


def _interrupted(run: Snapshot, cells: int) -> Line:
    share = percent(run.closed, run.total, ended=False) or "0 %"
    end = _("{percent} done").format(percent=share)
    way = _("r resumes it")
    if cell_len(way) + cell_len(end) >= cells:
        return ((cut(way, cells), ""),)
    return between(((way, ""),), ((end, "muted"),), cells)


def _live(run: Snapshot, widths: Widths) -> Line:
    active = run.status == "running" and not run.waiting_for and not run.cancelling
    ink = "warning" if run.status == "paused" else "accent" if active else "muted"
    left_time = short_duration(run.time_left)
    cells = max(7, cell_len(left_time) + 1)
    share = percent(run.closed, run.total, ended=False)
    return (
        *line_bar(run.closed, run.total, widths.bar, ink),
        (right(share, widths.progress - widths.bar - cells), "bold" if active else ""),
        (right(left_time, cells), "" if run.time_left is not None else "muted"),
    )


def _rejects(run: Snapshot | None) -> Line:
    if run is None:
        return ()
    serious = run.rejected and run.status == "finished_with_rejects"
    ink = "warning bold" if serious else "" if run.rejected else "muted"
    return ((right(number(run.rejected), 9), ink),)


def _rank(row: Row) -> int:
    if row.starting:
        return 0
    if not row.busy and (row.trouble is not None or row.wrong is not None):
        return _RANKS.index("failed")
    if row.run is None or _detached(row):
        return len(_RANKS)
    # Whether it waits changes by the second, and rows that jump can't be read.
    return _RANKS.index(row.run.status)
