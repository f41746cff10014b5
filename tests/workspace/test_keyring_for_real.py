"""API keys in a real Secret Service: gnome-keyring on a message bus of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forked_commands import forked_command
from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Export, Source
from omnisend_tui.folders import workspace_folders
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from secret_service import bus, end, needs_secret_service, private_environment, start_keyring

__all__ = ["bus"]
pytestmark = needs_secret_service

PROGRAM = """
import json, sys
from omnisend_tui.config.models import Connection
from omnisend_tui.errors import CredentialsError
from omnisend_tui.secrets import Secrets

secrets, acme = Secrets({}), Connection(name="Acme", id="c1")

def told(call, *values):
    try:
        return call(acme, *values)
    except CredentialsError as error:
        return error.code

def key():
    found = told(secrets.api_key)
    return found if isinstance(found, str) else found.value

steps = {
    "get": key,
    "set": lambda: told(secrets.store_api_key, "5f1e-äö secret"),
    "delete": lambda: told(secrets.delete_api_key),
}
print(json.dumps([steps[step]() for step in sys.argv[1:]]))
"""


SIGN_IN = """
import json, sys
from omnisend_tui.config.models import Source
from omnisend_tui.secrets import Secrets

secrets, source = Secrets({}), Source(name="CI", id="s1", type="dataverse")
text = json.dumps({"AccessToken": "a1-_." * 1000, "Account": "äö€"})
steps = {
    "get": lambda: secrets.tokens(source) == text,
    "set": lambda: secrets.store_tokens(source, text),
    "delete": lambda: secrets.delete_tokens(source),
    "ids": lambda: secrets.kept_ids("source.tokens.s1"),
    "secret": lambda: secrets.store_client_secret(source, "sbx8Q~x"),
    "kept": lambda: secrets.kept_client_secret(source),
    "drop": lambda: secrets.delete_client_secret(source),
}
print(json.dumps([steps[step]() for step in sys.argv[1:]]))
"""


def steps(environ: dict[str, str], *names: str, program: str = PROGRAM) -> list[object]:
    done = subprocess.run(
        [sys.executable, "-c", program, *names],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told: list[object] = json.loads(done.stdout)
    return told


def test_a_key_is_kept_found_again_and_deleted(bus: dict[str, str]) -> None:
    keyring = start_keyring(bus, b"pw")
    assert steps(bus, "get", "set", "get") == ["no_key", None, "5f1e-äö secret"]
    assert steps(bus, "get") == ["5f1e-äö secret"]
    assert steps(bus, "delete", "get", "delete") == [None, "no_key", None]
    end(keyring)


def test_a_sign_in_and_a_client_secret_are_kept_found_again_and_deleted(
    bus: dict[str, str],
) -> None:
    keyring = start_keyring(bus, b"pw")
    asked = ("get", "set", "get", "ids", "secret", "set")
    assert steps(bus, *asked, program=SIGN_IN) == [
        False, None, True, ["source.tokens.s1"], None, None,
    ]  # fmt: skip
    assert steps(bus, "get", "kept", "delete", "drop", "ids", "kept", program=SIGN_IN) == [
        True, "sbx8Q~x", None, None, [], "",
    ]  # fmt: skip
    end(keyring)


def test_a_locked_keyring_says_so(bus: dict[str, str]) -> None:
    keyring = start_keyring(bus, b"pw")
    steps(bus, "set")
    end(keyring)
    locked = start_keyring(bus, b"another password")
    assert steps(bus, "get", "set") == ["keyring_locked"] * 2
    end(locked)


def test_without_a_keyring_or_a_bus(tmp_path: Path) -> None:
    environ = private_environment(tmp_path)
    assert steps(environ, "get", "set", "delete") == ["no_keyring"] * 3


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(
        SandboxOptions(permissions=("contacts.read", "contacts.write"))
    ) as running:
        yield running


def command(
    environ: dict[str, str], *arguments: str, stdin: str = ""
) -> "subprocess.CompletedProcess[bytes]":
    """One command line on the workspace in the home of ``environ``."""
    home = Path(environ["HOME"])
    places = {
        "OMNISEND_TUI_WORKSPACE": str(home / "workspace"),
        "XDG_STATE_HOME": str(home / "user-state"),
    }
    return forked_command(environ | places, *arguments, stdin=stdin)


def add(environ: dict[str, str], sandbox: RunningSandbox, *place: str, stdin: str = "") -> str:
    """Adds 'Shop' and the export 'News' to it; returns the connection's id."""
    people = Path(environ["HOME"]) / "people.csv"
    people.write_text("Email\nanna@example.com\nbert@example.com\n")
    added = command(
        environ, "connection", "add", "--name", "Shop", "--agree-to-data-privacy", "--json",
        "--base-url", sandbox.url, *place, stdin=stdin,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    config = workspace_folders(Path(environ["HOME"]) / "workspace", {}).config / "config.toml"
    store.add_source(config, Source(name="People", path=str(people)))
    mapping = (Attribute(field="email", column="Email"),)
    export = Export(name="News", connection="Shop", source="People", mapping=mapping)
    store.add_export(config, export)
    connection_id: str = json.loads(added.stdout)["id"]
    return connection_id


def run(environ: dict[str, str]) -> int:
    return command(environ, "run", "News", "--no-progress").returncode


def key_from(environ: dict[str, str]) -> str:
    told: str = json.loads(command(environ, "connection", "test", "Shop", "--json").stdout)[
        "key_from"
    ]
    return told


def kept(environ: dict[str, str], connection_id: str) -> str:
    """What the keyring's own tool finds."""
    return subprocess.run(
        [sys.executable, "-m", "keyring", "get", "omnisend-tui", connection_id],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.strip()


def test_a_connection_with_its_key_in_the_keyring(
    bus: dict[str, str], sandbox: RunningSandbox
) -> None:
    keyring = start_keyring(bus, b"pw")
    connection_id = add(bus, sandbox, "--api-key-stdin", stdin=sandbox.api_key)
    assert kept(bus, connection_id) == sandbox.api_key
    assert run(bus) == 0
    assert key_from(bus) == "keyring"
    edit = ("connection", "edit", "Shop", "--api-key-stdin")
    assert command(bus, *edit, stdin="brand-wrong").returncode == 5
    assert kept(bus, connection_id) == sandbox.api_key
    assert command(bus, *edit, stdin=sandbox.api_key + "\n").returncode == 0
    assert kept(bus, connection_id) == sandbox.api_key
    removed = command(bus, "connection", "remove", "Shop", "--detach-exports")
    assert removed.returncode == 0, removed.stderr
    assert kept(bus, connection_id) == ""
    end(keyring)


def test_a_locked_keyring_is_told_by_doctor_and_stores_nothing(
    bus: dict[str, str], sandbox: RunningSandbox
) -> None:
    keyring = start_keyring(bus, b"pw")
    add(bus, sandbox, "--api-key-stdin", stdin=sandbox.api_key)
    end(keyring)
    locked = start_keyring(bus, b"another password")
    assert run(bus) == 5
    doctor = command(bus, "doctor")
    assert doctor.returncode == 1
    assert b"The keyring is locked" in doctor.stdout
    refused = command(
        bus, "connection", "add", "--name", "Other", "--agree-to-data-privacy",
        "--base-url", sandbox.url, "--api-key-stdin", stdin=sandbox.api_key,
    )  # fmt: skip
    assert refused.returncode == 5
    assert b"Other" not in command(bus, "connection", "list").stdout
    end(locked)


@pytest.mark.parametrize("place", ["environment", "credentials"])
def test_a_key_that_is_handed_over_works_for_a_whole_run_without_a_keyring(
    tmp_path: Path, sandbox: RunningSandbox, place: str
) -> None:
    environ = private_environment(tmp_path)
    if place == "environment":
        environ["OMNISEND_TUI_API_KEY_SHOP"] = sandbox.api_key
    else:
        (tmp_path / "OMNISEND_TUI_API_KEY").write_text(sandbox.api_key + "\n")
        environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    add(environ, sandbox, "--api-key-from-environment")
    assert key_from(environ) == place
    assert run(environ) == 0
    assert command(environ, "connection", "remove", "Shop", "--remove-exports").returncode == 0
