"""Opens the app, where the terminal can show it."""

import os
import sys

from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _


def check_terminal(instead: str) -> None:
    """Raises UsageError where no screen can be drawn; ``instead`` is the command to use then."""
    hint = _("Use {command} instead.").format(command=instead)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("no_terminal", _("The app needs a terminal, and this isn't one."), hint)
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "dumb_terminal", _("This terminal (TERM=dumb) can't draw the app's screens."), hint
        )


def open_app() -> int:
    """Opens the app on the workspace of the command and returns its exit code."""
    check_terminal("omnisend-tui status")
    from omnisend_tui.cli.workspaces import opened
    from omnisend_tui.tui.app import DEMO, run_app

    with opened() as workspace:
        code = run_app(workspace)
    return show_demo() if code == DEMO else code


def show_demo(profiles: int = 0) -> int:
    """Opens the app on the demo's workspace and returns its exit code."""
    from omnisend_tui.demo import PROFILES, demo_workspace
    from omnisend_tui.tui.app import DEMO, run_app

    with demo_workspace(profiles or PROFILES) as workspace:
        code = run_app(workspace, kept=False)
    # It is the demo already.
    return 0 if code == DEMO else code
