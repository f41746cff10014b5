"""In a real terminal, by keyboard alone: a newcomer's whole way, and the demo."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from omnisend_tui.omnisend.models import VERSION
from omnisend_tui.workspace import Workspace
from secret_service import bus, end, needs_secret_service, start_keyring

__all__ = ["bus"]

_ESCAPES = re.compile(
    r"\x1b\[[0-9;?>$]*[a-zA-Z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_].*?\x1b\\"
)
_COLOURED = re.compile(r"\x1b\[[0-9;]*[34]8;[25];")
_PATIENCE = 40.0
TAB, ENTER, DOWN, QUIT = "\t", "\r", "\x1b[B", "\x11"
F5, F6, F8, F10 = "\x1b[15~", "\x1b[17~", "\x1b[19~", "\x1b[21~"


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
        raise AssertionError(f"it didn't end:\n{self.shown[-3000:]}")

    def _read(self) -> None:
        if select.select([self._master], [], [], 0.2)[0]:
            try:
                self.raw += os.read(self._master, 65536).decode(errors="replace")
            except OSError:
                return

    def close(self) -> None:
        os.close(self._master)


class Screen(Terminal):
    """A child in tmux in a pseudo-terminal; ``shown`` is what stands on the screen now."""

    def __init__(
        self, command: list[str], size: tuple[int, int], environ: dict[str, str], socket: Path
    ) -> None:
        self._tmux = ["tmux", "-f", "/dev/null", "-S", str(socket)]
        without_status = [";", "set-option", "status", "off"]
        super().__init__([*self._tmux, "new-session", *command, *without_status], size, environ)

    @property
    def shown(self) -> str:
        command = [*self._tmux, "capture-pane", "-p"]
        return subprocess.run(command, capture_output=True, text=True).stdout

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True)
        super().close()


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


PEOPLE = """\
CustomerID,Email,FirstName,CallName,Groups
1,maija@example.com,Maija,Mai,VIP;Newsletter
2,pekka@example.com,Pekka,Pete,VIP
3,anna@example.com,Anna,Ann,Newsletter
4,liisa-at-example,Liisa,Lis,VIP
5,Maija@example.com,Maija,Mai,VIP
6,olli@example.com,Olli,Ole,VIP
"""


@pytest.fixture
def sandbox() -> Iterator[dict[str, str]]:
    """The address and the key of ``omnisend-tui sandbox``."""
    command = [sys.executable, "-m", "omnisend_tui", "sandbox", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


def contacts(sandbox: dict[str, str]) -> dict[str, tuple[str, list[str]]]:
    """First name and sorted tags by e-mail address."""
    answer = httpx.get(
        f"{sandbox['url']}/contacts",
        headers={
            "Authorization": f"Omnisend-API-Key {sandbox['api_key']}",
            "Omnisend-Version": VERSION,
        },
    )
    return {
        each["identifiers"][0]["id"]: (each["firstName"], sorted(each["tags"]))
        for each in answer.raise_for_status().json()["contacts"]
    }


@needs_secret_service
@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
def test_a_newcomers_whole_way(
    tmp_path: Path, bus: dict[str, str], sandbox: dict[str, str]
) -> None:
    keyring = start_keyring(bus, b"pw")
    (tmp_path / "people.csv").write_text(PEOPLE)
    folder = tmp_path / "workspace"
    environ = {k: v for k, v in bus.items() if k != "TMUX" and not k.startswith("OMNISEND_TUI_")}
    screen = Screen(
        [sys.executable, "-m", "omnisend_tui", "--workspace", str(folder)], (80, 24),
        environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        | {"XDG_STATE_HOME": str(tmp_path / "state")},
        tmp_path / "tmux",
    )  # fmt: skip
    try:
        connect(screen, sandbox)
        add_source(screen)
        add_export(screen)
        assert contacts(sandbox) == {}
        run(screen)
        assert sandbox["api_key"] not in screen.shown
        screen.press(QUIT)
        assert screen.exit_code() == 0
    finally:
        screen.close()
        end(keyring)
    tags = ["segment: VIP", "spring"]
    assert contacts(sandbox) == {
        "maija@example.com": ("Mai", tags),
        "pekka@example.com": ("Pete", tags),
        "olli@example.com": ("Ole", tags),
    }
    with Workspace.open(folder, {}, tmp_path / "budget.sqlite") as opened:
        (ended,) = opened.state.runs()
        (connection,) = opened.config.connections.values()
        assert len(opened.state.consents(connection.id)) == 1
    assert (ended.status, ended.read) == ("finished_with_rejects", 5)
    assert (ended.accepted, ended.duplicates, ended.rejected) == (3, 1, 1)
    assert ended.read == ended.closed
    key = sandbox["api_key"].encode()
    assert not any(key in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def connect(screen: Screen, sandbox: dict[str, str]) -> None:
    """Types ahead wherever a step needs no answer from elsewhere."""
    screen.until("0 of 4 done")
    key = f"\x1b[200~{sandbox['api_key']}\x1b[201~"
    screen.press(f"{ENTER}Acme{TAB}{sandbox['url']}{F10}{F10}{key}")
    screen.until("the form of an Omnisend key")
    screen.press(F10)
    screen.until("Data privacy and compliance")
    screen.press(F8)
    screen.until("Is this the right shop?")
    screen.press(F10 + F10)
    screen.until("in the keyring")
    screen.press(F10)
    screen.until("1 of 4 done")


def add_source(screen: Screen) -> None:
    screen.press(f"{ENTER}{ENTER}~/peo")
    screen.until("people.csv")
    screen.press(TAB + F10)
    screen.until("step 3 of 6")
    screen.until("F5 No key")
    screen.press(DOWN * 4 + F6)
    screen.until("F6 Segments")
    screen.press(F6 + F10 + F10 + F10)
    screen.until("step 6 of 6")
    screen.until("Groups")
    screen.press(F10)
    screen.until("2 of 4 done")


def add_export(screen: Screen) -> None:
    """As far as its last page, which sends nothing."""
    screen.press(f"{ENTER}Spring letter{F10}{F10}")
    screen.until("Newsletter")
    screen.press("/" + DOWN * 2 + F5)
    screen.until("1 segment, 5 profiles")
    screen.press(F10)
    screen.until("1 duplicate")
    screen.press(DOWN + ENTER)
    screen.until("Type to filter")
    screen.press("call" + ENTER)
    screen.until("Pete")
    screen.until("100 % checked")
    screen.until("F10 Next")
    screen.press(F10 + "spring" + F10 + DOWN * 3)
    screen.until("Nothing carries out schedules yet")
    screen.press(F10)
    screen.until("Saving sends nothing")


def run(screen: Screen) -> None:
    screen.press(F5)
    screen.until("Run 3")
    screen.press("r")
    screen.until("with rejects")
    screen.press(ENTER)
    screen.until("no @ sign")
    screen.until("5 =           3 +            0 +             1 +           1 +          0")


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo(tmp_path, (120, 40)) as terminal:
        terminal.until("never run")
        terminal.press("r")
        terminal.until("to confirm")
        terminal.press(ENTER)
        terminal.until("with rejects")
        terminal.press(QUIT)
        assert terminal.exit_code() == 0
    assert not list(tmp_path.glob("omnisend-tui-demo-*"))


def test_no_color_means_none(tmp_path: Path) -> None:
    with demo(tmp_path, (80, 24), NO_COLOR="1") as terminal:
        terminal.until("never run")
        assert not _COLOURED.search(terminal.raw)
        terminal.press(QUIT)
        assert terminal.exit_code() == 0


def test_finnish(tmp_path: Path) -> None:
    with demo(tmp_path, (80, 24), LANG="fi_FI.UTF-8") as terminal:
        terminal.until("Viennit")
        terminal.press(QUIT)
        assert terminal.exit_code() == 0
