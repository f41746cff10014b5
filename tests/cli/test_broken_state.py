"""A state folder that can't be written, or holds something else: a sentence, and what can be."""

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest

from cli.command_lines import Cli
from omnisend_tui.errors import StateError
from omnisend_tui.state import State
from omnisend_tui.state import file as state_file
from omnisend_tui.workspace import Workspace

COMMANDS = (["status"], ["run", "News"], ["run", "News", "--dry-run"], ["doctor"])


def replaced(path: Path) -> None:
    """A folder in the place of a file, a file in that of a folder."""
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("")
    else:
        path.unlink(missing_ok=True)
        path.mkdir()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "part", ["locks", "ledgers", "temp", "temp/lock", "state.sqlite", "ledger.key"]
)
def test_something_else_in_its_place_is_a_sentence(
    ready: Cli, tmp_path: Path, part: str, command: list[str]
) -> None:
    ready("run", "News")
    replaced(tmp_path / "workspace" / part)
    answer = ready(*command)
    said = answer.out + answer.err
    assert "unexpected" not in said
    assert "Traceback" not in said
    if command == ["status"] and part in ("ledger.key", "temp/lock"):
        assert answer.code == 0
        assert "finished with rejects" in answer.out
    else:
        assert answer.code in (1, 5)
        assert str(tmp_path / "workspace" / part) in said


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "error", [OSError(errno.EROFS, "Read-only file system"), sqlite3.OperationalError("no")]
)
def test_an_error_of_the_folder_is_a_sentence(
    ready: Cli, monkeypatch: pytest.MonkeyPatch, error: Exception, command: list[str]
) -> None:
    def fail(_root: Path) -> None:
        raise error

    monkeypatch.setattr("omnisend_tui.workspace.TemporaryFolder", fail)
    answer = ready(*command)
    assert answer.code == (0 if command == ["status"] else 1)
    assert "can't be written" in answer.out + answer.err
    assert "unexpected" not in answer.out + answer.err


@pytest.fixture
def read_only(ready: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A workspace with a run, whose state can only be read from now on."""
    assert ready("run", "News").code == 3

    def fail(path: Path, _migrations: object) -> None:
        raise StateError("unwritable", f"{path} can't be opened for writing.", "Look at it.")

    monkeypatch.setattr(state_file, "open_database", fail)
    return ready


def test_status_and_runs_read_what_they_can(read_only: Cli) -> None:
    status = read_only("status", "--json")
    assert status.code == 0, status.err
    assert "can't be opened for writing" in status.err
    assert status.json["exports"][0]["status"] == "finished_with_rejects"
    assert len(read_only("runs", "--json").json) == 1
    assert "News" in read_only("status").out


@pytest.mark.parametrize("command", COMMANDS[1:], ids=" ".join)
def test_what_writes_says_why_not(read_only: Cli, command: list[str]) -> None:
    answer = read_only(*command)
    assert answer.code == 1
    assert "can't be opened for writing" in answer.out + answer.err


def test_a_state_that_is_only_read_refuses_to_be_written(ready: Cli, tmp_path: Path) -> None:
    ready("run", "News")
    path = tmp_path / "workspace" / "state.sqlite"
    state = State.open_to_read(path)
    assert len(state.runs()) == 1
    with pytest.raises(StateError):
        state.withdraw("any", 1.0)
    state.close()
    with pytest.raises(StateError):
        State.open_to_read(tmp_path / "missing" / "state.sqlite")


@pytest.mark.parametrize("reading", [False, True])
def test_a_budget_below_a_file_is_a_sentence(tmp_path: Path, reading: bool) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError):
        Workspace.open(tmp_path / "ws", {}, tmp_path / "file" / "b.sqlite", reading=reading)


def test_a_lock_that_cant_be_taken_leaves_the_run_as_it_was_seen(
    ready: Cli, tmp_path: Path
) -> None:
    ready("run", "News")
    for lock in (tmp_path / "workspace" / "locks").glob("*.lock"):
        replaced(lock)
    assert ready("status").code == 0
    answer = ready("run", "News")
    assert answer.code == 1
    assert "News: not started" in answer.err
    assert "can't be locked" in answer.err
