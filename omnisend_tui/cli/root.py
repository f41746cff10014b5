"""The command ``omnisend-tui`` itself: its options, its sub-commands, and how errors end it."""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from omnisend_tui import __version__
from omnisend_tui.cli.lazy import LazyGroup
from omnisend_tui.cli.output import clean, message, say_error
from omnisend_tui.errors import AppError, Exit
from omnisend_tui.i18n import _, language_of, use_language

_ROOM = "omnisend_tui.cli"


def _commands() -> dict[str, tuple[str, str]]:
    return {
        "demo": (f"{_ROOM}.demo:demo", _("Try it on made-up profiles and a local sandbox.")),
        "connection": (f"{_ROOM}.connection:connection", _("Set up Omnisend brands.")),
        "source": (f"{_ROOM}.source:source", _("Set up where profiles come from.")),
        "export": (f"{_ROOM}.export:export", _("Set up exports.")),
        "run": (f"{_ROOM}.run:run", _("Run exports now.")),
        "status": (f"{_ROOM}.watch:status", _("Show what runs, and the last run of each export.")),
        "runs": (f"{_ROOM}.watch:runs", _("Show the history of runs.")),
        "rejects": (f"{_ROOM}.rejects:rejects", _("Show what was not exported, and why.")),
        "sandbox": (f"{_ROOM}.sandbox:sandbox", _("Run a local stand-in for Omnisend.")),
        "doctor": (f"{_ROOM}.doctor:doctor", _("Check this installation and workspace.")),
    }


def build() -> click.Group:
    """The whole command, in the language in use. Its context's ``obj`` is the workspace folder."""

    def start(workspace: Path | None) -> int | None:
        context = click.get_current_context()
        context.obj = workspace
        if context.invoked_subcommand is not None:
            return None
        from omnisend_tui.cli.screens import open_app

        return open_app(workspace)

    return LazyGroup(
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
            ),
            click.version_option(__version__, prog_name="omnisend-tui")(lambda: None).__click_params__[0],  # type: ignore[attr-defined]
        ],
    )


def run_command(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Runs one command line and returns its exit code; errors become a sentence on stderr."""
    use_language(language_of(environ))
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
    except Exception as error:
        return _unexpected(error)
    return result if isinstance(result, int) else int(Exit.DONE)
