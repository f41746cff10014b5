"""The upper part of a run's screen, as lines."""

from datetime import datetime

from rich.cells import cell_len

from omnisend_tui.formats import duration, number, percent, short_duration
from omnisend_tui.history import seconds_of, stage_seconds
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot, Stage
from omnisend_tui.sentences import looking_back, looks_back
from omnisend_tui.tui.screens import run_told
from omnisend_tui.tui.screens.run_lines import (
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
    within,
)
from omnisend_tui.tui.words import (
    a_minute,
    local,
    others_too,
    state_line,
    state_of,
)

_LABEL = 12
_STATE = 21  # cells of the longest state in every language, with the gap behind it
_USUAL = 78  # cells of a line in a window of 80 columns
_NARROW = 13  # lines for 80 columns and fewer
_BAR = 28  # cells of a bar there; it grows and shrinks with the line
_FIGURE = 10
_NOTE = 18
_TIME = 7
_LEFT = 80  # cells of the left column at 120 columns, with the gap behind it
_STAGES: tuple[Stage, ...] = ("reading", "sending", "confirming", "tagging", "leaving")


def narrow(run: Snapshot, now: datetime, width: int, *, resumes: bool = False) -> list[Line]:
    """``_NARROW`` lines for 80 columns."""
    text, ink = run_told.standing(run, resumes=resumes)
    figures = [_throughput(run, width), _budget(run, width)]
    if run.ended and text:
        told = within(text, width, 4, ink)
        block = told if len(told) > 3 else [(), *told]
    elif text:
        told = within(text, width, 3, ink)
        block = [*told, *figures[len(told) - 1 :]]
    else:
        block = [*(within(run_told.answers_line(run), width, 2, "muted") or [()]), *figures]
    block += [()] * (4 - len(block))
    lines = [_main(run, now, width, 47), *_stages(run, now, width), *block]
    return [*lines, *as_columns(run, width, tall=True), ()][:_NARROW]


