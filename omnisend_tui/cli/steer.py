"""``omnisend-tui pause``, ``resume`` and ``cancel``: runs of whatever process."""

import time

import click

from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import message, print_json
from omnisend_tui.cli.words import command
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.documents import run_document
from omnisend_tui.engine.interrupted import settled
from omnisend_tui.engine.lock import is_locked
from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.permissions import refusal
from omnisend_tui.progress import Snapshot
from omnisend_tui.state import Wish
from omnisend_tui.workspace import Workspace

_PATIENCE = 45.0  # seconds: a cancelled run confirms for 30 what is in flight
_GLANCE = 0.2


@click.command(help=_("Pause the run of an export: nothing more is sent until it goes on."))
@click.argument("export")
@json_option
def pause(export: str, as_json: bool) -> None:
    _ask(export, "pause", _("“{export}” is paused."), as_json)


@click.command(help=_("Go on with a paused run."))
@click.argument("export")
@json_option
def resume(export: str, as_json: bool) -> None:
    _ask(export, "resume", _("“{export}” goes on."), as_json)


@click.command(help=_("Cancel the run of an export; what is in flight is still confirmed."))
@click.argument("export")
@json_option
def cancel(export: str, as_json: bool) -> None:
    _ask(export, "cancel", _("“{export}” is cancelled."), as_json)


def _ask(name: str, wish: Wish, done: str, as_json: bool) -> None:
    """Tells the run's process, and waits until it shows; prints the run as it is then."""
    with opened() as workspace:
        run = _running(workspace, name)
        workspace.state.wish(run.run_id, wish)
        ends = time.monotonic() + _PATIENCE
        while not _obeyed(workspace, run.run_id, wish):
            alive = is_locked(workspace.lock_path(run.export_id))
            # It may have ended well between the two looks.
            if time.monotonic() > ends or not (alive or _obeyed(workspace, run.run_id, wish)):
                raise AppError(
                    "no_answer",
                    _("The run of “{export}” didn't answer.").format(export=name),
                    _("`omnisend-tui status` shows whether it still runs."),
                )
            time.sleep(_GLANCE)
        now = workspace.state.run(run.run_id) or run
    early = now.ended and (wish, now.status) != ("cancel", "cancelled")
    if as_json:
        print_json(run_document(now, time.time()))
    if early or not as_json:
        done = _("“{export}” had ended before that.") if early else done
        message(done.format(export=name))


def _running(workspace: Workspace, name: str) -> Snapshot:
    export = workspace.export(name)
    connections = workspace.config.connections
    if refused := refusal(workspace.actor, "run_exports", export, connections):
        raise refused
    run = workspace.state.latest_runs().get(export.id)
    if run is not None:
        run = settled(workspace.state, workspace.lock_path(export.id), run)
    if run is None or run.ended:
        hint = ""
        if run is not None and run.status == "interrupted":
            again = command("run", "--resume", name=name, workspace=workspace.named)
            hint = _("Its run was interrupted; this goes on with it: {command}").format(
                command=again
            )
        raise UsageError("not_running", _("“{export}” isn't running.").format(export=name), hint)
    return run


def _obeyed(workspace: Workspace, run_id: str, wish: Wish) -> bool:
    run = workspace.state.run(run_id)
    if run is None or run.ended:
        return True
    return wish != "cancel" and (run.status == "paused") == (wish == "pause")
