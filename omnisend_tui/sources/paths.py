"""The files that a path or a glob names, and whether they stay what they were."""

import glob
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from omnisend_tui.errors import SourceError
from omnisend_tui.i18n import _


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file does. ``changed`` is its modification time in nanoseconds."""

    size: int
    changed: int
    inode: int


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source as it stood when the source was looked at."""

    path: Path
    stamp: Stamp


def find_files(path: str) -> list[File]:
    """The files of a path or a glob, ordered by path; ``SourceError`` where one can't be read."""
    whole = Path(path).expanduser()
    if not path:
        raise SourceError("source_not_found", _("The source names no file."), _("Give it a path."))
    # Path.exists raises where a folder may not be entered; what can be said of that comes below.
    if os.path.exists(whole) or not glob.has_magic(path):
        return [_look_at(whole)]
    matches = sorted(Path(each) for each in glob.glob(str(whole), recursive=True))
    files = [each for each in matches if not each.is_dir()]
    if not files:
        raise SourceError(
            "source_no_match",
            _("No file matches {path}.").format(path=path),
            _("Look at the folder and at the pattern of the source."),
        )
    return [_look_at(each) for each in files]


def _look_at(path: Path) -> File:
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise SourceError(
                "source_is_folder",
                _("{path} is a folder, not a file.").format(path=path),
                _("Name the files in it with a pattern such as {path}/*.csv.").format(path=path),
            )
        if not stat.S_ISREG(found.st_mode):
            raise SourceError(
                "source_not_a_file",
                _("{path} is not an ordinary file.").format(path=path),
                _("Write the profiles to a file first."),
            )
        with path.open("rb"):
            pass
    except OSError as error:
        raise file_error(path, error) from error
    if not found.st_size:
        raise empty(path)
    return File(path, _stamp(found))


def empty(path: Path) -> SourceError:
    return SourceError(
        "source_empty",
        _("{path} is empty.").format(path=path),
        _("Write the file again: it needs a header with the names of the columns."),
    )


def file_error(path: Path, error: OSError) -> SourceError:
    """The sentence for what the operating system said about ``path``."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SourceError(
            "source_not_found",
            _("There is no file {path}.").format(path=path),
            _("Correct the path of the source, or put the file there."),
        )
    if isinstance(error, PermissionError):
        return SourceError(
            "source_no_permission",
            _("This user may not read {path}.").format(path=path),
            _("Give the user the right to read the file."),
        )
    return SourceError(
        "source_unreadable",
        _("{path} can't be read: {reason}.").format(
            path=path, reason=os.strerror(error.errno or 5)
        ),
        _("Look at the disk or the network folder that holds the file."),
    )


def damaged(path: Path) -> SourceError:
    """A compressed file or Parquet that breaks off or doesn't hold what it should."""
    return SourceError(
        "source_damaged",
        _("{path} is damaged or incomplete and can't be read to its end.").format(path=path),
        _("Fetch or write the file again."),
    )


def check_unchanged(file: File) -> None:
    """``SourceError`` 'source_changed' where the file is no longer what was looked at."""
    try:
        same = _stamp(file.path.stat()) == file.stamp
    except OSError:
        same = False
    if not same:
        raise SourceError(
            "source_changed",
            _("{path} changed while it was read, so what was read may be a mixture.").format(
                path=file.path
            ),
            _("Start again when the file is complete."),
        )


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
