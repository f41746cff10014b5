"""Start-up: `omnisend-tui --help`, and the first complete frame against a bare Textual app.

    python tests/bench/startup.py [--runs 7]

Both apps run in a pseudo-terminal of 120x40, in turn; a frame counts as complete when what was
drawn holds 95 % of the text that stands there in the end. Medians and their ratio are printed.
Each was started once before: what is installed is compiled already.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

BARE = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header

class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Header()
        yield DataTable()
        yield Footer()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("one", "two", "three")
        table.add_rows([(str(n), "value", "more") for n in range(30)])

Bare().run()
"""
_QUIET = 1.0  # seconds without output after which a screen counts as drawn
_LONG = 30.0  # seconds that a busy machine may take for the first of it


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {
            "OMNISEND_TUI_WORKSPACE": folder,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
        }
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        app = [sys.executable, "-m", "omnisend_tui"]
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        first_frame(app, environ)
        first_frame([sys.executable, str(bare)], environ)
        pairs = [
            (first_frame(app, environ), first_frame([sys.executable, str(bare)], environ))
            for _n in range(runs)
        ]
        ours, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"first frame: {ours * 1000:.0f} ms, bare app {floor * 1000:.0f} ms, {ratio:.2f}")
        helps = [_seconds([*app, "--help"], environ) for _n in range(runs)]
        print(f"--help: {statistics.median(helps) * 1000:.0f} ms")


def first_frame(command: list[str], environ: dict[str, str]) -> float:
    """Seconds until 95 % of the output of a started screen was written."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], command, environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    began = time.monotonic()
    written: list[tuple[float, int]] = []
    while select.select([terminal], [], [], _QUIET if written else _LONG)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        written.append((time.monotonic() - began, len(data)))
        if written[-1][0] > 5:
            break
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(terminal)
    total = sum(size for _at, size in written)
    so_far = 0
    for at, size in written:
        so_far += size
        if so_far >= 0.95 * total:
            return at
    raise SystemExit(f"{command} drew nothing")


def _seconds(command: list[str], environ: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
