"""What ``source add dataverse``, ``edit`` and ``sign-in`` do with a Customer Insights source."""

import sys
from collections.abc import Mapping
from functools import partial
from secrets import token_hex
from threading import Event
from typing import Any

from msgspec.structs import replace

from omnisend_tui import saved, sign_in
from omnisend_tui.cli.output import message
from omnisend_tui.cli.signals import signals_as_interrupt
from omnisend_tui.cli.words import command
from omnisend_tui.config.checks import tenant_doubt
from omnisend_tui.config.models import CUSTOMER_ID, Source
from omnisend_tui.errors import CredentialsError, UsageError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.secrets import client_secret_variable
from omnisend_tui.source_sentences import sign_in_silent
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.entra import DeviceCode, Entra, MemoryStore
from omnisend_tui.sources.entra_errors import host_of
from omnisend_tui.sources.environment import check_environment, organization_url
from omnisend_tui.workspace import Workspace

_REGISTRATION = ("url", "tenant", "client_id", "authority")


def tidy(given: Mapping[str, str | None]) -> dict[str, Any]:
    """The options that were given, as a source has them."""
    values = {name: value.strip() for name, value in given.items() if value is not None}
    if "url" in values:
        values["url"] = organization_url(values["url"])
    if "authority" in values:
        values["authority"] = values["authority"].rstrip("/")
    return values


def add(workspace: Workspace, values: Mapping[str, Any], secret_from_stdin: bool) -> Source:
    """Tries what signs in, or without it the address alone, then stores; nothing on an error.

    Raises ``UsageError``, ``CredentialsError``, ``SourceError`` or ``AppError``.
    """
    wanted = Source(id=token_hex(8), type="dataverse", key=CUSTOMER_ID, **values)
    _check_tenant(wanted)
    saved.check_source(workspace, wanted)
    _tell_doubt(wanted)
    secret = _read_secret(workspace, wanted) if secret_from_stdin else ""
    if secret or workspace.secrets.given_client_secret(wanted.name):
        wanted = replace(wanted, sign_in="application")
        _try(wanted, sign_in.drafted(workspace.secrets, wanted, MemoryStore(), secret))
    else:
        check_environment(wanted.url)
    return saved.add_source(workspace, wanted, _credentials(secret))


def edit(
    workspace: Workspace, before: Source, changes: Mapping[str, Any], secret_from_stdin: bool
) -> Source:
    """Changes a source; what signs in is tried where it, or what it signs in at, is another."""
    after = replace(before, **changes)
    _check_tenant(after)
    saved.check_source(workspace, after)
    secret = _read_secret(workspace, after) if secret_from_stdin else ""
    if secret:
        after = replace(after, sign_in="application")
    if (before.tenant, before.authority) != (after.tenant, after.authority):
        _tell_doubt(after)
    moved = [field for field in _REGISTRATION if getattr(before, field) != getattr(after, field)]
    renamed = _given(workspace, before) != _given(workspace, after)
    if (moved or secret or renamed) and sign_in.as_application(workspace.secrets, after):
        tried = secret
        if not tried and not _given(workspace, after):
            tried = workspace.secrets.kept_client_secret(before)
        _try(after, sign_in.drafted(workspace.secrets, after, MemoryStore(), tried))
    elif "url" in moved:
        check_environment(after.url)
    stored = saved.edit_source(workspace, before, after, _credentials(secret))
    if moved and not sign_in.as_application(workspace.secrets, stored):
        tell_next(workspace, stored)
    return stored


def tell_next(workspace: Workspace, source: Source) -> None:
    """Says how a person signs in, and by which variable an application does."""
    message(
        _("Before the first run somebody signs in: {command}").format(
            command=command("source", "sign-in", name=source.name, workspace=workspace.named)
        )
    )
    message(
        _("Or an application does, with its client secret in {variable}.").format(
            variable=client_secret_variable(source.name)
        )
    )


