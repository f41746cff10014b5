"""The demo in a real terminal, by keyboard: open, run, look at the run, leave."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_ESCAPES = re.compile(
    r"\x1b\[[0-9;?>$]*[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_].*?\x1b\\"
)
_COLOURED = re.compile(r"\x1b\[[0-9;]*[34]8;[25];")
_PATIENCE = 40.0


class Terminal:
    """A child in a pseudo-terminal; ``shown`` is all that it wrote, without escapes."""

    def __init__(self, command: list[str], size: tuple[int, int], environ: dict[str, str]) -> None:
        self.process, self._master = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], command, environ)
        columns, rows = size
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.raw = ""

    @property
    def shown(self) -> str:
        return _ESCAPES.sub("", self.raw)

    def press(self, keys: str) -> None:
        self.raw = ""
        os.write(self._master, keys.encode())

    def until(self, text: str) -> None:
        """Reads until ``text`` was written since the last key."""
        end = time.monotonic() + _PATIENCE
        while text not in self.shown:
            assert time.monotonic() < end, f"{text!r} never came:\n{self.shown[-3000:]}"
            self._read()

    def exit_code(self) -> int:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            self._read()
        raise AssertionError("it didn't end")

    def _read(self) -> None:
        if select.select([self._master], [], [], 0.2)[0]:
            try:
                self.raw += os.read(self._master, 65536).decode(errors="replace")
            except OSError:
                return

    def close(self) -> None:
        os.close(self._master)


@contextmanager
def demo(tmp_path: Path, size: tuple[int, int], **environ: str) -> Iterator[Terminal]:
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLORTERM")}
    terminal = Terminal(
        [sys.executable, "-m", "omnisend_tui", "demo", "--profiles", "300"],
        size,
        clean
        | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "TMPDIR": str(tmp_path)}
        | {"XDG_STATE_HOME": str(tmp_path / "state")}
        | environ,
    )
    try:
        yield terminal
    finally:
        terminal.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_whole_way_by_keyboard(tmp_path: Path, size: tuple[int, int]) -> None:
    with demo(tmp_path, size) as terminal:
        terminal.until("never run")
        terminal.press("r")
        terminal.until("to confirm")
        terminal.press("\r")
        terminal.until("with rejects")
        terminal.press("\r")
        terminal.until("What was wrong")
        terminal.press("\x1b")
        terminal.until("Search")
        terminal.press("\x11")
        assert terminal.exit_code() == 0
    assert not list(tmp_path.glob("omnisend-tui-demo-*")), "the demo leaves nothing behind"


def test_no_color_means_none(tmp_path: Path) -> None:
    with demo(tmp_path, (80, 24), NO_COLOR="1") as terminal:
        terminal.until("never run")
        assert not _COLOURED.search(terminal.raw)
        terminal.press("\x11")
        assert terminal.exit_code() == 0


def test_finnish(tmp_path: Path) -> None:
    with demo(tmp_path, (80, 24), LANG="fi_FI.UTF-8") as terminal:
        terminal.until("Viennit")
        terminal.press("\x11")
        assert terminal.exit_code() == 0
