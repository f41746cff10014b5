"""Runs, dry runs and prices of exports: app and command line ask here for the same."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

from omnisend_tui import consent, hooks
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.config.store import load
from omnisend_tui.engine.again import Again, rejects_of
from omnisend_tui.engine.forecast import Forecast, Hear, Tell, forecast
from omnisend_tui.engine.interrupted import close_interrupted
from omnisend_tui.engine.job import Job, Patience, keyed
from omnisend_tui.engine.ledger.files import is_empty
from omnisend_tui.engine.lock import ExportLock, require_free
from omnisend_tui.engine.price import Limits, Price, batch_requests, price, tag_requests
from omnisend_tui.engine.run import Run
from omnisend_tui.errors import CredentialsError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.permissions import refusal
from omnisend_tui.records import Brand, LogLine, RunOptions, tags_ride
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Selection
from omnisend_tui.troubles import export_troubles
from omnisend_tui.workspace import Workspace


def launch(
    workspace: Workspace,
    export_name: str,
    *,
    started_by: str,
    options: RunOptions | None = None,
    patience: Patience | None = None,
) -> Run:
    """Starts a run of an export and returns at once; at its end it calls the hooks of the config.

    Raises ``AppError`` before any profile leaves: exit code 2 for an export that can't run, 4
    without a valid consent, 5 without a key, 6 when the export runs already.
    """
    export, connection = _attached(workspace, export_name)
    consent.require(workspace.state, connection)
    key = workspace.secrets.api_key(connection).value
    brand = workspace.state.brand(connection.id) or Brand(id=brand_of_key(key))
    job = _job(workspace, export, connection, brand, key, started_by, options or RunOptions())
    job = replace(job, patience=patience or Patience())
    state = workspace.state
    workspace.forget_details()
    lock = ExportLock(job.lock_path, export.name, partial(state.runs, export.id, 1))
    run: Run | None = None
    try:
        # Under the lock: nobody else starts or resumes a run in between.
        close_interrupted(state, export.id)
        job = _resumed(replace(job, latest=state.latest_runs().get(export.id)))
        on_end = partial(hooks.tell, workspace.config.hooks, state)
        run = Run(_narrowed(workspace, job), lock, on_end=on_end)
        run.start(partial(_still_there, workspace, connection, export))
    except BaseException:
        if run is None or not run.started:
            lock.release()
        else:
            run.cancel()  # a signal may come when it goes already
        raise
    return run


def dry_run(
    workspace: Workspace,
    export_name: str,
    options: RunOptions | None = None,
    stop: Event | None = None,
    tell: Tell = lambda _snapshot: None,
    hear: Hear = lambda _line: None,
) -> Forecast:
    """What a run of an export would do and cost; blocks until the source is read.

    Nothing is sent and no history kept, so it needs neither consent nor a key. It ends early once
    ``stop`` is set; ``tell`` has the counts so far, ``hear`` what a run's log would say. Raises
    ``AppError``: exit code 2 for an export without a connection, 6 while the export runs, else what
    the source or the ledger says.
    """
    export, connection = _attached(workspace, export_name)
    brand = _known_brand(workspace, connection)
    job = _job(workspace, export, connection, brand, "", "", options or RunOptions())
    require_free(job.lock_path, export.name, partial(workspace.state.runs, export.id, 1))
    return forecast(_narrowed(workspace, job), stop or Event(), tell, hear)


def rejects_again(workspace: Workspace, export: Export, but: str = "") -> Again:
    """What a run of an export's rejects alone reads; the run ``but`` doesn't count.

    Raises ``UsageError`` where the source has no key column, the export never ran, or the rejects
    aren't kept any more; ``StateError``.
    """
    source = workspace.source(export.source)
    if not source.key:
        raise UsageError(
            "no_key_column",
            _("The source “{source}” has no key column, so its rejects can't be found again.")
            .format(source=source.name),
            _("Name one, or run the export as ever: what was rejected is tried each time."),
        )  # fmt: skip
    if not workspace.state.runs(export.id, 1):
        raise UsageError(
            "never_ran",
            _("“{export}” never ran, so it has no rejects to run again.").format(
                export=export.name
            ),
            _("Run it as ever: that takes all of its profiles."),
        )
    again = rejects_of(workspace.state, export.id, keyed(source), but)
    if again.forgotten and not again.keys:
        raise UsageError(
            "rejects_forgotten",
            _("The rejects of “{export}” are older than the days that details are kept.").format(
                export=export.name
            ),
            _("Run the export as ever: what was rejected is tried each time."),
        )
    return again


@dataclass(frozen=True, slots=True)
class Estimate:
    """At most so many profiles and requests, from the source's count alone."""

    profiles: int
    price: Price


