"""Storing settings while the app goes on."""

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from omnisend_tui.errors import AppError
from omnisend_tui.permissions import why_not
from omnisend_tui.tui.words import hint_of

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp


async def store_settings(app: "OmnisendApp", **changes: object) -> None:
    """Brings changed fields into config.toml, one call after the other; why not is told."""
    # Slow to import, and the home screen needs this module.
    from omnisend_tui.saved import edit_settings

    workspace = app.workspace
    if why := why_not(workspace.actor, "manage_settings"):
        app.say(why)
        return
    async with app.storing:
        before = workspace.config.settings
        try:
            after = replace(before, **changes)
            await asyncio.to_thread(edit_settings, workspace, before, after)
        except AppError as error:
            app.say(error.message, hint_of(error), "error")
    app.stored()
