"""Kills a running export again and again, resumes it, and compares with an undisturbed run.

    python tests/bench/crash.py [--kills 100] [--seed 1] [--people 5000] [--only SEED]

A line for each case: its seed, what it was, where it was killed, and every difference. ``--only``
repeats the case of a seed. Ends with 1 where something differed.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from crashing.cases import draw
from crashing.comparison import Report
from crashing.kills import crash
from crashing.references import Shop

CLI_EVERY = 25  # cases whose first run is the command line's


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--only", type=int)
    arguments = parser.parse_args()
    stages: Counter[str] = Counter()
    different = cases = kills = 0
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), arguments.people)
        while kills < arguments.kills:
            seed = arguments.seed * 1000 + cases if arguments.only is None else arguments.only
            began = time.monotonic()
            report = crash(shop, draw(seed, cli=cases % CLI_EVERY == CLI_EVERY - 1))
            tell(report, time.monotonic() - began)
            stages.update(report.stages)
            different += bool(report.differences)
            kills += sum(stage != "ended before" for stage in report.stages)
            cases += 1
            if arguments.only is not None:
                break
    print(f"{cases} cases, {kills} kills, {different} with a difference")
    print("stages at the kill: " + ", ".join(f"{stage} {n}" for stage, n in stages.most_common()))
    return 1 if different else 0


def tell(report: Report, seconds: float) -> None:
    case = report.case
    kind = f"generation {case.kind.generation}{', tags ride' if case.kind.riding else ''}"
    kind += ", statuses" if case.kind.subscribes else ""
    kind += f"{', ' + case.fault if case.fault else ''}{', command line' if case.cli else ''}"
    moments = ", ".join(
        f"{moment.event} at {moment.share:.2f} ({stage})"
        for moment, stage in zip(case.moments, report.stages, strict=False)
    )
    verdict = "; ".join(report.differences) or "equal"
    print(f"{case.seed}: {kind}: {moments}: {verdict} [{seconds:.1f} s]", flush=True)


if __name__ == "__main__":
    sys.exit(main())
