"""The options of sources, and which type of source has which."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from omnisend_tui import forms
from omnisend_tui.cli.options import F, all_of, field_option
from omnisend_tui.config.models import Source
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _

_OF_FILES = {
    "path": "--path",
    "segments_column": "--segments-column",
    "conditions": "--segment",
    "removed": "--remove-segment",
    "key": "--key",
}
_OF_DATAVERSE = {
    "url": "--url",
    "tenant": "--tenant",
    "client_id": "--client-id",
    "client_secret_stdin": "--client-secret-stdin",
    "authority": "--authority",
}


def files_options(new: bool) -> Callable[[F], F]:
    """The options of a files source but its name; those that aren't given are None or ()."""
    return all_of(
        field_option(forms.PATH, required=new, metavar="PATH_OR_GLOB"),
        click.option(
            "--segments-column", metavar="COLUMN",
            help=_("The column that names each profile's segments."),
        ),
        click.option(
            "--segment", "conditions", multiple=True, metavar="NAME=SQL_CONDITION",
            help=_("A segment by a condition; repeatable."),
        ),
        click.option("--key", metavar="COLUMN", help=_("The column that names a profile.")),
    )  # fmt: skip


def dataverse_options(new: bool) -> Callable[[F], F]:
    """Those of a Customer Insights source but its name; not given they are None or False."""
    return all_of(
        field_option(forms.URL, required=new, metavar="URL"),
        field_option(forms.TENANT, metavar="TENANT"),
        field_option(forms.CLIENT_ID, required=new, metavar="ID"),
        click.option(
            "--client-secret-stdin", is_flag=True,
            help=_("Read a client secret from standard input: an application signs in."),
        ),
        field_option(forms.AUTHORITY, metavar="URL"),
    )  # fmt: skip


def of_type(source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``options`` that were given; ``UsageError`` for one that the other type has."""
    given = {name: value for name, value in options.items() if value not in (None, (), False)}
    for name, option in (_OF_DATAVERSE if source.type == "files" else _OF_FILES).items():
        if name in given:
            what = _("files") if source.type == "files" else _("Customer Insights")
            raise UsageError(
                "wrong_type",
                _(
                    "{option} has no meaning for '{name}': it is a source of the type {type}."
                ).format(option=option, name=source.name, type=what),
                _("`omnisend-tui source edit --help` lists the options of both types."),
            )
    return given
