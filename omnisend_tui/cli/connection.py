"""``omnisend-tui connection``: the brands that this workspace sends to."""

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from omnisend_tui import consent
from omnisend_tui.cli.connecting import add_connection
from omnisend_tui.cli.options import json_option, later_option
from omnisend_tui.cli.output import clean, message, print_facts, print_json, print_table
from omnisend_tui.cli.records import brand_document, connection_document, consent_document
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import BASE_URL, Connection
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _, language
from omnisend_tui.omnisend.connect import connect
from omnisend_tui.records import Brand
from omnisend_tui.workspace import Workspace


@click.group(help=_("Set up Omnisend brands."))
def connection() -> None:
    pass


@connection.command("add", help=_("Add a connection, after its key was tried at Omnisend."))
@click.option("--name", required=True, help=_("A unique name, up to 100 characters."))
@click.option(
    "--agree-to-data-privacy", "agreed", is_flag=True,
    help=_("You have read the data privacy text and agree."),
)  # fmt: skip
@click.option("--api-key-stdin", is_flag=True, help=_("Read the API key from standard input."))
@click.option(
    "--api-key-from-environment", is_flag=True,
    help=_("Take the API key from OMNISEND_TUI_API_KEY_NAME each time; never use the keyring."),
)  # fmt: skip
@click.option("--for-contributors", is_flag=True, help=_("Contributors may use it too."))
@click.option("--base-url", default=BASE_URL, show_default=True)
@click.option("--requests-per-minute", type=click.IntRange(1), default=400, show_default=True)
@click.option("--tag-requests-per-minute", type=click.IntRange(1), default=60, show_default=True)
@click.option(
    "--budget-share", type=click.IntRange(1, 100), default=90, show_default=True,
    help=_("Percent of the requests that this app takes."),
)  # fmt: skip
@later_option("--max-new", type=int)
@json_option
def add(
    name: str,
    agreed: bool,
    api_key_stdin: bool,
    api_key_from_environment: bool,
    for_contributors: bool,
    base_url: str,
    requests_per_minute: int,
    tag_requests_per_minute: int,
    budget_share: int,
    as_json: bool,
) -> None:
    if api_key_stdin and api_key_from_environment:
        raise UsageError(
            "two_keys", _("Give either --api-key-stdin or --api-key-from-environment, not both.")
        )
    with opened() as workspace:
        wanted = Connection(
            name=name.strip(),
            base_url=base_url.rstrip("/"),
            for_contributors=for_contributors,
            api_key="environment" if api_key_from_environment else "keyring",
            requests_per_minute=requests_per_minute,
            tag_requests_per_minute=tag_requests_per_minute,
            budget_share=budget_share,
        )
        saved, brand = add_connection(workspace, wanted, agreed, _key_reader(api_key_stdin))
        if as_json:
            print_json(_document(workspace, saved))
        else:
            click.echo(_sentence(saved, brand, _("Connection '{name}' is saved: {brand}.")))


@connection.command("list", help=_("List the connections."))
@json_option
def list_connections(as_json: bool) -> None:
    with opened() as workspace:
        documents = [_document(workspace, each) for each in workspace.config.connections.values()]
    if as_json:
        print_json(documents)
        return
    if not documents:
        message(_("No connections yet: omnisend-tui connection add --name NAME makes one."))
        return
    print_table(
        [_("Name"), _("Brand"), _("Base URL"), _("Exports")],
        [
            [
                document["name"],
                _brand_text(document["brand"]),
                document["base_url"],
                str(len(document["exports"])),
            ]
            for document in documents
        ],
    )


@connection.command("show", help=_("Show a connection, its brand and its consent."))
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    with opened() as workspace:
        document = _document(workspace, workspace.connection(name))
    if as_json:
        print_json(document)
        return
    agreed = document["consent"]
    keyring = document["api_key"] == "keyring"
    print_facts(
        [
            (_("Name"), document["name"]),
            (_("Brand"), _brand_text(document["brand"])),
            (_("Base URL"), document["base_url"]),
            (_("API key"), _("in the keyring") if keyring else _("from the environment")),
            (_("Requests a minute"), str(document["requests_per_minute"])),
            (_("Budget share"), f"{document['budget_share']} %"),
            (_("For contributors"), _("yes") if document["for_contributors"] else _("no")),
            (_("Agreed"), f"{agreed['who']}, {agreed['at']}" if agreed else _("not yet")),
            (_("Text"), f"{agreed['version']} ({agreed['language']})" if agreed else "–"),
            (_("SHA-256"), agreed["sha256"] if agreed else "–"),
            (_("Exports"), ", ".join(document["exports"]) or "–"),
        ]
    )


@connection.command("test", help=_("Try the key of a connection at Omnisend."))
@click.argument("name")
@later_option("--probe")
@json_option
def test(name: str, as_json: bool) -> None:
    with opened() as workspace:
        tried = workspace.connection(name)
        key = workspace.secrets.api_key(tried)
        brand = connect(tried.base_url, key.value)
        workspace.state.save_brand(tried.id, brand)
    if as_json:
        print_json({"name": tried.name, "brand": brand_document(brand), "key_from": key.origin})
    else:
        click.echo(_sentence(tried, brand, _("Connection '{name}' works: {brand}.")))


@connection.command("agree", help=_("Print the data privacy text and record that you agree."))
@click.argument("name")
@json_option
def agree(name: str, as_json: bool) -> None:
    with opened() as workspace:
        agreed = workspace.connection(name)
        record = consent.record(agreed, workspace.actor.name, time.time())
        workspace.state.add_consent(record)
    if as_json:
        print_json(consent_document(record))
    else:
        click.echo(consent.text(language()))
        message(_("Recorded: {who} agrees to this text.").format(who=record.who))


def _key_reader(from_stdin: bool) -> Callable[[], str]:
    def read() -> str:
        if from_stdin:
            return sys.stdin.read()
        if sys.stdin.isatty() and sys.stderr.isatty():
            return str(click.prompt(_("Omnisend API key"), hide_input=True, err=True))
        return ""

    return read


def _document(workspace: Workspace, shown: Connection) -> dict[str, Any]:
    exports = [
        export.name
        for export in workspace.config.exports.values()
        if export.connection == shown.name
    ]
    consents = workspace.state.consents(shown.id)
    brand = workspace.state.brand(shown.id)
    return connection_document(shown, brand, consents[0] if consents else None, exports)


def _brand_text(brand: dict[str, Any] | None) -> str:
    if brand is None:
        return "–"
    parts = (brand["name"] or brand["id"], brand["website"], brand["currency"])
    return ", ".join(part for part in parts if part)


def _sentence(of: Connection, brand: Brand, text: str) -> str:
    return clean(text.format(name=of.name, brand=_brand_text(brand_document(brand))))