def wide(
    run: Snapshot, now: datetime, width: int, height: int = 40, *, resumes: bool = False
) -> list[Line]:
    """The same at the left and the charts at the right: sixteen lines, more where a screen of
    ``height`` lines has the room.
    """
    tall = height >= 50
    at = min(width, _LEFT + max(0, width - 118) // 2)
    text, ink = run_told.standing(run, resumes=resumes)
    block = within(text, at - 3, 3, ink)
    if not tall:
        batches = run_told.batches_line(run, at - 12)
        if batches:
            block.append(((left(_("Batches"), _LABEL), "muted"), *batches))
        block += within(run_told.answers_line(run), at - 3, 2, "muted")
    block = [(), *block[:3]]
    lefts = [*_stages(run, now, at - 2), *block, *[()] * (4 - len(block))]
    if tall:
        lefts += [*_counts(run, at - 3), ()]
    lefts += [heading(_("Every profile accounted for"), at - 3), *as_columns(run, at - 3)]
    rows = (7, 7) if tall else (4, 3)
    rights = _charts(run, now, width - at, rows)
    top: list[Line] = [(), _main(run, now, width, width - 31), ()]
    return [*(top if height >= 30 else top[1:2]), *beside(lefts, rights, at), ()]


def _charts(run: Snapshot, now: datetime, width: int, rows: tuple[int, int]) -> list[Line]:
    """Contacts a minute over the run, and under it the brand's requests of the last minute."""
    rate: Line = ((number(run.rate_per_minute), "bold"),)
    start = f"{local(run.began, now):%H:%M}"
    ended = local(run.finished_at or run.updated_at, now)
    end = f"{ended:%H:%M}" if run.ended else _("now")
    used: Line = ((f"{number(run.budget_used)} ", "bold"), (a_minute(run), "muted"))
    name = cut(clean(run.connection), max(0, width - length(used) - 1))
    lowest = between(((_("a minute before"), "muted"),), ((end, "muted"),), width)
    if run.budget_lowered:
        lowest = between((), ((others_too(), "warning"),), width)
    return [
        between(((_("Contacts a minute"), "muted"),), rate, width),
        *columns(run.throughput, width, rows[0]),
        between(((start, "muted"),), ((end, "muted"),), width),
        (),
        between(((name, "muted"),), used, width),
        *columns(run.requests_chart, width, rows[1], top=run.budget_limit // 60),
        lowest,
    ]


def _counts(run: Snapshot, width: int) -> list[Line]:
    """Batches by state and the answers that weren't usable, beside each other in six lines."""
    half = width // 2 - 2
    batches = [heading(_("Batches"), half), *_listed(run_told.batches_by_state(run), half)]
    answered = _listed(run_told.answers(run), half) or [((_("none"), "muted"),)]
    answered.insert(0, heading(_("Answers that were of no use"), half))
    return beside(batches, answered[:6], width - half)


def _listed(figures: list[run_told.Figure], width: int) -> list[Line]:
    return [
        between(((label, "muted"),), ((number(count), ink),), width)
        for label, count, ink in figures
    ]


def _main(run: Snapshot, now: datetime, width: int, bar: int) -> Line:
    if looks_back(run):
        told = looking_back()
        return clip(((state_of(run)[0], "accent"), (" ", ""), (told, "accent")), width)
    ink = state_of(run)[2]
    done = percent(run.closed, run.total, ended=run.ended_well)
    if run.ended:
        end_text = _("in {time}").format(time=duration(seconds_of(run, now.timestamp())))
    else:
        end_text = time_left(run)
    # At one place for every state, so that the bar stays where it is.
    start = padded(clip(state_line(run), _STATE - 1), _STATE)
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


def _stages(run: Snapshot, now: datetime, width: int) -> list[Line]:
    """A line each, with the time it took at its end; that of the current one counts up."""
    read_note, read_ink = "", "muted"
    if run.reading_done_at is not None:
        read_note, read_ink = _("✔ all"), "success"
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
    spent = stage_seconds(run, now.timestamp())
    # The bars give way to long words, and from the start to those of the end.
    words = [note for note, _ink in notes] + [_("none removed"), _("after sending")]
    cells = max(4, _bar(width) - max(0, max(map(cell_len, words)) - _NOTE))
    lines: list[Line] = []
    for stage, (label, done, total, ink), (note, note_ink) in zip(
        _STAGES, shown, notes, strict=True
    ):
        bar = line_bar(done, total, cells, ink)
        line = _line(label, bar, number(done), note, note_ink, width - _TIME)
        reads = stage == "reading" and run.reading_done_at is None
        current = not run.ended and (stage == run.stage or reads)
        time = right(short_duration(spent[stage]) if stage in spent else "", _TIME)
        lines.append((*padded(line, width - _TIME), (time, "accent" if current else "muted")))
    return lines


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


def _bar(width: int) -> int:
    """Cells of a stage's bar in a line of ``width``: figures are never cut for it."""
    return max(4, _BAR + width - _USUAL)


def _throughput(run: Snapshot, width: int) -> Line:
    chart = columns(run.throughput, _bar(width) + _TIME, 1)[0]
    note = _("contacts a minute")
    return _line(_("Throughput"), chart, number(run.rate_per_minute), note, "muted", width)


def _budget(run: Snapshot, width: int) -> Line:
    label, used = cut(clean(run.connection), _LABEL - 1), number(run.budget_used)
    if not run.budget_lowered:
        bar = line_bar(run.budget_used, run.budget_limit, _bar(width) + _TIME)
        return _line(label, bar, used, a_minute(run), "muted", width)
    used, note = f"{used} {_of(run.budget_limit)}", others_too()
    # A long note moves to the left, and the bar gives way to it.
    moved = max(0, cell_len(note) - _NOTE)
    cells = (_bar(width) + _TIME) - moved - max(0, cell_len(used) + 1 - _FIGURE)
    bar = line_bar(run.budget_used, run.budget_limit, cells)
    figure = right(used, (_bar(width) + _TIME) + _FIGURE - moved - cells)
    return _line(label, bar, figure, note, "warning", width)
