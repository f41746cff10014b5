"""``omnisend-tui connection``: the brands that this workspace sends to."""

from typing import Any

import click
from msgspec.structs import replace

from omnisend_tui import connections, consent, forms
from omnisend_tui.cli.connecting import (
    add_connection,
    connection_options,
    edit_connection,
    probe,
    refuse_two_keys,
    tidy,
)
from omnisend_tui.cli.options import field_option, json_option, nothing_given
from omnisend_tui.cli.output import clean, message, print_facts, print_json, print_table
from omnisend_tui.cli.records import (
    behaviour_document,
    brand_document,
    connection_document,
    consent_document,
)
from omnisend_tui.cli.words import command
from omnisend_tui.cli.workspaces import opened
from omnisend_tui.config.models import Connection
from omnisend_tui.documents import utc
from omnisend_tui.errors import AppError, ConsentError, UsageError
from omnisend_tui.i18n import _, language
from omnisend_tui.records import Brand
from omnisend_tui.sentences import behaviour_sentence
from omnisend_tui.workspace import Workspace


@click.group(help=_("Set up Omnisend brands."))
def connection() -> None:
    pass


@connection.command("add", help=_("Add a connection, after its key was tried at Omnisend."))
@field_option(forms.NAME, required=True)
@click.option(
    "--agree-to-data-privacy", "agreed", is_flag=True,
    help=_("You have read the data privacy text and agree."),
)  # fmt: skip
@connection_options(Connection())
@json_option
def add(
    agreed: bool,
    api_key_stdin: bool,
    api_key_from_environment: bool,
    as_json: bool,
    **given: Any,
) -> None:
    refuse_two_keys(api_key_stdin, api_key_from_environment)
    place = "environment" if api_key_from_environment else "keyring"
    with opened() as workspace:
        wanted = Connection(**tidy(given | {"api_key": place}))
        saved, brand = add_connection(workspace, wanted, agreed, api_key_stdin)
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
        shown = workspace.connection(name)
        document = _document(workspace, shown)
        behaviour = workspace.state.behaviour(shown.id)
        place = "" if as_json else _key_place(workspace, shown)
    if as_json:
        print_json(document)
        return
    agreed = document["consent"]
    limit = document["max_new"]
    print_facts(
        [
            (_("Name"), document["name"]),
            (_("Brand"), _brand_text(document["brand"])),
            (_("Base URL"), document["base_url"]),
            (_("API key"), place),
            (_("Requests a minute"), str(document["requests_per_minute"])),
            (_("Tag requests a minute"), str(document["tag_requests_per_minute"])),
            (_("Budget share"), f"{document['budget_share']} %"),
            (_("New contacts at most"), "–" if limit is None else str(limit)),
            (_("For contributors"), _("yes") if document["for_contributors"] else _("no")),
            (_("Behaviour check"), behaviour_sentence(behaviour)),
            (_("Checked"), (behaviour and utc(behaviour.at)) or "–"),
            (_("Agreed"), f"{agreed['who']}, {agreed['at']}" if agreed else _("not yet")),
            (_("Text"), f"{agreed['version']} ({agreed['language']})" if agreed else "–"),
            (_("SHA-256"), agreed["sha256"] if agreed else "–"),
            (_("Agreed for"), agreed["base_url"] if agreed else "–"),
            (_("Exports"), ", ".join(document["exports"]) or "–"),
        ]
    )


@connection.command("test", help=_("Try the key of a connection at Omnisend."))
@click.argument("name")
@click.option(
    "--probe", "address", metavar="ADDRESS",
    help=_("Check how the brand behaves, with a contact that stays there, unsubscribed."),
)  # fmt: skip
@json_option
def test(name: str, address: str | None, as_json: bool) -> None:
    with opened() as workspace:
        tried = workspace.connection(name)
        if address is not None:
            # Connect sends nobody's data, the check does.
            consent.require(workspace.state, tried)
        brand = connections.test(workspace, tried)
        origin = workspace.secrets.api_key(tried).origin
        if address is not None:
            probe(workspace, tried, brand, address)
        behaviour = workspace.state.behaviour(tried.id)
    if as_json:
        print_json(
            {
                "name": tried.name,
                "brand": brand_document(brand),
                "key_from": origin,
                "behaviour": behaviour_document(behaviour),
            }
        )
        return
    click.echo(_sentence(tried, brand, _("Connection '{name}' works: {brand}.")))
    if address is not None:
        click.echo(behaviour_sentence(behaviour))


