"""``omnisend-tui run``: runs exports now, side by side, and ends with their exit code."""

import click

from omnisend_tui.cli.options import json_option
from omnisend_tui.cli.running import Manner, run_exports
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.records import RunOptions
from omnisend_tui.workspace import Workspace


@click.command(help=_("Run exports now; several run side by side."))
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "all_exports", is_flag=True, help=_("Run every export."))
@click.option(
    "--dry-run",
    "dry",
    is_flag=True,
    help=_("Everything but sending: what a run would do and cost."),
)
@click.option("--full", is_flag=True, help=_("Send what is unchanged too."))
@click.option(
    "--limit", type=click.IntRange(1), metavar="N",
    help=_("A trial: the first N profiles for real, and nobody loses a tag."),
)  # fmt: skip
@click.option(
    "--only-rejects", is_flag=True,
    help=_("Only what earlier runs rejected, by the source's key; nobody loses a tag."),
)  # fmt: skip
@click.option("--resume", is_flag=True, help=_("Go on with an interrupted run."))
@click.option("--discard", is_flag=True, help=_("Give an interrupted run up; start a new one."))
@click.option("--allow-leavers", is_flag=True, help=_("Go on however many left their segment."))
@click.option("--allow-new", is_flag=True, help=_("Go on however many contacts are new."))
@click.option("--allow-rejects", is_flag=True, help=_("Go on however many rejects there are."))
@click.option("--no-progress", is_flag=True, help=_("Print no progress."))
@click.option("--plain", is_flag=True, help=_("Print progress as lines, without redrawing."))
@json_option
def run(
    names: tuple[str, ...],
    all_exports: bool,
    dry: bool,
    full: bool,
    limit: int | None,
    only_rejects: bool,
    resume: bool,
    discard: bool,
    allow_leavers: bool,
    allow_new: bool,
    allow_rejects: bool,
    no_progress: bool,
    plain: bool,
    as_json: bool,
) -> int:
    if bool(names) == all_exports:
        raise UsageError(
            "which_exports", _("Name the exports to run, or give --all, but not both.")
        )
    if resume and discard:
        raise UsageError("two_ways", _("Give either --resume or --discard, not both."))
    if dry and (resume or discard):
        raise UsageError("dry_run_alone", _("A dry run neither resumes a run nor gives one up."))
    manner = Manner(
        as_json=as_json,
        progress=not no_progress,
        plain=plain,
        dry=dry,
        options=RunOptions(
            full=full,
            limit=limit,
            only_rejects=only_rejects,
            resume=resume,
            discard=discard,
            allow_leavers=allow_leavers,
            allow_new=allow_new,
            allow_rejects=allow_rejects,
        ),
    )
    with opened() as workspace:
        if all_exports:
            names = tuple(
                export.name for export in workspace.config.exports.values() if export.connection
            )
            if not names:
                raise _nothing_to_run(workspace)
        return run_exports(workspace, tuple(dict.fromkeys(names)), manner)


def _nothing_to_run(workspace: Workspace) -> UsageError:
    if workspace.config.exports:
        return UsageError(
            "no_exports",
            _("No export has a connection, so none runs."),
            _("omnisend-tui export edit NAME --connection CONNECTION gives it one."),
        )
    return UsageError(
        "no_exports", _("There is no export to run."), _("omnisend-tui export add makes one.")
    )
