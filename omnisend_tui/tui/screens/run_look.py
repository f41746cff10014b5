"""What the lower part of a run's screen shows: its tabs, their line, and the open one's table."""

from collections.abc import Sequence
from datetime import datetime

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens import run_tabs, run_told
from omnisend_tui.tui.screens.run_tabs import Asked, Gathered
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.paint import Line, clean, clip
from omnisend_tui.tui.widgets.table import Column, TableRow

GAP = 3  # cells between tabs


def problems(run: Snapshot, asked: Asked) -> int:
    """How many rejects, or warnings where those are shown."""
    return run.rejected if asked.kind == "reject" else run.warnings


def labels(run: Snapshot, asked: Asked) -> list[str]:
    told = _("Rejects {count}") if asked.kind == "reject" else _("Warnings {count}")
    return [
        told.format(count=number(problems(run, asked))),
        _("Batches {count}").format(count=number(run.batches)),
        _("Log"),
        _("Compared"),
    ]


def keys(run: Snapshot, asked: Asked) -> list[Key]:
    """What the open tab can show otherwise; they stand at the right of the tabs."""
    if asked.tab != 0:
        return []
    told: list[Key] = []
    if asked.kind == "warning":
        told.append(Key("w", _("Rejects"), "warnings"))
    elif run.warnings:
        told.append(Key("w", _("Warnings"), "warnings"))
    if problems(run, asked):
        told.append(Key("g", _("Each one") if asked.grouped else _("By reason"), "group"))
    return told


def tabs(
    run: Snapshot, asked: Asked, kept: Gathered | None, wanted: str, width: int
) -> Sequence[Line]:
    """The line of tabs and its rule."""
    names = labels(run, asked)
    room = max(0, width - chrome.tab_places(names, GAP)[-1][1] - 2)
    end: Line = ()
    if wanted:
        end = ((_("found “{text}”, Esc shows all").format(text=clean(wanted)), ""),)
    elif asked.tab == 1:
        end = run_told.batches_line(run, room) or ((_no_batch(run), "muted"),)
    elif asked.tab == 3:
        end = ((_uncompared(run, kept), "muted"),)
    elif offered := keys(run, asked):
        end = tuple(
            piece
            for place, key in enumerate(offered)
            for piece in (
                ("  " if place else "", ""), (key.sign, "accent bold"), (f" {key.label}", "muted"),
            )
        )  # fmt: skip
    elif asked.tab == 0:
        end = ((_("nothing rejected so far"), "muted"),)
    return chrome.tabs(names, asked.tab, clip(end, room), width, GAP)


def pressed(run: Snapshot, asked: Asked, x: int, width: int) -> Key | None:
    """What a click on cell ``x`` of the line of tabs does."""
    names = labels(run, asked)
    index = chrome.tab_at(names, x, GAP)
    if index is not None:
        return Key(str(index + 1), names[index], f"tab({index + 1})")
    offered = keys(run, asked)
    # As in the footer there are two cells between them, and one behind the last.
    return chrome.key_at(offered, x - width + sum(key.cells for key in offered))


def table(
    run: Snapshot, kept: Gathered, now: datetime, wanted: str, spare: int
) -> tuple[Sequence[Column], Sequence[TableRow]]:
    """The columns and rows of what was gathered; ``spare`` are cells beyond the usual 76."""
    asked = kept.asked
    if asked.tab == 1:
        return run_tabs.batch_columns(), run_tabs.batch_rows(kept.batches, wanted)
    if asked.tab == 2:
        return run_tabs.log_columns(spare), run_tabs.log_rows(kept.log, now, wanted, spare)
    if asked.tab == 3:
        columns = run_tabs.compared_columns(kept.before, now)
        return columns, run_tabs.compared_rows(run, kept.before)
    if asked.grouped:
        return run_tabs.group_columns(), run_tabs.group_rows(kept.reasons, wanted)
    return run_tabs.reject_columns(spare), run_tabs.reject_rows(kept, wanted, spare)


def cut_off(run: Snapshot, kept: Gathered | None) -> str:
    """That the table holds a part only; '' where it holds all."""
    if kept is None:
        return ""
    asked = kept.asked
    if asked.tab == 0 and not asked.grouped:
        every = dict(kept.reasons)
        count = every.get(asked.reason, 0) if asked.reason else sum(every.values())
        return run_told.more(len(kept.problems), count, asked.kind)
    if asked.tab == 1:
        return run_told.more(len(kept.batches), run.batches, "batches")
    return ""


def _no_batch(run: Snapshot) -> str:
    return _("nothing was to be sent") if run.ended_well else _("nothing is sent yet")


def _uncompared(run: Snapshot, kept: Gathered | None) -> str:
    if not run.ended:
        return _("once the run has ended")
    known = kept is not None and kept.before is not None
    return "" if known else _("no earlier run to compare with")
