"""The run's object of cli.md: what commands print and hooks are handed."""

from datetime import UTC, datetime
from typing import Any

from omnisend_tui.history import seconds_of
from omnisend_tui.progress import Snapshot

Document = dict[str, Any]


def utc(seconds: float | None) -> str | None:
    """Seconds since the epoch as ISO 8601 in UTC, ``2026-11-25T08:00:00Z``; None stays None."""
    if not seconds:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def run_document(snapshot: Snapshot, now: float) -> Document:
    """A run's object; ``seconds`` are as ``seconds_of``, of a run that goes on those so far."""
    error = snapshot.error
    return {
        "export": snapshot.export,
        "run_id": snapshot.run_id,
        "status": snapshot.status,
        "read": snapshot.read,
        "created": snapshot.created,
        "updated": snapshot.updated,
        "accepted": snapshot.accepted,
        "unchanged": snapshot.unchanged,
        "duplicates": snapshot.duplicates,
        "rejected": snapshot.rejected,
        "leavers": snapshot.leavers,
        "batches": snapshot.batches,
        "requests": snapshot.requests,
        "retries": snapshot.retries,
        "started_at": utc(snapshot.started_at),
        "finished_at": utc(snapshot.finished_at),
        "seconds": round(seconds_of(snapshot, now), 3) if snapshot.started_at else 0.0,
        "warnings": snapshot.warnings,
        "error": error and {"code": error.code, "message": error.message, "hint": error.hint},
    }
