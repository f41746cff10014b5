"""The folders of a workspace: where they lie, on which file system, and what a crash left there."""

import contextlib
import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnisend_tui.config.files import create_private_file, exclusive, make_private_folder, take_lock
from omnisend_tui.i18n import _

APP = "omnisend-tui"
VARIABLE = "OMNISEND_TUI_WORKSPACE"

_MOUNTS = Path("/proc/self/mounts")
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|ncpfs|afs|9p|ceph|glusterfs|lustre|beegfs|gpfs|ocfs2|gfs2?"
    r"|fuse\.(sshfs|rclone|s3fs|gcsfuse|davfs\w*|glusterfs|ceph\S*|smbnetfs|curlftpfs)|davfs\d?"
)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a workspace keeps its configuration and its state, and what it is called.

    ``named`` is the folder that commands must name; None for the user's own workspace.
    """

    name: str
    config: Path
    state: Path
    named: Path | None = None


def workspace_folders(directory: Path | None, environ: Mapping[str, str]) -> Folders:
    """The folders of ``directory``, of the one that the environment names, or of this user."""
    named = environ.get(VARIABLE, "")
    if directory is None and named:
        directory = Path(named)
    if directory is not None:
        folder = Path(os.path.abspath(directory.expanduser()))
        return Folders(folder.name or str(folder), folder, folder, folder)
    import platformdirs

    return Folders(
        _("personal"),
        platformdirs.user_config_path(APP, appauthor=False),
        user_state_folder(),
    )


def user_state_folder() -> Path:
    """The app's folder for state of this operating-system user, outside any named workspace."""
    import platformdirs

    return platformdirs.user_state_path(APP, appauthor=False)


class TemporaryFolder:
    """A folder for temporary copies that lives as long as its process.

    A lock of the operating system tells whose process still lives; what the dead left is removed
    when the next one opens.
    """

    def __init__(self, root: Path) -> None:
        make_private_folder(root)
        name = os.urandom(6).hex()
        self.path = root / name
        self._lock_path = root / f"{name}.lock"
        with exclusive(root / "lock"):
            _remove_leftovers(root)
            create_private_file(self._lock_path)
            self._lock = _locked(self._lock_path)
            make_private_folder(self.path)

    def close(self) -> None:
        """Removes the folder; a second call does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            # Where nothing can be removed any more, the next process does it.
            with contextlib.suppress(OSError):
                self._lock_path.unlink(missing_ok=True)


def _remove_leftovers(root: Path) -> None:
    for lock_path in root.glob("*.lock"):
        lock = _locked(lock_path)
        if lock is not None:
            shutil.rmtree(lock_path.with_suffix(""), ignore_errors=True)
            lock.close()
            with contextlib.suppress(OSError):
                lock_path.unlink(missing_ok=True)


def _locked(path: Path) -> sqlite3.Connection | None:
    """A connection that holds the lock ``path`` until it is closed, None where another holds it."""
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        take_lock(lock)
    except sqlite3.Error:
        lock.close()
        return None
    return lock


def network_file_system(path: Path, mounts: Path = _MOUNTS) -> str | None:
    """The type (nfs4, cifs, fuse.sshfs ...) of the network file system that ``path`` lies on.

    None on a local one, and where it can't be told (``mounts`` exists on Linux only).
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = Path(os.path.realpath(path))
    best, found = -1, ""
    for line in lines:
        _device, point, kind, *_rest = [*line.split(" "), "", ""]
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point))
        # Later lines cover earlier ones on the same point.
        if place.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, found = len(mounted.parts), kind
    return found if _NETWORK.fullmatch(found) else None


def network_warning(path: Path) -> str:
    """The sentence for a state on a network file system, '' elsewhere."""
    kind = network_file_system(path) if sys.platform == "linux" else None
    if kind is None:
        return ""
    return _(
        "The state lies on a network file system ({kind}), where it can be damaged: {path}."
        " Name a workspace on a local disk."
    ).format(kind=kind, path=path)
