"""Runs of one process, watched, paused, resumed and cancelled by others, at every stage."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cli.command_lines import Cli
from omnisend_tui.engine.interrupted import SILENT
from omnisend_tui.engine.job import Patience
from omnisend_tui.progress import Snapshot
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.state import State
from omnisend_tui.tui.live import Live
from omnisend_tui.tui.words import state_of
from omnisend_tui.workspace import Workspace
from shops import QUICK, MakeShop

_COMMAND = (sys.executable, "-m", "omnisend_tui")
_PATIENCE = 60.0  # seconds; a condition that holds only later failed
_LOOKS = 5  # snapshots of a run, a quarter of a second apart, in which nothing may go out
_CHANGES = ("POST /batches", "POST /contacts/tags", "DELETE /contacts/tags")
_TAGS_LATE = Faults(answers=(AnswerFault(action="delay", path="/contacts/tags", seconds=0.3),))


@dataclass
class Place:
    """A workspace in ``folder`` with the export 'News', and the sandbox that it sends to.

    ``do`` is a command line in this process, which isn't that of the run.
    """

    sandbox: RunningSandbox
    state: State
    folder: Path
    do: Cli
    _counted: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Counts anew what reaches Omnisend."""
        self._counted = self.sandbox.statistics()["requests"]

    def people(self, count: int) -> None:
        rows = (f"person{number}@example.com,P{number}\n" for number in range(count))
        (self.folder / "people.csv").write_text("mail,name\n" + "".join(rows))

    def sent(self, *requests: str) -> int:
        """How many of these reached Omnisend; by default all that change something."""
        counts = self.sandbox.statistics()["requests"]
        return sum(
            counts.get(each, 0) - self._counted.get(each, 0) for each in requests or _CHANGES
        )

    def run(self) -> Snapshot | None:
        """The newest run, as its process wrote it."""
        return next(iter(self.state.runs(limit=1)), None)

    def seen(self, what: Callable[[Snapshot], bool]) -> Snapshot:
        """The first snapshot of the run for which ``what`` holds."""
        found: Snapshot = _until(lambda: (run := self.run()) and what(run) and run)
        return found

    def answered(self, run: Snapshot) -> bool:
        """Whether what reached Omnisend is confirmed, and its tags are counted."""
        posts, gives, takes = (self.sent(each) for each in _CHANGES)
        return (
            run.sent == run.confirmed == posts * 100
            and run.tagged == min(run.tags_owed, gives * 250)
            and run.leavers == min(run.leavers_found, takes * 250)
        )

    def holds(self) -> None:
        """The run is paused: what is in flight is confirmed, and nothing more goes out."""
        self.seen(self.answered)
        before = self.sent()
        times: set[float] = set()
        while len(times) <= _LOOKS:
            run = self.seen(lambda run: run.updated_at not in times)
            assert run.status == "paused"
            times.add(run.updated_at)
        assert self.sent() == before


def _until(look: Callable[[], Any]) -> Any:
    """What ``look`` gives, once it is true; between its looks the other processes have the core."""
    ends = time.monotonic() + _PATIENCE
    while not (found := look()):
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.01)
    return found


MakePlace = Callable[..., AbstractContextManager[Place]]