@connection.command("agree", help=_("Print the data privacy text and record that you agree."))
@click.argument("name")
@json_option
def agree(name: str, as_json: bool) -> None:
    with opened() as workspace:
        record = connections.agree(workspace, workspace.connection(name))
    if as_json:
        print_json(consent_document(record))
    else:
        click.echo(consent.text(language()))
        message(_("Recorded: {who} agrees to this text.").format(who=record.who))


@connection.command("edit", help=_("Change a connection; what isn't given stays as it is."))
@click.argument("edited", metavar="NAME")
@field_option(forms.NAME)
@connection_options(None)
@json_option
def edit(
    edited: str,
    api_key_stdin: bool,
    api_key_from_environment: bool,
    as_json: bool,
    **given: Any,
) -> None:
    refuse_two_keys(api_key_stdin, api_key_from_environment)
    changes = tidy(given)
    if api_key_stdin or api_key_from_environment:
        changes["api_key"] = "environment" if api_key_from_environment else "keyring"
    if not changes:
        raise nothing_given()
    with opened() as workspace:
        before = workspace.connection(edited)
        saved = edit_connection(workspace, before, replace(before, **changes), api_key_stdin)
        try:
            consent.require(workspace.state, saved)
        except ConsentError as error:
            agree = command("connection", "agree", name=saved.name, workspace=workspace.named)
            message(
                _("{why} Before the next run: {command}").format(why=error.message, command=agree)
            )
        if as_json:
            print_json(_document(workspace, saved))
        else:
            click.echo(clean(_("Connection '{name}' is saved.").format(name=saved.name)))


@connection.command("remove", help=_("Remove a connection and its key."))
@click.argument("name")
@click.option("--detach-exports", is_flag=True, help=_("Its exports stay, without a connection."))
@click.option("--remove-exports", is_flag=True, help=_("Its exports are removed with it."))
@json_option
def remove(name: str, detach_exports: bool, remove_exports: bool, as_json: bool) -> None:
    if detach_exports and remove_exports:
        raise UsageError(
            "two_ends", _("Give either --detach-exports or --remove-exports, not both.")
        )
    with opened() as workspace:
        gone = workspace.connection(name)
        exports = [export.name for export in connections.dependents(workspace, gone)]
        if exports and not (detach_exports or remove_exports):
            raise UsageError(
                "connection_used",
                _("Exports use “{name}”: {exports}. Nothing was changed.").format(
                    name=gone.name, exports=_quoted(exports)
                ),
                _("Add --detach-exports to keep them, or --remove-exports to remove them too."),
            )
        if connections.running(workspace, gone):
            message(_("Its runs are cancelled; what is in flight is confirmed first."))
        left = connections.remove(workspace, gone, detach=not remove_exports)
    if as_json:
        print_json(
            {
                "name": gone.name,
                "detached_exports": [] if remove_exports else exports,
                "removed_exports": exports if remove_exports else [],
                "still_running": [run.export for run in left],
            }
        )
    else:
        click.echo(clean(_removed(gone.name, exports, remove_exports)))
    if left:
        message(
            _("These runs did not end in time: {exports}.").format(
                exports=_quoted([run.export for run in left])
            )
        )


def _removed(name: str, exports: list[str], with_exports: bool) -> str:
    if not exports:
        text = _("Connection '{name}' is removed.")
    elif with_exports:
        text = _("Connection '{name}' is removed, with its exports: {exports}.")
    else:
        text = _("Connection '{name}' is removed; without a connection are now: {exports}.")
    return text.format(name=name, exports=_quoted(exports))


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _key_place(workspace: Workspace, shown: Connection) -> str:
    try:
        given = workspace.secrets.given_key(shown.name)
    except AppError as error:
        return error.message
    if given is not None and given.origin == "credentials":
        return _("from the credentials folder")
    if given is not None:
        return _("from the environment")
    if shown.api_key == "environment":
        return _("from the environment, which has none now")
    return _("in the keyring")


def _document(workspace: Workspace, shown: Connection) -> dict[str, Any]:
    consents = workspace.state.consents(shown.id)
    return connection_document(
        shown,
        workspace.state.brand(shown.id),
        workspace.state.behaviour(shown.id),
        consents[0] if consents else None,
        [export.name for export in connections.dependents(workspace, shown)],
    )


def _brand_text(brand: dict[str, Any] | None) -> str:
    if brand is None:
        return "–"
    parts = (brand["name"] or brand["id"], brand["website"], brand["currency"])
    return ", ".join(part for part in parts if part)


def _sentence(of: Connection, brand: Brand, text: str) -> str:
    return clean(text.format(name=of.name, brand=_brand_text(brand_document(brand))))
