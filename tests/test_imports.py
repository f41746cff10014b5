"""What is imported when: the engine stands without the screens, the start stays cheap."""

import subprocess
import sys

import pytest


def imported_by(statement: str) -> set[str]:
    """The top names of the modules that a fresh interpreter has after ``statement``."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_engine_imports_no_screen_and_no_keyring() -> None:
    # click is not among them: httpx imports it for a command of its own.
    assert not imported_by("import omnisend_tui.engine.run") & {"textual", "keyring"}


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
