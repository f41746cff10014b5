"""An idle app: its first frame, CPU, memory and what it writes, beside a bare Textual app.

    python tests/bench/rest.py [--seconds 30] [--runs 10000] [--exports 200] [--connections 50]

In pseudo-terminals of 120x40, one after the other; Linux only, for it reads /proc. The goals: under
1 % of a core, and under 70 MB.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from pathlib import Path

from omnisend_tui.progress import Snapshot
from omnisend_tui.workspace import Workspace
from startup import BARE, first_frame

_SETTLE = 2.0  # seconds without output after which nothing is under way any more


@dataclass
class Rest:
    """``cpu`` is percent of a core, ``memory`` resident MB, ``written`` bytes a second."""

    cpu: float
    memory: float
    written: float


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--exports", type=int, default=200)
    parser.add_argument("--connections", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), asked.connections, asked.exports, asked.runs)
        environ = os.environ | {
            "OMNISEND_TUI_WORKSPACE": folder,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
        }
        bare_app = Path(folder) / "bare.py"
        bare_app.write_text(BARE)
        app, bare = [sys.executable, "-m", "omnisend_tui"], [sys.executable, str(bare_app)]
        for name, command, keys in (
            ("bare app", bare, ""), ("Exports", app, ""), ("Runs", app, "4"),
        ):  # fmt: skip
            first = first_frame(command, environ)
            rest = at_rest(command, environ, keys, asked.seconds)
            print(
                f"{name:9} first frame {first * 1000:4.0f} ms   CPU {rest.cpu:5.2f} %   "
                f"memory {rest.memory:5.1f} MB   written {rest.written:6.1f} bytes a second"
            )


def fill(folder: Path, connections: int, exports: int, runs: int) -> None:
    """A workspace as large as asked, with nothing under way."""
    tables = [f'[sources.Shop]\nid = "shop"\npath = "{folder}/*.csv"\nkey = "id"']
    tables += [f'[connections."Brand {n}"]\nid = "c{n}"' for n in range(connections)]
    tables += [
        f'[exports."Export {n}"]\nid = "e{n}"\nconnection = "Brand {n % connections}"\n'
        'source = "Shop"\nmapping = [{ field = "email", column = "mail" }]'
        for n in range(exports)
    ]
    (folder / "config.toml").write_text("\n\n".join(tables))
    now = time.time()
    with Workspace.open(folder) as workspace:
        for n in range(runs):
            workspace.state.save_snapshot(past(n, n % exports, now - (runs - n) * 300))


def past(n: int, export: int, began: float) -> Snapshot:
    """A run that went as most do."""
    read = 10_000 + n
    return Snapshot(
        run_id=f"r{n}", export_id=f"e{export}", export=f"Export {export}", source="Shop",
        user="maija", started_by="agent", status="finished", total=read,
        read=read, updated=read, to_send=read, sent=read, confirmed=read, batches=read // 100,
        requests=read // 50, throughput=tuple(9_000 + n * at % 977 for at in range(60)),
        started_at=began, reading_done_at=began + 2, updated_at=began + 40, finished_at=began + 40,
    )  # fmt: skip


def at_rest(command: list[str], environ: dict[str, str], keys: str, seconds: float) -> Rest:
    """What a started app does while nobody touches it."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], command, environ)
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        select.select([terminal], [], [], 30)
        _settle(terminal)
        if keys:
            os.write(terminal, keys.encode())
            _settle(terminal)
        before = cpu_of(process)
        written = _written(terminal, seconds)
        spent = cpu_of(process) - before
        return Rest(spent / seconds * 100, _memory(process), written / seconds)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def _settle(terminal: int) -> None:
    while _written(terminal, _SETTLE):
        pass


def _written(terminal: int, seconds: float) -> int:
    """Bytes that came in so many seconds."""
    end, count = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            count += len(os.read(terminal, 65536))
    return count


def cpu_of(process: int) -> float:
    """Seconds of CPU so far: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise SystemExit("the app has ended")


if __name__ == "__main__":
    main()
