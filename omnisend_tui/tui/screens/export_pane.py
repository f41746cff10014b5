"""The selected export, below the table or at its right."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from rich.cells import cell_len

from omnisend_tui.config.models import Export
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import duration, moment, number, percent
from omnisend_tui.history import seconds_of
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.run_lines import (
    batches_of,
    counted_batches,
    later_stages,
    stages,
    time_left,
)
from omnisend_tui.tui.screens.run_told import standing
from omnisend_tui.tui.widgets.bars import columns, line_bar
from omnisend_tui.tui.widgets.identity import as_columns, as_sum
from omnisend_tui.tui.widgets.paint import (
    Line,
    Piece,
    between,
    clean,
    clip,
    heading,
    left,
    length,
    right,
    within,
    wrapped,
)
from omnisend_tui.tui.words import a_minute, hint_of, local, others_too, state_line, state_of


def below(row: Row, now: datetime, width: int) -> list[Line]:
    """Six lines for the layout of 80 columns."""
    name: Line = ((clean(row.export.name), "bold"),)
    route = clip(((_route(row), "muted"),), max(0, width - length(name) - 4))
    lines = [between(name, route, width, ("─", "rule"))]
    run, trouble = row.run, _trouble(row)
    if run is None:
        told = trouble or RunError("", f"{row.note} {_rests(row.export)}".strip())
        lines += wrapped(f"{clean(told.message)} {clean(hint_of(told))}", width)
        return lines + [clip(line, width) for line in _schedule(row.export, now, width)]
    if trouble is not None:
        # What keeps it from running weighs more than the figures of its last run.
        words = _sentence(trouble, width, 2, 3 if row.wrong is None else 5)
        if len(words) > 2:
            return [*lines, *words, *(as_columns(run, width) if len(words) == 3 else ())]
        lines += words + [()] * (2 - len(words))
    else:
        lines += [_three_bars(run, width), clip(_facts(run, now), width)]
    waits = _why_waiting(run, width)
    if waits:
        # Why nothing moves weighs more than how fast it would.
        lines = [*lines[:2], *(waits[:2] if len(waits) > 1 else [lines[2], *waits])]
        return [*lines, *as_columns(run, width)]
    planned = _noted(row, width, 1) or _schedule(row.export, now, width, rows=1)
    if not planned and not row.export.connection:
        planned = wrapped(_rests(row.export), width)
    if planned:
        return [*lines, clip(planned[0], width), *as_columns(run, width)]
    figures = as_columns(run, width, tall=True)
    return [*lines, *[()] * (3 - len(figures)), *figures]


def at_right(row: Row, history: Sequence[Snapshot], now: datetime, width: int) -> list[Line]:
    """The pane of the layout of 120 columns."""
    export, run, trouble = row.export, row.run, _trouble(row)
    origin, target = _("from"), _("to")
    column = max(len(origin), len(target)) + 1
    lines: list[Line] = [
        ((clean(export.name), "bold"),),
        ((left(origin, column), "muted"), (clean(_from(row)), "")),
        ((left(target, column), "muted"), (clean(export.connection) or _("no connection"), "")),
    ]
    lines += [*_schedule(export, now, width), ()]
    if trouble is not None:
        lines += [*_sentence(trouble, width, 8, 12), ()]
    else:
        if noted := _noted(row, width, 4):
            lines += [*noted, ()]
        if run is None or not export.connection:
            lines += [*wrapped(_rests(export), width), ()]
    if run is None:
        return lines
    lines += [*_state(run, width), (), *_stages(run, width), ()]
    lines += [heading(_("Every profile accounted for"), width), *as_sum(run, width), ()]
    if any(run.throughput):
        rate: Line = ((number(run.rate_per_minute), "bold"),) if not run.ended else ()
        lines += [heading(_("Contacts a minute"), width, rate)]
        lines += [*columns(run.throughput, width, 3), ()]
    return lines + _last_runs(history, now, width)


def _why_waiting(run: Snapshot, width: int) -> list[Line]:
    """Why a run that goes on doesn't move, and what to do; empty where it moves."""
    if run.ended or not (run.waiting_for or run.cancelling or run.status == "paused"):
        return []
    words, ink = standing(run, resumes=False)
    return wrapped(words, width, ink)


def _from(row: Row) -> str:
    return ", ".join([row.export.source, *(row.segments or row.export.segments)])


def _route(row: Row) -> str:
    return clean(f"{_from(row)} → {row.export.connection or _('no connection')}")


def _trouble(row: Row) -> RunError | None:
    if row.busy:
        return None
    if row.wrong is not None:
        return row.wrong.error
    return row.trouble or (row.run.error if row.run is not None else None)


def _noted(row: Row, width: int, rows: int) -> list[Line]:
    """What the source lacks of an export that rests, and can be run."""
    return within(clean(row.note), width, rows, "warning") if row.note and not row.busy else []


def _rests(export: Export) -> str:
    if not export.connection:
        return _("This export has no connection, so it doesn't run. t gives it one.")
    return _("This export never ran. r says what a run costs before anything is sent.")


