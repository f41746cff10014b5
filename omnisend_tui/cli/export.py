"""``omnisend-tui export``: the saved jobs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from omnisend_tui import forms, saved
from omnisend_tui.cli.export_options import export_options
from omnisend_tui.cli.exporting import Wishes, changed_export, new_export
from omnisend_tui.cli.options import field_option, json_option, nothing_given
from omnisend_tui.cli.output import message, print_facts, print_json, print_table
from omnisend_tui.cli.records import export_document
from omnisend_tui.cli.scheduling import schedule_facts, schedule_text, tell_schedule
from omnisend_tui.cli.words import command
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.checks import tag_doubt
from omnisend_tui.config.models import Export
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import FIELDS
from omnisend_tui.mapping.refusals import refusal_warning
from omnisend_tui.saved import add_export
from omnisend_tui.troubles import export_troubles, source_troubles


@click.group(help=_("Set up exports."))
def export() -> None:
    pass


@export.command("add", help=_("Save an export. This doesn't run it."))
@field_option(forms.NAME, required=True)
@export_options(Export())
@json_option
def add(as_json: bool, schedule: str, **given: Any) -> None:
    timed = schedule_text(schedule)
    with opened() as workspace:
        wanted = add_export(workspace, new_export(workspace, Wishes(schedule=timed, **given)))
    _doubt_tags(wanted)
    _tell_status(wanted)
    tell_schedule(wanted, workspace.named)
    if as_json:
        print_json(export_document(wanted, tuple(FIELDS)))
        return
    if wanted.send_welcome:
        message(_("Every new contact of this export may get welcome messages from Omnisend."))
    message(_("Export '{name}' is saved. It hasn't run yet.").format(name=wanted.name))
    again = command("run", name=wanted.name, workspace=workspace.named)
    message(_("Run it with: {command}").format(command=again))


@export.command(
    "edit",
    help=_(
        "Change an export; what isn't given stays as it is. Segments and tags that are given take"
        " the place of the earlier ones, and an empty text takes a value away; `detach` does that"
        " with the connection."
    ),
    short_help=_("Change an export; what isn't given stays as it is."),
)
@click.argument("edited", metavar="NAME")
@field_option(forms.NAME)
@export_options(None)
@click.option(
    "--unmap", "unmaps", multiple=True, metavar="FIELD",
    help=_("Send this field no longer; repeatable."),
)  # fmt: skip
@json_option
def edit(edited: str, as_json: bool, schedule: str | None, **given: Any) -> None:
    timed = None if schedule is None else schedule_text(schedule)
    wishes = Wishes(schedule=timed, **given)
    if wishes == Wishes():
        raise nothing_given()
    if wishes.connection == "":
        raise UsageError(
            "bad_value",
            _("An empty --connection doesn't take the connection away."),
            _("`omnisend-tui export detach` does."),
        )
    with opened() as workspace:
        before = workspace.export(edited)
        after = saved.edit_export(workspace, before, changed_export(workspace, before, wishes))
        goes_on = saved.running_export(workspace, after) is not None
    if (after.tags, after.segment_tag, after.segments) != (
        before.tags, before.segment_tag, before.segments,
    ):  # fmt: skip
        _doubt_tags(after)
    if _subscribed(after) != _subscribed(before):
        _tell_status(after)
    if after.schedule != before.schedule:
        tell_schedule(after, workspace.named)
    if goes_on:
        message(_("Its run goes on as it began; the next one takes the changes."))
    _print_saved(after, as_json)


@export.command("duplicate", help=_("Save a copy under another name. This doesn't run it."))
@click.argument("name")
@click.argument("new")
@json_option
def duplicate(name: str, new: str, as_json: bool) -> None:
    with opened() as workspace:
        before = workspace.export(name)
        copy = saved.duplicate_export(workspace, before, new.strip())
    if before.schedule:
        message(_("The copy has no schedule yet."))
    _tell_status(copy)
    _print_saved(copy, as_json)


@export.command("detach", help=_("Take the connection from an export: it stays and doesn't run."))
@click.argument("name")
@json_option
def detach(name: str, as_json: bool) -> None:
    with opened() as workspace:
        before = workspace.export(name)
        after = saved.detach_export(workspace, before)
        goes_on = saved.running_export(workspace, after) is not None
    if goes_on:
        message(_("Its run goes on to its end: `omnisend-tui cancel` stops it."))
    if as_json:
        print_json(export_document(after, tuple(FIELDS)))
        return
    message(_("Export '{name}' is detached: it stays, and doesn't run.").format(name=after.name))
    message(_("`omnisend-tui export edit --connection` gives it a connection again."))


@export.command("remove", help=_("Remove an export; tags that it gave stay in Omnisend."))
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    with opened() as workspace:
        gone = workspace.export(name)
        runs = saved.running_export(workspace, gone) is not None
        if runs:
            message(_("Its run is cancelled; what is in flight is confirmed first."))
        saved.remove_export(workspace, gone)
    if as_json:
        print_json({"name": gone.name, "id": gone.id, "cancelled_run": runs})
        return
    message(_("Export '{name}' is removed.").format(name=gone.name))
    message(_("The tags that it gave stay in Omnisend, and the history of its runs here."))


@export.command("list", help=_("List the exports."))
@json_option
def list_exports(as_json: bool) -> None:
    with opened() as workspace:
        exports = list(workspace.config.exports.values())
    if as_json:
        print_json([export_document(each, tuple(FIELDS)) for each in exports])
    elif not exports:
        message(_("No exports yet: omnisend-tui export add --name NAME makes one."))
    else:
        print_table(
            [_("Name"), _("Connection"), _("Source"), _("Segments")],
            [
                [each.name, each.connection or "–", each.source, ", ".join(each.segments)]
                for each in exports
            ],
        )


@export.command("show", help=_("Show an export and its data matching."))
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    with opened() as workspace:
        shown = workspace.export(name)
        document = export_document(shown, tuple(FIELDS))
        if as_json:
            print_json(document)
            return
        source = workspace.config.sources.get(shown.source)
        labels = workspace.labels(source) if source is not None else {}
        wrong = export_troubles(workspace, shown) + source_troubles(workspace, shown)
    told = [
        fact
        for each in wrong
        for fact in ((_("Can't run") if each.hinders else _("Empty"), each.sentence),
                     ("", each.hint))
    ]  # fmt: skip
    print_facts(
        [
            (_("Name"), shown.name),
            (_("Connection"), shown.connection or _("none: it doesn't run")),
            (_("Source"), shown.source),
            (_("Segments"), _called(shown.segments, labels)),
            (_("Not those in"), _called(shown.except_segments, labels) or "–"),
            (_("Country"), shown.country or "–"),
            (_("Dates"), shown.date_format or "–"),
            (_("Tags"), ", ".join(shown.tags) or "–"),
            (_("Segment tag"), shown.segment_tag or "–"),
            (_("Most leavers"), f"{shown.max_leavers} %"),
            (_("Leavers always"), number(shown.max_leavers_people)),
            (_("E-mail status"), shown.email_status or _("none is sent")),
            (_("Consent column"), shown.consent_column or "–"),
            (_("Consent source"), shown.consent_source or "–"),
            (_("Welcome messages"), _("on") if shown.send_welcome else _("off")),
            (_("Most profiles"), number(shown.max_profiles)),
            (_("Most rejects"), f"{shown.max_rejects} %"),
            *schedule_facts(shown, datetime.now(UTC), source),
            *told,
        ]
    )
    click.echo()
    print_table(
        [_("Field"), _("Column"), _("Value"), _("If empty"), _("How sure")],
        [
            [
                each["field"],
                each["column"] or "–",
                each["value"] or "–",
                each["default"] or "–",
                each["confidence"],
            ]
            for each in document["mapping"]
        ],
    )


def _called(names: Sequence[str], labels: Mapping[str, str]) -> str:
    """Segments as people call them, each with the name that commands take."""
    return ", ".join(f"{labels[name]} ({name})" if name in labels else name for name in names)


def _print_saved(export: Export, as_json: bool) -> None:
    if as_json:
        print_json(export_document(export, tuple(FIELDS)))
    else:
        message(_("Export '{name}' is saved. Nothing was sent.").format(name=export.name))


def _subscribed(export: Export) -> tuple[object, ...]:
    """What decides whom an export subscribes, and where."""
    return (
        export.email_status, export.consent_column, export.consent_source, export.connection,
        export.source, export.segments, export.except_segments,
    )  # fmt: skip


def _tell_status(export: Export) -> None:
    if export.email_status:
        message(
            _(
                "Whoever agreed by the column '{column}' is subscribed in Omnisend, once; "
                "who is unsubscribed there stays unsubscribed."
            ).format(column=export.consent_column)
        )
        if warning := refusal_warning(export.consent_column):
            message(warning)


def _doubt_tags(export: Export) -> None:
    """Says of each tag on stderr where Omnisend may refuse it."""
    from omnisend_tui.engine.compare import segment_tag  # slow to import, and used here alone

    given = [*export.tags, *(segment_tag(export, segment) for segment in export.segments)]
    for doubt in dict.fromkeys(tag_doubt(tag) for tag in given if tag):
        if doubt:
            message(doubt)
