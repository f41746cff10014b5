"""Command lines run in this process on a throw-away workspace, against a real sandbox."""

import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cli.command_lines import Answer, Cli
from keyrings import memory, no_keyring
from omnisend_tui.cli.root import run_command
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox

__all__ = ["memory", "no_keyring"]

PEOPLE = """Email;First name;City;Phone;Segments
anna@example.com;Anna;Espoo;040 123 4567;Club
 BERT@Example.org ;Bert;Turku;12;Club|News
bert@example.org;Bert again;Turku;;News
not-an-address;Cecilia;Oulu;;Club
;Daniel;Vaasa;;News
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_keyring: None) -> Cli:
    """Runs one command line; standard input is ``stdin``."""
    for name in ("OMNISEND_TUI_API_KEY", "OMNISEND_TUI_WORKSPACE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user-state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user-config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def call(*arguments: str, stdin: str = "") -> Answer:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with redirect_stdout(out), redirect_stderr(err):
            code = run_command(["--workspace", str(tmp_path / "workspace"), *arguments])
        return Answer(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxOptions()) as running:
        yield running


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


@pytest.fixture
def ready(cli: Cli, sandbox: RunningSandbox, people: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A workspace with the connection 'Shop', the source 'People' and the export 'News'."""
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", sandbox.api_key)
    for command in (
        ["connection", "add", "--name", "Shop", "--agree-to-data-privacy",
         "--api-key-from-environment", "--base-url", sandbox.url],
        ["source", "add", "files", "--name", "People", "--path", str(people),
         "--segments-column", "Segments"],
        ["export", "add", "--name", "News", "--connection", "Shop", "--source", "People",
         "--segment", "All profiles", "--map", "email=Email", "--map", "first_name=First name",
         "--map", "phone=Phone", "--map", "city=City", "--country", "FI",
         "--max-rejects", "100"],
    ):  # fmt: skip
        answer = cli(*command)
        assert answer.code == 0, answer.err
    return cli
