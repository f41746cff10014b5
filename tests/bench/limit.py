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
    requests = statistics["requests"]
    posts = requests["POST /batches"]
    others = statistics["requests_with_key"] - posts
    print(
        f"{result['read']} profiles in {result['seconds']:.0f} s, {result['status']};"
        f" most in any 60 s: {statistics['max_requests_60s']} of {arguments.limit}"
        f" ({statistics['max_requests_60s'] / arguments.limit:.1%});"
        f" over it: {statistics['answers'].get('429', 0)};"
        f" no batch posts: {others / (posts + others):.2%};"
        f" used of the whole time: "
        f"{(posts + others) / (arguments.limit * result['seconds'] / 60):.1%}"
    )


if __name__ == "__main__":
    main()
