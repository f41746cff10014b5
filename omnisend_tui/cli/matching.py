"""The options of the data matching: what they make of a mapping."""

from collections.abc import Sequence
from typing import cast, get_args

import msgspec
from msgspec.structs import replace

from omnisend_tui.cli.options import pairs
from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Attribute, CustomType
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sources.base import Column


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The options as they were given, () or False where they weren't."""

    maps: tuple[str, ...] = ()
    unmaps: tuple[str, ...] = ()
    auto_map: bool = False
    constants: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    row_date_formats: tuple[str, ...] = ()


def matched(
    before: Sequence[Attribute], given: Given, columns: Sequence[Column]
) -> tuple[Attribute, ...]:
    """``before`` with what was given; a field that is matched anew keeps its other choices.

    Proposals of ``--auto-map`` are for fields that nothing is matched to; the unsure ones are
    printed to stderr. Raises UsageError for what isn't of the form, or is about no such field.
    """
    old = {attribute.field: attribute for attribute in before}
    for field in given.unmaps:
        _require_matched(before, field, "--unmap")
    new = [_fed(old, field, column=column) for field, column in _columns(given)]
    new += [_fed(old, field, value=value) for field, value in pairs(given.constants, "--set")]
    anew = {attribute.field for attribute in new} | set(given.unmaps)
    places = {field: place for place, field in enumerate(old)}
    mapping = [attribute for attribute in before if attribute.field not in anew] + new
    mapping.sort(key=lambda attribute: places.get(attribute.field, len(places)))
    if given.auto_map:
        mapping += _proposals(columns, {attribute.field for attribute in mapping} | anew)
    for field, default in pairs(given.defaults, "--default"):
        mapping = _changed(mapping, field, "--default", default=default)
    for field, type_name in pairs(given.types, "--type"):
        if type_name not in get_args(CustomType) or not field.startswith("custom:"):
            raise UsageError(
                "bad_type",
                _("--type {field}={type} isn't of the form custom:NAME=TYPE.").format(
                    field=field, type=type_name
                ),
                _("The types are: {types}.").format(types=", ".join(get_args(CustomType))),
            )
        mapping = _changed(mapping, field, "--type", type=cast(CustomType, type_name))
    for field, case in pairs(given.cases, "--case"):
        mapping = _changed(mapping, field, "--case", case=case)
    for field, text in pairs(given.row_date_formats, "--date-format-of"):
        mapping = _changed(mapping, field, "--date-format-of", date_format=text)
    return tuple(mapping)


def _columns(given: Given) -> list[tuple[str, str]]:
    found = pairs(given.maps, "--map")
    for field, column in found:
        if not column:
            raise UsageError(
                "no_column",
                _("--map {field}= names no column.").format(field=field),
                _("`export edit NAME --unmap {field}` takes a field out of an export.").format(
                    field=field
                ),
            )
    return found


def _fed(old: dict[str, Attribute], field: str, column: str = "", value: str = "") -> Attribute:
    """The field by a column or a value that somebody chose, and so is sure."""
    kept = old.get(field, Attribute(field=field))
    return replace(kept, column=column, value=value, confidence="sure")


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
    _require_matched(mapping, field, option)
    return [
        replace(attribute, **changes) if attribute.field == field else attribute
        for attribute in mapping
    ]


def _require_matched(mapping: Sequence[Attribute], field: str, option: str) -> None:
    if all(attribute.field != field for attribute in mapping):
        raise UsageError(
            "field_not_mapped",
            _("{option} {field}: nothing is matched to this field.").format(
                option=option, field=field
            ),
            _("Add --map {field}=COLUMN first.").format(field=field),
        )
