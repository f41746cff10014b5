"""The upper part of a run's screen, as lines."""

from datetime import datetime

from omnisend_tui.formats import duration, number, percent
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens.export_pane import open_batches, stages, time_left
from omnisend_tui.tui.widgets.bars import columns, line_bar, main_bar
from omnisend_tui.tui.widgets.identity import as_columns
from omnisend_tui.tui.widgets.paint import (
    Line,
    beside,
    between,
    clean,
    clip,
    cut,
    heading,
    left,
    length,
    padded,
    right,
    wrapped,
)
from omnisend_tui.tui.words import local, state_line, state_of

_LABEL = 12
_BAR = 36
_SIDE = 38  # the right column of the wide layout


def narrow(run: Snapshot, width: int) -> list[Line]:
    """Thirteen lines for 80 columns."""
    lines = [_main(run, width, 47), (), *_stages(run, width), ()]
    if run.error is not None:
        told = wrapped(f"{clean(run.error.message)} {clean(run.error.hint)}", width, "error")
        lines[-1:] = ([(), *told] + [()] * 4)[:4]
    else:
        lines += [_throughput(run, width), _budget(run, width), ()]
    return [*lines, *as_columns(run, width), ()]


def wide(run: Snapshot, now: datetime, width: int) -> list[Line]:
    """Fifteen lines for 120 columns: the same at the left, the chart at the right."""
    at = width - _SIDE
    lefts: list[Line] = _stages(run, at - 2)
    if run.error is not None:
        told = wrapped(f"{clean(run.error.message)} {clean(run.error.hint)}", at - 3, "error")
        lefts += ([(), *told] + [()] * 4)[:4]
    else:
        lefts += [()] * 4
    lefts += [heading(_("Every profile accounted for"), at - 3)]
    lefts += [*as_columns(run, at - 3), ()]
    rate: Line = ((number(run.rate_per_minute), "bold"),)
    rights: list[Line] = [between(((_("Contacts a minute"), "muted"),), rate, _SIDE)]
    rights += columns(run.throughput, _SIDE, 5)
    started = local(run.started_at, now)
    end = _("now") if not run.ended else f"{local(run.finished_at or run.updated_at, now):%H:%M}"
    rights += [between(((f"{started:%H:%M}", "muted"),), ((end, "muted"),), _SIDE), ()]
    used = _used(run)
    limit = _("of {limit} a minute").format(limit=number(run.budget_limit))
    name = cut(clean(run.connection), 12)
    bar = max(4, _SIDE - len(name) - len(limit) - len(used) - 3)
    rights.append(
        (
            (name + " ", "muted"),
            *line_bar(run.budget_used, run.budget_limit, bar),
            (f" {used} ", "bold"),
            (limit, "muted"),
        )
    )
    return [(), _main(run, width, 87), (), *beside(lefts, rights, at), ()]


def _main(run: Snapshot, width: int, bar: int) -> Line:
    ink = state_of(run)[2]
    done = percent(run.closed, run.total)
    if run.ended:
        end_text = duration((run.finished_at or run.updated_at) - run.started_at)
        end_text = _("in {time}").format(time=end_text)
    else:
        end_text = time_left(run)
    start = padded(state_line(run), _LABEL)
    if len(state_of(run)[1]) > _LABEL - 3:
        start = padded(state_line(run), 19)
    end: Line = ((done, "bold"), ("   " if end_text else "", ""), (end_text, "bold"))
    # Room for the longest usual end, so that the bar keeps its width while the run goes on.
    bar = min(bar, width - length(start) - max(19, length(end) + 2))
    return between((*start, *main_bar(run.closed, run.total, bar, ink)), end, width)


def _line(label: str, bar: Line, figure: str, note: str, ink: str, width: int) -> Line:
    line = (
        (left(label, _LABEL), "muted"), *bar, (right(figure, 10), ""),
        ("   ", ""), (note, ink),
    )  # fmt: skip
    return clip(line, width)


def _stages(run: Snapshot, width: int) -> list[Line]:
    read_note, read_ink = "", "muted"
    if run.reading_done_at is not None:
        time = duration(run.reading_done_at - run.started_at)
        read_note, read_ink = _("✔ in {time}").format(time=time), "success"
    elif run.total is not None:
        read_note = _of(run.total)
    sent_note = _of(run.to_send) if run.to_send else ""
    confirmed_note = open_batches(run)
    if run.leavers_found:
        confirmed_note = _("{count} left").format(count=number(run.leavers_found))
    elif run.tags_owed:
        confirmed_note = _("{count} tagged").format(count=number(run.tagged))
    notes = [(read_note, read_ink), (sent_note, "muted"), (confirmed_note, "muted")]
    return [
        _line(label, line_bar(done, total, _BAR, ink), number(done), note, note_ink, width)
        for (label, done, total, ink), (note, note_ink) in zip(stages(run), notes, strict=True)
    ]


def _of(total: int) -> str:
    return _("of {total}").format(total=number(total))


def _throughput(run: Snapshot, width: int) -> Line:
    chart = columns(run.throughput, _BAR, 1)[0]
    note = _("contacts a minute")
    return _line(_("Throughput"), chart, number(run.rate_per_minute), note, "muted", width)


def _budget(run: Snapshot, width: int) -> Line:
    bar = line_bar(run.budget_used, run.budget_limit, _BAR)
    note = _("of {limit} a minute").format(limit=number(run.budget_limit))
    return _line(clean(run.connection), bar, _used(run), note, "muted", width)


def _used(run: Snapshot) -> str:
    return number(run.budget_used)
