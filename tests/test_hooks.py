"""Hooks: real commands and a real server on loopback, good ones and all kinds of bad ones."""

import fcntl
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from omnisend_tui import hooks
from omnisend_tui.cli import running
from omnisend_tui.config.models import Hook
from omnisend_tui.engine.lock import is_locked
from omnisend_tui.http import Answer
from omnisend_tui.omnisend.errors import refusal
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.sentences import hook_sentence
from omnisend_tui.state import State
from shops import MakeShop

FAILED = Snapshot(
    run_id="r1", export_id="e1", export="VIP", status="failed", started_at=10.0, updated_at=12.5,
    finished_at=12.5, read=3, error=RunError("refused", "No bob@example.com here", "Ask eve@x.fi"),
)  # fmt: skip
NOTE = (
    "import json, os, sys; "
    "json.dump({'in': json.load(sys.stdin), 'environ': dict(os.environ), 'tty': os.isatty(1)},"
    " open(sys.argv[1], 'w'))"
)
# Each holds a lock on a file for as long as any process of it lives.
HOLD = "import fcntl, os, signal, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, 2); "
HANG = HOLD + "time.sleep(600)"
DEAF = HOLD + "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
FORK = HOLD + "os.fork() or time.sleep(600)"
FORK_AND_HANG = HOLD + "os.fork(); time.sleep(600)"

Talk = Callable[[socket.socket, bytes], None]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(tmp_path / "state.sqlite")
    yield opened
    opened.close()


def python(code: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, arguments))


def called(state: State, *tried: Hook, run: Snapshot = FAILED) -> list[LogLine]:
    """What the log says after all hooks were called."""
    hooks.tell(tried, state, run, threading.Event())
    return hooks.failures(state, run.run_id)


def whys(lines: list[LogLine]) -> dict[str | int, tuple[str | int, str | int]]:
    return {
        line.parameters["hook"]: (line.parameters["why"], line.parameters["number"])
        for line in lines
    }


def free(path: Path) -> bool:
    """Whether no living process holds the lock on the file."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def server(talk: Talk) -> Iterator[str]:
    """Answers each request on a thread by ``talk``, which is handed the request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(connection: socket.socket) -> None:
            with connection:
                request = connection.recv(65_536)
                head, _gap, body = request.partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
                while len(body) < length:
                    body += connection.recv(65_536)
                try:
                    talk(connection, head + b"\r\n\r\n" + body)
                except OSError:
                    return  # the other side gave it up

        def work() -> None:
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=work, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def status(line: str, more: str = "") -> Talk:
    return lambda connection, _request: connection.sendall(
        f"HTTP/1.1 {line}\r\n{more}Content-Length: 0\r\n\r\n".encode()
    )


