"""Records real runs for the tests of the time left: what the estimate is told, second by second.

    python tests/bench/record.py [KIND ...] [--into tests/engine/recorded]

Each kind runs in real time, two to four minutes, all of them at once, against sandboxes of their
own. A file has one moment (``engine/time_left.py``) a line, and in its last line the second at
which the run ended.
"""

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec

from omnisend_tui.cli import main as app
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.time_left import Moment, TimeLeft
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour
from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.workspace import Workspace
from pipeline import prepare, tui
from second_run import change

_INTO = Path(__file__).parent.parent / "engine/recorded"
_PAUSED = 20.0  # seconds
_RUN = ("run", "Bench", "--json", "--no-progress")


@dataclass(frozen=True)
class Kind:
    """``before``: runs that go before the recorded one, without a limit or with it. ``rival``:
    profiles of another workspace's run, which begins ``rival_after`` seconds later and is recorded
    too. ``riding``: tags travel in the contacts. ``killed_after``: what is recorded resumes a run
    that was killed. ``paused_after``: the recorded run is paused then, for 20 seconds.
    ``together``: profiles of other workspaces' runs that begin with it, as those of a brand do with
    'Run all'; each is recorded, as NAME_0 and so on.
    """

    profiles: int
    limit: int
    tag_limit: int = 60
    options: tuple[str, ...] = ("--no-segment-tag",)
    batch_seconds: float = 0.1
    latency_ms: int = 50
    before: str = ""  # or free, limited
    changed: int = 0  # every so manieth, before the recorded run
    words: tuple[str, ...] = ()
    rival: int = 0
    rival_after: float = 10.0
    riding: bool = False
    leavers: bool = True
    killed_after: float = 0.0
    paused_after: float = 0.0
    together: tuple[int, ...] = ()


