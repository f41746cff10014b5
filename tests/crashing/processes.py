"""Runs, most in processes of their own: by the command line or the impatient child."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from crashing.sandboxes import Document
from crashing.workspaces import KEY
from omnisend_tui.engine.job import Patience
from omnisend_tui.launch import launch
from omnisend_tui.workspace import Workspace

_PATIENCE = 120.0  # seconds for one process
_CHILD = Path(__file__).parent / "child.py"


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "OMNISEND" not in name}
    state = {"XDG_STATE_HOME": str(folder / "state"), "LANGUAGE": "en"}
    return kept | state | {"OMNISEND_TUI_API_KEY": KEY}


def start(
    folder: Path, *words: str, cli: bool = False, environ: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """A run of 'E' in a process group of its own, by the command line or the impatient child."""
    workspace = str(folder / "workspace")
    command = [sys.executable, str(_CHILD), workspace, *words]
    if cli:
        options = ["run", "E", "--json", "--no-progress", *words]
        command = [sys.executable, "-m", "omnisend_tui", "--workspace", workspace, *options]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environ or environment(folder), start_new_session=True,
    )  # fmt: skip


def finish(process: "subprocess.Popen[str]") -> Document:
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


def kill(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def run(folder: Path, *words: str, cli: bool = False) -> Document:
    return finish(start(folder, *words, cli=cli))


def undisturbed(folder: Path) -> Document:
    """What a plain run told that nothing happens to, in this process: another one takes longer."""
    with Workspace.open(folder / "workspace", environment(folder)) as workspace:
        patience = Patience(lost=0.5, standstill=60, outage=20, poll=0.05)
        end = launch(workspace, "E", started_by="test", patience=patience).wait(_PATIENCE)
        told: Document = msgspec.json.decode(msgspec.json.encode(end))
        return told
