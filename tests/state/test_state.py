"""What the state keeps and gives back."""

import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omnisend_tui.errors import StateError
from omnisend_tui.problems import Problem
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import Brand, Consent, LogLine
from omnisend_tui.state import Sought, State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State.open(tmp_path / "state" / "state.sqlite")
    yield opened
    opened.close()


def snapshot(run_id: str, export_id: str = "e1", started_at: float = 1.0, **more: Any) -> Snapshot:
    return Snapshot(run_id=run_id, export_id=export_id, export="VIP", started_at=started_at, **more)


def consent(at: float, connection_id: str = "c1") -> Consent:
    return Consent(
        connection_id=connection_id,
        who="maija",
        at=at,
        version="1",
        language="fi",
        sha256="0" * 64,
        base_url="https://api.omnisend.com/api",
    )


def test_a_snapshot_is_kept_whole_and_replaced(state: State) -> None:
    assert state.run("r1") is None
    state.save_snapshot(snapshot("r1", status="running", throughput=(1, 2)))
    last = snapshot("r1", status="failed", read=3, error=RunError("no_network", "No network."))
    state.save_snapshot(last)
    assert state.run("r1") == last
    assert state.runs() == [last]


def test_runs_come_newest_first(state: State) -> None:
    for run_id, export_id, at in (("r1", "e1", 5.0), ("r2", "e2", 9.0), ("r3", "e1", 7.0)):
        state.save_snapshot(snapshot(run_id, export_id, at))
    assert [run.run_id for run in state.runs()] == ["r2", "r3", "r1"]
    assert [run.run_id for run in state.runs("e1")] == ["r3", "r1"]
    assert [run.run_id for run in state.runs(limit=1)] == ["r2"]
    assert {export: run.run_id for export, run in state.latest_runs().items()} == {
        "e1": "r3",
        "e2": "r2",
    }


def test_problems_keep_their_order_and_are_counted(state: State) -> None:
    rejects = [
        Problem(key=str(n), field="email", reason="missing_email" if n % 3 else "invalid_email")
        for n in range(9)
    ]
    state.add_problems("r1", "reject", rejects[:5])
    state.add_problems("r1", "reject", rejects[5:])
    state.add_problems("r1", "reject", [])
    warning = Problem(
        key="k", field="phone", reason="invalid_phone", detail="d", email_masked="m***@example.com",
        row_hash="ab",
    )  # fmt: skip
    state.add_problems("r1", "warning", [warning])
    state.add_problems("r2", "reject", rejects[:1])
    assert state.problems("r1", "reject") == rejects
    assert state.problems("r1", "reject", limit=2, offset=3) == rejects[3:5]
    assert state.problems("r1", "warning") == [warning]
    assert state.problem_counts("r1", "reject") == {"missing_email": 6, "invalid_email": 3}
    assert state.problem_counts("r1", "warning") == {"invalid_phone": 1}
    assert state.problem_counts("r9", "reject") == {}


def test_the_log_gives_its_end_oldest_first(state: State) -> None:
    lines = [
        LogLine(at=float(n), code="retry", parameters={"status": n, "trace": "t"}) for n in range(5)
    ]
    for line in lines:
        state.add_log("r1", line)
    assert state.log("r1") == lines
    assert state.log("r1", limit=2) == lines[3:]
    assert state.log("r2") == []


def test_consents_and_brands(state: State) -> None:
    for given in (consent(1), consent(3), consent(2), consent(9, "c2")):
        state.add_consent(given)
    assert [given.at for given in state.consents("c1")] == [3, 2, 1]
    assert state.brand("c1") is None
    state.save_brand("c1", Brand(id="b"))
    state.save_brand("c1", Brand(id="b", website="acme.example.com", currency="EUR"))
    assert state.brand("c1") == Brand(id="b", website="acme.example.com", currency="EUR")


def test_everything_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom omnisend_tui.state import State\n"
        "from omnisend_tui.progress import Snapshot\n"
        "state = State.open(Path(sys.argv[1]))\n"
        "state.save_snapshot(Snapshot(run_id='r', export_id='e', export='E'))\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, path]).returncode == -9
    state = State.open(path)
    assert state.run("r") == Snapshot(run_id="r", export_id="e", export="E")
    state.close()


