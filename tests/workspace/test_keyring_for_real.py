"""API keys in a real Secret Service: gnome-keyring on a message bus of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon")),
    reason="gnome-keyring-daemon or dbus-daemon is not installed",
)

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


def steps(environ: dict[str, str], *names: str) -> list[str | None]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *names],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told: list[str | None] = json.loads(done.stdout)
    return told


def private_environment(home: Path) -> dict[str, str]:
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    unwanted = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {
        **kept,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_RUNTIME_DIR": str(runtime),
    }


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[dict[str, str]]:
    environ = private_environment(tmp_path)
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
        text=True,
    )
    assert daemon.stdout is not None
    with daemon.stdout:
        environ["DBUS_SESSION_BUS_ADDRESS"] = daemon.stdout.readline().strip()
        yield environ
        daemon.kill()
        daemon.wait()


def start_keyring(environ: dict[str, str], password: bytes | None) -> "subprocess.Popen[bytes]":
    unlock = [] if password is None else ["--unlock"]
    keyring = subprocess.Popen(
        ["gnome-keyring-daemon", *unlock, "--components=secrets", "--foreground"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
    )
    assert keyring.stdin is not None
    assert keyring.stdout is not None
    with keyring.stdin:
        keyring.stdin.write(password or b"")
    # It names its control folder once it listens.
    keyring.stdout.readline()
    return keyring


def end(keyring: "subprocess.Popen[bytes]") -> None:
    keyring.kill()
    keyring.wait()
    assert keyring.stdout is not None
    keyring.stdout.close()


def test_a_key_is_kept_found_again_and_deleted(bus: dict[str, str]) -> None:
    keyring = start_keyring(bus, b"pw")
    assert steps(bus, "get", "set", "get") == ["no_key", None, "5f1e-äö secret"]
    assert steps(bus, "get") == ["5f1e-äö secret"]
    assert steps(bus, "delete", "get", "delete") == [None, "no_key", None]
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
