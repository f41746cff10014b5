"""Files and folders that only their owner reads, replaced as a whole or not at all."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from omnisend_tui.errors import StateError
from omnisend_tui.i18n import _

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def make_private_folder(path: Path) -> None:
    """Makes ``path`` and what is missing above it; folders made here are closed to others (0700).

    Raises ``StateError`` where that can't be.
    """
    missing = [folder for folder in (path, *path.parents) if not os.path.lexists(folder)]
    try:
        for folder in reversed(missing):
            folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from None
    if not os.path.isdir(path):
        raise StateError(
            "not_a_folder",
            _("{path} is not a folder, so nothing can be kept there.").format(path=path),
            _("Name another folder, or move away what lies there."),
        )


def create_private_file(path: Path) -> None:
    """Makes an empty ``path`` with mode 0600; an existing one stays as it is, not even opened.

    Closing any handle of a file drops the POSIX locks that this process holds on it, so the new
    file gets its name only after it was closed.
    """
    if os.path.exists(path):
        return
    draft = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
        try:
            with contextlib.suppress(FileExistsError):
                _name_new(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from None


def _name_new(draft: Path, path: Path) -> None:
    """Gives the file ``draft`` the name ``path`` too; raises FileExistsError if that is taken."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no hard links.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.replace(draft, path)


def replace_file(path: Path, content: bytes, *, new: bool = False) -> None:
    """Puts ``content`` in the place of ``path``, durable and in one step, with mode 0600.

    A symbolic link stays one: the file that it points to is replaced. Raises ``StateError``, and
    FileExistsError where ``path`` is to be ``new`` and is there.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
    try:
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if new:
            _name_new(draft, path)
        else:
            os.replace(draft, target)
        sync_folder(target.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()


def sync_folder(folder: Path) -> None:
    """Makes a new or renamed entry of ``folder`` durable, where the platform can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def exclusive(path: Path, seconds: float = 10.0) -> Iterator[None]:
    """Holds the lock ``path`` against other processes and threads; it dies with the process.

    Raises ``StateError`` 'busy' where somebody else holds it for ``seconds``.
    """
    create_private_file(path)
    try:
        # SQLite's locks are the operating system's on every platform, and wait with a limit.
        lock = sqlite3.connect(path, timeout=seconds, isolation_level=None)
    except sqlite3.Error as error:
        raise _no_lock(path, error) from None
    try:
        try:
            take_lock(lock)
        except sqlite3.Error as error:
            raise _no_lock(path, error) from None
        yield
    finally:
        lock.close()


def take_lock(lock: sqlite3.Connection) -> None:
    """Holds the file of ``lock`` until it is closed. Raises ``sqlite3.Error``."""
    # Nothing is ever written, and a journal would only lie about.
    lock.execute("PRAGMA journal_mode = OFF")
    lock.execute("BEGIN EXCLUSIVE")


def _no_lock(path: Path, error: sqlite3.Error) -> StateError:
    if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return StateError(
            "busy",
            _("Another process holds {path}.").format(path=path),
            _("Try again once it is done."),
        )
    return StateError(
        "unwritable",
        _("{path} can't be locked.").format(path=path),
        _("Look at the owner and the rights of its folder, or remove the file."),
    )


def unwritable(path: Path, error: OSError) -> StateError:
    """The sentence for a folder or file that can't be made or written."""
    if _is_full(error):
        return StateError(
            "disk_full",
            _("The disk is full: {path} was not written.").format(path=path),
            _("Free some space and try again."),
        )
    return StateError(
        "unwritable",
        _("{path} can't be written: {reason}.").format(path=path, reason=error.strerror or ""),
        _("Look at the owner and the rights of its folder, or name another one."),
    )


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
