"""Private files, and locks between processes and threads."""

import errno
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from omnisend_tui.config.files import (
    create_private_file,
    exclusive,
    make_private_folder,
    replace_file,
    unwritable,
)
from omnisend_tui.errors import StateError

TRY = (
    "import sys\nfrom pathlib import Path\n"
    "from omnisend_tui.config.files import exclusive\nfrom omnisend_tui.errors import StateError\n"
    "try:\n    with exclusive(Path(sys.argv[1]), 0): print('held')\n"
    "except StateError as error: print(error.code)"
)


def other_process(lock: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", TRY, lock], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_lock_keeps_other_processes_out(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with exclusive(lock):
        assert other_process(lock) == "busy"
    assert other_process(lock) == "held"
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_trying_a_lock_again_in_this_process_does_not_drop_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with exclusive(lock):
        with pytest.raises(StateError), exclusive(lock, 0):
            pass
        create_private_file(lock)
        assert other_process(lock) == "busy"


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(StateError) as refused:
        replace_file(path, b"new")
    assert refused.value.code == "unwritable"
    assert [left.name for left in tmp_path.iterdir()] == ["folder"]


def test_an_existing_file_keeps_its_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("kept")
    create_private_file(path)
    assert path.read_text() == "kept"
    create_private_file(tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_new_folders_are_private_and_old_ones_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    assert [
        stat.S_IMODE(p.stat().st_mode) for p in (tmp_path, tmp_path / "a", tmp_path / "a/b")
    ] == [
        0o755,
        0o700,
        0o700,
    ]
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for place in ("link", "a/b/../../link"):
        with pytest.raises(StateError):
            make_private_folder(tmp_path / place)


def test_a_full_disk_has_its_own_sentence(tmp_path: Path) -> None:
    full = unwritable(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    assert (full.code, "full" in full.message) == ("disk_full", True)
