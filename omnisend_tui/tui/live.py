"""What the screens show: exports with their runs, pulled and never pushed."""

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.permissions import refusal
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.tui.troubles import Troubles, Wrong
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.engine.run import Run

_QUIET = 2.0  # seconds without a sign of life, after which the lock is asked
_AGAIN = 1.0  # seconds until it is asked again, of a run whose process lives


@dataclass(frozen=True, slots=True)
class Row:
    """An export and its latest run. ``own``: this process runs it; others are steered by wishes.

    ``trouble`` is why it could not be started from here, ``wrong`` why it can't be started at all.
    ``note`` is what its source lacks, where it runs all the same. ``refused`` is why the actor may
    neither run nor steer it. ``segments`` are those chosen, as people call them.
    """

    export: Export
    run: Snapshot | None = None
    own: bool = False
    starting: bool = False
    trouble: RunError | None = None
    wrong: Wrong | None = None
    refused: str = ""
    note: str = ""
    segments: tuple[str, ...] = ()

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
    _following: list["Run"] = field(default_factory=list)
    _starting: set[str] = field(default_factory=set)
    _troubles: dict[str, tuple[float, RunError]] = field(default_factory=dict)
    _quiet: dict[str, "_Quiet"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    troubles: Troubles = field(init=False)

    def __post_init__(self) -> None:
        self.troubles = Troubles(self.workspace)

    def pull(self) -> View:
        """Own runs from their handles, others from the state; reads a changed config.toml."""
        failure: RunError | None = None
        latest: dict[str, Snapshot] = {}
        labels: dict[str, dict[str, str]] = {}
        try:
            self.workspace.refresh_config()
        except AppError as error:
            failure = RunError.of(error)
        try:
            latest = self.workspace.state.latest_runs()
            labels = self.workspace.state.labels()
        except AppError as error:
            failure = RunError.of(error)
        exports = self.workspace.config.exports.values()
        return View(tuple(self._row(export, latest, labels) for export in exports), failure)

    def start(self, export: Export, **options: bool) -> None:
        """Starts a run; blocks while it is prepared. A failure is kept for the row and raised.

        ``options`` are those of ``RunOptions``. ``export`` is as it was shown to who starts it.
        """
        with self._lock:
            self._starting.add(export.id)
            self._troubles.pop(export.id, None)
        try:
            # Not needed before the first run, and 150 ms of imports.
            from omnisend_tui.launch import launch
            from omnisend_tui.records import RunOptions

            self._unchanged(export)
            _spare_the_collector()
            asked = RunOptions(**options)
            run = launch(self.workspace, export.name, started_by="app", options=asked)
        except AppError as error:
            with self._lock:
                self._troubles[export.id] = (self.clock(), RunError.of(error))
            raise
        else:
            with self._lock:
                self._runs[export.id] = run
                self._following.append(run)
        finally:
            with self._lock:
                self._starting.discard(export.id)

    def _unchanged(self, export: Export) -> None:
        """Whoever changed it meanwhile may have made it subscribe people."""
        self.workspace.refresh_config()
        now = self.workspace.config.exports.get(export.name)
        if now is not None and now != export:
            raise UsageError(
                "changed",
                _("“{export}” was changed meanwhile, so it wasn't started.").format(
                    export=export.name
                ),
                _("Look at it, then start it again."),
            )

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

    def busy(self) -> int:
        """How many exports this process runs, or prepares to run."""
        with self._lock:
            busy, runs = set(self._starting), dict(self._runs)
        return len(busy | {export for export, run in runs.items() if run.wait(0) is None})

    def following(self) -> list["Run"]:
        """Runs of this process that go on, or whose hooks do."""
        with self._lock:
            return list(self._following)

    def over(self) -> list["Run"]:
        """Runs of this process that are over with all that follows their end; each told once."""
        with self._lock:
            over = [run for run in self._following if run.follow(0)]
            self._following = [run for run in self._following if run not in over]
        return over

    def find(self, run_id: str) -> Snapshot | None:
        """A run by its id, as ``pull`` shows it."""
        with self._lock:
            runs = list(self._runs.values())
        mine = next((run for run in runs if run.snapshot().run_id == run_id), None)
        if mine is not None and mine.wait(0) is None:
            return mine.snapshot()
        kept = self.workspace.state.run(run_id)
        return _later(None if kept is None else self.seen(kept), mine)

    def seen(self, run: Snapshot) -> Snapshot:
        """A run of another process as it is shown: interrupted where that is gone.

        It asks for the lock of a run that has been quiet, and now and then.
        """
        if run.ended:
            return run
        now = self.clock()
        # The clock may have been set back since the last sign of life.
        if abs(now - run.updated_at) <= _QUIET:
            return run
        with self._lock:
            quiet = self._quiet.get(run.run_id)
        if quiet is None or not quiet.holds(run, now):
            # Not needed before the first run.
            from omnisend_tui.engine.interrupted import seen

            lock_path = self.workspace.lock_path(run.export_id)
            shown = seen(self.workspace.state, lock_path, run, now)
            quiet = _Quiet(run, shown, now)
            with self._lock:
                self._quiet[run.run_id] = quiet
        return quiet.run

    def _row(
        self, export: Export, latest: dict[str, Snapshot], labels: dict[str, dict[str, str]]
    ) -> Row:
        with self._lock:
            run = self._runs.get(export.id)
            starting = export.id in self._starting
            failed_at, trouble = self._troubles.get(export.id, (0.0, None))
        wrong, note = self.troubles.of(export), self.troubles.note(export)
        workspace = self.workspace
        may_not = refusal(workspace.actor, "run_exports", export, workspace.config.connections)
        refused = may_not.message if may_not is not None else ""
        source = workspace.config.sources.get(export.source)
        known = labels.get(source.id, {}) if source is not None else {}
        segments = tuple(known.get(name, name) for name in export.segments)
        if run is not None and run.wait(0) is None:
            shown: Snapshot | None = run.snapshot()
            return Row(export, shown, True, starting, trouble, wrong, refused, note, segments)
        kept = latest.get(export.id)
        shown = _later(None if kept is None else self.seen(kept), run)
        if shown is not None and shown.updated_at > failed_at:
            trouble = None  # others ran it since
        return Row(export, shown, False, starting, trouble, wrong, refused, note, segments)


@dataclass(frozen=True, slots=True)
class _Quiet:
    """How the snapshot ``of`` a run is shown, whose lock was asked for ``at`` (epoch seconds)."""

    of: Snapshot
    run: Snapshot
    at: float

    def holds(self, run: Snapshot, now: float) -> bool:
        """A process that is gone stays so; one that lives is asked again."""
        return self.of == run and (self.run.ended or 0 <= now - self.at < _AGAIN)


def _later(kept: Snapshot | None, mine: "Run | None") -> Snapshot | None:
    """Of an export's kept run and one that ended here the later one: others go on with it, or
    start the next.
    """
    if mine is None:
        return kept
    ended = mine.snapshot()
    return kept if kept is not None and kept.updated_at > ended.updated_at else ended


@cache
def _spare_the_collector() -> None:
    """Once all modules are there: what stays anyway is never looked through again.

    With 20 runs a full collection held up the answer to a key for 150 to 300 ms, one of 100,000
    objects that came lately for 90 to 120 ms: a microsecond each. Small ones that come more often
    cost the same, and nobody waits for them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000, 5, 1_000)
