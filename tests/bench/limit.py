"""A run at Omnisend's own limit, in real time: what of the window is used, and for what.

    python tests/bench/limit.py [--minutes 4] [--limit 400]

The sandbox counts; the connection's share is 100 %.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from omnisend_tui.sandbox.process import SandboxProcess
from pipeline import prepare


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--limit", type=int, default=400)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        SandboxProcess(requests_per_minute=arguments.limit, latency_ms=100) as sandbox,
    ):
        profiles = int(arguments.minutes * arguments.limit * 100)
        environ = prepare(Path(folder) / "limit", profiles, sandbox)
        config = Path(folder) / "limit/workspace/config.toml"
        config.write_text(
            config.read_text().replace(
                "requests_per_minute = 1000000",
                f"requests_per_minute = {arguments.limit}\nbudget_share = 100",
            )
        )
        done = subprocess.run(
            [sys.executable, "-m", "omnisend_tui", "run", "Bench", "--json", "--plain"],
            env=environ,
            stdout=subprocess.PIPE,
        )
        result = json.loads(done.stdout)
        root = sandbox.url.removesuffix("/api")
        with urllib.request.urlopen(f"{root}/sandbox/statistics") as answer:
            statistics = json.load(answer)
    print(json.dumps(result))
    print(json.dumps(statistics))


if __name__ == "__main__":
    main()
