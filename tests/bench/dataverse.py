"""Reads Customer Insights out of the sandbox: what the reader costs.

    python tests/bench/dataverse.py [--profiles 1000000] [--segment Newsletter]

The sandbox runs in a process of its own. Figures are the CPU seconds and the peak memory of the
reading process, as the operating system accounts them, and its requests as the sandbox counts them.
``--segment`` is one of the sandbox's: everybody is in Newsletter, each fifth in 'Win back'.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).parent.parent))

COLUMNS = [
    "msdynci_emailaddress1",
    "msdynci_firstname",
    "msdynci_lastname",
    "msdynci_address1_line1",
    "msdynci_address1_city",
    "msdynci_address1_postalcode",
    "msdynci_address1_country",
    "msdynci_telephone1",
    "msdynci_birthdate",
    "msdynci_loyaltypoints",
    "msdynci_marketingconsent",
]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profiles", type=int, default=1_000_000)
    parser.add_argument("--segment", default="All profiles")
    parser.add_argument("--columns", type=int, default=len(COLUMNS))
    arguments = parser.parse_args()
    if "BENCH_SANDBOX" in os.environ:
        read(arguments.segment, arguments.columns)
        return

    from omnisend_tui.sandbox.dataverse.options import DataverseOptions
    from omnisend_tui.sandbox.dataverse.process import DataverseProcess

    options = DataverseOptions(profiles=arguments.profiles, requests_per_5_minutes=10**9)
    with DataverseProcess(options) as sandbox:
        place = {name: getattr(sandbox, name) for name in PLACE}
        began = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, *sys.argv],
            env=os.environ | {"BENCH_SANDBOX": json.dumps(place)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        told = child.stdout.read()
        _pid, _status, usage = os.wait4(child.pid, 0)
        with urllib.request.urlopen(f"{sandbox.url}/sandbox/statistics") as answer:
            statistics = json.load(answer)
        print(told.strip())
        print(
            f"{usage.ru_utime + usage.ru_stime:.1f} CPU s, {time.monotonic() - began:.1f} s,"
            f" requests {statistics['requests']}"
        )


PLACE = ("url", "authority", "client_id", "client_secret")


def read(segment: str, columns: int) -> None:
    """Counts and reads; prints the rows and the peak memory."""
    from types import SimpleNamespace

    from environments import Told, open_environment
    from omnisend_tui.sources.base import Selection

    sandbox = SimpleNamespace(**json.loads(os.environ["BENCH_SANDBOX"]))
    told = Told()
    source = open_environment(sandbox, told)
    selection = Selection((segment,))
    counted = source.count(selection)
    rows = sum(
        len(chunk.rows)
        for chunk in source.read(selection, COLUMNS[:columns], Event(), memberships=True)
    )
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    print(f"{segment}: counted {counted}, read {rows}, peak {peak:.0f} MB; {told.of('source_way')}")


if __name__ == "__main__":
    main()
