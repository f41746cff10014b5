"""The tables of a run's screen: rejects, batches and the log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.problems import Problem
from omnisend_tui.records import BatchRow, LogLine
from omnisend_tui.sentences import reason_label, what_to_do, what_was_wrong
from omnisend_tui.state import State
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.widgets.paint import Line, clean, cut, left, right, wrapped
from omnisend_tui.tui.widgets.table import Column, TableRow
from omnisend_tui.tui.words import batch_state, event, local

_ID = 24  # cells of Omnisend's id of a batch
LIMIT = 500  # rows of a table; more is slow, and the command line lists all


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the open tab shows, as it was read for ``stamp``."""

    tab: int
    stamp: object
    rejects: tuple[Problem, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    batches: tuple[BatchRow, ...] = ()
    log: tuple[LogLine, ...] = ()


def gather(state: State, ledger: Path, run_id: str, tab: int, stamp: object) -> Gathered:
    """Reads one tab: 0 rejects, 1 batches, 2 log."""
    if tab == 0:
        return Gathered(
            tab,
            stamp,
            rejects=tuple(state.problems(run_id, "reject", limit=LIMIT)),
            reasons=tuple(state.problem_counts(run_id, "reject").items()),
        )
    if tab == 1:
        from omnisend_tui.engine.ledger import read_batches

        return Gathered(tab, stamp, batches=tuple(read_batches(ledger, run_id, LIMIT)))
    return Gathered(tab, stamp, log=tuple(state.log(run_id)))


def reject_columns() -> list[Column]:
    return [
        Column(_("Reason"), 24),
        Column(_("Profile"), 12),
        Column(_("E-mail"), 13),
        Column(_("What was wrong"), 27),
    ]


def reject_rows(rejects: Sequence[Problem], wanted: str) -> list[TableRow]:
    rows: list[TableRow] = []
    for index, problem in enumerate(rejects):
        reason, detail = reason_label(problem.reason), clean(what_was_wrong(problem))
        if not matches(wanted, reason, problem.key, problem.email_masked, detail):
            continue
        rows.append(
            TableRow(
                str(index),
                (
                    ((cut(clean(reason), 23), ""),),
                    ((cut(clean(problem.key), 11), "muted"),),
                    ((cut(clean(problem.email_masked) or "–", 12), "muted"),),
                    ((cut(detail, 27), ""),),
                ),
            )
        )
    return rows


def group_columns() -> list[Column]:
    return [Column(_("Reason"), 40), Column(_("Profiles"), 12, numeric=True)]


def group_rows(reasons: Sequence[tuple[str, int]], wanted: str) -> list[TableRow]:
    counts = Counter(dict(reasons)).most_common()
    return [
        TableRow(reason, (((reason_label(reason), ""),), ((right(number(count), 12), ""),)))
        for reason, count in counts
        if matches(wanted, reason_label(reason))
    ]


def batch_columns() -> list[Column]:
    return [
        Column(_("Batch"), 7, numeric=True),
        Column(_("Contacts"), 9, numeric=True),
        Column("  " + _("State"), 26),
        Column(_("Refused"), 9, numeric=True),
        Column("  " + cut(_("Omnisend's name for it"), _ID), _ID + 2),
    ]


def batch_rows(batches: Sequence[BatchRow], wanted: str) -> list[TableRow]:
    rows: list[TableRow] = []
    for batch in batches:
        state = batch_state(batch.state)
        if not matches(wanted, str(batch.number), state, batch.batch_id):
            continue
        calm = batch.state == "confirmed" and not batch.errors
        rows.append(
            TableRow(
                str(batch.number),
                (
                    ((right(number(batch.number), 7), ""),),
                    ((right(number(batch.contacts), 9), ""),),
                    (("  " + state, "muted" if calm else ""),),
                    ((right(number(batch.errors), 9), "warning" if batch.errors else "muted"),),
                    (("  " + cut(clean(batch.batch_id), _ID), "muted"),),
                ),
            )
        )
    return rows


def log_columns() -> list[Column]:
    return [Column(_("Time"), 10), Column(_("What happened"), 66)]


def log_rows(log: Sequence[LogLine], now: datetime, wanted: str) -> list[TableRow]:
    rows: list[TableRow] = []
    for index, line in enumerate(log):
        text = clean(event(line))
        if matches(wanted, text):
            at = f"{local(line.at, now):%H:%M:%S}"
            rows.append(TableRow(str(index), (((at, "muted"),), ((cut(text, 66), ""),))))
    return rows


def reject_pane(problem: Problem, width: int) -> list[Line]:
    """One reject in full, for the pane at the right."""
    lines: list[Line] = [((clean(problem.key), "bold"),), ()]
    detail = clean(what_was_wrong(problem))
    facts = (
        (_("E-mail"), clean(problem.email_masked) or "–"),
        (_("Field"), clean(problem.field)),
        (_("Reason"), reason_label(problem.reason)),
        ("", detail),
    )
    column = max(len(label) for label, _text in facts) + 3
    for label, text in facts:
        for index, line in enumerate(wrapped(text, width - column)):
            lines.append(((left(label if index == 0 else "", column), "muted"), *line))
    advice = what_to_do(problem)
    if advice:
        lines += [(), ((_("What to do"), "muted"),), *wrapped(advice, width)]
    return lines
