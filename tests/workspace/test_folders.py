"""Temporary folders of living and dead processes, and network file systems."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from omnisend_tui.folders import TemporaryFolder, network_file_system

KILLED = (
    "import os, sys\nfrom pathlib import Path\nfrom omnisend_tui.folders import TemporaryFolder\n"
    "folder = TemporaryFolder(Path(sys.argv[1]))\n"
    "(folder.path / 'copy.csv').write_text('x')\nprint(folder.path, flush=True)\n"
    "sys.stdin.read() or os.kill(os.getpid(), 9)"
)


def test_what_a_killed_process_left_is_removed_and_what_lives_stays(tmp_path: Path) -> None:
    mine = TemporaryFolder(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        TemporaryFolder(tmp_path).close()
        assert (theirs / "copy.csv").exists()
        other.stdin.close()
        assert other.wait(30) == -9
    assert (theirs / "copy.csv").exists()
    TemporaryFolder(tmp_path).close()
    assert not theirs.exists()
    assert mine.path.is_dir()
    mine.close()
    mine.close()
    assert [left.name for left in tmp_path.iterdir()] == ["lock"]


def test_it_is_private(tmp_path: Path) -> None:
    folder = TemporaryFolder(tmp_path / "temp")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "temp").stat().st_mode) == 0o700
    folder.close()


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda / ext4 rw 0 0\n", None),
        ("/dev/sda / ext4 rw 0 0\nnas:/x {place} nfs4 rw 0 0\n", "nfs4"),
        ("//nas/x {parent} cifs rw 0 0\n", "cifs"),
        ("me@host:/ {place} fuse.sshfs rw 0 0\n", "fuse.sshfs"),
        ("nas:/x / nfs rw 0 0\n/dev/sda {parent} ext4 rw 0 0\n", None),
        ("nas:/x {place}2 nfs rw 0 0\n", None),
        ("nas:/x {place} nfs rw 0 0\ntmpfs {place} tmpfs rw 0 0\n", None),
        ("nonsense\n\n", None),
    ],
)
def test_network_file_systems_are_known(tmp_path: Path, mounts: str, kind: str | None) -> None:
    place = (tmp_path / "my state").resolve()
    text = mounts.format(
        place=str(place).replace(" ", "\\040"), parent=str(place.parent).replace(" ", "\\040")
    )
    file = tmp_path / "mounts"
    file.write_text(text)
    assert network_file_system(place, file) == kind


def test_elsewhere_it_cannot_be_told(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "none") is None
