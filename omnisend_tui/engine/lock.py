"""One run of an export at a time: a lock of the operating system, which dies with its process."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from omnisend_tui.errors import BusyError, StateError
from omnisend_tui.formats import moment
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot

_PATIENCE = 0.2  # seconds; whoever only looks whether a run lives shares the lock for a moment


class ExportLock:
    """SQLite's exclusive lock on an own file: the same on every platform, released by a crash.

    ``runs`` gives the export's last run, to tell whose it is that is in the way.
    """

    def __init__(
        self, path: Path, export: str, runs: Callable[[], Sequence[Snapshot]] = tuple
    ) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._database = sqlite3.connect(
                path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error):
            raise _unusable(path) from None
        try:
            self._database.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._database.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise _unusable(path) from None
            raise _busy(export, runs()) from None

    def release(self) -> None:
        self._database.close()


def require_free(path: Path, export: str, runs: Callable[[], Sequence[Snapshot]]) -> None:
    """Raises ``BusyError`` while a process runs the export."""
    if is_locked(path):
        raise _busy(export, runs())


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock; answers at once. Raises ``StateError``."""
    try:
        if not path.exists():
            return False
        look = sqlite3.connect(path, timeout=0)
    except (OSError, sqlite3.Error):
        raise _unusable(path) from None
    try:
        # Whoever reads shares the lock with others who look, and is refused while a run holds it.
        look.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.Error as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise _unusable(path) from None
        return True
    finally:
        look.close()
    return False


def _busy(export: str, runs: Sequence[Snapshot]) -> BusyError:
    words = _("A run of '{export}' is under way already.").format(export=export)
    for run in runs:
        resumed = run.resumed_at is not None
        user = run.resumed_user if resumed else run.user
        if user and not run.ended:
            told = (
                _("{user} resumed a run of '{export}', under way since {time}.")
                if resumed
                else _("{user} started a run of '{export}', under way since {time}.")
            )
            began = moment(datetime.fromtimestamp(run.began, UTC), datetime.now().astimezone())
            words = told.format(user=user, export=export, time=began)
    return BusyError("export_busy", words, _("Wait for its end, or cancel it."))


def _unusable(path: Path) -> StateError:
    return StateError(
        "lock_unusable",
        _("{path} can't be locked, so the export can't run safely.").format(path=path),
        _("Look at the owner and the rights of the file and of its folder."),
    )
