"""``omnisend-tui source``: where profiles come from."""

import dataclasses
import os
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

import click
from msgspec.structs import replace

from omnisend_tui import forms, saved
from omnisend_tui.cli.options import field_option, json_option, nothing_given, pairs
from omnisend_tui.cli.output import message, print_json, print_table
from omnisend_tui.cli.records import source_document
from omnisend_tui.cli.source_options import dataverse_options, files_options, of_type
from omnisend_tui.cli.source_tables import print_columns, print_segments
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import SourceError, UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.sources.base import ProfileSource, Selection
from omnisend_tui.sources.columns import some_names
from omnisend_tui.troubles import source_troubles
from omnisend_tui.workspace import Workspace


@click.group(help=_("Set up where profiles come from."))
def source() -> None:
    pass


@source.group(help=_("Add a source."))
def add() -> None:
    pass


@add.command("files", help=_("Add files: CSV, TSV, NDJSON or Parquet, a path or a glob."))
@field_option(forms.NAME, required=True)
@files_options(True)
@json_option
def add_files(conditions: tuple[str, ...], as_json: bool, **given: str | None) -> None:
    wanted = Source(id=token_hex(8), segments=_segments(conditions), **_tidy(given))
    with opened() as workspace:
        columns = _checked_columns(workspace, wanted, ("segments_column", "key"))
        _try_conditions(workspace, wanted, wanted.segments)
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


@add.command("dataverse", help=_("Add a Customer Insights environment."))
@field_option(forms.NAME, required=True)
@dataverse_options(True)
@json_option
def add_dataverse(client_secret_stdin: bool, as_json: bool, **given: str | None) -> None:
    from omnisend_tui.cli import dataverse_source

    with opened() as workspace:
        wanted = dataverse_source.add(workspace, dataverse_source.tidy(given), client_secret_stdin)
        if as_json:
            print_json(source_document(wanted))
        else:
            message(_("Source '{name}' is saved.").format(name=wanted.name))
        if wanted.sign_in == "person":
            dataverse_source.tell_next(workspace, wanted)


@source.command("sign-in", help=_("Sign in to a Customer Insights source by a device code."))
@click.argument("name")
@json_option
def sign_in(name: str, as_json: bool) -> None:
    from omnisend_tui.cli import dataverse_source

    with opened() as workspace:
        signed = workspace.source(name)
        account = dataverse_source.sign_in_person(workspace, signed)
    if as_json:
        print_json({"name": signed.name, "id": signed.id, "account": account})
    else:
        message(
            _("'{name}' is read as {account} from now on.").format(
                name=signed.name, account=account
            )
        )


@source.command("edit", help=_("Change a source; what isn't given stays as it is."))
@click.argument("edited", metavar="NAME")
@field_option(forms.NAME)
@files_options(False)
@click.option(
    "--remove-segment", "removed", multiple=True, metavar="NAME",
    help=_("Take a segment by a condition out; repeatable."),
)  # fmt: skip
@dataverse_options(False)
@json_option
def edit(edited: str, as_json: bool, **options: Any) -> None:
    with opened() as workspace:
        before = workspace.source(edited)
        given = of_type(before, options)
        if not given:
            raise nothing_given()
        if before.type == "files":
            after = _edit_files(workspace, before, **given)
        else:
            from omnisend_tui.cli import dataverse_source

            from_stdin = given.pop("client_secret_stdin", False)
            changes = dataverse_source.tidy(given)
            after = dataverse_source.edit(workspace, before, changes, from_stdin)
        _tell_troubles(workspace, after)
    if as_json:
        print_json(source_document(after))
    else:
        message(_("Source '{name}' is saved.").format(name=after.name))


def _edit_files(
    workspace: Workspace,
    before: Source,
    conditions: tuple[str, ...] = (),
    removed: tuple[str, ...] = (),
    **given: str | None,
) -> Source:
    changes = _tidy(given)
    given_segments = _segments(conditions)
    kept = _without(before.segments, removed)
    after = replace(before, segments=kept | given_segments, **changes)
    # Another path must have the columns that the source stands on; a name needs no file.
    if "path" in changes:
        _checked_columns(workspace, after, ("segments_column", "key"))
    elif changes.keys() - {"name"}:
        _checked_columns(workspace, after, tuple(changes))
    _try_conditions(workspace, after, given_segments)
    return saved.edit_source(workspace, before, after)


