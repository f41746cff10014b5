"""``omnisend-tui rejects``: what a run didn't export, and why."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Literal

import click

from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.output import message, print_json, print_table
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.rejects import csv_written, problem_cells, reveal, unrevealed, write_csv
from omnisend_tui.sentences import forgotten_sentence, problem_sentence, reason_label
from omnisend_tui.workspace import Workspace


@click.command(help=_("Show what a run of an export didn't send, and why."))
@click.argument("export")
@click.option("--run", "run_id", default="", metavar="ID", help=_("The run (default: the last)."))
@click.option("--warnings", is_flag=True, help=_("Show values that were left out instead."))
@click.option(
    "--csv", "csv_path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help=_("Write them to a CSV file, readable by you alone."),
)  # fmt: skip
@click.option(
    "--reveal", "revealing", is_flag=True,
    help=_("Read the plain addresses from the source again."),
)  # fmt: skip
@json_option
def rejects(
    export: str, run_id: str, warnings: bool, csv_path: Path | None, revealing: bool, as_json: bool
) -> None:
    kind: Literal["reject", "warning"] = "warning" if warnings else "reject"
    with opened() as workspace:
        chosen = workspace.export(export)
        run = _run(workspace, chosen.id, run_id)
        problems = [] if run is None else workspace.state.problems(run.run_id, kind)
        counts = {} if run is None else workspace.state.problem_counts(run.run_id, kind)
        addresses: list[str | None] | None = [] if revealing else None
        forgotten = 0
        if run is not None:
            forgotten = workspace.state.forgotten_problems(run.run_id, kind)
            if revealing:
                addresses = reveal(workspace, chosen, run, problems, Event())
    if forgotten:
        message(forgotten_sentence(forgotten))
    if addresses is not None and (hidden := unrevealed(problems, addresses)):
        message(hidden)
    if csv_path is not None:
        replaced = csv_path.is_file()
        write_csv(csv_path, problems, addresses)
        message(csv_written(len(problems), csv_path, replaced=replaced))
    if as_json:
        documents = [problem_cells(problem) for problem in problems]
        for document, address in zip(documents, addresses or (), strict=False):
            document["email"] = address
        print_json(documents)
    elif csv_path is None:
        if problems or counts:
            _print(problems, addresses, counts)
        else:
            message(_nothing(run, warnings=warnings))


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


def _nothing(run: Snapshot | None, *, warnings: bool) -> str:
    if run is None:
        return _("This export hasn't run yet.")
    if warnings:
        return _("This run left no values out.")
    return _("This run rejected nobody.")


def _print(
    problems: Sequence[Problem],
    addresses: Sequence[str | None] | None,
    counts: dict[str, int],
) -> None:
    """The counts by reason first: a table may have thousands of rows."""
    for reason, count in counts.items():
        message(f"{number(count)}  {reason_label(reason)}")
    if not problems:
        return
    print_table(
        [_("Key"), _("E-mail"), _("Field"), _("Reason"), _("What happened")],
        [
            [
                each.key,
                address or each.email_masked or "–",
                each.field or "–",
                each.reason,
                problem_sentence(each),
            ]
            for each, address in zip(problems, addresses or [None] * len(problems), strict=True)
        ],
        whole=(4,),
    )