def test_threads_and_a_second_opener_share_the_file(tmp_path: Path) -> None:
    one, two = State.open(tmp_path / "s.sqlite"), State.open(tmp_path / "s.sqlite")

    def work(state: State, kind: str) -> None:
        for _ in range(20):
            state.add_problems(
                kind, "reject", [Problem(key="1", field="", reason="unreadable_row")]
            )

    threads = [
        threading.Thread(target=work, args=(state, name)) for state in (one, two) for name in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.problem_counts(name, "reject") for name in "ab"] == [{"unreadable_row": 40}] * 2
    one.close()
    two.close()


def test_the_files_are_private(state: State, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    state.save_brand("c", Brand(id="b"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_closed_state_says_so(state: State) -> None:
    state.close()
    state.close()
    with pytest.raises(StateError) as refused:
        state.runs()
    assert refused.value.code == "state_closed"


def test_the_history_comes_in_parts_and_can_be_narrowed(state: State) -> None:
    statuses = ("finished", "failed", "running")
    for n in range(30):
        state.save_snapshot(snapshot(f"r{n}", f"e{n % 2}", n, status=statuses[n % 3]))
    assert [run.run_id for run in state.history(Sought(), 3, 10)] == ["r19", "r18", "r17"]
    failed = Sought(export_id="e1", statuses=frozenset({"failed"}))
    assert [run.run_id for run in state.history(failed, 9)] == ["r25", "r19", "r13", "r7", "r1"]
    assert (state.count_runs(failed), state.count_runs()) == (5, 30)
    either = Sought(named=frozenset({"e0"}), worded=frozenset({"failed"}))
    assert state.count_runs(either) == 20
    assert state.count_runs(Sought(named=frozenset())) == 0
    assert [run.run_id for run in state.runs("e1", before=5)] == ["r3", "r1"]


def test_the_stamp_tells_when_anything_was_written(state: State, tmp_path: Path) -> None:
    """The latest runs are read anew by it, and only then."""
    state.save_snapshot(snapshot("r1"))
    stamp = state.stamp()
    first = state.latest_runs()["e1"]
    assert state.stamp() == stamp
    assert state.latest_runs()["e1"] is first
    other = State.open(tmp_path / "state" / "state.sqlite")
    other.save_snapshot(snapshot("r2", "e2", 2.0))
    other.close()
    assert state.stamp() != stamp
    latest = state.latest_runs()
    assert latest["e1"] is first
    assert latest["e2"].run_id == "r2"
    state.save_snapshot(snapshot("r3", "e1", 3.0))
    assert state.latest_runs()["e1"].run_id == "r3"


def test_problems_and_logs_of_old_runs_go_and_their_runs_stay(state: State) -> None:
    problem = Problem(key="k", field="email", reason="missing_email")
    for run_id, at in (("old", 10.0), ("new", 30.0)):
        state.save_snapshot(snapshot(run_id, "e1", at))
        state.add_problems(run_id, "reject", [problem])
        state.add_log(run_id, LogLine(at=at, code="run_started"))
    state.forget_details(5.0)
    assert state.log("old")
    state.forget_details(20.0)
    assert (state.problems("old", "reject"), state.log("old")) == ([], [])
    assert state.problem_counts("old", "reject") == {"missing_email": 1}
    assert [state.forgotten_problems(each, "reject") for each in ("old", "new")] == [1, 0]
    assert (state.problems("new", "reject"), len(state.log("new"))) == ([problem], 1)
    assert [run.run_id for run in state.runs()] == ["new", "old"]


def test_what_a_resumed_run_told_stays_as_long_as_that_of_a_new_one(state: State) -> None:
    problem = Problem(key="k", field="email", reason="missing_email")
    runs = [
        snapshot("1 resumed", started_at=10.0, resumed_at=40.0, updated_at=50.0),
        snapshot("2 under way", started_at=10.0, updated_at=50.0, status="running"),
        snapshot("3 just resumed", started_at=10.0, resumed_at=50.0, updated_at=10.0),
        snapshot("4 over", started_at=10.0, updated_at=20.0),
    ]
    for run in runs:
        state.save_snapshot(run)
        state.add_problems(run.run_id, "reject", [problem])
        state.add_log(run.run_id, LogLine(at=10.0, code="run_started"))
    state.forget_details(30.0)
    for run in runs[:3]:
        assert (len(state.problems(run.run_id, "reject")), len(state.log(run.run_id))) == (1, 1)
    # However old the lines before it are.
    assert (state.problems("4 over", "reject"), state.log("4 over")) == ([], [])
