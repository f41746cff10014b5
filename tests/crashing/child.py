"""A run in a process of its own that may kill itself at a write of its ledger.

    WORKSPACE [--resume] [--die-at WRITE] [--most-bytes N] ...

As the command line runs an export, but with less patience. WRITE is ``before:N`` or ``after:N``:
the N-th COMMIT of the ledger. Prints ``ready``, each stage, and at the end the run's last snapshot
as JSON with the number of writes; an error of the app as ``{"code": ..., "exit_code": ...}``.
"""

import argparse
import os
import resource
import signal
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import msgspec

from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.job import Patience
from omnisend_tui.engine.ledger import Ledger, database, store
from omnisend_tui.errors import AppError
from omnisend_tui.launch import launch
from omnisend_tui.progress import Stage
from omnisend_tui.records import RunOptions
from omnisend_tui.workspace import Workspace


class Writes:
    """Counts the ledger's transactions, and ends the process at one of them."""

    def __init__(self, die_at: str) -> None:
        self.count = 0
        side, _colon, number = die_at.partition(":")
        self._fatal = (side, int(number or 0))
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self.count += 1
            return self.count

    def pass_by(self, side: str, number: int) -> None:
        if (side, number) == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def count_writes(die_at: str) -> Writes:
    """From now on every transaction of a ledger is counted."""
    writes = Writes(die_at)

    class Transaction(database.Transaction):
        def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
            number = writes.next()
            writes.pass_by("before", number)
            super().__exit__(kind, error, trace)
            writes.pass_by("after", number)

    patch.object(store, "Transaction", Transaction).start()
    return writes


def tell_stages() -> None:
    """From now on each stage that a run enters is a line: ``stage sending``."""
    enter, begin = Counters.enter, Ledger.begin

    def told(counters: Counters, stage: Stage) -> bool:
        print(f"stage {stage}\n", end="", flush=True)
        return enter(counters, stage)

    def begun(ledger: Ledger, run_id: str) -> int:
        print("stage reading", flush=True)
        return begin(ledger, run_id)

    patch.object(Counters, "enter", told).start()
    patch.object(Ledger, "begin", begun).start()


def forked(words: list[str], environ: Mapping[str, str], out: Connection) -> None:
    """``main`` in a process that was just forked: as a new one in a session of its own."""
    os.setsid()
    os.dup2(out.fileno(), 1)
    os.dup2(out.fileno(), 2)
    out.close()
    os.environ.clear()
    os.environ.update(environ)
    main(words)


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--die-at", default="")
    parser.add_argument("--most-bytes", type=int)
    parser.add_argument("--outage", type=float, default=20.0)
    parser.add_argument("--lost", type=float, default=0.5)
    arguments = parser.parse_args(words)
    writes = count_writes(arguments.die_at)
    tell_stages()
    if arguments.most_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.most_bytes, resource.RLIM_INFINITY))
    patience = Patience(lost=arguments.lost, standstill=60, outage=arguments.outage, poll=0.05)
    print("ready", flush=True)
    try:
        with Workspace.open(arguments.workspace) as workspace:
            options = RunOptions(resume=arguments.resume)
            run = launch(workspace, "E", started_by="test", options=options, patience=patience)
            end = run.wait()
        told = msgspec.to_builtins(end) | {"writes": writes.count}
    except AppError as error:
        told = {"code": error.code, "exit_code": error.exit_code}
    print(msgspec.json.encode(told).decode(), flush=True)
