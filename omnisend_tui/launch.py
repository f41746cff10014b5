"""Starts runs: whoever does (app, command line) calls the same function."""

import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from omnisend_tui import consent
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.config.store import load
from omnisend_tui.engine.interrupted import settled
from omnisend_tui.engine.job import Job, Patience, RunOptions
from omnisend_tui.engine.run import Run
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Brand
from omnisend_tui.workspace import Workspace


def launch(
    workspace: Workspace,
    export_name: str,
    *,
    started_by: str,
    options: RunOptions | None = None,
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
    brand = workspace.state.brand(connection.id) or Brand(id=brand_of_key(key.value))
    options = options or RunOptions()
    run = Run(
        Job(
            run_id=_run_id(workspace, export, brand, options),
            export=export,
            connection=connection,
            source=source,
            brand=brand,
            behaviour=workspace.state.behaviour(connection.id),
            started_by=started_by,
            api_key=key.value,
            ledger_key=workspace.ledger_key(),
            ledger_path=workspace.ledger_path(export.id, brand.id),
            lock_path=workspace.lock_path(export.id),
            budget_path=workspace.budget_path,
            temp_dir=workspace.temp_dir,
            state=workspace.state,
            options=options,
            other_ledgers=_other_ledgers(workspace, export, brand),
            patience=patience or Patience(),
        )
    )
    run.start(partial(_still_there, workspace, connection, export))
    return run


def interrupted_run(workspace: Workspace, export: Export) -> Snapshot | None:
    """The export's latest run where it was interrupted, so that it can be resumed."""
    latest = workspace.state.latest_runs().get(export.id)
    if latest is None:
        return None
    seen = settled(workspace.state, workspace.lock_path(export.id), latest)
    return seen if seen.status == "interrupted" else None


def _run_id(workspace: Workspace, export: Export, brand: Brand, options: RunOptions) -> str:
    """That of the interrupted run where it is resumed, else a new one."""
    interrupted = interrupted_run(workspace, export)
    if interrupted is None or options.discard:
        return _new_id()
    if options.resume:
        # In another brand nobody knows of it.
        return interrupted.run_id if interrupted.brand_id == brand.id else _new_id()
    raise UsageError(
        "interrupted",
        _("The last run of “{export}” was interrupted; nothing was started.").format(
            export=export.name
        ),
        _("`run --resume` goes on with it, `run --discard` gives it up and starts a new one."),
    )


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


def _other_ledgers(workspace: Workspace, export: Export, brand: Brand) -> tuple[Path, ...]:
    """Where those of the workspace's other exports lie, or will, for the same brand."""
    return tuple(
        workspace.ledger_path(other.id, brand.id)
        for other in workspace.config.exports.values()
        if other.id != export.id
    )


def _new_id() -> str:
    """Sorts by time and is unique among the processes of a workspace."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