KINDS = {
    "paced": Kind(15_000, 80),
    "tags": Kind(8_000, 80, 12, ()),
    "tags_at_omnisends_limits": Kind(40_000, 400, 60, ()),
    "few_changes": Kind(80_000, 40, 60, (), before="free", changed=20, words=("--allow-leavers",)),
    "slow_answers": Kind(20_000, 400, latency_ms=2000),
    "burst": Kind(5_000, 400, batch_seconds=0.4),
    "slow_processing": Kind(10_000, 400, batch_seconds=1.0),
    "after_a_burst": Kind(5_000, 80, before="limited", words=("--full",)),
    "shared": Kind(10_000, 80, rival=6_000),
    "many": Kind(40_000, 240, together=(20_000, 12_000, 8_000, 5_000, 3_000, 2_000, 1_000)),
    "many_small": Kind(12_000, 120, together=(9_000, 7_000, 4_000, 2_000, 1_000)),
    "many_quick": Kind(
        30_000,
        400,
        latency_ms=100,
        batch_seconds=0.02,
        together=(25_000, 18_000, 12_000, 9_000, 4_000, 2_500, 1_000),
    ),
    "many_tags": Kind(10_000, 240, 60, (), together=(8_000, 5_000, 3_000, 2_000, 1_000)),
    "held_out_60_tags": Kind(6_000, 60, 10, ()),
    "held_out_60_riding": Kind(12_000, 60, 60, (), riding=True),
    "held_out_slow_answers": Kind(16_000, 120, latency_ms=300, batch_seconds=0.4),
    "held_out_slow_processing": Kind(16_000, 120, latency_ms=300, batch_seconds=0.9),
    "held_out_shared": Kind(18_000, 120, rival=7_000, rival_after=40.0),
    "held_out_tenth": Kind(
        60_000, 60, 12, (), before="free", changed=10, leavers=False, batch_seconds=0.5
    ),
    "held_out_resumed": Kind(14_000, 120, 20, (), killed_after=25.0),
    "held_out_paused": Kind(12_000, 60, paused_after=60.0),
    "held_out_many": Kind(22_000, 180, together=(15_000, 11_000, 6_000, 3_500, 1_500)),
    "held_out_many_quick": Kind(
        35_000,
        300,
        latency_ms=80,
        batch_seconds=0.03,
        together=(16_000, 14_000, 10_000, 7_000, 5_000, 3_000, 1_000),
    ),
    "held_out_many_even": Kind(
        14_000,
        210,
        latency_ms=120,
        batch_seconds=0.05,
        together=(13_000, 12_000, 10_000, 9_000, 7_000, 1_000),
    ),
    "held_out_many_again": Kind(
        26_000,
        200,
        latency_ms=60,
        batch_seconds=0.06,
        together=(12_000, 7_500, 5_500, 4_000, 2_000, 1_000),
    ),
    "held_out_leavers": Kind(
        30_000, 60, 20, (), before="free", changed=6, words=("--allow-leavers",)
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", default=[*KINDS])
    parser.add_argument("--into", type=Path, default=_INTO)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        record(arguments.one, arguments.kinds)
        return
    arguments.into.mkdir(exist_ok=True)
    threads = [
        threading.Thread(target=play, args=(name, KINDS[name], arguments.into))
        for name in arguments.kinds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def play(name: str, kind: Kind, into: Path) -> None:
    sandbox = SandboxProcess(
        requests_per_minute=1_000_000 if kind.before == "free" else kind.limit,
        tag_requests_per_minute=1_000_000 if kind.before == "free" else kind.tag_limit,
        # The run before it needn't last.
        batch_seconds=0.0 if kind.before == "free" else kind.batch_seconds,
        latency_ms=kind.latency_ms,
    )
    with tempfile.TemporaryDirectory() as folder, sandbox:
        place = Path(folder) / "bench"
        environ = prepare(place, kind.profiles, sandbox, *kind.options)
        if kind.before == "free":
            start(environ, None, ()).wait()
            # Its requests would fill the window of the recorded one many times.
            forget_budget(place)
        limit(environ, kind)
        if kind.riding:
            see_tags_ride(place / "workspace")
        if kind.before == "limited":
            start(environ, None, ()).wait()
        if kind.changed:
            change(place / "profiles.csv", kind.changed, go=kind.leavers)
        words = kind.words
        if kind.killed_after:
            killed = start(environ, None, ())
            time.sleep(kind.killed_after)
            killed.kill()
            killed.wait()
            words = ("--resume",)
        others = [
            beside(Path(folder) / f"other{at}", profiles, sandbox, environ, kind)
            for at, profiles in enumerate(kind.together)
        ]
        rival = None
        if kind.rival:
            rival = beside(Path(folder) / "other", kind.rival, sandbox, environ, kind)
        if others or rival:
            forget_budget(place)  # whose slots are those of the connections' checks
        children = [start(environ, into / f"{name}.jsonl.gz", words)]
        for at, other in enumerate(others):
            children.append(start(other, into / f"{name}_{at}.jsonl.gz", words))
        if kind.paused_after:
            time.sleep(kind.paused_after)
            tui(environ, "pause", "Bench")
            time.sleep(_PAUSED)
            tui(environ, "resume", "Bench")
        if rival:
            time.sleep(kind.rival_after)
            children.append(start(rival, into / f"{name}_with.jsonl.gz", kind.words))
        for child in children:
            child.wait()
        print(name, [child.returncode for child in children], flush=True)


def forget_budget(place: Path) -> None:
    for budget in (place / "state").rglob("budget.sqlite*"):
        budget.unlink()


def beside(
    folder: Path, profiles: int, sandbox: SandboxProcess, environ: dict[str, str], kind: Kind
) -> dict[str, str]:
    """A workspace that shares the window of another, whose ``environ`` is given."""
    other = prepare(folder, profiles, sandbox, *kind.options)
    other["XDG_STATE_HOME"] = environ["XDG_STATE_HOME"]
    limit(other, kind)
    return other


def limit(environ: dict[str, str], kind: Kind) -> None:
    limits = ("--requests-per-minute", f"{kind.limit}",
              "--tag-requests-per-minute", f"{kind.tag_limit}")  # fmt: skip
    tui(environ, "connection", "edit", "Bench", *limits)


def see_tags_ride(workspace: Path) -> None:
    with Workspace.open(workspace, {}) as opened:
        (connection,) = opened.config.connections.values()
        behaviour = Behaviour(at=time.time(), tags="add", unsubscribed="kept")
        opened.state.save_behaviour(connection.id, behaviour)


def start(
    environ: dict[str, str], path: Path | None, words: tuple[str, ...]
) -> "subprocess.Popen[bytes]":
    """A run, which is recorded where there is a path."""
    app_in = ["-m", "omnisend_tui"] if path is None else [__file__, "--one", str(path), "--"]
    return subprocess.Popen([sys.executable, *app_in, *_RUN, *words], env=environ, stdout=2)


def record(path: Path, words: list[str]) -> None:
    """Runs the app in this process."""
    see, end = TimeLeft.see, Counters.end
    began = 0.0
    lines: list[bytes] = []

    def recorded(self: TimeLeft, moment: Moment) -> float | None:
        nonlocal began
        began = time.monotonic() - moment.at
        rounded = msgspec.structs.replace(
            moment, at=round(moment.at, 2), latency=round(moment.latency, 3)
        )
        lines.append(msgspec.json.encode(rounded))
        return see(self, moment)

    def ended(self: Counters, *values: Any) -> Snapshot:
        lines.append(msgspec.json.encode(round(time.monotonic() - began, 2)))
        path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n", mtime=0))
        return end(self, *values)

    patch.object(TimeLeft, "see", recorded).start()
    patch.object(Counters, "end", ended).start()
    sys.argv = ["omnisend-tui", *words]
    app()


if __name__ == "__main__":
    os.chdir(Path(__file__).parent.parent.parent)
    main()
