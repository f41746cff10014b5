"""Workspaces for the screens, filled with made-up exports and runs at one fixed moment."""

import shutil
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from omnisend_tui.config import store
from omnisend_tui.config.models import Attribute, Connection, Export, Source
from omnisend_tui.permissions import Actor
from omnisend_tui.problems import Problem
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import Brand, LogLine
from omnisend_tui.workspace import Workspace

NOW = datetime(2026, 11, 25, 14, 22, 54, tzinfo=timezone(timedelta(hours=2)))
AT = NOW.timestamp()
VIP = Export(
    name="VIP customers", id="VIP-customers", connection="Acme Store", source="People",
    mapping=(Attribute(field="email", column="mail"),),
)  # fmt: skip

_RISE = (1200, 3100, 5200, 7400, 9300, *(10_000 + 37 * (n * 7 % 11) for n in range(40)))


def slug(name: str) -> str:
    """An id of a name."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)[:64]


def running(name: str, **changes: object) -> Snapshot:
    """A run in the middle of its sending; ``changes`` are fields of the snapshot."""
    values: dict[str, Any] = {
        "run_id": f"run-{name}", "export_id": slug(name), "export": name,
        "connection": "Acme Store",
        "source": "CI Helsinki", "status": "running", "stage": "sending", "total": 41_200,
        "read": 41_200, "accepted": 28_900, "duplicates": 96, "rejected": 4, "to_send": 41_100,
        "sent": 30_400, "confirmed": 28_900, "batches": 304, "batches_open": 19,
        "tags_owed": 38_400, "tagged": 12_250,
        "rate_per_minute": 10_200, "seconds_left": 63.0, "throughput": _RISE,
        "budget_used": 312, "budget_limit": 360, "started_at": AT - 174,
        "user": "maija", "started_by": "app", "retries": 1, "answers": (("429", 1),),
        "stages": (("reading", AT - 174), ("sending", AT - 170)),
        "batches_confirmed": 285, "batches_with_errors": 1,
        "requests_chart": tuple(5 + (second * 7) % 3 for second in range(60)),
        "reading_done_at": AT - 170, "updated_at": AT - 0.2,
    }  # fmt: skip
    return Snapshot(**(values | changes))


def ended(name: str, read: int, hours: float, **changes: object) -> Snapshot:
    """A finished run, ``hours`` ago."""
    at = AT - hours * 3600
    return running(
        name,
        **(
            {
                "run_id": f"run-{name}-{hours}", "status": "finished", "total": read,
                "read": read, "accepted": read, "duplicates": 0, "rejected": 0, "to_send": read,
                "sent": read, "confirmed": read, "batches": -(-read // 100), "batches_open": 0,
                "tags_owed": read, "tagged": read, "leavers_found": read // 200,
                "leavers": read // 200,
                "batches_confirmed": -(-read // 100), "batches_with_errors": 0,
                "retries": 0, "answers": (), "requests_chart": (),
                "stages": (("reading", at - 40), ("sending", at - 38), ("confirming", at - 6)),
                "seconds_left": None, "started_at": at - 40, "reading_done_at": at - 38,
                "updated_at": at, "finished_at": at,
            }
            | changes
        ),
    )  # fmt: skip


def workspace_in(folder: Path, environ: dict[str, str] | None = None) -> Workspace:
    """An empty workspace called 'acme'."""
    workspace = Workspace.open(folder / "acme", environ or {}, folder / "budget.sqlite")
    workspace.actor = Actor("maija", "administrator")
    return workspace


def add_export(workspace: Workspace, name: str, connection: str = "Acme Store") -> None:
    store.add_export(
        workspace.config_path,
        Export(
            name=name, id=slug(name), connection=connection, source="CI Helsinki",
            segments=("VIP customers",), mapping=(Attribute(field="email", column="mail"),),
        ),
    )  # fmt: skip


def add_shop(workspace: Workspace) -> None:
    """One connection and one source."""
    connection = Connection(name="Acme Store", id="acme", api_key="environment")
    store.add_connection(workspace.config_path, connection)
    workspace.state.save_brand("acme", Brand(id="5f1", name="Acme Oy", currency="EUR"))
    source = Source(name="CI Helsinki", id="ci", path="/srv/profiles/helsinki-*.csv", key="id")
    store.add_source(workspace.config_path, source)


def busy_workspace(folder: Path) -> Workspace:
    """Eighteen exports in all states."""
    shutil.copytree(_busy_folder().name, folder, dirs_exist_ok=True)
    return workspace_in(folder)


@cache
def _busy_folder() -> TemporaryDirectory[str]:
    """Filled once in each process."""
    folder = TemporaryDirectory()
    with workspace_in(Path(folder.name)) as workspace:
        _fill(workspace)
    return folder


def _fill(workspace: Workspace) -> None:
    add_shop(workspace)
    refused = RunError("key_refused", "Omnisend refused the key.", "Give the connection a new one.")
    runs = [
        running("VIP customers"),
        running("Newsletter FI", total=92_000, read=92_000, accepted=9_900, duplicates=0,
                rejected=0, seconds_left=477.0, to_send=92_000, sent=12_000, confirmed=9_900,
                tags_owed=92_000, tagged=8_750),
        running("Nordic B2B", stage="reading", total=30_000, read=13_900, accepted=13_800,
                duplicates=0, rejected=0, seconds_left=12.0, reading_done_at=None,
                connection="Acme B2B", budget_used=41, tags_owed=13_900, tagged=12_500),
        running("Birthday club", waiting_for="budget", accepted=1_200, duplicates=0, rejected=0,
                tagged=750, started_at=AT - 174.1),
        running("Win back 90 days", status="paused", accepted=15_600, rejected=12),
        ended("Churn risk", 0, 1, status="failed", total=2_000, error=refused),
        running("Store visitors", accepted=21_500, updated_at=AT - 43_000, rejected=0),
        ended("Recently bought", 18_204, 8.3, status="finished_with_rejects", accepted=18_173,
              rejected=31),
        ended("Loyalty gold", 2_310, 8.4),
        ended("Cart reminder SE", 7_912, 8.4),
        ended("Loyalty silver", 11_870, 8.4),
        ended("Spring campaign", 3_100, 48, status="cancelled", rejected=2, accepted=3_098),
        ended("Outlet Tampere", 930, 90),
        ended("Wholesale", 412, 2_000),
    ]  # fmt: skip
    for run in runs:
        add_export(workspace, run.export)
        workspace.state.save_snapshot(run)
    for hours, rejected in ((8, 0), (32, 3), (56, 0)):
        workspace.state.save_snapshot(
            ended("VIP customers", 40_960 - int(hours), hours, rejected=rejected,
                  accepted=40_960 - int(hours) - rejected,
                  status="finished_with_rejects" if rejected else "finished")
        )  # fmt: skip
    for name in ("Abandoned carts", "Newsletter SE"):
        add_export(workspace, name)
    add_export(workspace, "Test segment", connection="")
    add_problems(workspace, "run-VIP customers")


def add_problems(workspace: Workspace, run_id: str) -> None:
    """Four rejects and a few lines of log."""
    workspace.state.add_problems(
        run_id,
        "reject",
        [
            Problem(key="CID-00417", field="email", reason="invalid_email",
                    detail="two_at_signs", email_masked="m***@example.com"),
            Problem(key="CID-02210", field="email", reason="missing_email",
                    detail="column_empty"),
            Problem(key="CID-07731", field="email", reason="missing_email",
                    detail="column_empty"),
            Problem(key="CID-09120", field="", reason="refused_by_omnisend",
                    detail="phone belongs to another", email_masked="k***@example.com"),
        ],
    )  # fmt: skip
    lines: tuple[tuple[str, dict[str, str | int]], ...] = (
        ("run_started", {}),
        ("source_counted", {"total": 41_200}),
        ("reading_done", {"read": 41_200}),
        ("rate_limited", {"seconds": 12}),
    )
    for second, (code, parameters) in enumerate(lines):
        workspace.state.add_log(
            run_id, LogLine(at=AT - 174 + second, code=code, parameters=parameters)
        )
