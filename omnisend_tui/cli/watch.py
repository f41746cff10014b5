"""``omnisend-tui status`` and ``runs``: what runs, and what ran."""

import time
from datetime import UTC, datetime

import click

from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import message, print_json, print_table
from omnisend_tui.cli.records import Document, run_document
from omnisend_tui.cli.words import stage_word, status_word
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.engine.interrupted import settled
from omnisend_tui.errors import StateError
from omnisend_tui.formats import duration, moment, number, percent
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.budget import budget_limit, open_budget
from omnisend_tui.progress import Snapshot
from omnisend_tui.workspace import Workspace


@click.command(help=_("Show what runs, and the last run of each export."))
@json_option
def status(as_json: bool) -> None:
    now = time.time()
    with opened(reading=True) as workspace:
        latest = {
            export_id: _settled(workspace, run)
            for export_id, run in workspace.state.latest_runs().items()
        }
        exports = [
            _export_document(export, latest.get(export.id), now)
            for export in workspace.config.exports.values()
        ]
        brands = _brands(workspace)
    if as_json:
        print_json({"exports": exports, "brands": brands})
        return
    if not exports:
        message(_("No exports yet: omnisend-tui export add --name NAME makes one."))
    else:
        print_table(
            [_("Export"), _("State"), _("Progress"), _("Left"), _("Rejects"), _("Last run")],
            [_export_row(document, now) for document in exports],
        )
    for brand in brands:
        click.echo(
            _("{brand}: {used} of {limit} requests in the last 60 seconds").format(
                brand=brand["brand"],
                used=number(brand["requests_last_60s"]),
                limit=number(brand["limit"]),
            )
        )


@click.command(help=_("Show the history of runs, newest first."))
@click.argument("export", required=False)
@json_option
def runs(export: str | None, as_json: bool) -> None:
    now = time.time()
    with opened(reading=True) as workspace:
        export_id = None if export is None else workspace.export(export).id
        documents = [
            run_document(_settled(workspace, snapshot), now)
            for snapshot in workspace.state.runs(export_id, limit=100)
        ]
    if as_json:
        print_json(documents)
        return
    if not documents:
        message(_("Nothing has run yet."))
        return
    print_table(
        [_("Started"), _("Export"), _("State"), _("Read"), _("Rejects"), _("Time"), _("Run id")],
        [
            [
                _moment(run["started_at"], now),
                run["export"],
                status_word(run["status"]),
                number(run["read"]),
                number(run["rejected"]),
                duration(run["seconds"]),
                run["run_id"],
            ]
            for run in documents
        ],
    )


def _settled(workspace: Workspace, run: Snapshot) -> Snapshot:
    try:
        return settled(workspace.state, workspace.lock_path(run.export_id), run)
    except StateError:  # whether it lives can't be told; the run is shown as it was last seen
        return run


def _export_document(export: Export, run: Snapshot | None, now: float) -> Document:
    """The state of an export as of cli.md; without a run ``status`` is null and counts are 0."""
    live = run is not None and not run.ended
    return {
        "export": export.name,
        "status": run.status if run else None,
        "stage": run.stage if run and live else None,
        "done": run.closed if run else 0,
        "total": run.total if run else None,
        "rate_per_minute": run.rate_per_minute if run and live else 0,
        "seconds_left": run.seconds_left if run and live else None,
        "rejected": run.rejected if run else 0,
        "last_run": run_document(run, now) if run else None,
    }


def _export_row(document: Document, now: float) -> list[str]:
    if document["last_run"] is None:
        return [document["export"], status_word(""), "–", "–", "–", "–"]
    state = stage_word(document["stage"] or "") or status_word(document["status"])
    total = document["total"]
    done = f"{number(document['done'])}/{'?' if total is None else number(total)}"
    return [
        document["export"],
        status_word(document["status"]) if document["status"] != "running" else state,
        f"{done} {percent(document['done'], total)}".strip(),
        duration(document["seconds_left"]),
        number(document["rejected"]),
        _moment(document["last_run"]["started_at"], now),
    ]


def _moment(utc: str | None, now: float) -> str:
    if utc is None:
        return "–"
    return moment(datetime.fromisoformat(utc), datetime.fromtimestamp(now, UTC).astimezone())


def _brands(workspace: Workspace) -> list[Document]:
    """Each brand once, however many connections lead to it."""
    brands: dict[tuple[str, str], Document] = {}
    for connection in workspace.config.connections.values():
        brand = workspace.state.brand(connection.id)
        if brand is None:
            continue
        limit = budget_limit(connection.requests_per_minute, connection.budget_share)
        brands.setdefault(
            (connection.base_url, brand.id),
            {
                "brand": brand.name or brand.id,
                "requests_last_60s": _requests(workspace, connection, brand.id),
                "limit": limit,
            },
        )
    return list(brands.values())


def _requests(workspace: Workspace, connection: Connection, brand_id: str) -> int:
    try:
        with open_budget(workspace.budget_path, connection, brand_id) as budget:
            return budget.used()
    except StateError:
        return 0
