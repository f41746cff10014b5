"""Fixtures for the whole tree."""

import gc
import os
import sys
from collections import Counter

import pytest

from omnisend_tui.i18n import use_language
from shops import make_shop

__all__ = ["make_shop"]

# Begun last, one of these would be all that is still running. The longest come first.
LONG = (
    "test_steering.py",
    "test_export_wizard.py",
    "test_fault_matrix.py",
    "test_faults_that_end_runs.py",
    "test_crashes.py",
    "test_no_key_leaks.py",
    "test_matching.py",
    "test_source_wizard.py",
    "test_connection_wizard.py",
    "test_schedule_page.py",
    "test_keyring_for_real.py",
    "test_connection_connect.py",
    "test_ledger_model.py",
    "test_cli_attacks.py",
    "test_cli_processes.py",
    "test_first_export.py",
    "test_screens.py",
    "test_dataverse_wizard.py",
    "test_connection_key.py",
    "test_tui_terminal.py",
    "test_subscribed.py",
    "test_leavers_sources.py",
    "test_run.py",
    "test_run_ends.py",
    "test_recovery.py",
    "test_memberships.py",
    "test_ledger_states.py",
)


def pytest_configure() -> None:
    """Compiled modules are kept, also where that is turned off: many processes need each of them.

    Else each worker compiles all tests and each process of a test the whole app, a fifth of the
    time. Workers are started later and inherit it.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


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

    Each screen makes rubbish in cycles by the thousand; it is cleared away in larger heaps.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _english() -> None:
    """Texts are compared in English, whatever a test before or the machine chose."""
    use_language("en")
