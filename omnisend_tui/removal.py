"""Ends what runs of something that is removed, and clears away what it leaves."""

import re
import threading
import time
from collections.abc import Callable

from omnisend_tui.config.models import Export
from omnisend_tui.errors import BusyError, StateError
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.workspace import Workspace

PATIENCE = 40.0  # seconds: what is in flight is confirmed for 30, then the run closes
_BRAND = re.compile("[0-9a-f]{8}")  # what stands for the brand in the name of a ledger


def runs_where(workspace: Workspace, wanted: Callable[[Snapshot], bool]) -> list[Snapshot]:
    """The latest runs of exports that go on, in whatever process, and are ``wanted``."""
    from omnisend_tui.engine.lock import is_locked

    return [
        run
        for run in workspace.state.latest_runs().values()
        if not run.ended and wanted(run) and is_locked(workspace.lock_path(run.export_id))
    ]


def stop_runs(
    workspace: Workspace, wanted: Callable[[Snapshot], bool], patience: float
) -> list[Snapshot]:
    """Cancels the runs that are ``wanted``, again and again, until there are none.

    Returns those that had not ended after ``patience`` seconds.
    """
    ends = time.monotonic() + patience
    pause = threading.Event()
    asked: set[str] = set()
    while runs := runs_where(workspace, wanted):
        for run in runs:
            if run.run_id not in asked:
                asked.add(run.run_id)
                workspace.state.wish(run.run_id, "cancel")
        if time.monotonic() > ends:
            return runs
        pause.wait(0.2)
    return []


def drop_ledgers(workspace: Workspace, export: Export) -> None:
    """Deletes the sealed addresses, of which nothing makes use once the export is gone.

    Those that a run has open stay. Raises ``StateError`` 'ledger_left'.
    """
    from omnisend_tui.engine.lock import ExportLock

    folder = workspace.ledger_path(export.id, "").parent
    try:
        lock = ExportLock(workspace.lock_path(export.id), export.name)
    except BusyError:
        return
    try:
        for path in folder.glob("*.sqlite*"):
            owner, _sign, brand = path.name.partition(".sqlite")[0].rpartition("-")
            if owner == export.id and _BRAND.fullmatch(brand):
                path.unlink(missing_ok=True)
    except OSError:
        raise StateError(
            "ledger_left",
            _("“{export}” is removed, but its ledger can't be deleted.").format(export=export.name),
            _("Delete the files {files} yourself: nothing uses them any more.").format(
                files=folder / f"{export.id}-*"
            ),
        ) from None
    finally:
        lock.release()
