"""Runs at Omnisend's own limit, in real time: what of the window is used, and for what.

    python tests/bench/limit.py [--minutes 4] [--limit 400] [--processes 1 2 4]

The sandbox counts; the connection's share is 100 %. Several processes run exports of workspaces of
their own, for one brand: what they share is the file of the budget.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from omnisend_tui.sandbox.process import SandboxProcess
from pipeline import prepare


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    arguments = parser.parse_args()
    for processes in arguments.processes:
        measure(processes, arguments.limit, arguments.minutes)


def measure(processes: int, limit: int, minutes: float) -> None:
    """Prints the figures of so many processes that send for so long together."""
    with (
        tempfile.TemporaryDirectory() as folder,
        SandboxProcess(requests_per_minute=limit, latency_ms=100) as sandbox,
    ):
        environs = workspaces(Path(folder), processes, limit, minutes, sandbox)
        began = time.monotonic()
        runs = [start(environ) for environ in environs]
        results = [json.loads(run.communicate()[0]) for run in runs]
        seconds = time.monotonic() - began
        root = sandbox.url.removesuffix("/api")
        with urllib.request.urlopen(f"{root}/sandbox/statistics") as answer:
            report(results, json.load(answer), limit, seconds)


def workspaces(
    folder: Path, processes: int, limit: int, minutes: float, sandbox: SandboxProcess
) -> list[dict[str, str]]:
    """The environments of runs in copies of one workspace, with the user's state in common."""
    profiles = int(minutes * limit * 100 / processes)
    environ = prepare(folder / "limit", profiles, sandbox, "--no-segment-tag")
    workspace = folder / "limit/workspace"
    config = workspace / "config.toml"
    config.write_text(
        config.read_text().replace(
            "\nrequests_per_minute = 1000000",
            f"\nrequests_per_minute = {limit}\nbudget_share = 100",
        )
    )
    environs = [environ]
    for number in range(2, processes + 1):
        copy = folder / f"workspace-{number}"
        shutil.copytree(workspace, copy)
        environs.append(environ | {"OMNISEND_TUI_WORKSPACE": str(copy)})
    return environs


def start(environ: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "omnisend_tui", "run", "Bench", "--json", "--plain"],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
    )


def report(
    results: list[dict[str, Any]], statistics: dict[str, Any], limit: int, seconds: float
) -> None:
    most, all_requests = statistics["max_requests_60s"], statistics["requests_with_key"]
    posts = statistics["requests"]["POST /batches"]
    each = ", ".join(f"{result['read']} {result['status']}" for result in results)
    print(
        f"{len(results)} processes in {seconds:.0f} s ({each});"
        f" most in any 60 s: {most} of {limit} ({most / limit:.1%});"
        f" over it: {statistics['answers'].get('429', 0)};"
        f" no batch posts: {(all_requests - posts) / all_requests:.2%};"
        f" used of the whole time: {all_requests / (limit * seconds / 60):.1%}",
        flush=True,
    )


if __name__ == "__main__":
    main()