@source.command("remove", help=_("Remove a source that no export uses; its files stay."))
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    with opened() as workspace:
        gone = workspace.source(name)
        saved.remove_source(workspace, gone)
    told = _("Source '{name}' is removed; its files stay.")
    if gone.type == "dataverse":
        told = _("Source '{name}' is removed, and its sign-in with it.")
    if as_json:
        print_json({"name": gone.name, "id": gone.id})
    else:
        message(told.format(name=gone.name))


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
            [_("Name"), _("Type"), _("Where"), _("Key")],
            [[each.name, each.type, each.place, each.key or "–"] for each in sources],
        )


@source.command("fields", help=_("List a source's columns and the fields they seem to fit."))
@click.argument("name")
@json_option
def fields(name: str, as_json: bool) -> None:
    with opened() as workspace:
        columns = workspace.open_source(workspace.source(name)).columns()
    print_columns(columns, as_json)


@source.command("segments", help=_("List a source's segments and how many profiles each has."))
@click.argument("name")
@json_option
def segments(name: str, as_json: bool) -> None:
    with opened() as workspace:
        shown = workspace.source(name)
        opened_source = workspace.open_source(shown)
        # What isn't known without requests stays open: the list is to be quick.
        found = [
            dataclasses.replace(each, profiles=_count(opened_source, each.name))
            if each.profiles is None and not shown.is_asked
            else each
            for each in opened_source.segments()
        ]
    print_segments(found, as_json, listed=shown.lists_segments)


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


def _without(segments: Mapping[str, str], removed: tuple[str, ...]) -> dict[str, str]:
    for name in removed:
        if name not in segments:
            raise UsageError(
                "bad_segment",
                _("The source has no segment '{name}' by a condition.").format(name=name),
            )
    return {name: condition for name, condition in segments.items() if name not in removed}


def _tidy(given: Mapping[str, str | None]) -> dict[str, Any]:
    """The options that were given, as a source has them."""
    values = {name: value for name, value in given.items() if value is not None}
    if "name" in values:
        values["name"] = values["name"].strip()
    if values.get("path", "").strip():
        # A run may start in another folder.
        values["path"] = os.path.abspath(os.path.expanduser(values["path"]))
    return values


def _checked_columns(workspace: Workspace, wanted: Source, fields: tuple[str, ...]) -> list[str]:
    """The columns of the source, which has those that ``fields`` name; else UsageError."""
    saved.check_source(workspace, wanted)
    columns = [column.name for column in workspace.open_source(wanted).columns()]
    for field in fields:
        column = getattr(wanted, field)
        if column and column not in columns:
            raise UsageError(
                "column_missing",
                _("{option}: the source has no column '{column}'.").format(
                    option=f"--{field.replace('_', '-')}", column=column
                ),
                _("It has: {names}.").format(names=some_names([column], columns)),
            )
    return columns


def _try_conditions(workspace: Workspace, wanted: Source, conditions: Mapping[str, str]) -> None:
    """Raises ``SourceError`` for the first of these segments whose condition can't be used."""
    for segment, condition in conditions.items():
        saved.try_condition(workspace, wanted, segment, condition)


def _tell_troubles(workspace: Workspace, after: Source) -> None:
    """Says what the source as it is now lacks for its exports, run they or not."""
    for export in saved.source_dependents(workspace, after):
        for trouble in source_troubles(workspace, export):
            message(f"{export.name}: {trouble.sentence}")


def _count(opened_source: ProfileSource, segment: str) -> int | None:
    """None, and a message, where the condition of one segment can't be evaluated."""
    try:
        return opened_source.count(Selection((segment,)))
    except SourceError as error:
        message(f"{segment}: {error.message}")
        return None
