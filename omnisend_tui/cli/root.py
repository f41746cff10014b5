"""The command ``omnisend-tui`` itself: its options, its sub-commands, and how errors end it."""

import errno
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from omnisend_tui import __version__
from omnisend_tui.cli.lazy import LazyGroup
from omnisend_tui.cli.output import say_error
from omnisend_tui.errors import AppError, Exit
from omnisend_tui.i18n import _, language_of, use_language

_ROOM = "omnisend_tui.cli"
_CLICK_ENDS = (click.Abort, click.exceptions.Exit)


def _commands() -> dict[str, tuple[str, str]]:
    return {
        "demo": (f"{_ROOM}.demo:demo", _("Try it on made-up profiles and a local sandbox.")),
        "connection": (f"{_ROOM}.connection:connection", _("Set up Omnisend brands.")),
        "source": (f"{_ROOM}.source:source", _("Set up where profiles come from.")),
        "export": (f"{_ROOM}.export:export", _("Set up exports.")),
        "run": (f"{_ROOM}.run:run", _("Run exports now.")),
        "status": (f"{_ROOM}.status:status", _("Show what runs, and the last run of each export.")),
        "runs": (f"{_ROOM}.status:runs", _("Show the history of runs.")),
        "pause": (f"{_ROOM}.steer:pause", _("Pause the run of an export.")),
        "resume": (f"{_ROOM}.steer:resume", _("Go on with a paused run.")),
        "cancel": (f"{_ROOM}.steer:cancel", _("Cancel the run of an export.")),
        "rejects": (f"{_ROOM}.rejects:rejects", _("Show what was not exported, and why.")),
        "sandbox": (f"{_ROOM}.sandbox:sandbox", _("Run a local stand-in for Omnisend.")),
        "doctor": (f"{_ROOM}.doctor:doctor", _("Check this installation and workspace.")),
    }


class _Root(LazyGroup):
    """Turns an exception that nobody foresaw into a sentence; its details go to the log."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (AppError, BrokenPipeError, click.ClickException, *_CLICK_ENDS):
            raise
        except Exception as error:
            raise _unexpected(error, ctx.params["workspace"]) from None


def build() -> click.Group:
    """The whole command, in the language in use. Its context's ``obj`` is the workspace folder."""

    @click.pass_context
    def start(context: click.Context, workspace: Path | None) -> int | None:
        context.obj = workspace
        if context.invoked_subcommand is not None:
            return None
        from omnisend_tui.cli.opening import open_app

        return open_app()

    root = _Root(
        name="omnisend-tui",
        lazy_commands=_commands(),
        callback=start,
        invoke_without_command=True,
        no_args_is_help=False,
        help=_("Brings segments of customer profiles into Omnisend. Without a command: the app."),
        context_settings={"help_option_names": ["-h", "--help"]},
        params=[
            click.Option(
                ["--workspace"],
                type=click.Path(file_okay=False, path_type=Path),
                envvar="OMNISEND_TUI_WORKSPACE",
                metavar="DIR",
                help=_("The folder of the workspace (default: your own)."),
            )
        ],
    )
    return click.version_option(__version__, prog_name="omnisend-tui")(root)


def run_command(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; errors become a sentence on stderr."""
    use_language(language_of(os.environ))
    # A caller may have closed either; what is said to nobody must not end a run.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A terminal of another encoding shows a sign as '?', instead of ending the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        result = build().main(list(arguments), prog_name="omnisend-tui", standalone_mode=False)
    except AppError as error:
        say_error(error)
        return int(error.exit_code)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return int(Exit.CANCELLED)
    return result if isinstance(result, int) else int(Exit.DONE)


def _unexpected(error: Exception, workspace: Path | None) -> AppError:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return AppError(
            "disk_full", _("The disk is full, and the command stopped."), _("Free some space.")
        )
    message = _("Something unexpected happened ({kind}), and the command stopped.").format(
        kind=type(error).__name__
    )
    try:
        path = _log(error, workspace)
    except Exception:
        # A full disk or a broken installation; the sentence must come out all the same.
        return AppError("unexpected", message, _("Details can't be written to the log."))
    return AppError("unexpected", message, _("Details are in {path}.").format(path=path))


def _log(error: Exception, workspace: Path | None) -> Path:
    """Logs the kind and place of ``error``, never its message, which may hold anything."""
    from omnisend_tui.folders import workspace_folders
    from omnisend_tui.log import log_exception, start_log, stop_log

    path = workspace_folders(workspace, os.environ).state / "omnisend-tui.log"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = start_log(path)
    try:
        log_exception(error)
    finally:
        stop_log(handler)
    return path
