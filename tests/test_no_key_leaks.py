"""The API key is in no file, no output, no command line and no environment but the keyring's."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from forked_commands import forked_command
from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.engine.job import Job
from omnisend_tui.records import Brand
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.secrets import Secret, Secrets
from omnisend_tui.state import State

SECRET = "Xq7LeakTellTaleZ9w4Vb2"
KEY = f"64b0c0ffee-{SECRET}"
_COMMAND = (sys.executable, "-m", "omnisend_tui")
# A run in a process of its own finds this keyring, which keeps its keys outside the searched
# folders, as the real one does.
_KEYRING = """
import json, os, pathlib
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

FILE = pathlib.Path(__file__).with_name("kept.json")

class Keyring(KeyringBackend):
    priority = 1

    def _kept(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}

    def get_password(self, service, username):
        return self._kept().get(username)

    def set_password(self, service, username, password):
        FILE.write_text(json.dumps(self._kept() | {username: password}))

    def delete_password(self, service, username):
        kept = self._kept()
        if kept.pop(username, None) is None:
            raise PasswordDeleteError("not there")
        FILE.write_text(json.dumps(kept))
"""


def traces(secret: str) -> tuple[bytes, ...]:
    """The secret, and what base64 makes of it at each of its three offsets."""
    encoded = [base64.b64encode(b"x" * shift + secret.encode()) for shift in range(3)]
    return secret.encode(), *(text[4:-4] for text in encoded)


def leaks_of(text: bytes, secret: str = SECRET) -> bool:
    return any(trace in text for trace in traces(secret))


@dataclass
class Place:
    """A workspace and a user's state below ``folder``, and all that commands have said."""

    folder: Path
    environ: dict[str, str]
    said: list[bytes] = field(default_factory=list)

    def command(self, *arguments: str, stdin: str = "") -> int:
        done = forked_command(self.environ, *arguments, stdin=stdin)
        self.said += [done.stdout, done.stderr]
        return done.returncode

    def files_with_the_key(self) -> list[Path]:
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        assert {"config.toml", "state.sqlite"} <= {path.name for path in files}
        return [path for path in files if leaks_of(path.read_bytes())]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxOptions(api_key=KEY, latency_ms=40)) as running:
        yield running


def place_in(folder: Path) -> Place:
    home, vault = folder / "home", folder / "vault"
    home.mkdir()
    vault.mkdir()
    (vault / "file_vault.py").write_text(_KEYRING)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("OMNISEND_TUI_")
    }
    return Place(
        home,
        {
            **kept,
            "LANGUAGE": "en",
            "HOME": str(home),
            "TMPDIR": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PYTHONPATH": str(vault),
            "PYTHON_KEYRING_BACKEND": "file_vault.Keyring",
        },
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sandbox: RunningSandbox) -> Place:
    """The connection 'Shop', its key in the keyring, and the export 'News'; to be copied."""
    place = place_in(tmp_path_factory.mktemp("filled"))
    source = place.folder.parent / "people.csv"
    write_people(source, 1)
    for command in (
        ("connection", "add", "--name", "Shop", "--agree-to-data-privacy", "--api-key-stdin",
         "--base-url", sandbox.url, "--requests-per-minute", "100000"),
        ("source", "add", "files", "--name", "People", "--path", str(source)),
        ("export", "add", "--name", "News", "--connection", "Shop", "--source", "People",
         "--segment", "All profiles", "--map", "email=Email"),
    ):  # fmt: skip
        assert place.command(*command, stdin=KEY) == 0, place.said[-1]
    return place


def write_people(path: Path, count: int) -> None:
    rows = (f"person{number}@example.com" for number in range(count))
    path.write_text("Email\n" + "\n".join(rows) + "\nnobody\n")


def fill(place: Place, filled: Place, people: int) -> None:
    """As ``filled``, whose commands are among what was said, with so many people."""
    old, new = filled.folder.parent, place.folder.parent
    shutil.copytree(old, new, dirs_exist_ok=True)
    (config,) = place.folder.rglob("config.toml")
    config.write_text(config.read_text().replace(str(old), str(new)))
    write_people(new / "people.csv", people)
    place.said += filled.said


def test_the_traces_are_found_where_they_are() -> None:
    for before in ("", "a", "ab"):
        assert leaks_of(base64.b64encode((before + KEY + "!").encode()))
    assert leaks_of(f"Omnisend-API-Key {KEY}".encode())
    assert not leaks_of(b"64b0c0ffee")


