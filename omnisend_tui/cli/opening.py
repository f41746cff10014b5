"""Opens the app, where the terminal can show it."""

import os
import sys
from typing import TYPE_CHECKING

from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _

if TYPE_CHECKING:
    from omnisend_tui.demo import Kind


def check_terminal(instead: str) -> None:
    """Raises UsageError where no screen can be drawn; ``instead`` is the command to use then."""
    hint = _("Use {command} instead.").format(command=instead)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("no_terminal", _("The app needs a terminal, and this isn't one."), hint)
    kind = os.environ.get("TERM", "")
    # Windows' terminals have no name.
    if kind in ("dumb", "unknown") or (not kind and os.name != "nt"):
        raise UsageError(
            "dumb_terminal",
            _("This terminal (TERM={kind}) can't draw the app's screens.").format(kind=kind),
            hint,
        )
    # Textual's drivers draw there, the one for Windows on stdout.
    if os.name != "nt" and not sys.stderr.isatty():
        raise UsageError(
            "no_terminal",
            _("The app draws on standard error, and that isn't a terminal."),
            _("Start it without sending standard error (2>) elsewhere."),
        )


def open_app() -> int:
    """Opens the app on the workspace of the command and returns its exit code."""
    check_terminal(
        _("{status} or {run}").format(
            status="omnisend-tui status", run="omnisend-tui run NAME --plain"
        )
    )
    from omnisend_tui.tui.collecting import start_quickly

    start_quickly()
    from omnisend_tui.cli.workspaces import opened
    from omnisend_tui.tui.app import DEMO
    from omnisend_tui.tui.start import run_app

    with opened() as workspace:
        code = run_app(workspace)
    return show_demo() if code == DEMO else code


def show_demo(profiles: int = 0, kind: "Kind" = "files") -> int:
    """Opens the app on the demo's workspace and returns its exit code."""
    from omnisend_tui.tui.collecting import start_quickly

    start_quickly()
    from omnisend_tui.demo import PROFILES, demo_workspace
    from omnisend_tui.tui.app import DEMO
    from omnisend_tui.tui.start import run_app
    from omnisend_tui.tui.tour import begin_tour

    opens = begin_tour if kind == "dataverse" else None
    with demo_workspace(profiles or PROFILES, kind) as workspace:
        code = run_app(workspace, kept=False, opens=opens)
    # It is the demo already.
    return 0 if code == DEMO else code
