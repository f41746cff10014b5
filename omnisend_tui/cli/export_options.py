"""The options that ``export add`` and ``export edit`` share."""

from collections.abc import Callable
from typing import Any

import click

from omnisend_tui import forms
from omnisend_tui.cli.options import F, all_of, field_option
from omnisend_tui.config.models import Export
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import FIELDS

_METAVARS = {
    "tags": "TAG", "segment_tag": "TEMPLATE", "country": "CODE", "date_format": "TEXT",
    "consent_column": "COLUMN", "consent_source": "TEXT", "max_profiles": "N",
    "max_rejects": "PERCENT", "max_leavers": "PERCENT", "max_leavers_people": "N",
}  # fmt: skip
_FIRST = (forms.DATE_FORMAT, forms.COUNTRY, forms.TAGS, forms.SEGMENT_TAG)
_CONSENT = (forms.EMAIL_STATUS, forms.CONSENT_COLUMN, forms.CONSENT_SOURCE)


def export_options(defaults: Export | None) -> Callable[[F], F]:
    """The options of an export but its name; without ``defaults`` those not given are None.

    Repeatable ones are () then. Lists that are given take the place of the earlier ones, fields of
    the mapping are changed one by one.
    """
    new = defaults is not None
    return all_of(
        click.option(
            "--connection", required=new, metavar="NAME",
            help=_("The connection that it sends through."),
        ),
        click.option(
            "--source", required=new, metavar="NAME",
            help=_("The source that its profiles come from."),
        ),
        click.option(
            "--segment", "segments", multiple=True, required=new, metavar="NAME",
            help=_("Profiles in any of these segments; repeatable."),
        ),
        click.option(
            "--except-segment", "except_segments", multiple=True, metavar="NAME",
            help=_("But none of those in this segment; repeatable."),
        ),
        click.option(
            "--map", "maps", multiple=True, metavar="FIELD=COLUMN",
            help=_(
                "Which column feeds which field: {fields}, or custom:NAME; repeatable."
            ).format(fields=", ".join(FIELDS)),
        ),
        click.option("--auto-map", is_flag=True, help=_("Take every match that the app proposes.")),
        click.option(
            "--set", "constants", multiple=True, metavar="FIELD=VALUE",
            help=_("One value for every profile; repeatable."),
        ),
        click.option(
            "--default", "defaults", multiple=True, metavar="FIELD=VALUE",
            help=_("The value where the column is empty; repeatable."),
        ),
        click.option(
            "--type", "types", multiple=True, metavar="custom:NAME=text|number|boolean|date",
            help=_("The type of a custom property (text at first); repeatable."),
        ),
        click.option(
            "--case", "cases", multiple=True, metavar="FIELD=lower|title",
            help=_("Write a field's texts in lower or title case; repeatable."),
        ),
        click.option(
            "--date-format-of", "row_date_formats", multiple=True, metavar="FIELD=TEXT",
            help=_("How the column of this field writes dates; repeatable."),
        ),
        *(_field(field, defaults) for field in _FIRST),
        click.option("--no-segment-tag", is_flag=True, help=_("Give no segment tag.")),
        click.option(
            "--schedule", default="off" if new else None, metavar="TEXT", show_default=True,
            help=_(
                "off, every 15 minutes, every 2 hours, daily 03:30 ZONE, weekly mon,thu 03:30 ZONE,"
                " cron “30 3 * * *” ZONE, or on refresh; ZONE such as Europe/Helsinki."
            ),
        ),
        *(_field(field, defaults) for field in _CONSENT),
        *(_field(f, defaults) for f in forms.EXPORT_OPTIONS if f not in (*_FIRST, *_CONSENT)),
    )  # fmt: skip


def _field(field: forms.Field, defaults: Export | None) -> Callable[[F], F]:
    attributes: dict[str, Any] = {}
    if field.name in _METAVARS:
        attributes["metavar"] = _METAVARS[field.name]
    if field == forms.TAGS:
        # Click takes a name beside the option for the parameter.
        return field_option(field, None, field.name, multiple=True, **attributes)
    default = getattr(defaults, field.name, None)
    if field.kind == "text":
        default = default or None
        attributes["show_default"] = True
    return field_option(field, default, **attributes)
