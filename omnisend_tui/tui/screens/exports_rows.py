"""The rows of the Exports screen and the pane of the selected one, as texts."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.cells import cell_len
from rich.text import Text

from omnisend_tui.config.models import Export
from omnisend_tui.formats import duration, moment, number, percent
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.states import Look, look, starting
from omnisend_tui.tui.themes import Palette, Tone
from omnisend_tui.tui.widgets.accounting import identity_column, identity_lines
from omnisend_tui.tui.widgets.texts import (
    columns,
    fit,
    heading,
    line_bar,
    plain,
    right,
    spread,
    wrap,
)

NAME, STATE, PROGRESS, REJECTS = 18, 20, 28, 10
_BAR = 15
_PANE = 78
_SIDE = 37


@dataclass(frozen=True, slots=True)
class Item:
    """An export and its last run, None for one that never ran."""

    export: Export
    run: Snapshot | None
    is_starting: bool = False

    @property
    def look(self) -> Look:
        return starting() if self.is_starting else look(self.run)

    @property
    def moving(self) -> bool:
        return self.is_starting or (self.run is not None and not self.run.ended)


def in_order(items: list[Item], order: str) -> list[Item]:
    """Sorted by ``state`` (what moves or needs somebody first), ``name`` or ``time``."""

    def name(item: Item) -> str:
        return item.export.name.casefold()

    def age(item: Item) -> float:
        return -(item.run.started_at if item.run else 0.0)

    if order == "name":
        return sorted(items, key=name)
    if order == "time":
        return sorted(items, key=lambda item: (age(item), name(item)))
    # While runs move their words change several times; their order must not.
    moving = [item for item in items if item.moving]
    still = [item for item in items if not item.moving]
    moving.sort(key=lambda item: (item.look.rank == 2, name(item)))
    still.sort(key=lambda item: (item.look.rank, age(item), name(item)))
    return moving + still


def row_cells(item: Item, now: datetime, palette: Palette) -> tuple[Text, ...]:
    """Name, state, progress and time left, rejects."""
    shown, run = item.look, item.run
    busy = item.moving and shown.rank == 0
    ended_well = run is None or shown.rank >= 6
    name_tone: Tone = "muted" if ended_well and not item.moving else "foreground"
    word_tone: Tone = "muted" if shown.rank >= 6 else shown.tone
    state = Text(f"{shown.drawn(palette)} ", palette.style(shown.tone), end="")
    state.append(fit(shown.word, STATE - 2), palette.style(word_tone))
    return (
        Text(fit(item.export.name, NAME - 1) + " ", palette.style(name_tone, bold=busy), end=""),
        state,
        _progress(item, now, palette),
        _rejects(item, palette),
    )


def _progress(item: Item, now: datetime, palette: Palette) -> Text:
    run = item.run
    if item.is_starting or run is None:
        text = "" if item.is_starting else _no_run(item.export)
        return Text(fit(text, PROGRESS), palette.style("muted"), end="")
    if not run.ended:
        shown = item.look
        bar = line_bar(run.closed, run.total, _BAR, shown.tone, palette)
        left = duration(run.seconds_left) if shown.rank == 0 else "–"
        tone: Tone = "foreground" if left != "–" else "muted"
        bar.append(right(percent(run.closed, run.total), 6), palette.style(bold=shown.rank == 0))
        return bar.append(right(left, PROGRESS - _BAR - 6), palette.style(tone))
    if run.status == "failed" and run.error:
        return Text(fit(run.error.message.rstrip("."), PROGRESS), palette.style(), end="")
    when = moment(_time(run.finished_at or run.updated_at), now)
    if run.status == "interrupted" and run.total:
        told = _("{percent} done").format(percent=percent(run.closed, run.total))
    else:
        told = _("{count} profiles").format(count=number(run.read))
    text = when + right(told, max(cell_len(told) + 1, PROGRESS - cell_len(when)))
    return Text(fit(text, PROGRESS), palette.style("muted"), end="")


def _no_run(export: Export) -> str:
    return _("r runs it") if export.connection else _("detached: no connection")


def _rejects(item: Item, palette: Palette) -> Text:
    if item.run is None:
        return Text(" " * REJECTS, end="")
    rejected = item.run.rejected
    needs = bool(rejected) and item.run.ended
    tone: Tone = "warning" if needs else "foreground" if rejected else "muted"
    return Text(right(number(rejected), REJECTS - 1), palette.style(tone, bold=needs), end="")


def from_to(export: Export) -> tuple[str, str]:
    """Where the profiles come from, and where they go."""
    origin = ", ".join((export.source, *export.segments))
    return origin, export.connection or _("no connection")


def pane_lines(item: Item, now: datetime, palette: Palette) -> list[Text]:
    """The selected export in six lines of 78 cells."""
    name = Text(fit(item.export.name, min(30, cell_len(plain(item.export.name)))), end="")
    name.stylize(palette.style(bold=True))
    origin, target = from_to(item.export)
    arrow = " -> " if palette.ascii else " → "
    room = _PANE - name.cell_len - 6
    way = plain(origin) + arrow + plain(target)
    end = Text(fit(way, min(room, cell_len(way))), palette.style("muted"), end="")
    rule = "-" if palette.ascii else "─"
    lines = [spread(name, end, _PANE, rule, palette.style("rule"))]
    run = item.run
    if run is None or item.is_starting:
        return [*lines, *_hints(item, palette, _PANE)]
    if run.error:
        lines += _told(run, _PANE, palette, 1)
    else:
        lines += [_three_bars(run, palette), _facts(run, now, palette)]
    return [*lines, Text(""), *identity_lines(run, _PANE, palette)]


def _said(sentence: str, width: int, palette: Palette, tone: Tone = "muted") -> list[Text]:
    return [Text(line, palette.style(tone), end="") for line in wrap(sentence, width)]


def _told(run: Snapshot, width: int, palette: Palette, lines: int) -> list[Text]:
    """Why a run failed and what to do, each in at most ``lines`` lines."""
    if run.error is None:
        return []
    message = _said(run.error.message, width, palette, "foreground")[:lines]
    return message + _said(run.error.hint, width, palette)[:lines]


def _hints(item: Item, palette: Palette, width: int) -> list[Text]:
    if item.is_starting:
        return _said(_("It starts now."), width, palette)
    if not item.export.connection:
        text = _("It has no connection, so it can't run. Give it one in config.toml.")
        return _said(text, width, palette)
    return [
        *_said(_("It never ran. Press r to run it now."), width, palette),
        *_said(_("Omnisend updates contacts it knows and adds the others."), width, palette),
    ]


def _three_bars(run: Snapshot, palette: Palette) -> Text:
    text = Text(end="")
    to_send = run.to_send if run.reading_done_at else run.total
    bars = (
        (_("Read"), run.read, run.total if run.total else run.read),
        (_("Sent"), run.sent, to_send),
        (_("Confirmed"), run.confirmed, to_send),
    )
    room = _PANE - sum(cell_len(label) for label, *_rest in bars) - 3 * 11 - 4
    for index, (label, done, total) in enumerate(bars):
        text.append("  " if index else "")
        text.append(label + " ", palette.style("muted"))
        text.append_text(line_bar(done, total, room // 3, bar_tone(run, done, total), palette))
        text.append(right(number(done), 10), palette.style())
    return text


def bar_tone(run: Snapshot, done: int, total: int | None) -> Tone:
    """Green where all is done, quiet where the run goes on no more."""
    if total and done >= total:
        return "success"
    if run.ended:
        return "muted"
    return "warning" if run.status == "paused" else "accent"


def _facts(run: Snapshot, now: datetime, palette: Palette) -> Text:
    when = moment(_time(run.started_at), now)
    if run.ended:
        took = duration((run.finished_at or run.updated_at) - run.started_at)
        facts = [_("started {when}").format(when=when), _("took {time}").format(time=took)]
        facts.append(_("{count} batches").format(count=number(run.batches)))
    else:
        facts = [
            _("{rate} a minute").format(rate=number(run.rate_per_minute)),
            _("{count} batches open").format(count=number(run.batches_open)),
            _("started {when}").format(when=when),
        ]
    return Text("   ".join(facts), palette.style("muted"), end="")


def side_lines(item: Item, earlier: list[Snapshot], now: datetime, palette: Palette) -> list[Text]:
    """The selected export in lines of 38 cells; ``earlier`` are its last runs, newest first."""
    origin, target = from_to(item.export)
    muted = palette.style("muted")
    label = _("from")
    room = _SIDE - cell_len(label) - 1
    lines = [
        Text(fit(item.export.name, _SIDE), palette.style(bold=True), end=""),
        Text.assemble((label + " ", muted), fit(origin, room)),
        Text.assemble(
            (fit(_("to"), cell_len(_("from"))) + " ", muted),
            fit(target, _SIDE - cell_len(_("from")) - 1),
        ),
        Text(""),
    ]
    run = item.run
    if run is None or item.is_starting:
        return [*lines, *_hints(item, palette, _SIDE)]
    lines += _side_progress(item, run, palette)
    lines += [Text(""), heading(_("Every profile accounted for"), _SIDE, palette)]
    lines += [*identity_column(run, _SIDE, palette), Text("")]
    if run.throughput:
        rate = Text(number(run.rate_per_minute), palette.style(), end="")
        lines.append(heading(_("Contacts a minute"), _SIDE, palette, rate))
        lines += [*columns(run.throughput, _SIDE, 3, palette), Text("")]
    if earlier:
        lines.append(heading(_("Last runs"), _SIDE, palette))
        lines += [_earlier(one, now, palette) for one in earlier]
    return lines


def _side_progress(item: Item, run: Snapshot, palette: Palette) -> list[Text]:
    shown = item.look
    state = Text(f"{shown.drawn(palette)} {shown.word}", palette.style(shown.tone), end="")
    left = (
        ""
        if run.ended or run.seconds_left is None
        else _("{time} left").format(time=duration(run.seconds_left))
    )
    end = Text(f"{percent(run.closed, run.total)}   {left}".strip(), palette.style(), end="")
    tone = bar_tone(run, run.closed, run.total)
    lines = [spread(state, end, _SIDE), line_bar(run.closed, run.total, _SIDE, tone, palette)]
    lines += _told(run, _SIDE, palette, 4)
    lines.append(Text(""))
    rate = _("{rate}/min").format(rate=number(run.rate_per_minute))
    notes = (
        (_("Read"), run.read, read_note(run, palette)),
        (_("Sent"), run.sent, "" if run.ended else rate),
        (_("Confirmed"), run.confirmed, _("{count} batches").format(count=number(run.batches))),
    )
    for label, count, note in notes:
        line = Text(fit(label, 11), palette.style("muted"), end="")
        line.append(right(number(count), 10), palette.style())
        lines.append(line.append(f"   {note}", palette.style("muted")))
    return lines


def read_note(run: Snapshot, palette: Palette) -> str:
    """How long the reading took, or of how many."""
    if run.reading_done_at:
        sign = "v" if palette.ascii else "✔"
        return f"{sign} " + _("in {time}").format(
            time=duration(run.reading_done_at - run.started_at)
        )
    return _("of {total}").format(total=number(run.total)) if run.total is not None else ""


def _earlier(run: Snapshot, now: datetime, palette: Palette) -> Text:
    shown = look(run)
    left = Text(f"{shown.drawn(palette)} ", palette.style(shown.tone), end="")
    left.append(moment(_time(run.started_at), now), palette.style())
    took = duration((run.finished_at or run.updated_at) - run.started_at)
    end = Text(number(run.read), palette.style(), end="")
    end.append(" " + _("in {time}").format(time=took), palette.style("muted"))
    return spread(left, end, _SIDE)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
