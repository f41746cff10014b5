"""The lists of the Run screen: rejects (single or by reason), batches, log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rich.text import Text

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import BatchRow, LogLine
from omnisend_tui.sentences import reason_label, what_to_do, what_was_wrong
from omnisend_tui.tui.log_sentences import log_sentence, needs_eye
from omnisend_tui.tui.themes import Palette, Tone
from omnisend_tui.tui.widgets.table import Row
from omnisend_tui.tui.widgets.texts import fit, plain, right
from omnisend_tui.workspace import Workspace

LIMIT = 500  # rows of a list; `omnisend-tui rejects` gives all
BATCHES = 200
WIDTHS = (24, 12, 13, 27)

ListName = Literal["rejects", "reasons", "batches", "log"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one list of a run holds."""

    name: ListName
    problems: tuple[Problem, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    batches: tuple[BatchRow, ...] = ()
    log: tuple[LogLine, ...] = ()


def load(workspace: Workspace, run: Snapshot, name: ListName) -> Loaded:
    """Reads a list from the state or the ledger; raises ``StateError``."""
    if name == "rejects":
        return Loaded(name, problems=tuple(workspace.state.problems(run.run_id, "reject", LIMIT)))
    if name == "reasons":
        counts = workspace.state.problem_counts(run.run_id, "reject")
        examples = workspace.state.problems(run.run_id, "reject", LIMIT)
        return Loaded(name, reasons=tuple(counts.items()), problems=tuple(examples))
    if name == "batches":
        from omnisend_tui.engine.ledger import read_batches

        path = workspace.ledger_path(run.export_id)
        return Loaded(name, batches=tuple(read_batches(path, run.run_id, BATCHES)))
    return Loaded(name, log=tuple(reversed(workspace.state.log(run.run_id))))


def labels(name: ListName) -> list[str]:
    """The labels of the four columns."""
    return {
        "rejects": [_("Reason"), _("Profile"), _("E-mail"), _("What was wrong")],
        "reasons": [_("Reason"), f">{_('Profiles')}", "", _("What to do")],
        "batches": [f">{_('Batch')}", f">{_('Contacts')}", "", _("State")],
        "log": [_("Time"), "", "", _("What happened")],
    }[name]


def widths(name: ListName, room: int) -> tuple[int, int, int, int]:
    """The widths of the columns; the last one takes what is left of ``room`` cells."""
    first = {
        "rejects": WIDTHS[:3],
        "reasons": (24, 9, 3),
        "batches": (10, 12, 3),
        "log": (9, 0, 0),
    }[name]
    return (first[0], first[1], first[2], max(10, room - sum(first)))


def rows(loaded: Loaded, cells: Sequence[int], now: datetime, palette: Palette) -> list[Row]:
    """The rows of a list, for columns of ``cells``."""
    if loaded.name == "rejects":
        return [
            Row(str(index), _reject(problem, cells, palette))
            for index, problem in enumerate(loaded.problems)
        ]
    if loaded.name == "reasons":
        return [
            Row(reason, _reason(reason, count, cells, palette)) for reason, count in loaded.reasons
        ]
    if loaded.name == "batches":
        return [Row(str(batch.number), _batch(batch, cells, palette)) for batch in loaded.batches]
    count = len(loaded.log)
    return [
        Row(str(count - index), _log(line, cells, now, palette))
        for index, line in enumerate(loaded.log)
    ]


def nothing(name: ListName, run: Snapshot) -> str:
    """The sentence of an empty list."""
    if name in ("rejects", "reasons"):
        return _("No profile was rejected.") if run.ended else _("No profile was rejected so far.")
    if name == "batches":
        return _("Nothing was sent.") if run.ended else _("Nothing was sent so far.")
    return _("The log is empty.")


def closer(problem: Problem, palette: Palette) -> Text:
    """A reject in the pane at the right."""
    muted = palette.style("muted")
    label = max(len(_("E-mail")), len(_("Reason"))) + 3
    text = Text(end="").append(plain(problem.key) + "\n\n", palette.style(bold=True))
    text.append(fit(_("E-mail"), label), muted)
    text.append(plain(problem.email_masked) or "-", palette.style())
    text.append("\n" + fit(_("Reason"), label), muted)
    text.append(reason_label(problem.reason), palette.style())
    if problem.detail:
        text.append("\n\n" + plain(what_was_wrong(problem)), palette.style())
    advice = what_to_do(problem)
    if advice:
        text.append("\n\n" + _("What to do") + "\n", muted)
        text.append(advice, palette.style())
    return text


def _reject(problem: Problem, cells: Sequence[int], palette: Palette) -> tuple[Text, ...]:
    return (
        _cell(reason_label(problem.reason), cells[0], "foreground", palette),
        _cell(problem.key, cells[1], "muted", palette),
        _cell(problem.email_masked or "-", cells[2], "muted", palette),
        _cell(what_was_wrong(problem), cells[3], "foreground", palette),
    )


def _reason(reason: str, count: int, cells: Sequence[int], palette: Palette) -> tuple[Text, ...]:
    advice = what_to_do(Problem(key="", field="", reason=reason))
    return (
        _cell(reason_label(reason), cells[0], "foreground", palette),
        Text(right(number(count), cells[1]), palette.style("warning", bold=True), end=""),
        Text(" " * cells[2], end=""),
        _cell(advice, cells[3], "muted", palette),
    )


def _batch(batch: BatchRow, cells: Sequence[int], palette: Palette) -> tuple[Text, ...]:
    words: dict[str, tuple[str, Tone]] = {
        "recorded": (_("on its way"), "muted"),
        "posted": (_("sent, not yet confirmed"), "accent"),
        "confirmed": (_("confirmed"), "success"),
        "unconfirmed": (_("never confirmed"), "warning"),
    }
    word, tone = words.get(batch.state, (batch.state, "muted"))
    if batch.errors:
        word += ", " + ngettext("{n} refused", "{n} refused", batch.errors).format(n=batch.errors)
        tone = "warning"
    return (
        Text(right(number(batch.number + 1), cells[0]), palette.style("muted"), end=""),
        Text(right(number(batch.contacts), cells[1]), palette.style(), end=""),
        Text(" " * cells[2], end=""),
        _cell(word, cells[3], tone, palette),
    )


def _log(line: LogLine, cells: Sequence[int], now: datetime, palette: Palette) -> tuple[Text, ...]:
    when = datetime.fromtimestamp(line.at, UTC).astimezone(now.tzinfo)
    tone: Tone = "warning" if needs_eye(line) else "foreground"
    return (
        _cell(f"{when:%H:%M:%S}", cells[0], "muted", palette),
        Text("", end=""),
        Text("", end=""),
        _cell(log_sentence(line), cells[3], tone, palette),
    )


def _cell(value: str, width: int, tone: Tone, palette: Palette) -> Text:
    return Text(fit(value, width - 1) + " ", palette.style(tone), end="")