def sign_in_person(workspace: Workspace, source: Source) -> str:
    """A person signs in by a device code, which is told on stderr; returns the account's name.

    What he may read is tried, then his sign-in is kept in the place of whatever signed in before.
    Raises ``UsageError``, ``CredentialsError``, ``SourceError`` or ``AppError``; KeyboardInterrupt
    leaves all as it was.
    """
    # A code is redeemed once: what can't be stored is refused before.
    saved.check_source(workspace, source)
    _check_person(workspace, source)
    workspace.secrets.keyring_name(source)
    person = replace(source, sign_in="person")
    store = MemoryStore()
    entra = sign_in.drafted(workspace.secrets, person, store)
    if source.sign_in == "application":
        message(
            _(
                "“{name}” signs in as an application; signing in as yourself takes its place."
            ).format(name=source.name)
        )
    code = entra.begin()
    _tell(code)
    with signals_as_interrupt():
        account = entra.wait(
            code, Event(), partial(_tell_answer, host_of(entra.registration.authority))
        )
        _try(person, entra)
    saved.edit_source(workspace, source, person, sign_in.Credentials(tokens=store.load()))
    return account or ""


def _check_tenant(source: Source) -> None:
    if not source.tenant and not source.authority:
        raise UsageError("tenant_missing", _("Give --tenant, or an --authority."))


def _tell_doubt(source: Source) -> None:
    if doubt := tenant_doubt(source):
        message(doubt)


def _check_person(workspace: Workspace, source: Source) -> None:
    if source.type != "dataverse":
        raise UsageError(
            "no_sign_in",
            _("The source '{name}' reads files, so nobody signs in there.").format(
                name=source.name
            ),
        )
    if workspace.secrets.given_client_secret(source.name):
        raise UsageError(
            "secret_given",
            _("'{name}' signs in as an application: {variable} has its client secret.").format(
                name=source.name, variable=client_secret_variable(source.name)
            ),
            _("Take the variable or the file of that name away to sign in as yourself."),
        )


def _tell(code: DeviceCode) -> None:
    minutes = max(1, code.seconds // 60)
    message(_("Open this page: {address}").format(address=code.address))
    message(_("Enter this code: {code}").format(code=code.code))
    message(
        ngettext(
            "It holds for {minutes} minute. Waiting for you; Ctrl+C gives up.",
            "It holds for {minutes} minutes. Waiting for you; Ctrl+C gives up.",
            minutes,
        ).format(minutes=number(minutes))
    )


def _tell_answer(host: str, answers: bool) -> None:
    message(_("{host} answers again.").format(host=host) if answers else sign_in_silent(host))


def _try(source: Source, entra: Entra) -> None:
    """Asks the environment who signs in: the connection test."""
    from omnisend_tui.sources.dataverse import who_am_i

    who_am_i(source, Access(tokens=entra))


def _given(workspace: Workspace, source: Source) -> str:
    given = workspace.secrets.given_client_secret(source.name)
    return given.value if given else ""


def _credentials(secret: str) -> sign_in.Credentials | None:
    return sign_in.Credentials(secret=secret) if secret else None


def _read_secret(workspace: Workspace, source: Source) -> str:
    """A client secret from stdin; ``CredentialsError`` for none, or without a keyring."""
    secret = sys.stdin.read().strip()
    if not secret:
        raise CredentialsError(
            "secret_missing",
            _("No client secret was given, so nothing was stored."),
            _("Pipe it in with --client-secret-stdin, or set {variable}.").format(
                variable=client_secret_variable(source.name)
            ),
        )
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise CredentialsError(
            "secret_malformed",
            _("The client secret holds characters that no client secret has."),
            _("Copy its value again from Entra: Certificates & secrets of the registration."),
        )
    workspace.secrets.keyring_name(source)
    if _given(workspace, source):
        message(
            _(
                "The environment or the credentials folder has a client secret for “{name}” too,"
                " and runs take that one."
            ).format(name=source.name)
        )
    return secret
