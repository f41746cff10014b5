"""Runs whose process is gone: the lock that they no longer hold gives them away."""

from pathlib import Path

from msgspec.structs import replace

from omnisend_tui.engine.lock import is_locked
from omnisend_tui.progress import Snapshot
from omnisend_tui.state import State


def interrupted(snapshot: Snapshot) -> Snapshot:
    """``snapshot`` as one that ended when its process last touched it."""
    return replace(
        snapshot,
        status="interrupted",
        finished_at=snapshot.updated_at,
        seconds_left=None,
        waiting_for="",
    )


def settled(state: State, lock_path: Path, run: Snapshot) -> Snapshot:
    """``run`` as it stands: interrupted where no process holds its export's lock."""
    if run.ended or is_locked(lock_path):
        return run
    # It may have ended well between the two looks.
    latest = state.run(run.run_id) or run
    return latest if latest.ended else interrupted(latest)


def close_interrupted(state: State, export_id: str) -> None:
    """Ends what a crash left open. Only for who holds the export's lock."""
    for run in state.runs(export_id):
        if not run.ended:
            state.save_snapshot(interrupted(run))
