"""Twenty running exports on the screen: updates, the answer to a key, bytes to the terminal, CPU.

    python tests/bench/watching.py [--exports 20] [--brands 4] [--seconds 12] [--keys 150]

The app runs in a pseudo-terminal, first of 80x24, then of 120x40; the exports really run in its
process, against a sandbox for each brand at Omnisend's own limits. Nobody touches it for some
seconds; then keys move the mark, and what counts is the time from a key to the first byte of what
shows it. Linux only, for it reads /proc. The goals: 4 to 10 updates a second, an answer within
50 ms (99th percentile), at most 30 KB a second; on two cores.
"""

import argparse
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.sandbox.samples import write_samples
from pipeline import COLUMNS, tui
from rest import cpu_of

_UP, _DOWN = "\x1b[A", "\x1b[B"
_APART = 0.02  # seconds of silence between two updates of the screen
_TOP, _BOTTOM = 8, 14  # lines between which the mark goes down and up; some rows from the ends
_PATIENCE = 60.0  # seconds that a busy machine may take
_PLACE = re.compile(rb"\x1b\[(\d+);\d+H")
_MARK = "▌".encode()


@dataclass
class Screen:
    """A terminal's end: what comes is kept with its time, in seconds."""

    terminal: int
    came: list[tuple[float, int]] = field(default_factory=list)
    data: bytes = b""

    def read(self, seconds: float) -> bool:
        """Whether something came within so many seconds."""
        if not select.select([self.terminal], [], [], max(0.0, seconds))[0]:
            return False
        data = os.read(self.terminal, 65536)
        self.came.append((time.monotonic(), len(data)))
        self.data += data
        return True

    def watch(self, seconds: float) -> None:
        """Keeps what comes in so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def until(self, text: str) -> None:
        """Reads until ``text`` was written."""
        end = time.monotonic() + _PATIENCE
        while text.encode() not in self.data:
            if time.monotonic() > end:
                raise SystemExit(f"{text!r} never came")
            self.read(1)

    def forget(self) -> None:
        self.came, self.data = [], b""

    def marked(self) -> int:
        """The line on which the mark was drawn last, or 0."""
        at = self.data.rfind(_MARK)
        places = _PLACE.findall(self.data[:at]) if at >= 0 else []
        return int(places[-1]) if places else 0

    def answer(self, key: str) -> float:
        """Seconds from a key to the first byte after which the mark stands on another line."""
        self.data = b""
        before, began = len(self.came), time.monotonic()
        os.write(self.terminal, key.encode())
        while not self.marked():
            if not self.read(_PATIENCE):
                raise SystemExit("a key was never answered")
        # What was read at once began with the first byte of that frame.
        return self.came[max(before, len(self.came) - 1)][0] - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--exports", type=int, default=20)
    parser.add_argument("--brands", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--keys", type=int, default=150)
    asked = parser.parse_args()
    print("goals: 4 to 10 updates a second, a key within 50 ms (p99), 30 KB a second")
    for size in ((80, 24), (120, 40)):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            brands = [stack.enter_context(SandboxProcess()) for _n in range(asked.brands)]
            environ = shop(Path(folder), brands, asked.exports)
            measure(environ, size, asked.exports, asked.seconds, asked.keys)


def shop(folder: Path, brands: list[SandboxProcess], exports: int) -> dict[str, str]:
    """A workspace whose exports take a few minutes; the environment that opens it."""
    workspace = folder / "workspace"
    environ = os.environ | {
        "OMNISEND_TUI_WORKSPACE": str(workspace),
        "XDG_STATE_HOME": str(folder / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }
    for number, brand in enumerate(brands):
        environ[f"OMNISEND_TUI_API_KEY_BRAND_{number}"] = brand.api_key
        tui(
            environ, "connection", "add", "--name", f"Brand {number}", "--agree-to-data-privacy",
            "--api-key-from-environment", "--base-url", brand.url,
        )  # fmt: skip
    mapping = ", ".join(
        f'{{ field = "{name}", column = "{column}" }}'
        for name, column in COLUMNS.items()
        if not name.startswith("custom:")
    )
    tables = []
    for number in range(exports):
        path = folder / f"profiles-{number}.csv"
        write_samples(path, 20_000, seed=number)
        tables.append(
            f'[sources."Profiles {number}"]\nid = "s{number}"\npath = "{path}"\n'
            'key = "CustomerID"\n\n'
            f'[exports."Export {number}"]\nid = "e{number}"\n'
            f'connection = "Brand {number % len(brands)}"\nsource = "Profiles {number}"\n'
            f'segments = ["All profiles"]\nmax_profiles = 1000000\nmapping = [{mapping}]'
        )
    with (workspace / "config.toml").open("a") as config:
        config.write("\n" + "\n\n".join(tables) + "\n")
    return environ


def measure(
    environ: dict[str, str], size: tuple[int, int], exports: int, seconds: float, keys: int
) -> None:
    """Prints the figures of one terminal size."""
    process, terminal = pty.fork()
    if process == 0:
        command = [sys.executable, "-m", "omnisend_tui"]
        os.execvpe(command[0], command, environ)
    try:
        columns, rows = size
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        screen = Screen(terminal)
        screen.until("Search")
        screen.watch(2)
        os.write(terminal, b"A")
        screen.until("Together at most")
        os.write(terminal, b"\t\r")
        screen.until(f"{exports} running")
        screen.watch(5)

        screen.forget()
        before, began = cpu_of(process), time.monotonic()
        screen.watch(seconds)
        took = time.monotonic() - began
        report(f"{columns}x{rows}, watched ", screen, took, cpu_of(process) - before)
        print(f"    {updates(screen) / took:.1f} updates a second", flush=True)

        screen.forget()
        before, began = cpu_of(process), time.monotonic()
        answers = pressed(screen, keys)
        took = time.monotonic() - began
        report(f"{columns}x{rows}, {keys} keys", screen, took, cpu_of(process) - before)
        told = (f"p{q} {answers[len(answers) * q // 100] * 1000:.0f} ms" for q in (50, 90, 95, 99))
        print(f"    a key: {', '.join(told)}, worst {answers[-1] * 1000:.0f} ms", flush=True)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def pressed(screen: Screen, keys: int) -> list[float]:
    """The seconds to each answer, in order; the keys come at no fixed time of an update."""
    chance = random.Random(7)
    answers: list[float] = []
    line, key = 0, _DOWN
    while len(answers) < keys:
        screen.watch(chance.uniform(0.1, 0.35))
        line = screen.marked() or line  # its row may have moved meanwhile
        key = _DOWN if line < _TOP else _UP if line > _BOTTOM else key
        answers.append(screen.answer(key))
        line = screen.marked()
    return sorted(answers)


def updates(screen: Screen) -> int:
    """How often the screen changed: what comes after a silence."""
    times = [at for at, _size in screen.came]
    return sum(later - at > _APART for at, later in pairwise(times)) + 1


def report(name: str, screen: Screen, seconds: float, cpu: float) -> None:
    written = sum(size for _at, size in screen.came)
    print(
        f"{name}: {written / seconds / 1000:.1f} KB a second, CPU of app and engine"
        f" {cpu / seconds * 100:.0f} % of a core",
        flush=True,
    )


if __name__ == "__main__":
    main()
