"""Runs whose process is gone: the lock that they no longer hold gives them away."""

import contextlib
from pathlib import Path

from msgspec.structs import replace

from omnisend_tui.engine.lock import is_locked
from omnisend_tui.errors import StateError
from omnisend_tui.progress import Snapshot
from omnisend_tui.state import State

SILENT = 15.0  # seconds; a run gives a sign of life four times a second


def interrupted(snapshot: Snapshot) -> Snapshot:
    """``snapshot`` as one that ended when its process last touched it."""
    return replace(
        snapshot,
        status="interrupted",
        finished_at=snapshot.updated_at,
        seconds_left=None,
        cancelling=False,
        waiting_for="",
        waits_seconds=None,
    )


def settled(state: State, lock_path: Path, run: Snapshot) -> Snapshot:
    """``run`` as it stands: interrupted where no process holds its export's lock."""
    if run.ended or is_locked(lock_path):
        return run
    # It may have ended well between the two looks.
    latest = state.run(run.run_id) or run
    return latest if latest.ended else interrupted(latest)


def seen(state: State, lock_path: Path, run: Snapshot, now: float) -> Snapshot:
    """``run`` as it is shown at ``now``: as it stands, and waiting for its process where that holds
    the lock and gives no sign of life, since it was stopped or its machine sleeps.

    Where the lock can't be asked, it is shown as it was last seen.
    """
    with contextlib.suppress(StateError):
        run = settled(state, lock_path, run)
    # The clock may have been set back since the last sign of life.
    if run.ended or abs(now - run.updated_at) <= SILENT:
        return run
    return replace(run, waiting_for="process", rate_per_minute=0, seconds_left=None)


def close_interrupted(state: State, export_id: str) -> None:
    """Ends what a crash left open. Only for who holds the export's lock."""
    for run in state.runs(export_id):
        if not run.ended:
            state.save_snapshot(interrupted(run))