def test_no_file_and_no_output_holds_the_key(
    place: Place, filled: Place, sandbox: RunningSandbox
) -> None:
    fill(place, filled, 300)
    wrong = ("--base-url", sandbox.url.replace("/api", "/nowhere"))
    for code, stdin, command in (
        (3, "", ("run", "News", "--json")),
        (0, "", ("connection", "test", "Shop", "--json")),
        (0, "", ("connection", "test", "Shop", "--probe", "me@example.com")),
        (2, "", ("connection", "test", "Shop", "--probe", "me@example.com")),
        (0, "", ("connection", "show", "Shop", "--json")),
        (0, "", ("connection", "show", "Shop")),
        (0, "", ("connection", "list", "--json")),
        (0, "", ("doctor",)),
        (0, "", ("doctor", "--json")),
        (0, "", ("status", "--json")),
        (0, "", ("runs", "--json")),
        (0, "", ("rejects", "News", "--json")),
        (2, "", ("connection", "remove", "Shop")),
        (2, KEY, ("connection", "add", "--name", "Shop", "--api-key-stdin")),
        (4, KEY, ("connection", "add", "--name", "Other", "--api-key-stdin")),
        (5, KEY + "x", ("connection", "edit", "Shop", "--api-key-stdin")),
        (5, KEY + " x", ("connection", "edit", "Shop", "--api-key-stdin")),
        (1, KEY, ("connection", "edit", "Shop", "--api-key-stdin", *wrong)),
        (0, KEY, ("connection", "edit", "Shop", "--api-key-stdin", "--json")),
    ):
        assert place.command(*command, stdin=stdin) == code, (command, place.said[-2:])
        assert [said for said in place.said if leaks_of(said)] == []
    assert place.files_with_the_key() == []
    assert place.command("connection", "remove", "Shop", "--remove-exports") == 0
    assert json.loads((place.folder.parent / "vault" / "kept.json").read_text()) == {}
    assert place.files_with_the_key() == []


def test_a_broken_config_does_not_tell_the_key(place: Place, filled: Place) -> None:
    fill(place, filled, 3)
    config = next(place.folder.rglob("config.toml"))
    config.write_text("[[[\n" + config.read_text())
    assert place.command("doctor", "--json") == 1
    assert place.command("connection", "list") == 2
    assert place.command("connection", "add", "--name", "A", "--api-key-stdin", stdin=KEY) == 2
    assert [said for said in place.said if leaks_of(said)] == []
    assert place.files_with_the_key() == []


def descendants(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def told_by_proc(pid: int) -> dict[str, bytes]:
    """The command line and the environment that any process of the same user may read."""
    told = {}
    for each in descendants(pid):
        for name in ("cmdline", "environ"):
            told[f"{each} {name}"] = Path(f"/proc/{each}/{name}").read_bytes()
    return told


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_no_process_of_a_run_shows_the_key(place: Place, filled: Place) -> None:
    fill(place, filled, 20_000)
    with subprocess.Popen(
        [*_COMMAND, "run", "News", "--json", "--plain"],
        env=place.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        early = b""
        for line in process.stderr:
            early += line
            if b"sending" in line:
                break
        told = told_by_proc(process.pid)
        assert process.poll() is None
        assert len(told) >= 2
        assert all(told.values())
        assert [name for name, text in told.items() if leaks_of(text)] == []
        assert place.files_with_the_key() == []
        process.terminate()
        out, err = process.communicate(timeout=45)
    assert process.returncode == 130
    assert not leaks_of(out + early + err)
    assert place.files_with_the_key() == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is of Linux")
def test_the_demo_hands_its_sandbox_no_key(place: Place) -> None:
    environ = {**place.environ, "OMNISEND_TUI_API_KEY": KEY, "OMNISEND_TUI_WORKSPACE": "/nowhere"}
    with subprocess.Popen(
        [*_COMMAND, "demo", "--headless", "--profiles", "1000", "--plain"],
        env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if b"sending" in line or b"confirming" in line:
                break
        own = {f"{process.pid} cmdline", f"{process.pid} environ"}
        told = {name: text for name, text in told_by_proc(process.pid).items() if name not in own}
        process.terminate()
        out, err = process.communicate(timeout=45)
    assert any(b"sandbox" in text for name, text in told.items() if name.endswith("cmdline"))
    for name, text in told.items():
        assert not leaks_of(text), name
        assert b"--api-key" not in text, name
        assert b"OMNISEND_TUI_" not in text, name
    assert not leaks_of(out + err)


def test_no_repr_shows_the_key(tmp_path: Path) -> None:
    secret = Secrets({"OMNISEND_TUI_API_KEY": KEY}).given_key("Shop")
    assert secret == Secret(KEY, "environment")
    state = State.open(tmp_path / "state.sqlite")
    job = Job(
        run_id="r1", export=Export(name="E"), connection=Connection(name="Shop"),
        source=Source(name="S"), brand=Brand(id="b"), started_by="test", api_key=KEY,
        ledger_key=SECRET.encode(), ledger_path=tmp_path, lock_path=tmp_path,
        budget_path=tmp_path, temp_dir=tmp_path, state=state,
    )  # fmt: skip
    for shown in (secret, job, Secrets({"OMNISEND_TUI_API_KEY": KEY})):
        assert not leaks_of(f"{shown!r} {shown} {shown!s}".encode())
    state.close()
