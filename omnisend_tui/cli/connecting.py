"""Adding a connection: every check in the order of cli.md, then everything is stored or nothing."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from secrets import token_hex

import click
from msgspec.structs import replace

from omnisend_tui import consent
from omnisend_tui.cli.output import message
from omnisend_tui.config import store
from omnisend_tui.config.checks import name_fault, record_fault
from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.errors import ConsentError, CredentialsError, UsageError
from omnisend_tui.i18n import _, language
from omnisend_tui.omnisend.connect import connect
from omnisend_tui.records import Brand
from omnisend_tui.workspace import Workspace


def add_connection(
    workspace: Workspace, wanted: Connection, agreed: bool, read_key: Callable[[], str]
) -> tuple[Connection, Brand]:
    """Checks name, consent, key, keyring and Omnisend, then stores all; nothing on an error.

    ``read_key`` gives the key as the user typed or piped it; it is not asked for a connection
    whose key comes from the environment. Without ``agreed`` the text goes to stdout.

    Raises UsageError, ConsentError, CredentialsError or what ``connect`` raises.
    """
    check_new(wanted, workspace.config.connections)
    wanted = replace(wanted, id=token_hex(8))
    if not agreed:
        click.echo(consent.text(language()))
        raise ConsentError(
            "consent_missing",
            _("Nothing was stored: a connection needs your consent to the text above."),
            _("Read it, then add --agree-to-data-privacy."),
        )
    with ExitStack() as undo:
        key = _key(workspace, wanted, read_key, undo)
        brand = connect(wanted.base_url, key)
        if "-" not in key:
            message(_("The key doesn't look like one of Omnisend, though Omnisend took it."))
        workspace.state.add_consent(consent.record(wanted, workspace.actor.name, time.time()))
        workspace.state.save_brand(wanted.id, brand)
        # The config comes last: until it names the connection, nothing refers to the rest.
        store.add_connection(workspace.config_path, wanted)
        undo.pop_all()
    workspace.reload_config()
    return workspace.connection(wanted.name), brand


def check_new(record: Connection | Source | Export, taken: Mapping[str, object]) -> None:
    """Raises UsageError for a name that can't be or is in ``taken``, or a value that can't be."""
    sentence = name_fault(record.name)
    if sentence:
        raise UsageError("bad_name", sentence, _("Choose another name."))
    if record.name in taken:
        raise UsageError(
            "name_taken",
            _("The name '{name}' is taken.").format(name=record.name),
            _("Choose another name."),
        )
    fault = record_fault(record)
    if fault is not None:
        raise UsageError("bad_value", fault[1], _("Nothing was stored; give another value."))


def _key(
    workspace: Workspace, wanted: Connection, read_key: Callable[[], str], undo: ExitStack
) -> str:
    if wanted.api_key == "environment":
        return workspace.secrets.api_key(wanted).value
    key = read_key().strip()
    if not key:
        raise CredentialsError(
            "key_missing",
            _("No API key was given, so nothing was stored."),
            _("Pipe it in with --api-key-stdin, or use --api-key-from-environment."),
        )
    if not (key.isascii() and key.isprintable()) or any(char.isspace() for char in key):
        raise CredentialsError(
            "key_malformed",
            _("The API key holds characters that no key has, so nothing was stored."),
            _("Copy it again from Omnisend: store settings, API keys."),
        )
    # Storing it is the only sure way to learn that the keyring takes it.
    workspace.secrets.store_api_key(wanted, key)
    undo.callback(workspace.secrets.delete_api_key, wanted)
    return key
