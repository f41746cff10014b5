"""What is imported when: the engine stands without the screens, the start stays cheap."""

import subprocess
import sys

import pytest


def imported_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after ``statement``."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_engine_imports_no_screen_no_command_line_and_no_keyring() -> None:
    screens = {"textual", "rich", "click", "keyring"}
    assert not imported_by("import omnisend_tui.engine.run") & screens


@pytest.mark.parametrize(
    "statement",
    [
        "import omnisend_tui.workspace",
        "import omnisend_tui.sources, omnisend_tui.mapping",
        "import omnisend_tui.tui.app",
    ],
)
def test_what_starts_early_brings_nothing_heavy(statement: str) -> None:
    assert not imported_by(statement) & {"duckdb", "httpx", "keyring", "cryptography", "tomlkit"}


def test_the_first_screen_brings_nothing_that_only_exports_need() -> None:
    later = {
        "hashlib", "secrets", "tomlkit", "cronsim", "email_validator", "phonenumbers",
        "rapidfuzz", "tzdata", "zstandard", "omnisend_tui.launch", "omnisend_tui.schedule",
        "omnisend_tui.typed_schedule",
        "omnisend_tui.hooks", "omnisend_tui.saved", "omnisend_tui.sources",
        "omnisend_tui.mapping", "omnisend_tui.troubles", "omnisend_tui.engine",
        "omnisend_tui.omnisend", "omnisend_tui.sandbox", "omnisend_tui.tui.wizard",
        "omnisend_tui.tui.screens.export_pane", "omnisend_tui.tui.screens.homes",
        "omnisend_tui.tui.screens.settings", "omnisend_tui.tui.screens.run",
    }  # fmt: skip
    assert not later & imported_by(
        "import omnisend_tui.cli.root, omnisend_tui.cli.workspaces, omnisend_tui.tui.start,"
        " omnisend_tui.tui.screens.exports"
    )
