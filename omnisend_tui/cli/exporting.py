"""Adding an export: the options become a record that was checked against its source."""

from collections.abc import Sequence
from secrets import token_hex
from typing import cast, get_args

import msgspec
from msgspec.structs import replace

from omnisend_tui.cli.options import pairs
from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Attribute, CustomType, Export
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.saved import check_export_name
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Column
from omnisend_tui.workspace import Workspace


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``export add`` as they were given."""

    name: str
    connection: str
    source: str
    segments: tuple[str, ...]
    except_segments: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    auto_map: bool = False
    constants: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    date_format: str = ""
    country: str = ""
    tags: tuple[str, ...] = ()
    segment_tag: str = ""
    subscribes: bool = False
    consent_column: str = ""
    consent_source: str = ""
    send_welcome: bool = False
    max_profiles: int = 1_000_000
    max_rejects: int = 20
    max_leavers: int = 20


def new_export(workspace: Workspace, wishes: Wishes) -> Export:
    """The export that the options ask for, not stored yet.

    Prints the unsure proposals of ``--auto-map`` to stderr. Raises UsageError for a name, column,
    segment or field that can't be, SourceError where the source can't be opened.
    """
    check_export_name(workspace, wishes.name)
    _check_status(wishes)
    connection = workspace.connection(wishes.connection)
    source = workspace.source(wishes.source)
    opened = open_source(source, workspace.temp_dir)
    columns = opened.columns()
    _check_known(
        _("segment"),
        (*wishes.segments, *wishes.except_segments),
        [segment.name for segment in opened.segments()],
    )
    mapping = _mapping(wishes, columns)
    _check_known(
        _("column"),
        [attribute.column for attribute in mapping if attribute.column],
        [column.name for column in columns],
    )
    if wishes.subscribes:
        _check_known(_("column"), [wishes.consent_column], [column.name for column in columns])
    export = Export(
        name=wishes.name,
        id=token_hex(8),
        connection=connection.name,
        source=source.name,
        segments=tuple(dict.fromkeys(wishes.segments)),
        except_segments=tuple(dict.fromkeys(wishes.except_segments)),
        mapping=mapping,
        date_format=wishes.date_format,
        country=wishes.country.strip().upper(),
        tags=tuple(dict.fromkeys(tag.strip() for tag in wishes.tags if tag.strip())),
        segment_tag=wishes.segment_tag,
        email_status="subscribed" if wishes.subscribes else "",
        consent_column=wishes.consent_column,
        consent_source=wishes.consent_source.strip(),
        send_welcome=wishes.send_welcome,
        max_profiles=wishes.max_profiles,
        max_rejects=wishes.max_rejects,
        max_leavers=wishes.max_leavers,
    )
    check_mapping(export)
    return export


def _check_status(wishes: Wishes) -> None:
    """The three options go together: membership in a segment is no consent."""
    given = {
        "--email-status subscribed": wishes.subscribes,
        "--consent-column": bool(wishes.consent_column),
        "--consent-source": bool(wishes.consent_source.strip()),
    }
    missing = [option for option, there in given.items() if not there]
    if missing and len(missing) < len(given):
        raise UsageError(
            "status_incomplete",
            _("These options go together: {options}. Missing here: {missing}.").format(
                options=", ".join(given), missing=", ".join(missing)
            ),
            _("Only a column of the source says who agreed; being in a segment isn't consent."),
        )


def _mapping(wishes: Wishes, columns: Sequence[Column]) -> tuple[Attribute, ...]:
    if not (wishes.maps or wishes.auto_map):
        raise UsageError(
            "mapping_missing",
            _("Nothing says which column holds the e-mail address."),
            _("Add --map email=COLUMN, or --auto-map to take what the app proposes."),
        )
    mapping = [
        Attribute(field=field, column=column) for field, column in pairs(wishes.maps, "--map")
    ]
    mapping += [
        Attribute(field=field, value=value) for field, value in pairs(wishes.constants, "--set")
    ]
    if wishes.auto_map:
        mapping += _proposals(columns, {attribute.field for attribute in mapping})
    for field, default in pairs(wishes.defaults, "--default"):
        mapping = _changed(mapping, field, "--default", default=default)
    for field, type_name in pairs(wishes.types, "--type"):
        if type_name not in get_args(CustomType) or not field.startswith("custom:"):
            raise UsageError(
                "bad_type",
                _("--type {field}={type} isn't of the form custom:NAME=TYPE.").format(
                    field=field, type=type_name
                ),
                _("The types are: {types}.").format(types=", ".join(get_args(CustomType))),
            )
        mapping = _changed(mapping, field, "--type", type=cast(CustomType, type_name))
    return tuple(mapping)


def _proposals(columns: Sequence[Column], taken: set[str]) -> list[Attribute]:
    proposals = [proposal for proposal in suggest(columns) if proposal.field not in taken]
    for proposal in proposals:
        if proposal.confidence != "sure":
            message(
                _("Not sure ({confidence}): {field} from column '{column}'.").format(
                    confidence=proposal.confidence, field=proposal.field, column=proposal.column
                )
            )
    return proposals


def _changed(
    mapping: list[Attribute], field: str, option: str, **changes: object
) -> list[Attribute]:
    if all(attribute.field != field for attribute in mapping):
        raise UsageError(
            "field_not_mapped",
            _("{option} {field}: nothing is matched to this field.").format(
                option=option, field=field
            ),
            _("Add --map {field}=COLUMN first.").format(field=field),
        )
    return [
        replace(attribute, **changes) if attribute.field == field else attribute
        for attribute in mapping
    ]


def _check_known(what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            raise UsageError(
                "not_in_source",
                _("The source has no {what} '{name}'.").format(what=what, name=name),
                _("It has: {names}.").format(names=", ".join(known)),
            )
