"""Starts runs: whoever does (app, command line) calls the same function."""

import secrets
from datetime import UTC, datetime
from functools import partial

from omnisend_tui import consent
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.config.store import load
from omnisend_tui.engine.job import Job, Patience
from omnisend_tui.engine.run import Run
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.records import Brand
from omnisend_tui.workspace import Workspace


def launch(
    workspace: Workspace,
    export_name: str,
    *,
    started_by: str,
    allow_rejects: bool = False,
    patience: Patience | None = None,
) -> Run:
    """Starts a run of an export and returns at once.

    Raises ``AppError`` before any profile leaves: exit code 2 for an export that can't run, 4
    without a valid consent, 5 without a key, 6 when the export runs already.
    """
    export = workspace.export(export_name)
    if not export.connection:
        raise UsageError(
            "detached",
            _("'{export}' has no connection, so it doesn't run.").format(export=export.name),
            _("Give it one in config.toml."),
        )
    connection = workspace.connection(export.connection)
    source = workspace.source(export.source)
    consent.require(workspace.state, connection)
    key = workspace.secrets.api_key(connection)
    run = Run(
        Job(
            run_id=_new_id(),
            export=export,
            connection=connection,
            source=source,
            brand=workspace.state.brand(connection.id) or Brand(id=brand_of_key(key.value)),
            behaviour=workspace.state.behaviour(connection.id),
            started_by=started_by,
            api_key=key.value,
            ledger_key=workspace.ledger_key(),
            ledger_path=workspace.ledger_path(export.id),
            lock_path=workspace.lock_path(export.id),
            budget_path=workspace.budget_path,
            temp_dir=workspace.temp_dir,
            state=workspace.state,
            allow_rejects=allow_rejects,
            patience=patience or Patience(),
        )
    )
    run.start(partial(_still_there, workspace, connection, export))
    return run


def _still_there(workspace: Workspace, connection: Connection, export: Export) -> None:
    """Whoever removes a connection or an export stops the runs that it sees; the rest ends here."""
    config = load(workspace.config_path)
    connections = {each.id for each in config.connections.values()}
    exports = {each.id for each in config.exports.values()}
    if connection.id not in connections or export.id not in exports:
        raise UsageError(
            "removed",
            _("The export or its connection was removed just now, so nothing was sent."),
        )


def _new_id() -> str:
    """Sorts by time and is unique among the processes of a workspace."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
