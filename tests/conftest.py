"""Fixtures for the whole tree."""

import pytest

from omnisend_tui.i18n import use_language
from shops import make_shop

__all__ = ["make_shop"]


@pytest.fixture(autouse=True)
def _english() -> None:
    """Texts are compared in English, whatever a test before or the machine chose."""
    use_language("en")
