"""Shows the app, and ends with it what runs here."""

import sys
from collections.abc import Callable
from functools import partial

from omnisend_tui.i18n import language_of, use_language
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.tui.themes import use_sixteen
from omnisend_tui.workspace import Workspace


def run_app(
    workspace: Workspace, *, kept: bool = True, opens: Callable[[OmnisendApp], None] | None = None
) -> int:
    """Shows the app until the user quits; returns the exit code, or ``app.DEMO``.

    ``kept``: the workspace outlives the app. ``opens`` is called once the app is there.

    Runs of its own end with it.
    """
    wanted = workspace.config.settings.language
    use_language(language_of() if wanted == "auto" else wanted)
    app = OmnisendApp(workspace, kept=kept, reopens=kept, opens=opens)
    if app.console.color_system == "standard":
        use_sixteen(app)
    try:
        code = app.run()
    finally:
        if (given_back := app.telling.untitled()) and sys.__stderr__ is not None:
            print(given_back, end="", file=sys.__stderr__, flush=True)
        # Whoever called closes the workspace, which a run and its hooks still write to.
        following = app.live.following()
        for run in following:
            run.cancel()
            run.wait()
        if following:
            from omnisend_tui.hooks import await_hooks

            await_hooks(following, partial(print, file=sys.stderr))
    return app.return_code or code or 0
