"""The whole pipeline without a rate limit: CPU seconds, peak memory, event loop lag.

    python tests/bench/pipeline.py [--profiles 1000000] [--small 100000] [--skip-lag]

A CSV goes through mapping, ledger and HTTP to a sandbox in a process of its own. Figures are those
of the exporting process and its children, as the operating system accounts them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from omnisend_tui.sandbox.process import SandboxProcess
from omnisend_tui.sandbox.samples import write_samples

UNLIMITED = "1000000"
COLUMNS = {
    "email": "Email",
    "first_name": "FirstName",
    "last_name": "LastName",
    "phone": "Phone",
    "address": "Street",
    "city": "City",
    "postal_code": "PostalCode",
    "country": "Country",
    "custom:points": "LoyaltyPoints",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=100_000)
    parser.add_argument("--skip-lag", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = measure(Path(folder) / "small", arguments.small)
        large = measure(Path(folder) / "large", arguments.profiles)
        print(f"growth: {large - small:.0f} MB from {arguments.small} to {arguments.profiles}")
        if not arguments.skip_lag:
            measure_lag(Path(folder) / "lag", arguments.small * 3)


def unlimited() -> SandboxProcess:
    return SandboxProcess(
        requests_per_minute=int(UNLIMITED), tag_requests_per_minute=int(UNLIMITED)
    )


def prepare(folder: Path, profiles: int, sandbox: SandboxProcess, *options: str) -> dict[str, str]:
    """A workspace with one export 'Bench' with ``options``; the environment that runs it."""
    folder.mkdir()
    write_samples(folder / "profiles.csv", profiles)
    environ = os.environ | {
        "OMNISEND_TUI_WORKSPACE": str(folder / "workspace"),
        "OMNISEND_TUI_API_KEY": sandbox.api_key,
        "XDG_STATE_HOME": str(folder / "state"),
    }
    tui(
        environ, "connection", "add", "--name", "Bench", "--agree-to-data-privacy",
        "--api-key-from-environment", "--base-url", sandbox.url,
        "--requests-per-minute", UNLIMITED, "--tag-requests-per-minute", UNLIMITED,
    )  # fmt: skip
    tui(
        environ, "source", "add", "files", "--name", "Profiles",
        "--path", str(folder / "profiles.csv"), "--key", "CustomerID",
    )  # fmt: skip
    tui(
        environ, "export", "add", "--name", "Bench", "--connection", "Bench",
        "--source", "Profiles", "--segment", "All profiles",
        "--max-profiles", "2000000", "--country", "FI", "--type", "custom:points=number",
        *(part for field, column in COLUMNS.items() for part in ("--map", f"{field}={column}")),
        *options,
    )  # fmt: skip
    return environ


def tui(environ: dict[str, str], *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "omnisend_tui", *words], env=environ, check=True, stdout=2
    )


def measure(folder: Path, profiles: int) -> float:
    """Prints the figures of one run; returns the peak memory in MB."""
    with unlimited() as sandbox:
        environ = prepare(folder, profiles, sandbox)
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "omnisend_tui", "run", "Bench", "--json", "--no-progress"],
            env=environ,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        result = json.loads(process.stdout.read())
        _pid, _status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    counts = {name: result[name] for name in ("status", "read", "rejected", "duplicates")}
    print(f"{profiles} profiles: {cpu:.1f} CPU s, {wall:.1f} s, peak {peak:.0f} MB, {counts}")
    return peak


def measure_lag(folder: Path, profiles: int) -> None:
    with unlimited() as sandbox:
        environ = prepare(folder, profiles, sandbox)
        subprocess.run([sys.executable, __file__.replace("pipeline", "lag")], env=environ)


if __name__ == "__main__":
    main()
