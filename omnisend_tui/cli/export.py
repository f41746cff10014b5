"""``omnisend-tui export``: the saved jobs."""

from typing import Any

import click

from omnisend_tui.cli.exporting import Wishes, new_export
from omnisend_tui.cli.options import json_option, not_built
from omnisend_tui.cli.output import message, print_facts, print_json, print_table
from omnisend_tui.cli.records import export_document
from omnisend_tui.cli.words import command
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.checks import tag_doubt
from omnisend_tui.config.models import Export
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import FIELDS
from omnisend_tui.saved import add_export


@click.group(help=_("Set up exports."))
def export() -> None:
    pass


@export.command("add", help=_("Save an export. This doesn't run it."))
@click.option("--name", required=True, help=_("A unique name, up to 100 characters."))
@click.option("--connection", required=True, metavar="NAME")
@click.option("--source", required=True, metavar="NAME")
@click.option(
    "--segment", "segments", multiple=True, required=True, metavar="NAME",
    help=_("Profiles in any of these segments; repeatable."),
)  # fmt: skip
@click.option(
    "--except-segment", "except_segments", multiple=True, metavar="NAME",
    help=_("But none of those in this segment; repeatable."),
)  # fmt: skip
@click.option(
    "--map", "maps", multiple=True, metavar="FIELD=COLUMN",
    help=_("Which column feeds which field of Omnisend; repeatable."),
)  # fmt: skip
@click.option("--auto-map", is_flag=True, help=_("Take every match that the app proposes."))
@click.option(
    "--set", "constants", multiple=True, metavar="FIELD=VALUE",
    help=_("One value for every profile; repeatable."),
)  # fmt: skip
@click.option(
    "--default", "defaults", multiple=True, metavar="FIELD=VALUE",
    help=_("The value where the column is empty; repeatable."),
)  # fmt: skip
@click.option(
    "--type", "types", multiple=True, metavar="custom:NAME=text|number|boolean|date",
    help=_("The type of a custom property (text at first); repeatable."),
)  # fmt: skip
@click.option("--date-format", default="", metavar="TEXT", help=_("How dates are written."))
@click.option("--country", default="", metavar="CODE", help=_("The country of phone numbers."))
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG",
    help=_("A tag for everybody of this export; repeatable."),
)  # fmt: skip
@click.option(
    "--segment-tag", default=Export().segment_tag, show_default=True, metavar="TEMPLATE",
    help=_("The tag of who is in a segment; who leaves it loses the tag."),
)  # fmt: skip
@click.option("--no-segment-tag", is_flag=True, help=_("Give no segment tag."))
@click.option("--schedule", default="off", metavar="TEXT", show_default=True)
@click.option("--send-welcome", is_flag=True, help=_("Omnisend may send welcome messages."))
@click.option("--max-profiles", type=click.IntRange(1), default=1_000_000, show_default=True)
@click.option(
    "--max-rejects", type=click.IntRange(0, 100), default=20, show_default=True,
    help=_("Percent of rejects that stops a run; 100 never does."),
)  # fmt: skip
@click.option(
    "--max-leavers", type=click.IntRange(0, 100), default=20, show_default=True,
    help=_("Percent of a segment that may leave at once; 100 never stops a run."),
)  # fmt: skip
@click.option(
    "--email-status", type=click.Choice(["subscribed"]), default=None,
    help=_("What people become in Omnisend who agreed by the consent column; none at first."),
)  # fmt: skip
@click.option(
    "--consent-column", default="", metavar="COLUMN",
    help=_("Who agreed: yes, true, 1, kyllä, or the time of the opt-in; anything else is no."),
)  # fmt: skip
@click.option(
    "--consent-source", default="", metavar="TEXT", help=_("Where people agreed, for Omnisend.")
)
@json_option
def add(
    name: str,
    schedule: str,
    segment_tag: str,
    no_segment_tag: bool,
    send_welcome: bool,
    email_status: str | None,
    as_json: bool,
    **wishes: Any,
) -> None:
    _check_schedule(schedule, name)
    with opened() as workspace:
        wanted = new_export(
            workspace,
            Wishes(
                name=name.strip(),
                send_welcome=send_welcome,
                segment_tag="" if no_segment_tag else segment_tag.strip(),
                subscribes=email_status is not None,
                **wishes,
            ),
        )
        add_export(workspace, wanted)
    _doubt_tags(wanted)
    if wanted.email_status:
        message(
            _(
                "Whoever agreed by the column '{column}' is subscribed in Omnisend, once; "
                "who is unsubscribed there stays unsubscribed."
            ).format(column=wanted.consent_column)
        )
    if as_json:
        print_json(export_document(wanted, tuple(FIELDS)))
        return
    if send_welcome:
        message(_("Every new contact of this export may get welcome messages from Omnisend."))
    message(_("Export '{name}' is saved. It hasn't run yet.").format(name=wanted.name))
    message(_("Run it with: {command}").format(command=command("run", name=wanted.name)))


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
    print_facts(
        [
            (_("Name"), shown.name),
            (_("Connection"), shown.connection or _("none: it doesn't run")),
            (_("Source"), shown.source),
            (_("Segments"), ", ".join(shown.segments)),
            (_("Not those in"), ", ".join(shown.except_segments) or "–"),
            (_("Country"), shown.country or "–"),
            (_("Dates"), shown.date_format or "–"),
            (_("Tags"), ", ".join(shown.tags) or "–"),
            (_("Segment tag"), shown.segment_tag or "–"),
            (_("Most leavers"), f"{shown.max_leavers} %"),
            (_("E-mail status"), shown.email_status or _("none is sent")),
            (_("Consent column"), shown.consent_column or "–"),
            (_("Consent source"), shown.consent_source or "–"),
            (_("Welcome messages"), _("on") if shown.send_welcome else _("off")),
            (_("Most profiles"), number(shown.max_profiles)),
            (_("Most rejects"), f"{shown.max_rejects} %"),
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


def _doubt_tags(export: Export) -> None:
    """Says of each tag on stderr where Omnisend may refuse it."""
    from omnisend_tui.engine.compare import segment_tag  # slow to import, and used here alone

    given = [*export.tags, *(segment_tag(export, segment) for segment in export.segments)]
    for doubt in dict.fromkeys(tag_doubt(tag) for tag in given if tag):
        if doubt:
            message(doubt)


def _check_schedule(schedule: str, name: str) -> None:
    if schedule.strip().lower() == "off":
        return
    error = not_built("--schedule")
    raise UsageError(
        error.code,
        error.message,
        _("Until then a line of crontab does it: 30 3 * * * {command}").format(
            command=command("run", name=name)
        ),
    )