def _schedule(export: Export, now: datetime, width: int, rows: int = 4) -> list[Line]:
    """When it would run next, and that nothing carries that out yet; empty without a schedule."""
    if not export.schedule:
        return []
    from omnisend_tui.typed_schedule import parse

    try:
        told = parse(export.schedule).words()
    except UsageError as error:
        return wrapped(clean(error.message), width, "warning")
    told = clean(told[:1].upper() + told[1:])
    if not export.connection:
        idle = _("It is detached: nothing runs then.")
        return wrapped(f"{told}. {idle}", width, "muted")[:rows]
    idle = _("Nothing carries schedules out yet.")
    lines = wrapped(f"{told}. {idle}", width, "muted")
    after = _next_time(export.schedule, now.replace(second=0, microsecond=0))
    if after is not None:
        when = _("{schedule}, next {when}").format(schedule=told, when=moment(after, now))
        longer = wrapped(f"{when}. {idle}", width, "muted")
        lines = longer if len(longer) <= rows else lines
    return lines[:rows]


@lru_cache(maxsize=64)
def _next_time(schedule: str, after: datetime) -> datetime | None:
    from omnisend_tui.typed_schedule import parse

    return next(iter(parse(schedule).next_times(after, 1)), None)


def _sentence(trouble: RunError, width: int, rows: int, most: int) -> list[Line]:
    """The hint on lines of its own where ``rows`` hold both; never more than ``most`` lines."""
    lines = wrapped(clean(trouble.message), width, "error")
    lines += wrapped(clean(hint_of(trouble)), width)
    if len(lines) > rows:
        joined = wrapped(f"{clean(trouble.message)} {clean(hint_of(trouble))}", width)
        lines = joined[:most]
        if len(joined) > most:
            lines[-1] = clip((*joined[most - 1], (" ", ""), *joined[most]), width)
    return lines


def _three_bars(run: Snapshot, width: int) -> Line:
    """Read, sent and confirmed beside each other, numbers in places of their own."""
    figure = max(6, cell_len(number(max(run.total or 0, run.read))))
    shown = stages(run)
    fixed = sum(cell_len(label) + figure + 2 for label, *_rest in shown) + 6 + 2
    bar = (width - fixed) // 3
    if bar < 3:  # figures are never cut for bars
        bar = 0
    spare = max(0, width - fixed - 3 * bar)
    pieces: list[Piece] = []
    for index, (label, done, total, ink) in enumerate(shown):
        if index:
            pieces.append(("   " + " " * (spare if index == 1 else 0), ""))
        pieces += [(f"{label} ", "muted"), *line_bar(done, total, bar, ink)]
        pieces.append((" " * bool(bar) + right(number(done), figure), ""))
        if index == 0:
            pieces.append((" ✔" if run.reading_done_at else "  ", "success"))
    return tuple(pieces)


def _facts(run: Snapshot, now: datetime) -> Line:
    started = _("started {when}").format(when=moment(local(run.started_at, now), now))
    if run.ended:
        took = duration(seconds_of(run, now.timestamp()))
        return (
            (started, "muted"), ("   ", ""), (_("took {time}").format(time=took), "muted"),
            ("   ", ""), (counted_batches(run.batches), "muted"),
        )  # fmt: skip
    rate = _("{rate} a minute").format(rate=number(run.rate_per_minute))
    pieces: list[Piece] = [(rate, ""), ("   ", ""), (batches_of(run), "muted"), ("   ", "")]
    pieces.append((_limit(run), "warning") if run.budget_lowered else (started, "muted"))
    return tuple(pieces)


def _limit(run: Snapshot) -> str:
    return f"{number(run.budget_used)} {a_minute(run)}, {others_too()}"


def _state(run: Snapshot, width: int) -> list[Line]:
    done = percent(run.closed, run.total, ended=run.ended_well)
    if run.ended:
        return [between(state_line(run), ((done, "bold"),), width)]
    ink = state_of(run)[2]
    end: Line = ((done, "bold"), ("   ", ""), (time_left(run), ""))
    lines = [between(state_line(run), end, width), line_bar(run.closed, run.total, width, ink)]
    if run.budget_lowered:
        lines.append(((_limit(run), "warning"),))
    return [*lines, *_why_waiting(run, width)]


def _stages(run: Snapshot, width: int) -> list[Line]:
    shown = [*stages(run), *(stage for stage in later_stages(run) if stage[2])]
    notes = ["", counted_batches(run.batches), ""]
    notes += [_("of {total}").format(total=number(stage[2] or 0)) for stage in shown[3:]]
    if run.reading_done_at is not None:
        notes[0] = _("✔ in {time}").format(time=duration(run.reading_done_at - run.began))
    if not run.ended:
        notes[2] = _("{rate}/min").format(rate=number(run.rate_per_minute))
    return [
        between(
            ((label, "muted"),),
            ((right(number(done), 9), ""), ("   ", ""), (note.ljust(14)[:14], "muted")),
            width,
        )
        for (label, done, _total, _ink), note in zip(shown, notes, strict=True)
    ]


def _last_runs(history: Sequence[Snapshot], now: datetime, width: int) -> list[Line]:
    if not history:
        return []
    lines = [heading(_("Last runs"), width)]
    for run in history:
        sign, _word, ink = state_of(run)
        took = duration(seconds_of(run, now.timestamp()))
        when = moment(local(run.started_at, now), now)
        end: list[Piece] = [
            (number(run.read), ""),
            (" " + _("in {time}").format(time=took), "muted"),
        ]
        if run.rejected:
            text = ngettext("{count} reject", "{count} rejects", run.rejected)
            end.insert(0, (text.format(count=number(run.rejected)) + " ", "warning"))
        lines.append(between(((sign, ink), (f" {when}", "")), tuple(end), width))
    return lines
