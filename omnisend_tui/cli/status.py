"""``omnisend-tui status`` and ``runs``: what runs, and what ran."""

import contextlib
import sys
import time
from datetime import UTC, datetime

import click

from omnisend_tui.cli.drawing import (
    LINE_SECONDS,
    REDRAW_SECONDS,
    can_redraw,
    drawing_on,
    nothing_runs,
)
from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import message, print_json, print_table
from omnisend_tui.cli.signals import signals_as_interrupt
from omnisend_tui.cli.words import doing, status_word
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import Connection, Export
from omnisend_tui.documents import Document, run_document, utc
from omnisend_tui.engine.interrupted import seen
from omnisend_tui.errors import ConfigError, StateError
from omnisend_tui.formats import duration, moment, number, percent
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.budget import budget_limit, open_budget
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import waits_for
from omnisend_tui.workspace import Workspace

_LOOK_SECONDS = 1.0  # between two looks whose documents are printed


@click.command(help=_("Show what runs, and the last run of each export."))
@click.option("--watch", is_flag=True, help=_("Go on showing what runs, until Ctrl+C."))
@json_option
def status(watch: bool, as_json: bool) -> None:
    with opened(reading=True) as workspace:
        if not watch:
            _tell(workspace, as_json)
            return
        with signals_as_interrupt():
            _print_changes(workspace) if as_json else _draw(workspace)


def _tell(workspace: Workspace, as_json: bool) -> None:
    if as_json:
        print_json(_status_document(workspace))
        return
    now = time.time()
    exports = list(workspace.config.exports.values())
    latest = _latest(workspace, now)
    if not exports:
        message(_("No exports yet: omnisend-tui export add --name NAME makes one."))
    else:
        print_table(
            [
                _("Export"), _("State"), _("Progress"), _("A minute"), _("Left"), _("Rejects"),
                _("Last run"),
            ],
            [_export_row(export, latest.get(export.id), now) for export in exports],
        )  # fmt: skip
    for name, brand in _brands(workspace):
        click.echo(
            _("{brand}: {used} of {limit} requests in the last 60 seconds").format(
                brand=_brand_name(name, brand["brand"]),
                used=number(brand["requests_last_60s"]),
                limit=number(brand["limit"]),
            )
        )


def _draw(workspace: Workspace) -> None:
    """Draws what runs until it is interrupted; what ends meanwhile is told once."""
    drawing = drawing_on(sys.stdout, redrawn=can_redraw(sys.stdout), watching=True)
    over: set[str] | None = None
    try:
        while True:
            latest = _latest(workspace, time.time()).values()
            ended = {run.run_id for run in latest if run.ended}
            if over is None:
                over = ended
                if len(ended) == len(latest) and not can_redraw(sys.stdout):
                    message(nothing_runs())
            shown = [run for run in latest if run.run_id not in over or not run.ended]
            drawing.draw(sorted(shown, key=lambda run: (run.started_at, run.run_id)))
            over = ended
            time.sleep(REDRAW_SECONDS)
    finally:
        drawing.clear()


def _print_changes(workspace: Workspace) -> None:
    """Prints the status again whenever it has changed, and every ten seconds."""
    told: Document | None = None
    at = 0.0
    while True:
        with contextlib.suppress(ConfigError):  # it is just being written; the earlier one holds
            workspace.refresh_config()
        document, now = _status_document(workspace), time.monotonic()
        if document != told or now - at >= LINE_SECONDS:
            print_json(document)
            told, at = document, now
        time.sleep(_LOOK_SECONDS)


@click.command(help=_("Show the history of runs, newest first."))
@click.argument("export", required=False)
@json_option
def runs(export: str | None, as_json: bool) -> None:
    now = time.time()
    with opened(reading=True) as workspace:
        export_id = None if export is None else workspace.export(export).id
        documents = [
            run_document(_seen(workspace, snapshot, now), now)
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
        whole=(6,),
    )


def _latest(workspace: Workspace, now: float) -> dict[str, Snapshot]:
    """Export id -> its newest run as it stands."""
    runs = workspace.state.latest_runs()
    return {export_id: _seen(workspace, run, now) for export_id, run in runs.items()}


def _seen(workspace: Workspace, run: Snapshot, now: float) -> Snapshot:
    return seen(workspace.state, workspace.lock_path(run.export_id), run, now)


def _status_document(workspace: Workspace) -> Document:
    now = time.time()
    latest = _latest(workspace, now)
    exports = workspace.config.exports.values()
    return {
        "exports": [_export_document(each, latest.get(each.id), now) for each in exports],
        "brands": [brand for _name, brand in _brands(workspace)],
    }


def _export_document(export: Export, run: Snapshot | None, now: float) -> Document:
    """The state of an export as of cli.md; without a run ``status`` is null and counts are 0.

    ``waiting_for`` is as ``Snapshot`` has it, null where nothing holds it up.
    """
    live = run is not None and not run.ended
    return {
        "export": export.name,
        "status": run.status if run else None,
        "stage": run.stage if run and live else None,
        "waiting_for": (waits_for(run) or None) if run else None,
        "done": run.closed if run else 0,
        "total": run.total if run else None,
        "rate_per_minute": run.rate_per_minute if run and live else 0,
        "seconds_left": run.time_left if run else None,
        "rejected": run.rejected if run else 0,
        "last_run": run_document(run, now) if run else None,
    }


def _export_row(export: Export, run: Snapshot | None, now: float) -> list[str]:
    if run is None:
        return [export.name, status_word(""), "–", "–", "–", "–", "–"]
    done = f"{number(run.closed)}/{'?' if run.total is None else number(run.total)}"
    return [
        export.name,
        doing(run),
        f"{done} {percent(run.closed, run.total, ended=run.ended_well)}".strip(),
        "–" if run.ended else number(run.rate_per_minute),
        duration(run.time_left),
        number(run.rejected),
        _moment(utc(run.started_at), now),
    ]


def _moment(utc: str | None, now: float) -> str:
    if utc is None:
        return "–"
    return moment(datetime.fromisoformat(utc), datetime.fromtimestamp(now, UTC).astimezone())


def _brand_name(connection: str, brand: str) -> str:
    """As the app calls it, by the connection, with the brand's own name where that is another."""
    return connection if connection == brand else f"{connection} ({brand})"


def _brands(workspace: Workspace) -> list[tuple[str, Document]]:
    """Each brand once, with the name of the first connection that leads to it."""
    brands: dict[tuple[str, str], tuple[str, Document]] = {}
    for connection in workspace.config.connections.values():
        brand = workspace.state.brand(connection.id)
        if brand is None:
            continue
        limit = budget_limit(connection.requests_per_minute, connection.budget_share)
        brands.setdefault(
            (connection.base_url, brand.id),
            (
                connection.name,
                {
                    "brand": brand.name or brand.id,
                    "requests_last_60s": _requests(workspace, connection, brand.id),
                    "limit": limit,
                },
            ),
        )
    return list(brands.values())


def _requests(workspace: Workspace, connection: Connection, brand_id: str) -> int:
    try:
        with open_budget(workspace.budget_path, connection, brand_id) as budget:
            return budget.used()
    except StateError:
        return 0
