"""Quitting: asks first when exports run here, and waits for what is on its way."""

import asyncio
from typing import TYPE_CHECKING

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp

_STANDS = 3600.0  # seconds; until the app closes


def quit_app(app: "OmnisendApp") -> None:
    """Ends the app, or asks about the runs of this process; others aren't its own to end."""
    here = app.live.busy()
    if not here or app.leaving:
        for run in app.live.here():
            run.abandon()
        app.exit(0)
        return
    from omnisend_tui.tui.screens.dialogs import Choice

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

    if not isinstance(app.screen, Choice):
        app.push_screen(Choice(question, detail, answers), answered)


async def _leave(app: "OmnisendApp") -> None:
    app.leaving = True
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
