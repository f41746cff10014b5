"""A workspace with made-up exports in every state, as of a fixed moment."""

from datetime import UTC, datetime
from pathlib import Path

from omnisend_tui.config import store
from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.permissions import Actor
from omnisend_tui.problems import Problem
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.tui.app import OmnisendApp
from omnisend_tui.workspace import Workspace

NOW = datetime(2026, 11, 25, 14, 25, tzinfo=UTC)
AT = NOW.timestamp()
MOVING = {
    "total": 41_200, "read": 41_200, "updated": 20_000, "created": 8_900, "duplicates": 96,
    "rejected": 4,
    "to_send": 41_100, "sent": 30_400, "confirmed": 28_900, "batches": 304, "batches_open": 19,
    "reading_done_at": AT - 296, "rate_per_minute": 10_200, "budget_used": 312, "budget_limit": 360,
    "throughput": (300, 900, 3000, 6000, 9000, *(10_100, 10_300, 9_400, 10_200) * 6),
    "seconds_left": 63.0, "stage": "sending",
}  # fmt: skip
RUNS: dict[str, dict[str, object]] = {
    "VIP customers": dict(status="running", **MOVING),
    "Newsletter FI": {"status": "running", "stage": "reading", "total": 90_000, "read": 9_900,
                          "updated": 9_800, "seconds_left": 477.0},
    "Birthday club": {"status": "running", "waiting_for": "budget", "total": 500, "read": 500,
                          "accepted": 15},
    "Win back 90 days": {"status": "paused", "total": 1000, "read": 400, "updated": 368,
                         "rejected": 12},
    "Churn risk": {"status": "failed", "error": RunError(
        "key_refused", "Omnisend refused the key.", "Store a new key for this connection.")},
    "Store visitors": {"status": "interrupted", "total": 1000, "read": 600, "updated": 520},
    "Recently bought": {"status": "finished_with_rejects", "total": 18_204, "read": 18_204,
                            "updated": 18_173, "rejected": 31},
    "Loyalty gold": {"status": "finished", "total": 2310, "read": 2310, "updated": 2310},
    "Spring campaign": {"status": "cancelled", "total": 9000, "read": 3100, "updated": 3100},
    "a [/b] c [bold]": {},
}  # fmt: skip


def empty(tmp_path: Path, **settings: str) -> Workspace:
    environ = {"LANG": "en", **settings}
    workspace = Workspace.open(tmp_path / "acme", environ, tmp_path / "budget.sqlite")
    workspace.actor = Actor("maija", "administrator")
    return workspace


def acme(tmp_path: Path) -> Workspace:
    """Ten exports, of which nine ran; nothing moves, since no process runs them."""
    workspace = empty(tmp_path)
    path = workspace.config_path
    store.add_connection(path, Connection(name="Acme Store"))
    store.add_source(path, Source(name="CI Helsinki", path="profiles.csv"))
    for name in RUNS:
        store.add_export(path, Export(name=name, connection="Acme Store", source="CI Helsinki"))
    workspace.reload_config()
    for index, (name, values) in enumerate(RUNS.items()):
        if not values:
            continue
        begun = AT - 300 - index
        ended = None if values["status"] in ("running", "paused") else begun + 90
        given: dict[str, object] = {
            "started_at": begun, "updated_at": ended or AT, "finished_at": ended,
            "connection": "Acme Store", "source": "CI Helsinki", "started_by": "app",
        }  # fmt: skip
        export = workspace.export(name)
        snapshot = Snapshot(
            run_id=f"run{index}",
            export_id=export.id,
            export=name,
            **(given | values),  # type: ignore[arg-type]
        )
        workspace.state.save_snapshot(snapshot)
    state = workspace.state
    state.add_problems("run0", "reject", [
        Problem(key="CID-00417", field="email", reason="invalid_email", detail="two_at_signs",
                email_masked="m***@example.com"),
        Problem(key="CID-02210", field="email", reason="missing_email", detail="column_empty"),
        Problem(key="CID-07731", field="email", reason="missing_email", detail="column_empty"),
        Problem(key="CID-09120", field="phone", reason="refused_by_omnisend",
                detail="[/red] belongs to another", email_masked="k***@example.org"),
    ])  # fmt: skip
    for after, code, parameters in (
        (0, "run_started", {}),
        (2, "source_counted", {"total": 41_200}),
        (60, "retry", {"status": 503, "seconds": 4, "trace": "t1"}),
        (90, "from_a_newer_version", {}),
    ):
        state.add_log("run0", LogLine(at=AT - 300 + after, code=code, parameters=parameters))
    return workspace


def app_of(workspace: Workspace) -> OmnisendApp:
    app = OmnisendApp(workspace, now=lambda: NOW)
    app.animation_level = "none"
    return app
