"""A run after a run: what it costs when little changed.

    python tests/bench/second_run.py [--profiles 1000000] [--limit 0]

After a first run 1 % of the profiles change, 0.5 % go and 0.5 % come. Figures are the CPU seconds
and the peak memory of the exporting process, as the operating system accounts them, and its
requests against those that the changes need: full batches, and full requests for tags.
``--limit`` is the brand's requests a minute (0: none), of which the run takes 90 %.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline import prepare, tui, unlimited

TAGGED = 250


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, unlimited() as sandbox:
        place = Path(folder) / "bench"
        environ = prepare(place, arguments.profiles, sandbox)
        tell("first run", run(environ))
        change(place / "profiles.csv")
        if arguments.limit:
            tui(
                environ, "connection", "edit", "Bench",
                "--requests-per-minute", str(arguments.limit),
            )  # fmt: skip
        tell("second run", run(environ))
        tell("third run, nothing changed", run(environ))


def change(path: Path, every: int = 100, *, go: bool = True) -> None:
    """Every hundredth profile changes, every two hundredth goes where they ``go``, as many come."""
    changed = path.with_suffix(".new")
    came = []
    # Line by line: a child's peak memory begins with what its parent had.
    with path.open(encoding="utf-8") as rows, changed.open("w", encoding="utf-8") as file:
        file.write(next(rows))
        for number, row in enumerate(rows):
            if number % (2 * every) == every:
                came.append(row.replace("@example.", f".{number}@shop.example.", 1))
            if not go or number % (2 * every) != every // 2:
                file.write(row.replace(",", ",New ", 1) if number % every == 0 else row)
        file.writelines(row.replace("C", "N", 1) for row in came)
    changed.replace(path)


def run(environ: dict[str, str]) -> dict[str, Any]:
    """The run's object with its CPU seconds, peak memory and the figures of tags."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "omnisend_tui", "run", "Bench", "--json", "--no-progress"],
        env=environ,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    result = json.loads(process.stdout.read())
    _pid, _status, usage = os.wait4(process.pid, 0)
    return dict(result) | {
        "wall": time.monotonic() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
    }


def tell(name: str, result: dict[str, Any]) -> None:
    sent = sum(result[each] for each in ("created", "updated", "accepted"))
    print(
        f"{name}: {result['status']}, {result['cpu']:.1f} CPU s, {result['wall']:.1f} s,"
        f" peak {result['peak']:.0f} MB; read {result['read']}, sent {sent},"
        f" unchanged {result['unchanged']}, leavers {result['leavers']};"
        f" {result['requests']} requests, {result['batches']} batches",
        flush=True,
    )


if __name__ == "__main__":
    main()