def estimate(
    workspace: Workspace,
    export_name: str,
    limit: int | None,
    stop: Event | None = None,
    hear: Hear = lambda _line: None,
) -> Estimate | None:
    """What a first run costs at most; None for an export that isn't in its first run.

    Once ``stop`` is set the figures say nothing. ``hear`` is as in ``dry_run``. Raises
    ``AppError`` as a run would.
    """
    export, connection = _attached(workspace, export_name)
    if not never_ran(workspace, export):
        return None
    record = workspace.source(export.source)
    access = replace(workspace.access(record), tell=partial(_heard, hear))
    source = open_source(record, workspace.temp_dir, access)
    profiles = source.count(Selection(export.segments, export.except_segments), stop)
    profiles = profiles if limit is None else min(profiles, limit)
    gives_tags = (export.tags or export.segment_tag) and not tags_ride(
        workspace.state.behaviour(connection.id)
    )
    tags = tag_requests([profiles]) if gives_tags else 0
    return Estimate(profiles, price(batch_requests(profiles, 0), tags, Limits.of(connection)))


def _heard(hear: Hear, event: str, **fields: str | int) -> None:
    hear(LogLine(at=time.time(), code=event, parameters=fields))


def never_ran(workspace: Workspace, export: Export) -> bool:
    """Whether nobody was ever confirmed for the export in the brand of its connection.

    Raises ``AppError`` for a ledger that can't be read.
    """
    if not export.connection:
        return True
    brand = _known_brand(workspace, workspace.connection(export.connection))
    return is_empty(workspace.ledger_path(export.id, brand.id))


def _attached(workspace: Workspace, export_name: str) -> tuple[Export, Connection]:
    """An export and its connection. Raises ``UsageError``."""
    export = workspace.export(export_name)
    connections = workspace.config.connections
    if refused := refusal(workspace.actor, "run_exports", export, connections):
        raise refused
    for trouble in export_troubles(workspace, export):
        raise UsageError(trouble.code, trouble.sentence, trouble.hint)
    return export, workspace.connection(export.connection)


def _known_brand(workspace: Workspace, connection: Connection) -> Brand:
    """The brand without asking Omnisend; one without an id has no ledger, so nobody is known."""
    brand = workspace.state.brand(connection.id)
    if brand is not None:
        return brand
    try:
        return Brand(id=brand_of_key(workspace.secrets.api_key(connection).value))
    except CredentialsError:
        return Brand(id="")


def _job(
    workspace: Workspace,
    export: Export,
    connection: Connection,
    brand: Brand,
    key: str,
    started_by: str,
    options: RunOptions,
) -> Job:
    return Job(
        run_id=_new_id(),
        export=export,
        connection=connection,
        source=workspace.source(export.source),
        brand=brand,
        behaviour=workspace.state.behaviour(connection.id),
        started_by=started_by,
        user=workspace.actor.name,
        api_key=key,
        ledger_key=workspace.ledger_key(),
        ledger_path=workspace.ledger_path(export.id, brand.id),
        lock_path=workspace.lock_path(export.id),
        budget_path=workspace.budget_path,
        temp_dir=workspace.temp_dir,
        access=workspace.access(workspace.source(export.source), pinned=True),
        state=workspace.state,
        options=options,
        other_ledgers=partial(_other_ledgers, workspace, export, brand),
    )


def _resumed(job: Job) -> Job:
    """The job, going on with the interrupted run where that is asked for."""
    latest = job.latest
    if latest is None or latest.status != "interrupted" or job.options.discard:
        return job
    if job.options.resume:
        if latest.brand_id != job.brand.id:  # nobody there knows of it
            return job
        if job.options.only_rejects and not latest.options.only_rejects:
            raise UsageError(
                "interrupted",
                _("The interrupted run of “{export}” is one of all profiles, not of rejects only.")
                .format(export=job.export.name),
                _("`run --resume` goes on with it as it is."),
            )  # fmt: skip
        return replace(job, run_id=latest.run_id, options=job.options.resuming(latest.options))
    raise UsageError(
        "interrupted",
        _("The last run of “{export}” was interrupted; nothing was started.").format(
            export=job.export.name
        ),
        _("`run --resume` goes on with it, `run --discard` gives it up and starts a new one."),
    )


def _narrowed(workspace: Workspace, job: Job) -> Job:
    """The job, with the rejects that it is to read where it reads nothing else."""
    if not job.options.only_rejects:
        return job
    if job.options.limit is not None:
        raise UsageError(
            "two_ways",
            _("A run of rejects only takes all of them; it has no limit."),
            _("Give either --only-rejects or --limit, not both."),
        )
    return replace(job, again=rejects_again(workspace, job.export, job.run_id))


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


def _other_ledgers(workspace: Workspace, export: Export, brand: Brand) -> Sequence[Path]:
    """Where those of the workspace's other exports lie, or will, for the same brand.

    As config.toml has them now, whoever changed it. Raises ``AppError`` where it doesn't tell: a
    file that lacks ``export`` is gone, or isn't whole.
    """
    exports = {each.id for each in load(workspace.config_path).exports.values()}
    if export.id not in exports:
        raise UsageError("removed", _("The export isn't in config.toml any more."))
    return [workspace.ledger_path(each, brand.id) for each in sorted(exports - {export.id})]


def _new_id() -> str:
    """Sorts by time and is unique among the processes of a workspace."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
