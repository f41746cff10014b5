"""What a record of config.toml must fulfil beyond its types; used by reading and by adding."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from omnisend_tui.config.addresses import (
    authority_fault,
    base_url_fault,
    organization_fault,
    webhook_fault,
)
from omnisend_tui.config.models import CUSTOMER_ID, Connection, Export, Hook, Source
from omnisend_tui.i18n import _

NAME_LENGTH = 100
SOURCE_LENGTH = 200  # of the name of a consent's source
HOOK_SECONDS = 600  # whoever starts a run from a script waits for its hooks

# Ids become names of files and users of the keyring.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# Paths of authorities that stand for many tenants, and of AD FS:
# learn.microsoft.com/entra/identity-platform/msal-client-application-configuration#authority
_OF_NO_TENANT = ("common", "organizations", "consumers", "adfs")
# Fields that the other type of source has.
_FILES = ("path", "segments_column")
_DATAVERSE = ("url", "tenant", "client_id", "authority", "sign_in")
_TAG = re.compile(r"[A-Za-z0-9_: -]{1,128}")


def name_fault(name: str) -> str:
    """Why ``name`` can't name a connection, source or export; '' where it can."""
    if not name.strip():
        return _("A name can't be empty.")
    if len(name) > NAME_LENGTH:
        return _("A name has {limit} characters at most; this one has {length}.").format(
            limit=NAME_LENGTH, length=len(name)
        )
    if name != name.strip() or not name.isprintable():
        return _("A name can't have spaces at its ends, line breaks or control characters.")
    return ""


def record_fault(record: Connection | Source | Export) -> tuple[str, str] | None:
    """The first field of ``record`` whose value can't be, and the sentence for it."""
    if record.id and not _ID.fullmatch(record.id):
        return "id", _("An id has up to 64 of the characters A-Z, a-z, 0-9, - and _.")
    if isinstance(record, Connection):
        return _connection_fault(record)
    if isinstance(record, Export):
        return _export_fault(record)
    if isinstance(record, Source):
        return _source_fault(record)
    return None


def _source_fault(source: Source) -> tuple[str, str] | None:
    fields = _DATAVERSE if source.type == "files" else _FILES
    for field in fields:
        if getattr(source, field) != getattr(Source(), field):
            return field, _("A source of the type “{type}” has no “{field}”.").format(
                type=source.type, field=field
            )
    if source.type == "files":
        if not source.path.strip():
            return "path", _("A source needs the path of its files.")
        return None
    if sentence := organization_fault(source.url):
        return "url", sentence
    if sentence := authority_fault(source.authority):
        return "authority", sentence
    lacking = not source.tenant and source.authority
    if not lacking and not _TENANT.fullmatch(source.tenant):
        return "tenant", _("A tenant is a GUID or a domain, such as contoso.onmicrosoft.com.")
    if not _GUID.fullmatch(source.client_id):
        return "client_id", _("The client id is the GUID of the app's registration in Entra.")
    if source.key not in ("", CUSTOMER_ID):
        return "key", _("The key of Customer Insights is “{column}”.").format(column=CUSTOMER_ID)
    for name, condition in source.segments.items():
        if condition or not name.strip():
            return "segments", _("A segment of Customer Insights has a name and no condition.")
    return None


def tenant_fault(source: Source, before: Source | None = None) -> str:
    """Why ``source`` can't be set up: it names two tenants; '' where that isn't known.

    What is stored signs in at its authority all the same, so the tenant and the authority that it
    has ``before`` hinder nobody to change the rest.
    """
    if before and (before.tenant, before.authority) == (source.tenant, source.authority):
        return ""
    named = _tenant_of(source.authority)
    by_id = _GUID.fullmatch(source.tenant) and _GUID.fullmatch(named)
    if by_id and _is_other(source.tenant, named):
        return _("The tenant and the authority name different tenants: leave the tenant empty, or"
                 " name the same one in both.")  # fmt: skip
    return ""


def tenant_doubt(source: Source) -> str:
    """That ``source`` may name two tenants, by names that can't be compared; '' for no doubt."""
    named = _tenant_of(source.authority)
    if not _is_other(source.tenant, named) or tenant_fault(source):
        return ""
    return _(
        "Whoever signs in does so at “{named}”, as the authority says; whether that is the tenant"
        " “{tenant}” isn't known."
    ).format(named=named, tenant=source.tenant)


def _tenant_of(authority: str) -> str:
    """The tenant that an authority names, '' for none or where its path is made otherwise."""
    path = urlsplit(authority).path.strip("/") if authority else ""
    return "" if "/" in path or path.casefold() in _OF_NO_TENANT else path


def _is_other(tenant: str, named: str) -> bool:
    return bool(tenant and named) and tenant.casefold() != named.casefold()


def tag_fault(tag: str) -> str:
    """Why ``tag``, or a template of one, can't be stored; '' where it can."""
    if tag == tag.strip() and tag.isprintable():
        return ""
    return _("A tag can't have spaces at its ends, line breaks or control characters.")


