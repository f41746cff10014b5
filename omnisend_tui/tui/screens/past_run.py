"""A past run as lines: its row, the trend it stands in, and all about it for the pane."""

from datetime import datetime
from typing import NamedTuple

from omnisend_tui.formats import duration, moment, number
from omnisend_tui.history import (
    Changes,
    Point,
    compared,
    in_words,
    origin,
    seconds_of,
    signed,
    signed_time,
)
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import reason_label
from omnisend_tui.tui.widgets.bars import columns_apart
from omnisend_tui.tui.widgets.identity import as_sum
from omnisend_tui.tui.widgets.paint import (
    TABLE,
    Line,
    Piece,
    between,
    clean,
    clip,
    cut,
    heading,
    left,
    right,
    within,
    wrapped,
)
from omnisend_tui.tui.widgets.table import Column, TableRow
from omnisend_tui.tui.words import hint_of, local, state_line, state_of, status_state

_REASONS = 4  # lines


class Marked(NamedTuple):
    """The marked run, the one before it, the trend of its export, its rejects by reason."""

    run: Snapshot
    before: Snapshot | None = None
    trend: tuple[Point, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()


def past_columns(table: int) -> list[Column]:
    """Of a table of so many cells; where it is narrow whole columns give way, never figures."""
    read, took, by, name = _widths(table)
    columns = [
        Column(_("Started"), 13),
        Column(_("Export"), name),
        Column(_("State"), 18),
        Column(_("Read"), read, numeric=True),
        Column(_("Rejects"), 9, numeric=True),
        Column(_("Took") + " ", took, numeric=True),
        Column("  " + _("Started by"), by),
    ]
    return [column for column in columns if column.width]


def _widths(table: int) -> tuple[int, int, int, int]:
    """Cells of the profiles read, the time, who started it, and the export's name."""
    more = table - TABLE
    by = 26 if more >= 26 else 0
    took = 8 if more >= 0 else 0
    read = 10 if more >= -8 else 0
    return read, took, by, max(8, min(60, 18 + more - by + (8 - took) + (10 - read)))


def past_row(run: Snapshot, now: datetime, table: int) -> TableRow:
    read, shown_took, by, name = _widths(table)
    live = not run.ended
    calm = "" if live else "muted"
    serious = run.rejected and run.status == "finished_with_rejects"
    rejects = "warning bold" if serious else "" if run.rejected else "muted"
    took = duration(seconds_of(run, now.timestamp()))
    cells: list[tuple[int, Line]] = [
        (13, ((cut(moment(local(run.started_at, now), now), 12), calm),)),
        (name, ((cut(clean(run.export), name - 1), "bold" if live else ""),)),
        (18, clip(state_line(run), 18)),
        (read, ((right(number(run.read), 10), ""),)),
        (9, ((right(number(run.rejected), 9), rejects),)),
        (shown_took, ((right(took, 7), calm),)),
        (by, (("  " + cut(clean(origin(run)), by - 3), calm),)),
    ]
    return TableRow(run.run_id, tuple(cell for width, cell in cells if width))


def trend_lines(marked: Marked, width: int, rows: int) -> list[Line]:
    """Columns over a row of signs, and what they are at their right."""
    points = marked.trend
    inks = [_ink(point, marked.run) for point in points]
    charts = columns_apart([point.read for point in points], inks, rows)
    signs = tuple(
        piece
        for point, ink in zip(points, inks, strict=True)
        for piece in (_sign(point, ink, marked.run), (" ", ""))
    )
    count = ngettext("last {count} run", "last {count} runs", len(points))
    name = cut(clean(marked.run.export), max(0, width - 2 * len(points) - 2))
    told: list[Line] = [
        ((name, "bold"),),
        ((count.format(count=number(len(points))), "muted"),),
        ((_("profiles read"), "muted"),),
    ]
    lines = [*charts, signs]
    beside: list[Line] = [()] * (len(lines) - len(told)) + told
    return [between(line, end, width) for line, end in zip(lines, beside, strict=True)]


def changes_line(marked: Marked, now: datetime, width: int) -> Line:
    """What changed since the run before, and who started this one."""
    run, before = marked.run, marked.before
    end: Line = (("  ", ""), (clean(origin(run)), "muted"))
    told = ""
    if run.error is not None:
        return between(((clean(run.error.message), "error"),), end, width)
    if before is not None:
        told = _("Since {when}: {changes}").format(
            when=_when(before, now), changes=in_words(compared(run, before))
        )
    elif run.ended:
        told = _("There is no earlier run to compare it with.")
    return between(((told, "muted"),), end, width)


def past_pane(marked: Marked, now: datetime, width: int) -> list[Line]:
    """All about the marked run, as far as its counts tell."""
    run = marked.run
    name: Line = ((cut(clean(run.export), width - 14), "bold"), ("  ", ""))
    lines: list[Line] = [(*name, (_when(run, now), "muted")), state_line(run)]
    if run.error is not None:
        told = f"{clean(run.error.message)} {clean(hint_of(run.error))}"
        lines += within(told, width, 4, "error")
    lines += [(), *_facts(run, now, width), ()]
    lines += [heading(_("Every profile accounted for"), width), *as_sum(run, width), ()]
    if marked.reasons:
        lines.append(heading(_("Rejects by reason"), width))
        lines += [
            _figure(reason_label(reason), number(count), width)
            for reason, count in marked.reasons[:_REASONS]
        ]
        lines.append(())
    if marked.before is not None:
        when = _when(marked.before, now)
        lines.append(heading(_("Compared with {when}").format(when=when), width))
        lines += _compared(compared(run, marked.before), width)
    elif run.ended:
        lines += wrapped(_("There is no earlier run to compare it with."), width, "muted")
    return lines


def _facts(run: Snapshot, now: datetime, width: int) -> list[Line]:
    took = duration(seconds_of(run, now.timestamp()))
    if run.reading_done_at is not None and run.ended:
        reading = duration(run.reading_done_at - run.began)
        took = _("{time}, of it {reading} reading").format(time=took, reading=reading)
    requests = number(run.requests)
    if run.retries:
        again = ngettext("{count} repeated", "{count} repeated", run.retries)
        requests = f"{requests}, {again.format(count=number(run.retries))}"
    by = clean(origin(run)) or "–"
    facts = [(_("Started by"), by), (_("Took"), took), (_("Requests"), requests)]
    if run.leavers_found:
        told = _("{count} lost the segment tag").format(count=number(run.leavers))
        facts.append((_("Leavers"), told))
    if run.options.limit is not None:
        told = ngettext("first {count} profile", "first {count} profiles", run.options.limit)
        facts.append((_("Trial"), told.format(count=number(run.options.limit))))
    if run.options.only_rejects:
        facts.append((_("Only"), _("what the run before rejected")))
    column = max(len(label) for label, _text in facts) + 2
    return [
        ((left("" if row else label, column), "muted"), *line)
        for label, text in facts
        for row, line in enumerate(wrapped(text, max(1, width - column)))
    ]


def compared_accounts() -> dict[str, str]:
    """What runs are compared by: fields of ``Changes`` and of snapshots, with their labels."""
    return {
        "read": _("Read"),
        "created": _("Created"),
        "updated": _("Updated"),
        "accepted": _("Created or updated"),
        "unchanged": _("Unchanged"),
        "duplicates": _("Duplicates"),
        "rejected": _("Rejected"),
        "leavers": _("Leavers"),
    }


def _compared(changes: Changes, width: int) -> list[Line]:
    lines = [
        _figure(label, signed(getattr(changes, field)), width)
        for field, label in compared_accounts().items()
        if getattr(changes, field) or field in ("read", "rejected")
    ]
    return [*lines, _figure(_("Time"), signed_time(changes.seconds), width)]


def _figure(label: str, figure: str, width: int) -> Line:
    return between(((label, ""),), ((figure, ""),), width)


def _when(run: Snapshot, now: datetime) -> str:
    return moment(local(run.started_at, now), now)


def _state(point: Point, marked: Snapshot) -> tuple[str, str, str]:
    return state_of(marked) if point.run_id == marked.run_id else status_state(point.status)


def _ink(point: Point, marked: Snapshot) -> str:
    """What needs somebody is in its colour, the marked run in the accent colour."""
    ink = _state(point, marked)[2]
    if point.run_id == marked.run_id and ink in ("success", "muted"):
        return "accent"
    return "quiet" if ink == "success" else ink


def _sign(point: Point, ink: str, marked: Snapshot) -> Piece:
    """Only what is worth a look has one; the marked run's stands out without colour too."""
    if point.run_id == marked.run_id:
        return _state(point, marked)[0], f"{ink} reverse"
    return " " if point.status == "finished" else _state(point, marked)[0], ink
