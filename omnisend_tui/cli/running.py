"""Starts runs, watches them to their end, and prints what became of each."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import click

from omnisend_tui import hooks
from omnisend_tui.cli.drawing import REDRAW_SECONDS, Drawing, NoDrawing, can_redraw, drawing_on
from omnisend_tui.cli.dry_run import dry_runs, tell_price
from omnisend_tui.cli.output import message, print_json, say_error
from omnisend_tui.cli.signals import signals_as_interrupt
from omnisend_tui.cli.words import command, result_lines, sign_in_hint
from omnisend_tui.documents import run_document
from omnisend_tui.engine.run import Run
from omnisend_tui.errors import AppError, Exit
from omnisend_tui.i18n import _
from omnisend_tui.launch import launch
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import RunOptions
from omnisend_tui.sentences import again_sentence, hook_sentence
from omnisend_tui.source_sentences import empty_sentence
from omnisend_tui.workspace import Workspace

CANCEL_SECONDS = 33.0  # the engine confirms for 30, then closes its files
# Of several runs the first of these that occurred; 2 is a detached export among them.
_ORDER = (
    Exit.CREDENTIALS, Exit.CONSENT, Exit.FAILED, Exit.USAGE, Exit.BUSY, Exit.REJECTS,
)  # fmt: skip
_CREDENTIAL_CODES = frozenset(
    {
        "key_refused", "permission_missing",
        # of a source, at which a run signs in when it reads
        "sign_in_needed", "sign_in_refused", "not_signed_in", "no_role", "client_secret_refused",
        "no_client_secret", "no_keyring", "keyring_locked", "keyring_failed",
        "credential_unreadable",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manner:
    """How ``run_exports`` runs and tells: ``plain`` progress are lines, ``as_json`` the results.

    ``kept``: the workspace stays, so that other commands can be named for more. ``dry``: nothing is
    sent.
    """

    as_json: bool = False
    progress: bool = True
    plain: bool = False
    options: RunOptions = field(default_factory=RunOptions)
    kept: bool = True
    dry: bool = False


def run_exports(workspace: Workspace, names: Sequence[str], manner: Manner) -> int:
    """Runs the exports side by side and returns the exit code of cli.md.

    All names are known before the first run starts. Ctrl+C and SIGTERM cancel all runs and wait up
    to 30 seconds for what is in flight.
    """
    for name in names:
        workspace.export(name)
    if manner.dry:
        redrawn = manner.progress and _redraws(manner)
        codes = dry_runs(
            workspace, names, manner.options,
            as_json=manner.as_json, progress=manner.progress, redrawn=redrawn,
        )  # fmt: skip
        return int(worst(codes))
    drawing = _drawing(manner)
    running: list[Run] = []
    started: list[Run] = []
    codes = []
    with signals_as_interrupt():
        try:
            for name in names:
                try:
                    running.append(_start(workspace, name, manner))
                    started.append(running[-1])
                except AppError as error:
                    codes.append(error.exit_code)
                    _tell_not_started(name, error, manner)
            codes += [_code(snapshot) for snapshot in _watch(workspace, running, drawing, manner)]
            code = int(worst(codes))
        except KeyboardInterrupt:
            drawing.clear()
            code = _cancel(workspace, running, started, manner)
        _follow(workspace, [run for run in started if run.wait(0) is not None])
    return code


def worst(codes: Iterable[Exit]) -> Exit:
    """The exit code of several runs: the first that occurred in the order of cli.md."""
    occurred = set(codes)
    if Exit.CANCELLED in occurred:
        return Exit.CANCELLED
    return next((code for code in _ORDER if code in occurred), Exit.DONE)


def _start(workspace: Workspace, name: str, manner: Manner) -> Run:
    if manner.progress and not manner.options.only_rejects:
        tell_price(workspace, name, manner.options.limit)
    return launch(workspace, name, started_by="cli", options=manner.options)


def _watch(
    workspace: Workspace, running: list[Run], drawing: Drawing, manner: Manner
) -> Iterator[Snapshot]:
    """Draws until every run has ended; prints and yields each one's last snapshot.

    What has been told leaves ``running``.
    """
    shown = list(running)
    while running:
        drawing.draw([each.snapshot() for each in shown])
        running[0].wait(REDRAW_SECONDS)
        for each in list(running):
            ended = each.wait(0)
            if ended is None:
                continue
            running.remove(each)
            drawing.draw([each.snapshot() for each in shown])
            drawing.clear()
            _tell(workspace, ended, manner)
            yield ended


def _cancel(
    workspace: Workspace, running: Sequence[Run], started: Sequence[Run], manner: Manner
) -> int:
    """``started`` are the runs that ended before, too: another Ctrl+C gives up their hooks."""
    for each in running:
        each.cancel()
    deadline = time.monotonic() + CANCEL_SECONDS
    try:
        if running:
            message(_("Cancelling: what is in flight is confirmed for at most 30 seconds."))
        for each in running:
            ended = each.wait(max(0.0, deadline - time.monotonic()))
            _tell(workspace, ended or each.snapshot(), manner)
    except KeyboardInterrupt:
        message(_("Stopped at once: what was in flight isn't confirmed."))
        hooks.give_up(started)
        raise
    return int(Exit.CANCELLED)


def _follow(workspace: Workspace, ended: Sequence[Run]) -> None:
    """Waits for the hooks, none of which takes longer than its limit, and tells which failed."""
    hooks.await_hooks(ended, message)
    for run in ended:
        for line in hooks.failures(workspace.state, run.job.run_id):
            message(f"{run.job.export.name}: {hook_sentence(line.parameters)}")


def _tell(workspace: Workspace, snapshot: Snapshot, manner: Manner) -> None:
    """Prints a run's result to stdout, and why it failed to stderr."""
    document = run_document(snapshot, time.time())
    if manner.as_json:
        print_json(document)
    else:
        reasons = workspace.state.problem_counts(snapshot.run_id, "reject")
        for line in result_lines(document, reasons, snapshot):
            click.echo(line)
        if snapshot.rejected and manner.kept:
            message(
                _("Who, and why: {command}").format(
                    command=command("rejects", name=snapshot.export, workspace=workspace.named)
                )
            )
    if snapshot.options.only_rejects:
        for event in workspace.state.log(snapshot.run_id):
            if told := again_sentence(event.code, event.parameters):
                message(told)
    for segment in snapshot.empty_segments:
        message(f"{snapshot.export}: {empty_sentence(segment)}")
    sys.stdout.flush()
    if snapshot.error is not None and not manner.as_json:
        error = snapshot.error
        hint = error.hint
        if manner.kept:
            hint = sign_in_hint(error, snapshot.source, workspace.named)
        if error.code == "disk_full" and manner.kept:
            hint = _("Free some space, then: {command}").format(command=_again(workspace, snapshot))
        elif error.code == "unexpected" and not manner.kept:
            hint = ""  # the log is gone with the workspace
        say_error(AppError(error.code, error.message, hint))


