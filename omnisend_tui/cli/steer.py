"""``omnisend-tui pause``, ``resume`` and ``cancel``: runs of whatever process."""

import time

import click

from omnisend_tui.cli.output import clean, message
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.engine.lock import is_locked
from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.state import Wish
from omnisend_tui.workspace import Workspace

_PATIENCE = 45.0  # seconds: a cancelled run confirms for 30 what is in flight
_GLANCE = 0.2


@click.command(help=_("Pause the run of an export: nothing more is sent until it goes on."))
@click.argument("export")
def pause(export: str) -> None:
    _ask(export, "pause", _("“{export}” is paused."))


@click.command(help=_("Go on with a paused run."))
@click.argument("export")
def resume(export: str) -> None:
    _ask(export, "resume", _("“{export}” goes on."))


@click.command(help=_("Cancel the run of an export; what is in flight is still confirmed."))
@click.argument("export")
def cancel(export: str) -> None:
    _ask(export, "cancel", _("“{export}” is cancelled."))


def _ask(name: str, wish: Wish, done: str) -> None:
    """Tells the run's process, and waits until it shows."""
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
        ended = workspace.state.run(run.run_id)
    if ended is not None and ended.ended and (wish, ended.status) != ("cancel", "cancelled"):
        done = _("“{export}” had ended before that.")
    message(clean(done.format(export=name)))


def _running(workspace: Workspace, name: str) -> Snapshot:
    export = workspace.export(name)
    run = workspace.state.latest_runs().get(export.id)
    if run is None or run.ended or not is_locked(workspace.lock_path(export.id)):
        raise UsageError("not_running", _("“{export}” isn't running.").format(export=name))
    return run


def _obeyed(workspace: Workspace, run_id: str, wish: Wish) -> bool:
    run = workspace.state.run(run_id)
    if run is None or run.ended:
        return True
    return wish != "cancel" and (run.status == "paused") == (wish == "pause")
