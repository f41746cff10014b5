"""``omnisend-tui source``: where profiles come from."""

import os
from secrets import token_hex

import click

from omnisend_tui import saved
from omnisend_tui.cli.options import json_option, pairs
from omnisend_tui.cli.output import fit, message, print_json, print_table
from omnisend_tui.cli.records import source_document
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import SourceError, UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import ProfileSource, Selection

_NAME = 60  # cells of a segment's name


@click.group(help=_("Set up where profiles come from."))
def source() -> None:
    pass


@source.group(help=_("Add a source."))
def add() -> None:
    pass


@add.command("files", help=_("Add files: CSV, TSV, NDJSON or Parquet, a path or a glob."))
@click.option("--name", required=True, help=_("A unique name, up to 100 characters."))
@click.option("--path", required=True, metavar="PATH_OR_GLOB")
@click.option(
    "--segments-column", default="", metavar="COLUMN",
    help=_("The column that names each profile's segments."),
)  # fmt: skip
@click.option(
    "--segment", "conditions", multiple=True, metavar="NAME=SQL_CONDITION",
    help=_("A segment by a condition; repeatable."),
)  # fmt: skip
@click.option("--key", default="", metavar="COLUMN", help=_("The column that names a profile."))
@json_option
def add_files(
    name: str,
    path: str,
    segments_column: str,
    conditions: tuple[str, ...],
    key: str,
    as_json: bool,
) -> None:
    segments = _segments(conditions)
    with opened() as workspace:
        wanted = Source(
            name=name.strip(),
            id=token_hex(8),
            # A run may start in another folder.
            path=os.path.abspath(os.path.expanduser(path)) if path.strip() else "",
            segments_column=segments_column,
            segments=segments,
            key=key,
        )
        saved.check_source(workspace, wanted)
        columns = [column.name for column in open_source(wanted, workspace.temp_dir).columns()]
        for option, column in (("--segments-column", segments_column), ("--key", key)):
            _check_column(option, column, columns)
        saved.add_source(workspace, wanted)
    if as_json:
        print_json(source_document(wanted))
    else:
        message(
            ngettext(
                "Source '{name}' is saved: {columns} column.",
                "Source '{name}' is saved: {columns} columns.",
                len(columns),
            ).format(name=wanted.name, columns=number(len(columns)))
        )


@source.command("list", help=_("List the sources."))
@json_option
def list_sources(as_json: bool) -> None:
    with opened() as workspace:
        sources = list(workspace.config.sources.values())
    if as_json:
        print_json([source_document(each) for each in sources])
    elif not sources:
        message(_("No sources yet: omnisend-tui source add files --name NAME makes one."))
    else:
        print_table(
            [_("Name"), _("Type"), _("Path"), _("Key")],
            [[each.name, each.type, each.path, each.key or "–"] for each in sources],
        )


@source.command("fields", help=_("List a source's columns and the fields they seem to fit."))
@click.argument("name")
@json_option
def fields(name: str, as_json: bool) -> None:
    with opened() as workspace:
        columns = open_source(workspace.source(name), workspace.temp_dir).columns()
    proposals = {proposal.column: proposal for proposal in suggest(columns)}
    documents = [
        {
            "name": column.name,
            "field": proposals[column.name].field if column.name in proposals else None,
            "confidence": proposals[column.name].confidence if column.name in proposals else None,
        }
        for column in columns
    ]
    if as_json:
        print_json(documents)
        return
    print_table(
        [_("Column"), _("Fits"), _("How sure")],
        [[str(each["name"]), each["field"] or "–", each["confidence"] or ""] for each in documents],
    )


@source.command("segments", help=_("List a source's segments and how many profiles each has."))
@click.argument("name")
@json_option
def segments(name: str, as_json: bool) -> None:
    with opened() as workspace:
        opened_source = open_source(workspace.source(name), workspace.temp_dir)
        counted = [
            (
                segment.name,
                _count(opened_source, segment.name)
                if segment.profiles is None
                else segment.profiles,
            )
            for segment in opened_source.segments()
        ]
    if as_json:
        print_json([{"name": segment, "profiles": profiles} for segment, profiles in counted])
        return
    print_table(
        [_("Segment"), _("Profiles")],
        [
            [fit(segment, _NAME), "–" if profiles is None else number(profiles)]
            for segment, profiles in counted
        ],
    )


def _segments(conditions: tuple[str, ...]) -> dict[str, str]:
    segments: dict[str, str] = {}
    for name, condition in pairs(conditions, "--segment"):
        if name == ALL_PROFILES or name in segments or not condition.strip():
            raise UsageError(
                "bad_segment",
                _("The segment '{name}' is named twice, or has no condition.").format(name=name),
                _("'All profiles' is the segment that every source has."),
            )
        segments[name] = condition.strip()
    return segments


def _check_column(option: str, column: str, columns: list[str]) -> None:
    if column and column not in columns:
        raise UsageError(
            "column_missing",
            _("{option}: the source has no column '{column}'.").format(
                option=option, column=column
            ),
            _("Its columns are: {columns}.").format(columns=", ".join(columns)),
        )


def _count(opened_source: ProfileSource, segment: str) -> int | None:
    """None, and a message, where the condition of one segment can't be evaluated."""
    try:
        return opened_source.count(Selection((segment,)))
    except SourceError as error:
        message(f"{segment}: {error.message}")
        return None
