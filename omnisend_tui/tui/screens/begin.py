"""Opens the wizard of a new connection, source or export, once what it needs is there."""

from typing import TYPE_CHECKING, Any, Literal

from omnisend_tui.i18n import _
from omnisend_tui.permissions import why_not
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.widgets.table import Table

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp
    from omnisend_tui.tui.wizard.screen import WizardScreen

What = Literal["connection", "source", "export"]


def begin(app: "OmnisendApp", what: What) -> None:
    """Opens a wizard, or says in one sentence why not."""
    wizard: WizardScreen[Any]
    if why := why_not_begin(app, what):
        app.say(why)
    elif what == "connection":
        from omnisend_tui.tui.connecting.wizard import new_connection

        wizard = new_connection(
            app.workspace,
            lambda: app.now().timestamp(),
            lambda: _saved(app, wizard.draft.connection.id),
        )
        app.push_screen(wizard)
    elif what == "source":
        from omnisend_tui.tui.sourcing.wizard import new_source

        wizard = new_source(app.workspace, lambda: _saved(app, wizard.draft.source.id))
        app.push_screen(wizard)
    else:
        from omnisend_tui.tui.exporting.wizard import new_export

        wizard = new_export(app.workspace, lambda: _saved(app, wizard.draft.export.id))
        app.push_screen(wizard)


def _saved(app: "OmnisendApp", stored: str) -> None:
    """The wizard is gone: shows what has the id ``stored`` at once, and marked."""
    if isinstance(app.screen, LiveScreen):
        # The next key is meant for it, not for what was marked before.
        app.screen.turning = True
        app.run_worker(_mark(app, app.screen, stored), group="look")


async def _mark(app: "OmnisendApp", screen: LiveScreen, stored: str) -> None:
    try:
        await app.look()
        for table in screen.query(Table):
            table.mark(stored)
    finally:
        screen.turning = False
        app.turned()


def why_not_begin(app: "OmnisendApp", what: What) -> str:
    """'' when it can be begun."""
    config, actor = app.workspace.config, app.workspace.actor
    if what == "connection":
        return why_not(actor, "manage_connections")
    if what == "source":
        return why_not(actor, "manage_sources")
    if not config.connections:
        return _("An export needs a connection first: it stands under 2.")
    if not config.sources:
        return _("An export needs a source first: it stands under 3.")
    return ""