def _again(workspace: Workspace, snapshot: Snapshot) -> str:
    """The command that goes on after a run that couldn't."""
    resume = ("--resume",) if snapshot.status == "interrupted" else ()
    return command("run", *resume, name=snapshot.export, workspace=workspace.named)


def _tell_not_started(name: str, error: AppError, manner: Manner) -> None:
    """A run that never began is told like one that failed, with nothing read."""
    if manner.as_json:
        never = Snapshot(
            run_id="",
            export_id="",
            export=name,
            status="failed",
            error=RunError.of(error),
        )
        print_json(run_document(never, time.time()))
        sys.stdout.flush()
    message(f"{name}: " + _("not started"))
    say_error(error)


def _code(snapshot: Snapshot) -> Exit:
    if snapshot.status == "finished":
        return Exit.DONE
    if snapshot.status == "finished_with_rejects":
        return Exit.REJECTS
    if snapshot.status == "cancelled":
        return Exit.CANCELLED
    if snapshot.error is not None and snapshot.error.code in _CREDENTIAL_CODES:
        return Exit.CREDENTIALS
    return Exit.FAILED


def _drawing(manner: Manner) -> Drawing:
    if not manner.progress:
        return NoDrawing()
    return drawing_on(sys.stderr, redrawn=_redraws(manner))


def _redraws(manner: Manner) -> bool:
    return not manner.plain and can_redraw(sys.stderr)
