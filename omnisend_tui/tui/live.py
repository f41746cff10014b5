"""What the screens show: exports with their runs, pulled and never pushed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.tui.troubles import Troubles, Wrong
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.engine.run import Run

STALE = 15.0  # seconds without a sign of life, after which another process counts as gone


@dataclass(frozen=True, slots=True)
class Row:
    """An export and its latest run. ``own``: this process runs it; others are steered by wishes.

    ``trouble`` is why it could not be started from here, ``wrong`` why it can't be started at all.
    """

    export: Export
    run: Snapshot | None = None
    own: bool = False
    starting: bool = False
    trouble: RunError | None = None
    wrong: Wrong | None = None

    @property
    def busy(self) -> bool:
        return self.starting or (self.run is not None and not self.run.ended)


@dataclass(frozen=True, slots=True)
class View:
    """Everything at one moment. ``failure``: why the state or config.toml could not be read."""

    rows: tuple[Row, ...] = ()
    failure: RunError | None = None

    def row(self, export_id: str) -> Row | None:
        return next((row for row in self.rows if row.export.id == export_id), None)

    @property
    def running(self) -> int:
        return sum(row.busy for row in self.rows)

    @property
    def failed(self) -> int:
        return sum(
            not row.busy
            and (row.trouble is not None or (row.run is not None and row.run.status == "failed"))
            for row in self.rows
        )


@dataclass
class Live:
    """Keeps the runs of this process and looks at those of others. Usable from any thread."""

    workspace: Workspace
    clock: Callable[[], float]
    _runs: dict[str, "Run"] = field(default_factory=dict)
    _starting: set[str] = field(default_factory=set)
    _troubles: dict[str, RunError] = field(default_factory=dict)
    _config_stamp: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    troubles: Troubles = field(init=False)

    def __post_init__(self) -> None:
        self.troubles = Troubles(self.workspace)

    def pull(self) -> View:
        """Own runs from their handles, others from the state; reads a changed config.toml."""
        failure = self._reload()
        latest: dict[str, Snapshot] = {}
        try:
            latest = self.workspace.state.latest_runs()
        except AppError as error:
            failure = told(error)
        exports = self.workspace.config.exports.values()
        return View(tuple(self._row(export, latest) for export in exports), failure)

    def start(self, export: Export, **options: bool) -> None:
        """Starts a run; blocks while it is prepared. A failure is kept for the row and raised.

        ``options`` are those of ``RunOptions``.
        """
        with self._lock:
            self._starting.add(export.id)
            self._troubles.pop(export.id, None)
        try:
            # Not needed before the first run, and 150 ms of imports.
            from omnisend_tui.launch import launch
            from omnisend_tui.records import RunOptions

            asked = RunOptions(**options)
            run = launch(self.workspace, export.name, started_by="app", options=asked)
        except AppError as error:
            with self._lock:
                self._troubles[export.id] = told(error)
            raise
        else:
            with self._lock:
                self._runs[export.id] = run
        finally:
            with self._lock:
                self._starting.discard(export.id)

    def handle(self, export_id: str) -> "Run | None":
        """The run of an export that goes on in this process."""
        with self._lock:
            run = self._runs.get(export_id)
        return run if run is not None and run.wait(0) is None else None

    def here(self) -> list["Run"]:
        """All runs that go on in this process."""
        with self._lock:
            runs = list(self._runs.values())
        return [run for run in runs if run.wait(0) is None]

    def find(self, run_id: str) -> Snapshot | None:
        """A run by its id, as ``pull`` shows it."""
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            snapshot = run.snapshot()
            if snapshot.run_id == run_id:
                return snapshot
        kept = self.workspace.state.run(run_id)
        return None if kept is None else seen(kept, self.clock())

    def _row(self, export: Export, latest: dict[str, Snapshot]) -> Row:
        with self._lock:
            run = self._runs.get(export.id)
            starting = export.id in self._starting
            trouble = self._troubles.get(export.id)
        wrong = self.troubles.of(export)
        snapshot = latest.get(export.id)
        if run is not None:
            mine = run.snapshot()
            if snapshot is None or snapshot.started_at <= mine.started_at:
                own = run.wait(0) is None
                return Row(export, mine, own, starting, trouble, wrong)
        shown = None if snapshot is None else seen(snapshot, self.clock())
        return Row(export, shown, False, starting, trouble, wrong)

    def _reload(self) -> RunError | None:
        try:
            stamp = self.workspace.config_path.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if stamp == self._config_stamp:
            return None
        first, self._config_stamp = self._config_stamp is None, stamp
        if first:
            return None
        try:
            self.workspace.reload_config()
        except AppError as error:
            return told(error)
        return None


def seen(run: Snapshot, now: float) -> Snapshot:
    """A run of another process as it is shown: without a sign of life it was interrupted."""
    if run.ended or now - run.updated_at <= STALE:
        return run
    return msgspec.structs.replace(run, status="interrupted")


def told(error: AppError) -> RunError:
    return RunError.of(error)
