"""What ``connection add``, ``edit`` and ``test --probe`` do before they call the service."""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any

import click
from msgspec.structs import replace

from omnisend_tui import api_keys, connections, consent, forms
from omnisend_tui.cli.options import F, all_of, field_option
from omnisend_tui.cli.output import message
from omnisend_tui.cli.signals import signals_as_interrupt
from omnisend_tui.config.models import Connection
from omnisend_tui.errors import ConsentError, UsageError
from omnisend_tui.i18n import _, language
from omnisend_tui.permissions import require
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.sentences import check_step
from omnisend_tui.workspace import Workspace

CLOSING = 95.0  # seconds: a stopped check cleans up for 60, its last request may take 30

_FIELDS = tuple(f for f in forms.CONNECTION if f not in (forms.NAME, forms.API_KEY))


def connection_options(defaults: Connection | None) -> Callable[[F], F]:
    """The options of a connection but its name; without ``defaults`` those not given are None."""
    return all_of(
        field_option(forms.API_KEY),
        click.option(
            "--api-key-from-environment", is_flag=True,
            help=_("Take the API key from OMNISEND_TUI_API_KEY_NAME each time, never the keyring."),
        ),
        *(field_option(field, getattr(defaults, field.name, None)) for field in _FIELDS),
    )  # fmt: skip


def refuse_two_keys(api_key_stdin: bool, api_key_from_environment: bool) -> None:
    """Raises UsageError where both places of the key are asked for."""
    if api_key_stdin and api_key_from_environment:
        raise UsageError(
            "two_keys", _("Give either --api-key-stdin or --api-key-from-environment, not both.")
        )


def tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as a connection has them."""
    given = {name: value for name, value in values.items() if value is not None}
    if "name" in given:
        given["name"] = given["name"].strip()
    if "base_url" in given:
        given["base_url"] = given["base_url"].rstrip("/")
    return given


def add_connection(
    workspace: Workspace, wanted: Connection, agreed: bool, from_stdin: bool
) -> tuple[Connection, Brand]:
    """Checks name, consent, key, keyring and Omnisend, then stores all; nothing on an error.

    Without ``agreed`` the text goes to stdout. Raises UsageError, ConsentError, CredentialsError
    or what ``connect`` raises.
    """
    require(workspace.actor, "manage_connections")
    wanted = replace(wanted, id=connections.new_id())
    check_values(workspace, wanted)
    if not agreed:
        click.echo(consent.text(language()))
        raise ConsentError(
            "consent_missing",
            _("Nothing was stored: a connection needs your consent to the text above."),
            _("Read it, then add --agree-to-data-privacy."),
        )
    kept = "" if wanted.api_key == "environment" else read_key(workspace, from_stdin)
    if kept:
        _warn_of_given(workspace, wanted)
    key = kept or workspace.secrets.api_key(wanted).value
    brand = connections.connect(workspace, wanted, key)
    _doubt(key)
    given = consent.record(wanted, workspace.actor.name, time.time())
    return connections.add(workspace, wanted, key=kept, agreed=given, brand=brand), brand


def edit_connection(
    workspace: Workspace, before: Connection, after: Connection, from_stdin: bool
) -> Connection:
    """Checks ``after``; a new key, place of the key or address is tried; then all is stored."""
    require(workspace.actor, "manage_connections")
    check_values(workspace, after)
    kept = read_key(workspace, from_stdin) if from_stdin else ""
    if kept:
        _warn_of_given(workspace, after)
    brand = None
    if kept or connections.must_try(workspace, before, after):
        key = kept or workspace.secrets.api_key(after).value
        brand = connections.connect(workspace, after, key)
        _doubt(key)
    return connections.edit(workspace, before, after, key=kept, brand=brand)


def check_values(workspace: Workspace, wanted: Connection) -> None:
    """Raises UsageError for a connection that can't be stored."""
    if sentence := connections.fault(workspace, wanted):
        raise UsageError("bad_value", sentence, _("Nothing was stored; give another value."))


def read_key(workspace: Workspace, from_stdin: bool) -> str:
    """A key from stdin or the prompt; raises CredentialsError for none, or without a keyring."""
    text = ""
    if from_stdin:
        text = sys.stdin.read()
    elif sys.stdin.isatty() and sys.stderr.isatty():
        text = str(click.prompt(_("Omnisend API key"), hide_input=True, err=True))
    key = api_keys.trimmed(text)
    workspace.secrets.keyring_name()
    return key


def probe(workspace: Workspace, tried: Connection, brand: Brand, address: str) -> Behaviour:
    """The behaviour check with ``address``, told on stderr and stored.

    Ctrl+C stops it, waits until the contact is unsubscribed, and goes on as KeyboardInterrupt.
    """
    message(
        _(
            "The behaviour check makes the contact {address} in “{brand}”, gives it tags, and"
            " unsubscribes it. It stays in the brand, unsubscribed: Omnisend has no delete."
        ).format(address=address, brand=brand.name or brand.id)
    )
    key = workspace.secrets.api_key(tried).value
    stop = threading.Event()

    def told(step: str) -> None:
        message(check_step(step))

    def check() -> Behaviour:
        return connections.behaviour_check(workspace, tried, key, brand, address, stop, told)

    behaviour = _stoppable(check, stop)
    connections.keep_behaviour(workspace, tried, behaviour)
    return behaviour


def _stoppable(check: Callable[[], Behaviour], stop: threading.Event) -> Behaviour:
    done: Future[Behaviour] = Future()

    def work() -> None:
        try:
            done.set_result(check())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    with signals_as_interrupt():
        try:
            while not wait([done], timeout=0.5).done:
                pass
        except KeyboardInterrupt:
            stop.set()
            message(_("Stopping: the contact is left unsubscribed. Ctrl+C again stops at once."))
            wait([done], timeout=CLOSING)
            raise
    return done.result()


def _warn_of_given(workspace: Workspace, wanted: Connection) -> None:
    if workspace.secrets.given_key(wanted.name) is not None:
        message(
            _(
                "The environment or the credentials folder has a key for “{name}” too, and runs"
                " take that one."
            ).format(name=wanted.name)
        )


def _doubt(key: str) -> None:
    if api_keys.looks_odd(key):
        message(_("The key doesn't look like one of Omnisend, though Omnisend took it."))
