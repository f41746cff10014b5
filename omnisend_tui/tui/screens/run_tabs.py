"""The tables of a run's screen: rejects or warnings, batches, the log, the run before."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from omnisend_tui.formats import duration, moment, number
from omnisend_tui.history import compared, previous, seconds_of, signed, signed_time
from omnisend_tui.i18n import _
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import BatchRow, LogLine
from omnisend_tui.sentences import reason_label, what_was_wrong
from omnisend_tui.state import State
from omnisend_tui.state.store import Kind
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.past_run import compared_accounts
from omnisend_tui.tui.widgets.paint import clean, cut, right
from omnisend_tui.tui.widgets.table import Column, TableRow
from omnisend_tui.tui.words import batch_state, event, local

_ID = 24  # cells of Omnisend's id of a batch
_FIELD_FROM = 40  # cells more than 76, from which the field has a column
LIMIT = 500  # rows of a table; more is slow, and the command line lists all


@dataclass(frozen=True, slots=True)
class Asked:
    """What the open tab shows: 0 rejects or warnings (their reasons, each one, or those of one
    ``reason``), 1 batches, 2 the log, 3 the run before. ``stamp`` changes once that is to be read
    again.
    """

    tab: int = 0
    kind: Kind = "reject"
    grouped: bool = False
    reason: str = ""
    stamp: object = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the open tab shows, as it was read for ``asked``."""

    asked: Asked
    problems: tuple[Problem, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    batches: tuple[BatchRow, ...] = ()
    log: Mapping[int, LogLine] = field(default_factory=dict)  # by the numbers of its lines
    before: Snapshot | None = None


def gather(state: State, ledger: Path, run: Snapshot, asked: Asked) -> Gathered:
    """Reads one tab. Raises ``StateError``."""
    if asked.tab == 0:
        return Gathered(
            asked,
            tuple(state.problems(run.run_id, asked.kind, LIMIT, reason=asked.reason)),
            tuple(state.problem_counts(run.run_id, asked.kind).items()),
        )
    if asked.tab == 1:
        from omnisend_tui.engine.ledger import read_batches

        return Gathered(asked, batches=tuple(read_batches(ledger, run.run_id, LIMIT)))
    if asked.tab == 2:
        return Gathered(asked, log=state.numbered_log(run.run_id))
    return Gathered(asked, before=previous(state, run) if run.ended else None)


def stamp(run: Snapshot, tab: int) -> tuple[object, ...]:
    """What changes once a tab is to be read again."""
    moved: tuple[object, ...] = (
        run.rejected, run.warnings, run.batches, run.confirmed, run.status, run.retries, run.stage,
    )  # fmt: skip
    return (*moved, run.updated_at) if tab == 2 else moved


def reject_columns(spare: int) -> list[Column]:
    """For 76 cells and ``spare`` more, which keys, addresses, fields and sentences share."""
    share = spare // 4
    columns = [
        Column(_("Reason"), 24),
        Column(_("Profile"), 12 + share),
        Column(_("E-mail"), 13 + share),
        Column(_("What was wrong"), 27 + (spare - 2 * share - _field(spare))),
    ]
    if _field(spare):
        columns.insert(3, Column(_("Field"), _field(spare)))
    return columns


def _field(spare: int) -> int:
    return min(24, spare // 4) if spare >= _FIELD_FROM else 0


def reject_rows(kept: Gathered, wanted: str, spare: int) -> list[TableRow]:
    """Those of the most frequent reason first; the keys are their places in ``kept``."""
    widths = [column.width for column in reject_columns(spare)]
    counts = dict(kept.reasons)
    ordered = sorted(
        enumerate(kept.problems), key=lambda each: (-counts.get(each[1].reason, 0), each[1].reason)
    )
    rows: list[TableRow] = []
    for index, problem in ordered:
        reason, detail = reason_label(problem.reason), clean(what_was_wrong(problem))
        if not matches(wanted, reason, problem.key, problem.email_masked, problem.field, detail):
            continue
        texts = [clean(reason), clean(problem.key), clean(problem.email_masked) or "–", detail]
        inks = ["", "muted", "muted", ""]
        if _field(spare):
            texts.insert(3, clean(problem.field))
            inks.insert(3, "muted")
        last = len(texts) - 1
        cells = tuple(
            ((cut(text, width if place == last else width - 1), ink),)
            for place, (text, width, ink) in enumerate(zip(texts, widths, inks, strict=True))
        )
        rows.append(TableRow(str(index), cells))
    return rows


def group_columns() -> list[Column]:
    return [Column(_("Reason"), 40), Column(_("Profiles"), 12, numeric=True)]


def group_rows(reasons: Sequence[tuple[str, int]], wanted: str) -> list[TableRow]:
    counts = Counter(dict(reasons)).most_common()
    return [
        TableRow(
            reason,
            (((cut(clean(reason_label(reason)), 39), ""),), ((right(number(count), 12), ""),)),
        )
        for reason, count in counts
        if matches(wanted, reason_label(reason))
    ]


def batch_columns() -> list[Column]:
    return [
        Column(_("Batch"), 6, numeric=True),
        Column(_("Contacts"), 10, numeric=True),
        Column("  " + _("State"), 25),
        Column(_("Refused"), 9, numeric=True),
        Column("  " + cut(_("Omnisend's name for it"), _ID), _ID + 2),
    ]


def batch_rows(batches: Sequence[BatchRow], wanted: str) -> list[TableRow]:
    rows: list[TableRow] = []
    for batch in batches:
        state = batch_state(batch)
        if not matches(wanted, str(batch.number), state, batch.batch_id):
            continue
        calm = batch.state == "confirmed" and not batch.errors
        rows.append(
            TableRow(
                str(batch.number),
                (
                    ((right(number(batch.number), 6), ""),),
                    ((right(number(batch.contacts), 10), ""),),
                    (("  " + cut(state, 23), "muted" if calm else ""),),
                    ((right(number(batch.errors), 9), "warning" if batch.errors else "muted"),),
                    (("  " + cut(clean(batch.batch_id), _ID), "muted"),),
                ),
            )
        )
    return rows


def log_columns(spare: int) -> list[Column]:
    return [Column(_("Time"), 10), Column(_("What happened"), 66 + spare)]


def log_rows(log: Mapping[int, LogLine], now: datetime, wanted: str, spare: int) -> list[TableRow]:
    """The newest first, as the batches; ``log_line`` finds the line of a row's key."""
    rows: list[TableRow] = []
    for index, line in log.items():
        text = clean(event(line))
        if matches(wanted, text):
            at = f"{local(line.at, now):%H:%M:%S}"
            rows.append(
                TableRow(f"line {index}", (((at, "muted"),), ((cut(text, 66 + spare), ""),)))
            )
    return rows[::-1]


def log_line(kept: Gathered, key: str | None) -> LogLine | None:
    """The line whose row has ``key`` in the log's table."""
    return next((line for at, line in kept.log.items() if f"line {at}" == key), None)


def compared_columns(before: Snapshot | None, now: datetime) -> list[Column]:
    """Without a run to compare with, this one stands alone."""
    this = [Column("", 24), Column(_("This run"), 14, numeric=True)]
    if before is None:
        return this
    when = moment(local(before.started_at, now), now)
    return [
        *this,
        Column(cut(when, 16), 18, numeric=True),
        Column(_("Change"), 14, numeric=True),
    ]


def compared_rows(run: Snapshot, before: Snapshot | None) -> list[TableRow]:
    """A run that has ended beside the one before: each account that either has, and the time.

    Without one before it, its own accounts.
    """
    if before is None:
        return [
            TableRow(field, (((label, ""),), ((right(number(getattr(run, field)), 14), ""),)))
            for field, label in compared_accounts().items()
            if getattr(run, field)
        ]
    changes = compared(run, before)
    rows = [
        _compared_row(
            field, label, number(getattr(run, field)), number(getattr(before, field)),
            signed(getattr(changes, field)), weighs=field in ("rejected", "leavers"),
        )
        for field, label in compared_accounts().items()
        if getattr(run, field) or getattr(before, field)
    ]  # fmt: skip
    took, took_before = (duration(seconds_of(each, each.updated_at)) for each in (run, before))
    change = signed_time(changes.seconds)
    return [*rows, _compared_row("seconds", _("Time"), took, took_before, change)]


def _compared_row(
    key: str, label: str, this: str, before: str, change: str, *, weighs: bool = False
) -> TableRow:
    same = change in ("0", "0:00")
    ink = "muted" if same else "warning bold" if weighs and change.startswith("+") else "bold"
    return TableRow(
        key,
        (
            ((cut(label, 23), ""),),
            ((right(this, 14), ""),),
            ((right(before, 18), "muted"),),
            ((right(change, 14), ink),),
        ),
    )