def test_a_command_gets_the_runs_object_and_nothing_of_this_app(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNISEND_TUI_API_KEY_MY_SHOP", "the-key")
    monkeypatch.setenv("OMNISEND_TUI_WORKSPACE", "/somewhere")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials")
    note, unwanted = tmp_path / "note.json", tmp_path / "unwanted"
    weird = "$(touch no) ; & 'x' \"y\""
    lines = called(
        state,
        Hook(command=python(NOTE, note)),
        Hook(command=python(NOTE, unwanted), on=("finished",)),
        Hook(command=python("import sys; sys.exit(sys.argv[1] != sys.argv[2])", weird, weird)),
    )
    assert lines == []
    assert not unwanted.exists()
    noted = json.loads(note.read_text())
    assert noted["in"]["export"] == "VIP"
    assert noted["in"]["status"] == "failed"
    assert noted["in"]["seconds"] == 2.5
    assert noted["in"]["error"] == {
        "code": "refused", "message": "No b***@example.com here", "hint": "Ask e***@x.fi",
    }  # fmt: skip
    unwelcome = ("OMNISEND_TUI_", "CREDENTIALS_DIRECTORY")
    assert not any(name.startswith(unwelcome) for name in noted["environ"])
    assert "the-key" not in note.read_text()
    assert noted["environ"]["PATH"] == os.environ["PATH"]


def test_each_bad_command_is_ended_with_all_that_it_started_and_told(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "_GRACE", 0.3)
    held = [tmp_path / name for name in ("hang", "deaf", "fork", "fork-and-hang")]
    codes = (HANG, DEAF, FORK, FORK_AND_HANG)
    begun = time.monotonic()
    lines = called(
        state,
        Hook(command=python("import sys; sys.exit(3)")),
        Hook(command=python("import os; os.kill(os.getpid(), 9)")),
        Hook(command=("/nowhere/to/be/found",)),
        *(
            Hook(command=python(code, path), seconds=2)
            for code, path in zip(codes, held, strict=True)
        ),
        Hook(command=python("pass")),  # reads nothing
    )
    assert time.monotonic() - begun < 10
    assert whys(lines) == {
        1: ("exit", 3), 2: ("signal", 9), 3: ("not_started", 0),
        4: ("timeout", 0), 5: ("timeout", 0), 7: ("timeout", 0),
    }  # fmt: skip
    assert all(path.exists() and free(path) for path in held)
    told = " ".join(hook_sentence(line.parameters) for line in lines)
    assert f"Hook 1 ({Path(sys.executable).name}) failed: it ended with exit code 3." in told
    assert "took longer than its limit of 2 s" in told
    assert str(tmp_path) not in told  # arguments may be secrets


def test_webhooks_good_and_bad(state: State) -> None:
    requests: list[bytes] = []
    moved: list[bytes] = []

    def good(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        status("204 No Content")(connection, request)

    def trickle(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.sendall(b"x")
            gone.wait(0.05)

    def hang(_connection: socket.socket, _request: bytes) -> None:
        gone.wait(30)

    gone = threading.Event()
    begun = time.monotonic()
    with (
        server(good) as fine, server(status("500 Oh")) as broken, server(hang) as silent,
        server(trickle) as slow, server(lambda _c, request: moved.append(request)) as elsewhere,
        server(status("302 Found", f"Location: {elsewhere}/\r\n")) as moving,
    ):  # fmt: skip
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        lines = called(
            state,
            Hook(url=f"{fine}/a/b?sig=secret%2F"),
            Hook(url=broken),
            Hook(url=silent, seconds=1),
            Hook(url=slow, seconds=1),
            Hook(url=moving),
            Hook(url=f"http://127.0.0.1:{port}/"),
        )
        gone.set()
    assert time.monotonic() - begun < 8
    assert whys(lines) == {
        2: ("status", 500), 3: ("timeout", 0), 4: ("timeout", 0), 5: ("status", 302),
        6: ("refused", 0),
    }  # fmt: skip
    assert moved == []
    head, _gap, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a/b?sig=secret%2F HTTP/1.1\r\n")
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body)["run_id"] == "r1"
    told = " ".join(hook_sentence(line.parameters) for line in lines)
    assert "Hook 2 (127.0.0.1) failed: the server answered 500." in told


def test_hooks_are_given_up_when_nobody_wants_to_wait(state: State, tmp_path: Path) -> None:
    enough = threading.Event()
    enough.set()
    hook = Hook(command=python(HANG, tmp_path / "held"), seconds=600)
    hooks.tell([hook], state, FAILED, enough)
    assert whys(hooks.failures(state, "r1")) == {1: ("stopped", 0)}


@pytest.mark.parametrize("cancelling", [False, True])
def test_ctrl_c_gives_up_the_hooks_of_a_run_and_nothing_else(
    make_shop: MakeShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cancelling: bool
) -> None:
    shop = make_shop(people=3)
    held = tmp_path / "held"
    command = json.dumps(python(HANG, held))
    with shop.workspace.config_path.open("a") as config:
        config.write(f"\n[[hooks]]\ncommand = {command}\nseconds = 600\n")
    shop.workspace.reload_config()
    run = shop.launch()
    assert run.wait(60) is not None
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        signal.raise_signal(signal.SIGINT)

    def say_once(words: str) -> None:
        if not said:
            say(words)

    if cancelling:
        # The second one, while another run still confirms.
        monkeypatch.setattr(running, "message", say_once)
        with pytest.raises(KeyboardInterrupt):
            running._cancel(shop.workspace, [run], [run], running.Manner())
    else:
        hooks.await_hooks([run], say)
        assert said == ["Waiting for the hooks; Ctrl+C gives them up."]
    assert run.follow(0)
    assert whys(hooks.failures(shop.workspace.state, run.job.run_id)) == {1: ("stopped", 0)}
    assert free(held)


def test_what_a_server_says_of_people_is_masked() -> None:
    body = json.dumps({"title": "eve@example.com is odd", "instance": "/x/bob@example.com"})
    told = refusal(Answer(400, {}, body.encode()))
    assert "e***@example.com is odd" in told.message
    assert "bob" not in told.hint
    assert told.trace == "***@example.com"  # a run's log has it, too


def test_a_run_is_over_before_its_hooks_begin(make_shop: MakeShop) -> None:
    shop = make_shop(people=3)
    workspace = shop.workspace
    export = workspace.export("E")
    seen: list[object] = []
    asked, may_end = threading.Event(), threading.Event()

    def look(connection: socket.socket, request: bytes) -> None:
        run = json.loads(request.partition(b"\r\n\r\n")[2])
        kept = workspace.state.run(run["run_id"])
        seen.append(
            (run["status"], kept and kept.status, is_locked(workspace.lock_path(export.id)))
        )
        asked.set()
        may_end.wait(30)
        status("503 Busy")(connection, request)

    with server(look) as url:
        with workspace.config_path.open("a") as config:
            config.write(f'\n[[hooks]]\nurl = "{url}"  # told of each end\n')
        workspace.reload_config()
        run = shop.launch()
        ended = run.wait(60)
        assert ended is not None
        assert asked.wait(30)
        assert not run.follow(0)
        may_end.set()
        assert run.follow(30)
        # Nobody is told of what was cancelled, and once only of what ended.
        again = shop.launch(full=True)
        again.cancel()
        assert again.follow(60)
        expected = 1 if again.snapshot().status == "cancelled" else 2
    assert seen[0] == ("finished", "finished", False)
    assert len(seen) == expected
    assert whys(hooks.failures(workspace.state, run.job.run_id)) == {1: ("status", 503)}
