"""What runs now: the runs of this app by their handles, those of other processes by the state."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from omnisend_tui.errors import StateError
from omnisend_tui.progress import Snapshot
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.engine.run import Run

SILENT_SECONDS = 15.0  # a run of another process that says nothing for so long is gone


class Live:
    """Asked four times a second by the app; ``pull`` and ``add`` may be called from any thread."""

    def __init__(self, workspace: Workspace, now: Callable[[], datetime]) -> None:
        self._workspace = workspace
        self._now = now
        self._own: dict[str, Run] = {}
        self._stored: dict[str, Snapshot] = {}
        self._lock = threading.Lock()
        self.trouble: StateError | None = None

    def add(self, run: "Run") -> None:
        """Takes over the handle of a run that this app started."""
        with self._lock:
            self._own[run.job.export.id] = run

    def pull(self) -> None:
        """Reads the newest run of every export; ``trouble`` tells why it couldn't."""
        try:
            stored = self._workspace.state.latest_runs()
        except StateError as error:
            self.trouble = error
            return
        self.trouble = None
        self._stored = stored

    def rows(self) -> dict[str, Snapshot]:
        """Export id -> its newest run, as it is now."""
        rows = {key: self.seen(snapshot) for key, snapshot in self._stored.items()}
        with self._lock:
            own = list(self._own.items())
        for key, run in own:
            mine = run.snapshot()
            if key not in rows or rows[key].started_at <= mine.started_at:
                rows[key] = mine
        return rows

    def handle(self, run_id: str) -> "Run | None":
        """The handle of a run of this app that is still under way."""
        return next((run for run in self.under_way() if run.job.run_id == run_id), None)

    def under_way(self) -> "list[Run]":
        """This app's runs that haven't ended."""
        with self._lock:
            return [run for run in self._own.values() if not run.snapshot().ended]

    def find(self, run_id: str) -> Snapshot | None:
        """One run as it is now, None for an unknown one."""
        for snapshot in self.rows().values():
            if snapshot.run_id == run_id:
                return snapshot
        stored = self._workspace.state.run(run_id)
        return None if stored is None else self.seen(stored)

    def seen(self, snapshot: Snapshot) -> Snapshot:
        """A stored snapshot; interrupted where its process fell silent."""
        silent = self._now().timestamp() - snapshot.updated_at > SILENT_SECONDS
        if snapshot.ended or not silent or self.handle(snapshot.run_id) is not None:
            return snapshot
        return msgspec.structs.replace(
            snapshot, status="interrupted", seconds_left=None, waiting_for=""
        )
