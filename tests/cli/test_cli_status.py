"""What ``status`` says of runs that go on: what they wait for, in words and for scripts."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.command_lines import Cli
from omnisend_tui.engine.lock import ExportLock
from omnisend_tui.sentences import wait_word
from omnisend_tui.workspace import Workspace


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"waiting_for": "export"}, "export"),
        ({"waiting_for": "source", "stage": "reading"}, "source"),
        ({"waiting_for": "network", "seconds_left": 41.0}, "network"),
        ({"waiting_for": "tags", "seconds_left": 41.0}, "tags"),
        ({"waiting_for": ""}, None),
        # What was seen last before it was paused or cancelled no longer holds it up.
        ({"waiting_for": "budget", "status": "paused"}, None),
        ({"waiting_for": "budget", "cancelling": True}, None),
        ({"waiting_for": "budget", "updated_at": 1.0}, "process"),
    ],
)
def test_status_says_what_a_run_waits_for(
    ready: Cli, tmp_path: Path, changes: dict[str, object], waits: str | None
) -> None:
    ready("run", "News")
    workspace = Workspace.open(tmp_path / "workspace", {})
    (run,) = workspace.state.runs()
    live = replace(run, status="running", finished_at=None, updated_at=time.time())
    workspace.state.save_snapshot(replace(live, **changes))
    lock = ExportLock(workspace.lock_path(run.export_id), "News")
    (told,) = ready("status", "--json").json["exports"]
    table = ready("status").out
    lock.release()
    workspace.close()
    assert told["waiting_for"] == waits
    assert told["seconds_left"] == (41.0 if waits == "tags" else None)
    assert told["stage"] == changes.get("stage", run.stage)
    assert waits is None or wait_word(waits) in table


def test_nothing_waits_where_nothing_runs(ready: Cli) -> None:
    keys = ["export", "status", "stage", "waiting_for", "done", "total", "rate_per_minute",
            "seconds_left", "rejected", "last_run"]  # fmt: skip
    (before,) = ready("status", "--json").json["exports"]
    ready("run", "News")
    (after,) = ready("status", "--json").json["exports"]
    assert list(before) == list(after) == keys
    assert before["waiting_for"] is after["waiting_for"] is None
