"""Fixtures for the whole tree."""

import os

import pytest

from omnisend_tui.i18n import use_language
from shops import make_shop

__all__ = ["make_shop"]


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: the tests wait for answers more than they compute."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def _english() -> None:
    """Texts are compared in English, whatever a test before or the machine chose."""
    use_language("en")
