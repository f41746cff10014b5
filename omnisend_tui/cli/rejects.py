"""``omnisend-tui rejects``: what a run didn't export, and why."""

import csv
import os
from pathlib import Path
from typing import Any, Literal

import click

from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import message, print_json, print_table
from omnisend_tui.cli.records import problem_document
from omnisend_tui.cli.reveal import reveal_addresses
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import reason_label
from omnisend_tui.workspace import Workspace

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@click.command(help=_("Show what a run of an export didn't send, and why."))
@click.argument("export")
@click.option("--run", "run_id", default="", metavar="ID", help=_("The run (default: the last)."))
@click.option("--warnings", is_flag=True, help=_("Show values that were left out instead."))
@click.option(
    "--csv", "csv_path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help=_("Write them to a CSV file, readable by you alone."),
)  # fmt: skip
@click.option("--reveal", is_flag=True, help=_("Read the plain addresses from the source again."))
@json_option
def rejects(
    export: str, run_id: str, warnings: bool, csv_path: Path | None, reveal: bool, as_json: bool
) -> None:
    kind: Literal["reject", "warning"] = "warning" if warnings else "reject"
    with opened() as workspace:
        chosen = workspace.export(export)
        run = _run(workspace, chosen.id, run_id)
        problems = [] if run is None else workspace.state.problems(run.run_id, kind)
        counts = {} if run is None else workspace.state.problem_counts(run.run_id, kind)
        documents = [problem_document(problem) for problem in problems]
        if reveal and problems:
            addresses = reveal_addresses(workspace, chosen, problems)
            for document, address in zip(documents, addresses, strict=True):
                document["email"] = address
    if csv_path is not None:
        write_csv(csv_path, documents, reveal)
        message(_("{count} rows are in {path}.").format(
            count=number(len(documents)), path=csv_path))  # fmt: skip
    if as_json:
        print_json(documents)
    elif csv_path is None:
        _print(documents, counts, run, reveal)


def write_csv(path: Path, documents: list[dict[str, Any]], revealed: bool) -> None:
    """Writes problems with mode 0600; a cell that a spreadsheet would calculate gets a ``'``."""
    headers = ["key", "email_masked", *(["email"] if revealed else []), "field", "reason"]
    headers.append("message")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            # An existing file keeps its mode when it is opened.
            os.chmod(path, 0o600)
            writer = csv.writer(file)
            writer.writerow(headers)
            writer.writerows(
                [_harmless(document.get(header) or "") for header in headers]
                for document in documents
            )
    except OSError as error:
        raise AppError(
            "csv_not_written",
            _("The file {path} can't be written: {reason}.").format(
                path=path, reason=error.strerror or _("unknown")
            ),
            _("Name a file in a folder that you may write to, with space left."),
        ) from error


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell


def _run(workspace: Workspace, export_id: str, run_id: str) -> Snapshot | None:
    if not run_id:
        return next(iter(workspace.state.runs(export_id, limit=1)), None)
    run = workspace.state.run(run_id)
    if run is None or run.export_id != export_id:
        raise UsageError(
            "unknown_run",
            _("This export has no run '{run}'.").format(run=run_id),
            _("omnisend-tui runs EXPORT lists them."),
        )
    return run


def _print(
    documents: list[dict[str, Any]], counts: dict[str, int], run: Snapshot | None, revealed: bool
) -> None:
    if run is None:
        message(_("This export hasn't run yet."))
        return
    if not documents:
        message(_("Nothing: every profile of this run went through."))
        return
    for reason, count in counts.items():
        message(f"{number(count)}  {reason_label(reason)}")
    print_table(
        [_("Key"), _("E-mail"), _("Field"), _("Reason"), _("What happened")],
        [
            [
                each["key"],
                (each.get("email") if revealed else None) or each["email_masked"] or "–",
                each["field"] or "–",
                each["reason"],
                each["message"],
            ]
            for each in documents
        ],
    )
