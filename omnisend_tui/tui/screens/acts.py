"""What can be done with an export now, and in one sentence why not."""

from typing import TYPE_CHECKING

from omnisend_tui.config.models import Connection, Export
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.permissions import refusal, why_not
from omnisend_tui.records import Brand
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp
    from omnisend_tui.tui.connecting.probe import Probe


def why_not_run(row: Row) -> str:
    """'' when the actor can run the export now."""
    name = row.export.name
    if row.refused:
        return row.refused
    if row.busy:
        return _("“{export}” runs already.").format(export=name)
    if not row.export.connection:
        return _("“{export}” has no connection, so it doesn't run.").format(export=name)
    if row.wrong is not None:
        return f"{row.wrong.error.message} {row.wrong.error.hint}".strip()
    return ""


def why_not_change(workspace: Workspace, export: Export) -> str:
    """'' when the actor may change the export."""
    connections = workspace.config.connections
    refused = refusal(workspace.actor, "manage_exports", export, connections)
    return refused.message if refused is not None else ""


def why_not_stop(row: Row) -> str:
    """'' when there is a run that the actor can pause or cancel, in whatever process."""
    if not row.busy:
        return _("“{export}” isn't running.").format(export=row.export.name)
    if row.run is not None and row.run.cancelling:
        return _("“{export}” is being cancelled already.").format(export=row.export.name)
    return row.refused


def resumable(row: Row) -> bool:
    """Whether its last run was interrupted, so that Run asks what becomes of it."""
    return not row.busy and row.run is not None and row.run.status == "interrupted"


def with_rejects(row: Row) -> bool:
    """Whether its last run is over and rejected somebody, so that these alone can be run again."""
    run = row.run
    return not row.busy and not resumable(row) and run is not None and run.rejected > 0


def row_keys(row: Row | None) -> list[Key]:
    """The keys that work on a marked export now, as the footer names them."""
    if row is None:
        return []
    keys: list[Key] = []
    if row.run is not None:
        keys.append(Key("Enter", _("Open"), "open"))
    if not why_not_run(row):
        keys.append(Key("r", _("Resume") if resumable(row) else _("Run"), "run"))
        if with_rejects(row):
            keys.append(Key("R", _("Only rejects"), "run_rejects"))
    if not why_not_stop(row):
        paused = row.run is not None and row.run.status == "paused"
        keys.append(Key("p", _("Resume") if paused else _("Pause"), "pause"))
        keys.append(Key("c", _("Cancel"), "cancel"))
    return keys


def probe_of(app: "OmnisendApp", connection: Connection) -> tuple["Probe | None", str]:
    """The behaviour check of a stored connection, or None and in one sentence why not."""
    # Slow to import, and the home screen needs this module.
    from omnisend_tui import connections, consent
    from omnisend_tui.tui.connecting.probe import Probe

    workspace = app.workspace
    if why := why_not(workspace.actor, "manage_connections"):
        return None, why
    try:
        consent.require(workspace.state, connection)
        brand = workspace.state.brand(connection.id) or Brand(id="")
    except AppError as error:
        return None, error.message
    probe = Probe(
        connection,
        lambda: workspace.secrets.api_key(connection).value,
        brand,
        lambda behaviour: connections.keep_behaviour(workspace, connection, behaviour),
    )
    return probe, ""
