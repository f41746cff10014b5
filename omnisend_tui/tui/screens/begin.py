"""Opens the wizard of a new connection, source or export, once what it needs is there."""

from typing import TYPE_CHECKING, Literal

from omnisend_tui.i18n import _
from omnisend_tui.permissions import why_not

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp

What = Literal["connection", "source", "export"]


def begin(app: "OmnisendApp", what: What) -> None:
    """Opens a wizard, or says in one sentence why not."""
    if why := why_not_begin(app, what):
        app.say(why)
    elif what == "connection":
        from omnisend_tui.tui.connecting.wizard import new_connection

        app.push_screen(new_connection(app.workspace, lambda: app.now().timestamp(), app.stored))
    elif what == "source":
        from omnisend_tui.tui.sourcing.wizard import new_source

        app.push_screen(new_source(app.workspace, app.stored))
    else:
        from omnisend_tui.tui.exporting.wizard import new_export

        app.push_screen(new_export(app.workspace, app.stored))


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
