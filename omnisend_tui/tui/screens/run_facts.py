"""The upper part of a run's screen, as lines."""

from datetime import datetime

from rich.cells import cell_len

from omnisend_tui.formats import duration, number, percent
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens.export_pane import (
    batches_of,
    later_stages,
    stages,
    time_left,
)
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
from omnisend_tui.tui.words import (
    a_minute,
    hint_of,
    local,
    others_too,
    recovering,
    state_line,
    state_of,
)

_LABEL = 12
_BAR = 36
_FIGURE = 10
_NOTE = 17
_SIDE = 38  # the right column of the wide layout


def narrow(run: Snapshot, width: int) -> list[Line]:
    """Thirteen lines for 80 columns."""
    lines = [_main(run, width, 47), *_stages(run, width), ()]
    if run.error is not None:
        told = wrapped(f"{clean(run.error.message)} {clean(hint_of(run.error))}", width, "error")
        lines[-1:] = ([(), *told] + [()] * 4)[:4]
    else:
        lines += [_throughput(run, width), _budget(run, width), ()]
    return [*lines, *as_columns(run, width), ()]


def wide(run: Snapshot, now: datetime, width: int) -> list[Line]:
    """Fifteen lines for 120 columns: the same at the left, the chart at the right."""
    at = width - _SIDE
    lefts: list[Line] = _stages(run, at - 2)
    if run.error is not None:
        told = wrapped(f"{clean(run.error.message)} {clean(hint_of(run.error))}", at - 3, "error")
        lefts += ([(), *told] + [()] * 4)[:4]
    else:
        lefts += [()] * 3
    lefts += [heading(_("Every profile accounted for"), at - 3)]
    lefts += [*as_columns(run, at - 3), ()]
    rate: Line = ((number(run.rate_per_minute), "bold"),)
    rights: list[Line] = [between(((_("Contacts a minute"), "muted"),), rate, _SIDE)]
    rights += columns(run.throughput, _SIDE, 5)
    started = local(run.started_at, now)
    end = _("now") if not run.ended else f"{local(run.finished_at or run.updated_at, now):%H:%M}"
    rights += [between(((f"{started:%H:%M}", "muted"),), ((end, "muted"),), _SIDE), ()]
    used, limit = number(run.budget_used), a_minute(run)
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
    if run.budget_lowered:
        rights.append(between((), ((others_too(), "warning"),), _SIDE))
    return [(), _main(run, width, 87), (), *beside(lefts, rights, at), ()]


def _main(run: Snapshot, width: int, bar: int) -> Line:
    if recovering(run):
        told = _("looking for what the last run left")
        return clip(((state_of(run)[0], "accent"), (" ", ""), (told, "accent")), width)
    ink = state_of(run)[2]
    done = percent(run.closed, run.total, ended=run.ended)
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
        (left(label, _LABEL), "muted"), *bar, (right(figure, max(_FIGURE, cell_len(figure))), ""),
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
    notes = [
        (read_note, read_ink),
        (sent_note, "muted"),
        (batches_of(run), "muted"),
        (_tagged_note(run), "muted"),
        _leavers_note(run),
    ]
    shown = [*stages(run), *later_stages(run)]
    return [
        _line(label, line_bar(done, total, _BAR, ink), number(done), note, note_ink, width)
        for (label, done, total, ink), (note, note_ink) in zip(shown, notes, strict=True)
    ]


def _tagged_note(run: Snapshot) -> str:
    if run.tags_owed:
        return _of(run.tags_owed)
    return _("none owed") if run.reading_done_at is not None else ""


def _leavers_note(run: Snapshot) -> tuple[str, str]:
    """Before they are removed nobody knows how many they are; a safety stop tells."""
    if run.error is not None and run.error.code == "too_many_leavers":
        return _("{count} found").format(count=number(run.leavers_found)), "warning"
    if run.leavers_found:
        return _of(run.leavers_found), "muted"
    if run.ended:
        return _("none removed"), "muted"
    return ("" if run.stage == "leaving" else _("after sending")), "muted"


def _of(total: int) -> str:
    return _("of {total}").format(total=number(total))


def _throughput(run: Snapshot, width: int) -> Line:
    chart = columns(run.throughput, _BAR, 1)[0]
    note = _("contacts a minute")
    return _line(_("Throughput"), chart, number(run.rate_per_minute), note, "muted", width)


def _budget(run: Snapshot, width: int) -> Line:
    label, used = cut(clean(run.connection), _LABEL - 1), number(run.budget_used)
    if not run.budget_lowered:
        bar = line_bar(run.budget_used, run.budget_limit, _BAR)
        return _line(label, bar, used, a_minute(run), "muted", width)
    used, note = f"{used} {_of(run.budget_limit)}", others_too()
    # A long note moves to the left, and the bar gives way to it.
    moved = max(0, cell_len(note) - _NOTE)
    cells = _BAR - moved - max(0, cell_len(used) + 1 - _FIGURE)
    bar = line_bar(run.budget_used, run.budget_limit, cells)
    figure = right(used, _BAR + _FIGURE - moved - cells)
    return _line(label, bar, figure, note, "warning", width)
