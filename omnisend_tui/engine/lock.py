"""One run of an export at a time: a lock of the operating system, which dies with its process."""

import sqlite3
from pathlib import Path
from types import TracebackType

from omnisend_tui.errors import BusyError
from omnisend_tui.i18n import _


class ExportLock:
    """SQLite's exclusive lock on an own file: the same on every platform, released by a crash."""

    def __init__(self, path: Path, export: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._database = sqlite3.connect(
            path, timeout=0, isolation_level=None, check_same_thread=False
        )
        try:
            self._database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self._database.close()
            raise BusyError(
                "export_busy",
                _("A run of '{export}' is under way already.").format(export=export),
                _("Wait for its end; `omnisend-tui status` shows it."),
            ) from None

    def release(self) -> None:
        self._database.close()

    def __enter__(self) -> "ExportLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    if not path.exists():
        return False
    try:
        ExportLock(path, "").release()
    except BusyError:
        return True
    return False
