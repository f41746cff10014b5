"""Runs, most in processes of their own: by the command line or the impatient child."""

import multiprocessing
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crashing.sandboxes import Document
from crashing.workspaces import KEY
from omnisend_tui.engine.job import Patience
from omnisend_tui.launch import launch
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext

_PATIENCE = 120.0  # seconds for one process


class Forked:
    """A run by the impatient child, which has everything imported already: as long as the run
    itself a new interpreter would need for that. Used as ``subprocess.Popen`` is.
    """

    def __init__(self, folder: Path, *words: str) -> None:
        from crashing.child import forked  # there is no such thing on Windows

        server = _fork_server()
        reader, writer = server.Pipe(duplex=False)
        given = ([str(folder / "workspace"), *words], environment(folder), writer)
        self._process = server.Process(target=forked, args=given)
        self._process.start()
        writer.close()
        assert self._process.pid is not None
        self.pid = self._process.pid
        self.stdout = os.fdopen(os.dup(reader.fileno()))
        reader.close()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> None:
        """Raises ``TimeoutExpired``."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("child", timeout)

    def communicate(self, timeout: float) -> tuple[str, str]:
        """What was printed and not read yet; it fits into the pipe. Raises ``TimeoutExpired``."""
        self.wait(timeout)
        with self.stdout:
            return self.stdout.read(), ""


Process = Forked | subprocess.Popen[str]


@cache
def _fork_server() -> "ForkServerContext":
    context = multiprocessing.get_context("forkserver")
    # The last ones are imported by the app when a run needs them.
    context.set_forkserver_preload(["crashing.child", "duckdb", "httpcore", "phonenumbers"])
    return context


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "OMNISEND" not in name}
    state = {"XDG_STATE_HOME": str(folder / "state"), "LANGUAGE": "en"}
    return kept | state | {"OMNISEND_TUI_API_KEY": KEY}


def start(folder: Path, *words: str, cli: bool = False) -> Process:
    """A run of 'E' in a process group of its own, by the command line or the impatient child."""
    if not cli:
        return Forked(folder, *words)
    options = ["--workspace", str(folder / "workspace"), "run", "E", "--json", "--no-progress"]
    return subprocess.Popen(
        [sys.executable, "-m", "omnisend_tui", *options, *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment(folder), start_new_session=True,
    )  # fmt: skip


def finish(process: Process) -> Document:
    """What a process told at its end; the stage alone where it was killed."""
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    if process.returncode == -signal.SIGKILL:
        stages = [line.split()[1] for line in out.splitlines() if line.startswith("stage ")]
        return {"stage": stages[-1] if stages else "start"}
    last = out.strip().rpartition("\n")[2]
    assert last.startswith("{"), f"{process.returncode}: {out}{err}"
    told: Document = msgspec.json.decode(last)
    return told


def kill(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:  # a child that was just forked leads no group yet
            os.kill(process.pid, signal.SIGKILL)


def run(folder: Path, *words: str, cli: bool = False) -> Document:
    return finish(start(folder, *words, cli=cli))


def undisturbed(folder: Path) -> Document:
    """What a plain run told that nothing happens to, in this process: another one takes longer."""
    with Workspace.open(folder / "workspace", environment(folder)) as workspace:
        patience = Patience(lost=0.5, standstill=60, outage=20, poll=0.05)
        end = launch(workspace, "E", started_by="test", patience=patience).wait(_PATIENCE)
        told: Document = msgspec.json.decode(msgspec.json.encode(end))
        return told