def tag_doubt(tag: str) -> str:
    """Why Omnisend may refuse a tag, '' where nothing is known against it.

    Its own client allows so much (contracts/omnisend.md); whether its API does isn't known.
    """
    if _TAG.fullmatch(tag):
        return ""
    return _(
        "Omnisend may refuse the tag “{tag}”: surely allowed are up to 128 letters a to z, digits,"
        " spaces, and the signs _ - and :."
    ).format(tag=tag)


def storing_fault(
    record: Connection | Source | Export, known: Mapping[str, Connection | Source | Export]
) -> str:
    """Why ``record`` can't be stored among ``known`` of its kind, '' where it can.

    A record with its id may be among them, and may change its name. What it has there of tags
    written by hand hinders nobody to change the rest.
    """
    if sentence := name_fault(record.name):
        return sentence
    others = (other.name for other in known.values() if other.id != record.id)
    if any(other.casefold() == record.name.casefold() for other in others):
        return _("The name “{name}” is taken.").format(name=record.name)
    if found := record_fault(record):
        return found[1]
    if not isinstance(record, Export):
        return ""
    before = next((other for other in known.values() if other.id == record.id), None)
    kept = _tags(before) if isinstance(before, Export) else ()
    faults = (tag_fault(tag) for tag in _tags(record) if tag not in kept)
    return next((fault for fault in faults if fault), "")


def _tags(export: Export) -> tuple[str, ...]:
    return (*export.tags, export.segment_tag)


def _connection_fault(connection: Connection) -> tuple[str, str] | None:
    if sentence := base_url_fault(connection.base_url):
        return "base_url", sentence
    for field in ("requests_per_minute", "tag_requests_per_minute"):
        if getattr(connection, field) < 1:
            return field, _at_least(field, 1)
    if not 1 <= connection.budget_share <= 100:
        return "budget_share", _percent("budget_share", 1)
    if connection.max_new is not None and connection.max_new < 0:
        return "max_new", _at_least("max_new", 0)
    return None


def _export_fault(export: Export) -> tuple[str, str] | None:
    if export.max_profiles < 1:
        return "max_profiles", _at_least("max_profiles", 1)
    if not 0 <= export.max_rejects <= 100:
        return "max_rejects", _percent("max_rejects", 0)
    if not 0 <= export.max_leavers <= 100:
        return "max_leavers", _percent("max_leavers", 0)
    if export.max_leavers_people < 0:
        return "max_leavers_people", _at_least("max_leavers_people", 0)
    return status_fault(export)


def status_fault(export: Export) -> tuple[str, str] | None:
    """The field that keeps the export's e-mail status from being sent, and the sentence for it."""
    source = export.consent_source
    if export.email_status:
        if not export.consent_column:
            return "consent_column", _(
                "The e-mail status “subscribed” needs the column that says who agreed: membership"
                " in a segment is no consent."
            )
        if not source:
            return "consent_source", _(
                "The e-mail status “subscribed” needs the name of the consent's source, such as"
                " “checkout form”."
            )
    elif export.consent_column or source:
        return "email_status", _(
            "A column or source of consent goes with the e-mail status “subscribed” only."
        )
    if len(source) > SOURCE_LENGTH or source != source.strip() or not source.isprintable():
        return "consent_source", _(
            "The name of a consent's source has up to {limit} characters, without spaces at its"
            " ends, line breaks and control characters."
        ).format(limit=SOURCE_LENGTH)
    return None


def hook_fault(hook: Hook) -> tuple[str, str] | None:
    """The first field of ``hook`` whose value can't be, and the sentence for it.

    None quotes the address: many a webhook's is a secret.
    """
    if bool(hook.command) == bool(hook.url):
        field = "url" if hook.url else "command"
        return field, _("A hook has either a command or a url.")
    if not hook.on:
        return "on", _("A hook needs an end of runs that it is called on.")
    if not 1 <= hook.seconds <= HOOK_SECONDS:
        return "seconds", _("“{field}” is a whole number from {least} to {most}.").format(
            field="seconds", least=1, most=HOOK_SECONDS
        )
    if hook.url and (sentence := webhook_fault(hook.url)):
        return "url", sentence
    if hook.command and (sentence := _command_fault(hook.command)):
        return "command", sentence
    return None


def _command_fault(command: tuple[str, ...]) -> str:
    program = command[0]
    if not program.strip() or any("\0" in part for part in command):
        return _("A hook's command is a program, then its arguments, each in quotes.")
    if "/" in program and not program.startswith("/"):
        return _(
            "A hook's program has its whole path, or no folder at all: a relative path would"
            " depend on where omnisend-tui is started."
        )
    return ""


def _at_least(field: str, least: int) -> str:
    return _("“{field}” is a whole number from {least} on.").format(field=field, least=least)


def _percent(field: str, least: int) -> str:
    return _("“{field}” is a percentage from {least} to 100.").format(field=field, least=least)
