"""A real Secret Service for tests: gnome-keyring on a message bus of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

needs_secret_service = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon")),
    reason="gnome-keyring-daemon or dbus-daemon is not installed",
)


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
