"""Fixtures for the whole tree."""

import gc
import os
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from omnisend_tui.i18n import use_language
from one_duckdb import one_duckdb
from shops import make_shop

__all__ = ["make_shop", "one_duckdb"]

# Begun last, one of these would be all that is still running. The longest come first.
LONG = (
    "test_faults_that_end_runs.py",
    "test_fault_matrix.py",
    "test_export_wizard.py",
    "test_steering.py",
    "test_crashes.py",
    "test_source_wizard.py",
    "test_connection_connect.py",
    "test_matching.py",
    "test_connection_wizard.py",
    "test_schedule_page.py",
    "test_manage_exports.py",
    "test_dataverse_wizard.py",
    "test_screens.py",
    "test_no_key_leaks.py",
    "test_cli_attacks.py",
    "test_first_source.py",
    "test_first_export.py",
    "test_keyring_for_real.py",
    "test_cli_processes.py",
    "test_connection_key.py",
    "test_sources_screen.py",
    "test_wizard_pictures.py",
    "test_subscribed.py",
    "test_run_ends.py",
    "test_pictures.py",
    "test_ledger_model.py",
    "test_dataverse_pictures.py",
    "test_connections_screen.py",
    "test_live_runs.py",
    "test_leavers_sources.py",
    "test_cli_export_changes.py",
    "test_memberships.py",
    "test_files_source.py",
    "test_dataverse_runs.py",
    "test_run_screens.py",
    "test_price_dialog.py",
    "test_faults.py",
    "test_tui_terminal.py",
    "test_forecast.py",
    "test_recovery.py",
    "test_ledger_states.py",
)

# For its first example a worker of a clean clone reads all the code, in search of constants.
settings.register_profile("tests", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

_SPACE = 2 << 30  # bytes of memory for files; the tests need a quarter of it


def pytest_configure(config: pytest.Config) -> None:
    """Readies this process, the workers and the processes of tests, which inherit what is set.

    Compiled modules are kept, also where that is turned off: many processes need each of them. The
    rubbish of imports is looked for once, when all are done.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    # In the background of a shell it is ignored, which the processes of tests would inherit.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()
    _use_memory_for_files()
    _begin_elsewhere(config)


def _use_memory_for_files() -> None:
    """Disks are waited for: most commands write settings and states through to them, for good."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not (memory.is_dir() and os.access(memory, os.W_OK)):
        return
    space = os.statvfs(memory)
    runs_programs = not space.f_flag & os.ST_NOEXEC
    if runs_programs and space.f_bavail * space.f_frsize > _SPACE:
        os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


def _begin_elsewhere(config: pytest.Config) -> None:
    """Has each worker collect another part of the tests first.

    In a clean clone collecting compiles, which takes most of its time; all other parts a worker
    finds compiled by the others. The tests are put in one order afterwards.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args != config.getini("testpaths"):
        return
    files = sorted(str(path) for path in config.rootpath.glob("tests/**/test_*.py"))
    workers, own = worker["workercount"], int(worker["workerid"].removeprefix("gw"))
    config.args = [
        path for part in range(own, own + workers) for path in files[part % workers :: workers]
    ]


def pytest_xdist_auto_num_workers() -> int:
    """Three for each core: the tests wait for answers more than they compute."""
    return 3 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, then those of many tests; workers take them in order."""
    tests = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        name = item.path.name
        return LONG.index(name) if name in LONG else len(LONG), -tests[item.path], str(item.path)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is imported stays: looking for rubbish in it, over and over, took a fourth of the time.

    Each screen makes rubbish in cycles by the thousand; it is cleared away in larger heaps, as most
    of it is rubbish only when the test has ended.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 10, 5)
    gc.enable()


def pytest_sessionfinish() -> None:
    """Rubbish that complains of how it was left does so now; pytest then looks five times more."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _english() -> None:
    """Texts are compared in English, whatever a test before or the machine chose."""
    use_language("en")