@pytest.fixture
def make_place(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePlace:
    """Builds a place: ``with make_place(people=3000, limit=400, batch_seconds=...) as place``."""

    @contextmanager
    def make(*, people: int, limit: int = 100_000, **options: Any) -> Iterator[Place]:
        settings = SandboxOptions(
            requests_per_minute=limit, tag_requests_per_minute=limit, **options
        )
        with running_sandbox(settings) as sandbox:
            monkeypatch.setenv("OMNISEND_TUI_API_KEY", sandbox.api_key)
            (tmp_path / "people.csv").write_text("mail,name\nsomebody@example.com,S\n")
            for command in (
                ["connection", "add", "--name", "Shop", "--agree-to-data-privacy",
                 "--api-key-from-environment", "--base-url", sandbox.url, "--budget-share", "100",
                 "--requests-per-minute", str(limit), "--tag-requests-per-minute", str(limit)],
                ["source", "add", "files", "--name", "People",
                 "--path", str(tmp_path / "people.csv")],
                _export("News"),
            ):  # fmt: skip
                answer = cli(*command)
                assert answer.code == 0, answer.err
            with Workspace.open(tmp_path / "workspace") as workspace:
                place = Place(sandbox, workspace.state, tmp_path, cli)
                place.people(people)
                yield place

    return make


def _export(name: str) -> list[str]:
    return ["export", "add", "--name", name, "--connection", "Shop", "--source", "People",
            "--segment", "All profiles", "--map", "email=mail", "--map", "first_name=name",
            "--segment-tag", "in {segment}"]  # fmt: skip


@contextmanager
def _running(place: Place, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """``run`` in a process of its own, killed at the end where it still goes on."""
    place.begin()
    with subprocess.Popen(
        [*_COMMAND, "--workspace", str(place.folder / "workspace"), "run", *arguments,
         "--json", "--no-progress"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def _result(process: "subprocess.Popen[str]") -> dict[str, Any]:
    out, err = process.communicate(timeout=_PATIENCE)
    assert "Traceback" not in err
    result: dict[str, Any] = json.loads(out)
    return result


def _pause(place: Place) -> None:
    assert place.do("pause", "News").code == 0
    status = json.loads(place.do("status", "--json").out)["exports"][0]
    assert status["status"] == "paused"
    place.holds()


def _resume(place: Place) -> None:
    before = place.sent()
    assert place.do("resume", "News").code == 0
    _until(lambda: place.sent() > before)


def _cancel(place: Place, process: "subprocess.Popen[str]") -> Snapshot:
    """Cancels; what was in flight is confirmed, and nothing is sent any more."""
    answer = place.do("cancel", "News")
    assert (answer.code, answer.err) == (0, "“News” is cancelled.\n")
    assert _result(process)["status"] == "cancelled"
    assert process.returncode == 130
    run = place.run()
    assert run is not None
    assert place.answered(run)
    return run


def test_while_it_sends(make_place: MakePlace) -> None:
    with make_place(people=20_000, latency_ms=100) as place, _running(place, "News") as process:
        place.seen(lambda run: run.stage == "sending" and run.sent > 0)
        _pause(place)
        _resume(place)
        run = _cancel(place, process)
        assert 0 < run.confirmed < 20_000


def test_while_it_waits_for_the_budget(make_place: MakePlace) -> None:
    with make_place(people=8000, limit=80) as place, _running(place, "News") as process:
        _until(lambda: place.sent("POST /batches") >= 2)
        _pause(place)
        _resume(place)
        run = _cancel(place, process)
        assert 0 < run.confirmed < 8000
        assert "429" not in place.sandbox.statistics()["answers"]


def test_while_it_confirms(make_place: MakePlace) -> None:
    with (
        make_place(people=3000, batch_seconds=0.1, faults=_TAGS_LATE) as place,
        _running(place, "News") as process,
    ):
        place.seen(lambda run: run.stage == "confirming" and run.confirmed < run.sent)
        _pause(place)
        held = place.run()
        assert held is not None
        assert held.confirmed == 3000
        assert held.tagged < 3000
        _resume(place)
        assert _result(process)["status"] == "finished"
        assert process.returncode == 0
        assert place.sent("POST /batches") == 30
        assert place.sent("POST /contacts/tags") == 12


def test_cancelled_while_it_confirms(make_place: MakePlace) -> None:
    with (
        make_place(people=3000, batch_seconds=0.1) as place,
        _running(place, "News") as process,
    ):
        place.seen(lambda run: run.stage == "confirming" and run.confirmed < run.sent)
        run = _cancel(place, process)
        assert run.confirmed == 3000


def test_while_it_gives_tags(make_place: MakePlace) -> None:
    with (
        make_place(people=5000, faults=_TAGS_LATE) as place,
        _running(place, "News") as process,
    ):
        place.seen(lambda run: run.stage == "tagging" and run.tagged > 0)
        _pause(place)
        _resume(place)
        run = _cancel(place, process)
        assert run.confirmed == 5000
        assert 0 < run.tagged < 5000


def test_while_it_takes_tags(make_place: MakePlace) -> None:
    late = AnswerFault(action="delay", method="DELETE", path="/contacts/tags", seconds=0.4)
    with make_place(people=5001, faults=Faults(answers=(late,))) as place:
        assert place.do("run", "News", "--no-progress").code == 0
        place.people(1)
        with _running(place, "News", "--allow-leavers") as process:
            place.seen(lambda run: run.stage == "leaving" and run.leavers > 0)
            _pause(place)
            _resume(place)
            run = _cancel(place, process)
            assert 0 < run.leavers < 5000


def test_a_paused_run_is_cancelled_without_sending_more(make_place: MakePlace) -> None:
    with make_place(people=20_000, latency_ms=100) as place, _running(place, "News") as process:
        _until(lambda: place.sent("POST /batches"))
        _pause(place)
        before = place.sent()
        _cancel(place, process)
        assert place.sent() == before


def test_a_second_run_says_who_runs_the_export(make_place: MakePlace) -> None:
    with make_place(people=20_000, latency_ms=100) as place, _running(place, "News") as process:
        run = place.seen(lambda run: run.sent > 0)
        second = place.do("run", "News", "--json", "--no-progress")
        assert second.code == 6
        error = json.loads(second.out)["error"]
        assert error["code"] == "export_busy"
        assert error["message"].startswith(f"{run.user} started a run of 'News'")
        _cancel(place, process)


@contextmanager
def _watching(place: Place, *options: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """``status --watch`` in a pseudo-terminal of 80 columns, and where to read what it writes."""
    master, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [*_COMMAND, "--workspace", str(place.folder / "workspace"), "status", "--watch", *options],
        stdout=inside, stderr=inside, env=dict(os.environ, TERM="xterm"),
    ) as process:  # fmt: skip
        os.close(inside)
        try:
            yield process, master
        finally:
            process.kill()
            os.close(master)


def _shown(master: int, *texts: str) -> str:
    """What a terminal was written, once every text has come."""
    written = b""

    def came() -> bool:
        nonlocal written
        if select.select([master], [], [], 0)[0]:
            written += os.read(master, 65536)
        return all(text.encode() in written for text in texts)

    _until(came)
    return written.decode()


def test_runs_of_another_process_are_watched_until_ctrl_c(make_place: MakePlace, cli: Cli) -> None:
    name = "a [/b] c"
    with make_place(people=20_000, latency_ms=100) as place:
        assert cli(*_export(name)).code == 0
        with (
            _watching(place) as (watch, terminal),
            _watching(place, "--json") as (documents, pipe),
        ):
            _shown(terminal, "Nothing runs just now.")
            with _running(place, name) as process:
                drawn = _shown(terminal, f"{name}  sending", "/100,000 requests", "0 rejects")
                assert "\x1b[1A\x1b[J" in drawn
                lines = drawn.replace("\r\x1b[1A\x1b[J", "").split("\r\n")
                assert max(map(len, lines)) < 80
                paused = json.loads(cli("pause", name, "--json").out)
                assert (paused["export"], paused["status"]) == (name, "paused")
                _shown(terminal, f"{name}  paused")
                assert cli("resume", name, "--json").json["status"] == "running"
                cancelled = cli("cancel", name, "--json")
                assert (cancelled.json["status"], cancelled.err) == ("cancelled", "")
                assert _result(process)["run_id"] == cancelled.json["run_id"]
            _shown(terminal, f"{name}: cancelled, ", "Nothing runs just now.")
            told = _shown(pipe, '"status": "cancelled", "stage": null').splitlines()
            for each in (watch, documents):
                each.send_signal(signal.SIGINT)
                assert each.wait(_PATIENCE) == 130
        statuses = {json.loads(line)["exports"][1]["status"] for line in told[:-1]}
        assert statuses >= {None, "running"}


def test_a_stopped_process_doesnt_answer_and_a_killed_one_is_interrupted(
    make_place: MakePlace, cli: Cli
) -> None:
    late = 0.0
    with (
        make_place(people=20_000, latency_ms=100) as place,
        Workspace.open(place.folder / "workspace") as other,
    ):
        live = Live(other, lambda: time.time() + late)

        def shown() -> tuple[str, str]:
            run = live.pull().rows[0].run
            return ("", "") if run is None else (run.status, state_of(run)[1])

        with _running(place, "News") as process:
            _until(lambda: shown() == ("running", "sending"))
            process.send_signal(signal.SIGSTOP)
            late = SILENT + 1
            _until(lambda: shown() == ("running", "doesn't answer"))
            process.send_signal(signal.SIGCONT)
            late = 0.0
            _until(lambda: shown() == ("running", "sending"))
            process.kill()
            killed = time.monotonic()
            _until(lambda: shown() == ("interrupted", "interrupted"))
            assert time.monotonic() - killed < 15
        assert json.loads(cli("status", "--json").out)["exports"][0]["status"] == "interrupted"
        refused = cli("pause", "News")
        assert refused.code == 2
        assert "run --resume News" in refused.err


def test_exports_of_two_processes_share_the_brands_budget(make_place: MakePlace, cli: Cli) -> None:
    with make_place(people=6000, limit=120) as place:
        assert cli(*_export("Others")).code == 0
        with _running(place, "News"), _running(place, "Others"):
            # All but the slot that batches leave to other requests; a run needs 88: one goes on.
            _until(lambda: place.sandbox.statistics()["max_requests_60s"] >= 119)
            times: set[float] = set()

            def looked() -> bool:
                times.update(run.updated_at for run in place.state.runs() if not run.ended)
                return len(times) > _LOOKS

            _until(looked)
            statistics = place.sandbox.statistics()
        assert {run.batches for run in place.state.runs()} == {60}
        assert all(run.sent for run in place.state.runs())
        assert statistics["max_requests_60s"] <= 120
        assert "429" not in statistics["answers"]


@pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
def test_what_does_not_run_cannot_be_steered(make_place: MakePlace, cli: Cli, command: str) -> None:
    with make_place(people=1) as place:
        never = cli(command, "News")
        assert (never.code, never.err) == (2, "“News” isn't running.\n")
        assert place.do("run", "News", "--no-progress").code == 0
        assert cli(command, "News") == never
        unknown = cli(command, "Nws")
        assert (unknown.code, unknown.err) == (
            2, "There is no export “Nws”.\nKnown are: “News”.\n",
        )  # fmt: skip


def test_a_run_cancelled_late_confirms_for_a_limited_time_too(make_shop: MakeShop) -> None:
    shop = make_shop(people=100, batch_seconds=600)
    run = shop.launch(Patience(lost=60, standstill=600, outage=600, cancel=0.2, poll=0.05))
    _until(lambda: run.snapshot().stage == "confirming" and run.snapshot().sent)
    run.cancel()
    end = run.wait(20)
    assert end is not None
    assert end.status == "cancelled"
    assert (end.sent, end.confirmed) == (100, 0)


def test_what_a_dead_process_was_asked_for_does_not_touch_the_resumed_run(
    make_shop: MakeShop,
) -> None:
    shop = make_shop(people=100)
    state, first = shop.workspace.state, shop.run()
    state.save_snapshot(replace(first, status="running", finished_at=None))
    state.wish(first.run_id, "cancel")
    end = shop.run(resume=True)
    assert end.error is None
    assert (end.run_id, end.status) == (first.run_id, "finished")
    assert state.take_wish(first.run_id) is None


def test_steering_a_run_that_ended_changes_nothing(make_shop: MakeShop) -> None:
    shop = make_shop(people=10, batch_seconds=0.5)
    run = shop.launch(QUICK)
    _until(lambda: run.snapshot().sent)
    run.pause()
    end = run.wait(60)
    assert end is not None
    assert end.status == "finished"
    for late in (run.resume, run.pause, run.cancel):
        late()
    assert run.snapshot() == end
