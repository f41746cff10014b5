"""Help is quick because it imports nothing heavy; every command answers to it."""

import json
import subprocess
import sys

import pytest

from cli.command_lines import Cli

_HEAVY = ("textual", "duckdb", "msal", "httpx", "keyring", "msgspec", "tomlkit")
_PROBE = """
import json, sys
from omnisend_tui.cli import main
sys.argv = ["omnisend-tui", "--help"]
try:
    main()
except SystemExit as end:
    print(json.dumps([end.code, [name for name in sys.modules]]))
"""
COMMANDS = [
    "demo", "connection", "connection add", "connection list", "connection show",
    "connection test", "connection agree", "connection edit", "connection remove",
    "source", "source add", "source add files",
    "source list", "source fields", "source segments", "export", "export add", "export list",
    "export show", "run", "status", "runs", "rejects", "sandbox", "doctor",
]  # fmt: skip


def test_help_imports_nothing_heavy() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", _PROBE], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(answer.stdout.splitlines()[-1])
    assert code == 0
    assert [name for name in _HEAVY if name in modules] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, cli: Cli) -> None:
    answer = cli(*command.split(), "--help")
    assert answer.code == 0
    assert "Usage: omnisend-tui" in answer.out


def test_unknown_command_is_wrong_use(cli: Cli) -> None:
    assert cli("fly").code == 2


def test_without_a_terminal_the_app_says_what_to_use(cli: Cli) -> None:
    answer = cli()
    assert answer.code == 2
    assert "terminal" in answer.err
    assert "omnisend-tui status" in answer.err
