"""The upper part of the Run screen, as texts for 80 and for 120 columns."""

from datetime import UTC, datetime

from rich.cells import cell_len
from rich.text import Text

from omnisend_tui.formats import duration, number, percent
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens.exports_rows import bar_tone, read_note
from omnisend_tui.tui.states import look
from omnisend_tui.tui.themes import Palette, Tone
from omnisend_tui.tui.widgets.accounting import identity_lines
from omnisend_tui.tui.widgets.texts import (
    columns,
    fit,
    heading,
    line_bar,
    main_bar,
    plain,
    right,
    spread,
    wrap,
)

_LABEL, _BAR, _COUNT = 15, 33, 10
_LEFT, _SIDE = 77, 38
_CHART = 4


def narrow_lines(run: Snapshot, palette: Palette, width: int) -> list[Text]:
    """For less than 120 columns, in ``width`` cells."""
    rate, note = number(run.rate_per_minute), _("contacts a minute")
    chart = columns(throughput(run), _BAR, 1, palette)[0]
    return [
        _main(run, palette, width),
        *_message(run, palette, width),
        *_bars(run, palette),
        Text(""),
        _line(_("Throughput"), chart, rate, note, palette),
        _budget_line(run, palette),
        Text(""),
        *identity_lines(run, width, palette),
        Text(""),
    ]


def wide_lines(run: Snapshot, palette: Palette, width: int, now: datetime) -> list[Text]:
    """For 120 columns and more: the chart stands at the right."""
    left = [
        *_bars(run, palette),
        Text(""),
        heading(_("Every profile accounted for"), _LEFT, palette),
        *identity_lines(run, _LEFT, palette),
    ]
    side = width - _LEFT - 3
    rate = Text(number(run.rate_per_minute), palette.style(bold=True), end="")
    begin = datetime.fromtimestamp(run.started_at, UTC).astimezone(now.tzinfo)
    end = datetime.fromtimestamp(run.finished_at or run.updated_at, UTC).astimezone(now.tzinfo)
    until = f"{end:%H:%M}" if run.ended else _("now")
    chart = columns(throughput(run), min(60, side), _CHART, palette)
    muted = palette.style("muted")
    chart_width = min(60, side)
    shown = min(chart_width, max(14, len(run.throughput)))
    right_side = [
        spread(Text(_("Contacts a minute"), muted, end=""), rate, chart_width),
        *chart,
        spread(Text(f"{begin:%H:%M}", muted, end=""), Text(until, muted, end=""), shown),
        _budget_side(run, palette, chart_width),
    ]
    lines = [_main(run, palette, width), *_message(run, palette, width)]
    for index in range(max(len(left), len(right_side))):
        line = left[index].copy() if index < len(left) else Text(end="")
        line.append(" " * (_LEFT + 3 - line.cell_len))
        if index < len(right_side):
            line.append_text(right_side[index])
        lines.append(line)
    return [*lines, Text("")]


def throughput(run: Snapshot) -> tuple[int, ...]:
    """The slices of the run; the last one is still filling, so the rate of now stands for it."""
    if run.ended or not run.throughput:
        return run.throughput
    return (*run.throughput[:-1], run.rate_per_minute)


def _main(run: Snapshot, palette: Palette, width: int) -> Text:
    shown = look(run)
    word = _("waits") if run.waiting_for and not run.ended else shown.word
    state = f"{shown.drawn(palette)} {word}"
    if run.ended:
        took = duration((run.finished_at or run.updated_at) - run.started_at)
        left = _("took {time}").format(time=took)
    else:
        left = ""
        if run.seconds_left is not None:
            left = _("{time} left").format(time=duration(run.seconds_left))
    tone: Tone = "success" if run.status == "finished" else shown.tone
    label = _LABEL  # never wider: the bar must not move when the word changes
    end = right(percent(run.closed, run.total), 7) + right(left, max(13, cell_len(left) + 1))
    bar = main_bar(run.closed, run.total, width - label - cell_len(end), tone, palette)
    text = Text(end="").append(fit(state, label), palette.style(shown.tone, bold=not run.ended))
    return text.append_text(bar).append(end, palette.style(bold=True))


def _message(run: Snapshot, palette: Palette, width: int) -> list[Text]:
    """Why a run failed and what to do, or why nothing moves; else a blank line."""
    if run.error is None:
        reasons = {
            "budget": _("The brand's request budget is used up; it goes on by itself."),
            "network": _("Omnisend can't be reached; it goes on by itself once it can."),
            "retry": _("Omnisend asked for a break; it goes on by itself."),
        }
        reason = "" if run.ended else reasons.get(run.waiting_for, "")
        return [Text(fit(reason, min(width, cell_len(reason))), palette.style("muted"), end="")]
    lines = [Text(line, palette.style()) for line in wrap(run.error.message, width)[:3]]
    lines += [Text(line, palette.style("muted")) for line in wrap(run.error.hint, width)[:3]]
    return [*lines, Text("")]


def _bars(run: Snapshot, palette: Palette) -> list[Text]:
    to_send = run.to_send if run.reading_done_at else run.total
    of_sent = _("of {total}").format(total=number(to_send)) if to_send is not None else ""
    if run.ended:
        batches = _("{count} batches").format(count=number(run.batches))
    else:
        batches = _("{count} batches open").format(count=number(run.batches_open))
    rows = (
        (_("Read"), run.read, run.total, read_note(run, palette)),
        (_("Sent"), run.sent, to_send, of_sent),
        (_("Confirmed"), run.confirmed, to_send, batches),
    )
    return [
        _line(
            label,
            line_bar(done, total, _BAR, bar_tone(run, done, total), palette),
            number(done),
            note,
            palette,
        )
        for label, done, total, note in rows
    ]


def _line(label: str, bar: Text, count: str, note: str, palette: Palette) -> Text:
    text = Text(fit(label, _LABEL - 1) + " ", palette.style("muted"), end="")
    text.append_text(bar)
    text.append(right(count, _COUNT), palette.style())
    tone: Tone = "success" if note.startswith("✔") else "muted"
    return text.append(f"   {note}", palette.style(tone))


def _budget_line(run: Snapshot, palette: Palette) -> Text:
    limit = run.budget_limit
    used = 0 if run.ended else run.budget_used
    bar = line_bar(used, limit, _BAR, "accent", palette)
    note = _("of {limit} a minute").format(limit=number(limit)) if limit else ""
    return _line(run.connection, bar, number(used), note, palette)


def _budget_side(run: Snapshot, palette: Palette, width: int) -> Text:
    limit, used = run.budget_limit, 0 if run.ended else run.budget_used
    end = Text(end="").append(right(number(used), 5), palette.style(bold=True))
    note = " " + _("of {limit} a minute").format(limit=number(limit)) if limit else ""
    end.append(note, palette.style("muted"))
    name = fit(run.connection, min(12, cell_len(plain(run.connection))))
    text = Text(end="").append(name + " ", palette.style("muted"))
    bar = line_bar(used, limit, max(4, width - text.cell_len - end.cell_len), "accent", palette)
    return text.append_text(bar).append_text(end)
