"""Which reader turns an attribute's text into the value to send, and what a failure is called."""

from collections.abc import Callable
from datetime import date
from typing import Any

from omnisend_tui.config.models import Attribute, Export
from omnisend_tui.mapping.dates import birthdate_reader, date_reader, directives
from omnisend_tui.mapping.phones import phone_reader
from omnisend_tui.mapping.values import read_boolean, read_gender, read_number, read_text

# A trimmed text -> the value and '', or None and a detail code.
Reader = Callable[[str], tuple[Any, str]]

_REASONS = {
    "phone": "invalid_phone",
    "birthdate": "invalid_birthdate",
    "gender": "invalid_gender",
}


class Readers:
    """The readers of one export; ``today`` bounds birth dates."""

    def __init__(self, export: Export, today: date) -> None:
        self._today = today
        date_format = directives(export.date_format) if export.date_format else ""
        self._standard: dict[str, Reader] = {
            "phone": phone_reader(export.country),
            "birthdate": birthdate_reader(date_format, today),
            "gender": read_gender,
        }
        self._custom: dict[str, Reader] = {
            "text": read_text,
            "number": read_number,
            "boolean": read_boolean,
            "date": date_reader(date_format),
        }

    def reader(self, attribute: Attribute) -> Reader:
        """The attribute's reader; ``read_text`` where any text will do.

        Its own date format comes before the export's.
        """
        if attribute.date_format and takes_date_format(attribute):
            own = directives(attribute.date_format)
            is_birthdate = attribute.field == "birthdate"
            return birthdate_reader(own, self._today) if is_birthdate else date_reader(own)
        if attribute.field.startswith("custom:"):
            return self._custom[attribute.type]
        return self._standard.get(attribute.field, read_text)


def takes_date_format(attribute: Attribute) -> bool:
    """Whether dates are read for the attribute."""
    is_custom = attribute.field.startswith("custom:")
    return attribute.field == "birthdate" or (is_custom and attribute.type == "date")


def reason(field: str) -> str:
    """The code of the warning for a value of ``field`` that can't be read."""
    return _REASONS.get(field, "invalid_type")
