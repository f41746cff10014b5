"""Omnisend's fields, and what a mapping must fulfil before a run."""

import re
from collections import Counter
from datetime import date
from typing import get_args

from omnisend_tui.config.models import Attribute, Case, CustomType, Export
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.countries import country_code, is_code
from omnisend_tui.mapping.dates import directives
from omnisend_tui.mapping.readers import Readers, takes_date_format
from omnisend_tui.mapping.texts import clean

# Order of the contact's fields, and of proposals and lists.
FIELDS = (
    "email", "first_name", "last_name", "address", "country", "state", "city", "postal_code",
    "phone", "birthdate", "gender",
)  # fmt: skip
CUSTOM = "custom:"

_CUSTOM_NAME = re.compile(r"[a-zA-Z0-9_]{1,128}\Z")  # contracts/omnisend.md
_PERSONAL = {"email", "phone"}
_WRITTEN = {"first_name", "last_name", "address", "state", "city"}  # that case doesn't spoil


def custom_name(field: str) -> str:
    """``tier`` of ``custom:tier``; '' for a standard field."""
    return field.removeprefix(CUSTOM) if field.startswith(CUSTOM) else ""


def takes_case(attribute: Attribute) -> bool:
    """Whether lower or title case may be chosen: addresses, codes and typed values have their own.

    ``takes_date_format`` says the same of date formats.
    """
    if attribute.field.startswith(CUSTOM):
        return attribute.type == "text"
    return attribute.field in _WRITTEN


def check_mapping(export: Export) -> None:
    """Raises ``UsageError`` with the first thing that a person must change in the mapping."""
    _check_formats(export)
    for attribute in export.mapping:
        _check_field(attribute)
        _check_content(attribute)
        _check_choices(attribute)
    for field, times in Counter(attribute.field for attribute in export.mapping).items():
        if times > 1:
            raise UsageError(
                "field_twice",
                _("The field {field} is mapped {times} times.").format(field=field, times=times),
                _("Keep one column or value for each field of Omnisend."),
            )
    if not any(attribute.field == "email" for attribute in export.mapping):
        raise UsageError(
            "email_not_mapped",
            _("No column is mapped to the e-mail address, by which Omnisend knows a contact."),
            _("Name the column that holds the address: --map email=COLUMN."),
        )
    readers = Readers(export, date.max)
    for attribute in export.mapping:
        _check_given(readers, attribute, attribute.value)
        _check_given(readers, attribute, attribute.default)


def _check_formats(export: Export) -> None:
    if export.country and not is_code(export.country.upper()):
        raise UsageError(
            "unknown_country_code",
            _("{code} is not the code of a country.").format(code=export.country),
            _("Give the two letters of the phone numbers' country, such as FI or SE."),
        )
    _check_date_format(export.date_format)


def _check_date_format(date_format: str) -> None:
    try:
        if date_format:
            directives(date_format)
    except ValueError:
        raise UsageError(
            "bad_date_format",
            _("{format} is not a date format.").format(format=date_format),
            _("Write it like DD.MM.YYYY or %d.%m.%Y: a day, a month and a year."),
        ) from None


def _check_field(attribute: Attribute) -> None:
    name = custom_name(attribute.field)
    if attribute.field not in FIELDS and not attribute.field.startswith(CUSTOM):
        raise UsageError(
            "unknown_field",
            _("Omnisend has no field {field}.").format(field=attribute.field),
            _("The fields are {fields}, and custom:NAME for a custom property.").format(
                fields=", ".join(FIELDS)
            ),
        )
    if attribute.field not in FIELDS and not _CUSTOM_NAME.match(name):
        raise UsageError(
            "bad_custom_name",
            _("{field} can't be the name of a custom property.").format(field=attribute.field),
            _("Omnisend allows the letters a to z, digits and _, up to 128 of them."),
        )
    if attribute.type not in get_args(CustomType):
        raise UsageError(
            "unknown_type",
            _("{type} is not a type of custom properties.").format(type=attribute.type),
            _("The types are text, number, boolean and date."),
        )


def _check_content(attribute: Attribute) -> None:
    field = attribute.field
    if field in _PERSONAL and (attribute.value or attribute.default):
        raise UsageError(
            "one_for_all",
            _("{field} can't be the same for all: it is what tells contacts apart.").format(
                field=field
            ),
            _("Map it to a column, without a fixed value and without a default."),
        )
    if bool(attribute.column) == bool(attribute.value):
        raise UsageError(
            "column_or_value",
            _("{field} needs either a column or a fixed value.").format(field=field),
            _("Use --map {field}=COLUMN or --set {field}=VALUE, not both.").format(field=field),
        )


def _check_choices(attribute: Attribute) -> None:
    if attribute.case not in get_args(Case):
        raise UsageError(
            "bad_case",
            _("{case} is not a way to write a text.").format(case=attribute.case),
            _("The ways are lower and title; without one, texts stay as they are."),
        )
    if attribute.case and not takes_case(attribute):
        raise UsageError(
            "case_not_for_field",
            _("{field} can't be put into another case.").format(field=attribute.field),
            _("Case is for names, streets, towns and texts, not for codes, dates or numbers."),
        )
    if attribute.date_format and not takes_date_format(attribute):
        raise UsageError(
            "no_date_field",
            _("{field} holds no dates, so it takes no date format.").format(field=attribute.field),
            _("A date format is for birthdate and for custom properties of the type date."),
        )
    _check_date_format(attribute.date_format)


def _check_given(readers: Readers, attribute: Attribute, text: str) -> None:
    """A fixed value or default that can't be read would be a warning on every row."""
    given = clean(text)
    unknown = attribute.field == "country" and not country_code(given)
    if given and (unknown or readers.reader(attribute)(given)[1]):
        raise UsageError(
            "bad_value",
            _("The fixed value or default of {field} can't be used.").format(field=attribute.field),
            _("Check how it is written, and the type or date format that it goes with."),
        )
