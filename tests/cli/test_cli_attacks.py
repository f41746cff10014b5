"""Hostile input, crashes and broken folders: a sentence, the right exit code, nothing lost."""

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from cli.command_lines import Answer, Cli
from omnisend_tui import launch
from omnisend_tui.engine.job import Patience
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox

_COMMAND = (sys.executable, "-m", "omnisend_tui")
_HEADER = "Email;First name;City;Phone;Segments\n"
_COUNTS = ("created", "updated", "accepted", "unchanged", "duplicates", "rejected")


@pytest.fixture(scope="module")
def slow_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxOptions(latency_ms=60, requests_per_minute=100_000)) as running:
        yield running


@pytest.fixture
def slow(ready: Cli, slow_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The workspace of ``ready`` with an export 'Slow', whose runs can be caught in the middle."""
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", slow_sandbox.api_key)
    for command in (
        ["connection", "add", "--name", "Slow shop", "--agree-to-data-privacy",
         "--api-key-from-environment", "--base-url", slow_sandbox.url,
         "--requests-per-minute", "100000"],
        ["export", "add", "--name", "Slow", "--connection", "Slow shop", "--source", "People",
         "--segment", "All profiles", "--map", "email=Email", "--max-rejects", "100"],
    ):  # fmt: skip
        assert ready(*command).code == 0
    return ready


def _write(path: Path, profiles: int) -> None:
    rows = (f"person{number}@example.com;P;;;Club\n" for number in range(profiles))
    path.write_text(_HEADER + "".join(rows))


@contextmanager
def _running(workspace: Path) -> Iterator[subprocess.Popen[str]]:
    """A run of 'Slow' in a process of its own, with batches under way."""
    command = [*_COMMAND, "--workspace", str(workspace), "run", "Slow", "--json", "--plain"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "sending" in line:
                break
        try:
            yield process
        finally:
            process.kill()


def _sentence(answer: Answer) -> None:
    """One sentence and at most one hint; nothing of a surprise."""
    assert 1 <= len(answer.err.splitlines()) <= 2, answer.err
    assert "unexpected" not in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", None, "no file"),
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n\n", "empty"),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "empty"),
        ("twins.csv", b"Email,Email\na@example.com,b@example.com\n", "two columns"),
        ("case.csv", b"Email,email\na@example.com,b@example.com\n", "two columns"),
        ("bad.parquet", b"PAR1xxxx", "damaged"),
        ("bad.csv.gz", b"\x1f\x8bgarbage", "damaged"),
        ("bad.ndjson", b'{"Email": \n[1]\n', "no columns"),
    ],
)
def test_what_is_no_source_is_not_stored(
    cli: Cli, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    answer = cli("source", "add", "files", "--name", "Bad", "--path", str(path))
    assert answer.code == 1
    assert said in answer.err
    _sentence(answer)
    assert cli("source", "list", "--json").json == []


def test_files_of_a_glob_that_differ(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("Email,A\na@example.com,1\n")
    (tmp_path / "2.csv").write_text("Email,B\nb@example.com,1\n")
    answer = cli("source", "add", "files", "--name", "Both", "--path", str(tmp_path / "*.csv"))
    assert answer.code == 1
    assert "1.csv and 2.csv" in answer.err
    _sentence(answer)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "source_not_found"),
        ("", "source_empty"),
        ("Mail;First name;City;Phone;Segments\na@example.com;A;;;\n", "column_missing"),
        ("Email;Email;First name;City;Phone;Segments\n", "duplicate_columns"),
    ],
)
def test_a_source_that_broke_fails_the_run_until_it_is_mended(
    ready: Cli, people: Path, content: str | None, code: str
) -> None:
    good = people.read_text()
    people.unlink()
    if content is not None:
        people.write_text(content)
    answer = ready("run", "News", "--json", "--no-progress")
    assert answer.code == 1
    assert answer.json["error"]["code"] == code
    assert answer.json["read"] == 0
    people.write_text(good)
    assert ready("run", "News", "--json", "--no-progress").json["read"] == 5


def test_a_header_alone_is_an_export_of_nobody(ready: Cli, people: Path) -> None:
    people.write_text(_HEADER)
    answer = ready("run", "News", "--json", "--no-progress")
    assert answer.code == 0
    assert answer.json["read"] == answer.json["batches"] == 0


def test_a_column_of_addresses_is_needed(ready: Cli, tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    path.write_text("Town,Size\nEspoo,3\n")
    assert ready("source", "add", "files", "--name", "Towns", "--path", str(path)).code == 0
    answer = ready(
        "export", "add", "--name", "E", "--connection", "Shop", "--source", "Towns",
        "--segment", "All profiles", "--auto-map",
    )  # fmt: skip
    assert answer.code == 2
    assert "e-mail" in answer.err


@pytest.mark.parametrize("key", ["wrong-key", "wröng-key", "🔑", "two\nlines"])
def test_a_wrong_key_is_refused_and_not_repeated(
    ready: Cli, sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", key)
    run = ready("run", "News", "--json", "--no-progress")
    assert run.code == 5
    assert run.json["error"]["code"] in ("key_refused", "key_malformed")
    add = ready(
        "connection", "add", "--name", "Other", "--agree-to-data-privacy",
        "--api-key-from-environment", "--base-url", sandbox.url,
    )  # fmt: skip
    assert add.code == 5
    _sentence(add)
    assert key not in run.out + run.err + add.out + add.err
    assert list(_files_with(tmp_path / "workspace", key.encode())) == []


def test_hostile_names(ready: Cli) -> None:
    for name in ("a [/b] c", '"q\'u"', "😀 עברית", "x" * 100, "..", "a/b", "{name}", "%s", "-x"):
        added = ready(
            "export", "add", "--name", name, "--connection", "Shop", "--source", "People",
            "--segment", "All profiles", "--map", "email=Email", "--max-rejects", "100",
        )  # fmt: skip
        assert added.code == 0, added.err
    for name in ("x" * 101, "a\nb", "\x1b[31mred", "\u202eabc", "  ", "\udcff"):
        added = ready(
            "export", "add", "--name", name, "--connection", "Shop", "--source", "People",
            "--segment", "All profiles", "--map", "email=Email",
        )  # fmt: skip
        assert added.code == 2
        _sentence(added)
    assert ready("run", "--json", "--no-progress", "--", "a [/b] c", "a/b").code == 3
    assert len(ready("status", "--json").json["exports"]) == 10
    assert ready("status").code == ready("export", "list").code == 0


@pytest.mark.parametrize("way", ["--resume", "--discard"])
def test_a_killed_run_is_interrupted_and_goes_on_or_is_given_up(
    slow: Cli,
    people: Path,
    slow_sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    monkeypatch.setattr(launch, "Patience", partial(Patience, lost=0.5, poll=0.05))
    _write(people, 6000)
    with _running(tmp_path / "workspace") as process:
        second = slow("run", "Slow", "--json", "--no-progress")
        assert second.code == 6
        assert second.json["error"]["code"] == "export_busy"
        assert slow("status", "--json").json["exports"][1]["status"] == "running"
        process.kill()
        process.wait()
    status = slow("status", "--json").json["exports"][1]
    assert status["status"] == status["last_run"]["status"] == "interrupted"
    assert status["stage"] is None
    killed = status["last_run"]["run_id"]
    plain = slow("run", "Slow", "--no-progress")
    assert plain.code == 2
    assert "--resume" in plain.err
    assert "--discard" in plain.err
    assert [run["run_id"] for run in slow("runs", "Slow", "--json").json] == [killed]
    answer = slow("run", "Slow", "--json", "--no-progress", way)
    assert answer.code == 0, answer.out
    run = answer.json
    assert (run["status"], run["read"]) == ("finished", 6000)
    assert run["read"] == sum(run[count] for count in _COUNTS)
    assert (run["run_id"] == killed) is (way == "--resume")
    history = slow("runs", "Slow", "--json").json
    assert [each["status"] for each in history] == (
        ["finished"] if way == "--resume" else ["finished", "interrupted"]
    )
    assert all(each["finished_at"] is not None for each in history)
    for secret in (slow_sandbox.api_key, "person17@", "person5999@", "Traceback"):
        assert list(_files_with(tmp_path / "workspace", secret.encode())) == []
        assert list(_files_with(tmp_path / "user-state", secret.encode())) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_run_counts_what_was_confirmed(
    slow: Cli, people: Path, tmp_path: Path, number: int
) -> None:
    _write(people, 20_000)
    with _running(tmp_path / "workspace") as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=40)
    assert process.returncode == 130
    run = json.loads(out)
    assert run["status"] == "cancelled"
    assert 0 < run["accepted"] + run["created"] < 20_000
    assert "Traceback" not in err


def test_a_file_that_changes_while_it_is_read_fails_the_run(
    slow: Cli, people: Path, tmp_path: Path
) -> None:
    _write(people, 15_000)
    with _running(tmp_path / "workspace") as process:
        _write(people, 50)
        out, err = process.communicate(timeout=40)
    assert process.returncode == 1, out
    assert json.loads(out)["error"]["code"] == "source_changed"
    assert "Traceback" not in err


def test_a_lock_that_cannot_be_used_is_not_called_busy(ready: Cli, tmp_path: Path) -> None:
    export_id = ready("export", "show", "News", "--json").json["id"]
    (tmp_path / "workspace" / "locks" / f"{export_id}.lock").mkdir()
    answer = ready("run", "News", "--json", "--no-progress")
    assert answer.code == 1
    assert answer.json["error"]["code"] == "lock_unusable"


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 65])
def test_a_ledger_key_that_is_none_stops_the_run(
    ready: Cli, tmp_path: Path, content: bytes
) -> None:
    assert ready("run", "News", "--no-progress").code == 3
    path = tmp_path / "workspace" / "ledger.key"
    kept = path.read_bytes()
    path.write_bytes(content)
    assert ready("run", "News", "--json", "--no-progress").code == 5
    path.unlink()
    assert ready("run", "News", "--json", "--no-progress").code == 5
    path.write_bytes(kept)
    assert ready("run", "News", "--json", "--no-progress").code == 3


@pytest.mark.parametrize("command", [("status", "--json"), ("run", "News", "--json")])
def test_state_of_a_newer_version_is_left_alone(
    ready: Cli, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "workspace" / "state.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    answer = ready(*command)
    assert answer.code == 1
    assert answer.out == ""
    assert "newer version" in answer.err
    _sentence(answer)


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_fails_the_run_and_the_next_one_is_whole(
    ready: Cli, people: Path, tmp_path: Path
) -> None:
    _write(people, 6000)
    workspace = tmp_path / "workspace"
    workspace.rename(tmp_path / "kept")
    # The ledger's log grows to 4 MB before it is folded in, the sooner the slower the run is.
    with _small_disk(workspace, "16m"):
        subprocess.run(["cp", "-a", f"{tmp_path / 'kept'}/.", str(workspace)], check=True)
        filler = workspace / "filler"
        with filler.open("wb") as file:
            space = os.statvfs(workspace)
            file.write(b"x" * (space.f_bavail * space.f_frsize - 300_000))
        answer = ready("run", "News", "--json", "--no-progress")
        assert answer.code == 1, answer.out
        assert answer.json["error"]["code"] == "disk_full"
        assert ready("status", "--json").json["exports"][0]["status"] in ("failed", "interrupted")
        filler.unlink()
        run = ready("run", "News", "--json", "--no-progress", "--resume").json
        assert (run["status"], run["read"], run["rejected"]) == ("finished", 6000, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is of Linux")
def test_results_that_find_no_space_are_told(ready: Cli, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [*_COMMAND, "--workspace", str(tmp_path / "workspace"), "status", "--json"],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert ended.returncode == 1
    assert "The disk is full" in ended.stderr
    assert len(ended.stderr.splitlines()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX closes the streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_run_to_nobody_is_a_run(ready: Cli, tmp_path: Path, closed: str) -> None:
    shell = ["sh", "-c", f'"$@" {closed}', "sh", *_COMMAND]
    command = [*shell, "--workspace", str(tmp_path / "workspace"), "run", "News"]
    assert subprocess.run(command, capture_output=True).returncode == 3
    assert ready("runs", "--json").json[0]["status"] == "finished_with_rejects"


def _files_with(folder: Path, text: bytes) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and text in path.read_bytes():
            yield path
