"""What the app does with rejects: a CSV file, one plain address to look at, a run of them alone."""

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.permissions import refusal
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import again_sentence, forgotten_sentence
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens.acts import resumable, why_not_run
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.reject_dialogs import CsvDialog, Revealing, Saving, Tell
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.tui.words import hint_of

if TYPE_CHECKING:
    from omnisend_tui.engine.again import Again
    from omnisend_tui.tui.app import OmnisendApp

_UNSAFE = re.compile(r"[^\w.-]+")  # signs that a file's name had better not have


def save_csv(app: "OmnisendApp", run: Snapshot) -> None:
    """Asks where to, and writes the rejects of a run there; says where they are."""
    if not run.rejected:
        app.say(_("Nothing was rejected in this run."))
        return
    export = _export_of(app, run)
    plain = export is not None and _may_not(app, export) is None
    dialog = CsvDialog(csv_name(run), plain=plain)

    def answered(answer: str | None) -> None:
        if answer in ("save", "plain"):
            path = Path(os.path.expanduser(dialog.path))
            _write(app, run, path, export if answer == "plain" else None)

    app.push_screen(dialog, answered)


def csv_name(run: Snapshot) -> str:
    """What the file is called where nobody says otherwise."""
    return f"{_UNSAFE.sub('-', run.export).strip('-.') or 'export'}-{run.run_id}-rejects.csv"


def reveal(app: "OmnisendApp", run: Snapshot, problem: Problem) -> None:
    """Shows the plain address of a reject, as its source has it now, while a dialog is open."""
    export = _export_of(app, run)
    if export is None:
        app.say(_("The export is gone, and with it the way to its source."))
    elif refused := _may_not(app, export):
        app.say(refused.message, refused.hint)
    elif problem.reason == "unreadable_row":
        app.say(_("A row that can't be read has no address to show."))
    else:
        app.push_screen(Revealing(problem, partial(_address, app, export, run, problem)))


def run_only_rejects(app: "OmnisendApp", row: Row) -> None:
    """Runs the rejects of a row's export alone, after asking; says why that can't be."""
    if why := why_not_run(row):
        app.say(why)
    elif resumable(row):
        app.start(row)  # which asks what becomes of that run
    else:
        app.run_worker(partial(_count, app, row.export), group="rejects", thread=True)


def _export_of(app: "OmnisendApp", run: Snapshot) -> Export | None:
    exports = app.workspace.config.exports.values()
    return next((export for export in exports if export.id == run.export_id), None)


def _may_not(app: "OmnisendApp", export: Export) -> AppError | None:
    """Why the actor may not see the addresses of an export."""
    connections = app.workspace.config.connections
    return refusal(app.workspace.actor, "reveal_addresses", export, connections)


def _count(app: "OmnisendApp", export: Export) -> None:
    # Slow to import, and not needed before.
    from omnisend_tui.launch import rejects_again

    try:
        again = rejects_again(app.workspace, export)
    except AppError as error:
        app.call_from_thread(app.say, error.message, error.hint)
    else:
        app.call_from_thread(_ask, app, export, again)


def _ask(app: "OmnisendApp", export: Export, again: "Again") -> None:
    name, count = clean(export.name), len(again.keys)
    more = [
        again_sentence(code, {"count": told})
        for code, told in (
            ("rejects_nameless", again.nameless),
            ("rejects_forgotten", again.forgotten),
            ("rejects_moved", again.moved),
        )
        if told
    ]
    if not count:
        app.say(" ".join([_("“{export}” has no rejects to run again.").format(export=name), *more]))
        return
    question = ngettext(
        "Run the {count} reject of “{export}” again, alone?",
        "Run the {count} rejects of “{export}” again, alone?",
        count,
    ).format(count=number(count), export=cut(name, 40))
    detail = _(
        "They are looked for in the source by their key; what is right by now is sent. All other"
        " profiles are left as they are, and nobody loses a tag."
    )
    answers = (("stay", _("Not now")), ("run", _("Run these")))

    def answered(answer: str | None) -> None:
        if answer == "run":
            app.begin(export, only_rejects=True)

    dialog = Choice(question, " ".join([detail, *more]), answers, focused="run")
    app.push_screen(dialog, answered)


def _address(
    app: "OmnisendApp", export: Export, run: Snapshot, problem: Problem,
    attempt: Attempt[str], tell: Tell,
) -> str:  # fmt: skip
    # Imports the sources.
    from omnisend_tui.rejects import reveal as read_again

    return read_again(app.workspace, export, run, [problem], attempt.stop, tell)[0] or ""


def _write(
    app: "OmnisendApp", run: Snapshot, path: Path, plain: Export | None, *, replacing: bool = False
) -> None:
    """``plain`` is the export whose source has the addresses, where those are wanted."""

    def work(attempt: Attempt[str], tell: Tell) -> str:
        from omnisend_tui import rejects

        problems = app.workspace.state.problems(run.run_id, "reject")
        if not replacing:
            rejects.require_new(path)
        addresses, hidden = None, ""
        if plain is not None:
            addresses = rejects.reveal(app.workspace, plain, run, problems, attempt.stop, tell)
            hidden = rejects.unrevealed(problems, addresses)
        if attempt.stop.is_set():
            return ""
        rejects.write_csv(path, problems, addresses, replacing=replacing)
        forgotten = app.workspace.state.forgotten_problems(run.run_id, "reject")
        told = [rejects.csv_written(len(problems), path.absolute()), hidden]
        if forgotten:
            told.append(forgotten_sentence(forgotten))
        return " ".join(filter(None, told))

    def ended(told: str | None) -> None:
        error = dialog.error
        if error is not None and error.code == "csv_exists":
            app.push_screen(_replace_dialog(path), replace)
        elif error is not None:
            app.say(error.message, hint_of(error), "error")
        elif told:
            app.say(told)

    def replace(answer: str | None) -> None:
        if answer == "replace":
            _write(app, run, path, plain, replacing=True)

    dialog = Saving(work)
    app.push_screen(dialog, ended)


def _replace_dialog(path: Path) -> Choice:
    return Choice(
        _("Replace the file {name}?").format(name=cut(clean(path.name), 40)),
        _("{path} is there already; what it holds is lost then.").format(path=clean(str(path))),
        (("stay", _("Keep it")), ("replace", _("Replace"))),
    )
