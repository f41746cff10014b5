"""Quitting: asks first when exports run here, and waits for what is on its way."""

import asyncio
import time
from typing import TYPE_CHECKING

from textual.app import ScreenStackError
from textual.css.query import NoMatches
from textual.widget import MountError
from textual.worker import WorkerFailed

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp

_STANDS = 3600.0  # seconds; until the app closes


def quit_app(app: "OmnisendApp") -> None:
    """Ends the app, or asks about the runs of this process; others aren't its own to end."""
    here = app.live.busy()
    if not here or app.closes is not None:
        for run in app.live.here():
            run.abandon()
        app.exit(0)
        return
    from omnisend_tui.tui.screens.dialogs import QuitDialog

    question = ngettext("{count} export runs here.", "{count} exports run here.", here).format(
        count=number(here)
    )
    detail = _(
        "Quitting cancels what runs here: nothing more is sent, and what is on its way is"
        " still confirmed. A new run sends what is missing."
    )
    answers = (("stay", _("Keep running")), ("quit", _("Cancel and quit")))

    def answered(answer: str | None) -> None:
        if answer == "quit":
            app.run_worker(_leave(app), group="leave")

    if not isinstance(app.screen, QuitDialog):
        app.push_screen(QuitDialog(question, detail, answers), answered)


def of_the_end(error: BaseException) -> bool:
    """Whether an error comes of nothing but that the app ends.

    Once ``App.exit`` is called, Textual mounts nothing any more and takes the screens away. One
    that is just being opened misses its widgets then, and whatever still fills one its place.
    """
    if isinstance(error, WorkerFailed):
        error = error.error
    return isinstance(error, (NoMatches, MountError, ScreenStackError))


async def _leave(app: "OmnisendApp") -> None:
    from omnisend_tui.engine.job import Patience

    app.closes = time.monotonic() + Patience().cancel
    told = _(
        "What is on its way is being confirmed; the app closes by itself. Ctrl+Q again closes at"
        " once."
    )
    app.notify(told, severity="warning", timeout=_STANDS, markup=False)
    while app.live.busy():
        # One that was still being prepared has come since the last look.
        for run in app.live.here():
            run.cancel()
        await asyncio.sleep(0.1)
    app.exit(0)
