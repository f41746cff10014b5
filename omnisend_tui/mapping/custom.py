"""A custom property for a column: its name, and its type by the sample values."""

import re
import unicodedata

from omnisend_tui.config.models import CustomType
from omnisend_tui.mapping.dates import date_reader
from omnisend_tui.mapping.values import read_boolean, read_number
from omnisend_tui.profiles import Column

_LONGEST = 128  # contracts/omnisend.md
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L"}
)
_OTHER_SIGNS = re.compile(r"[^a-zA-Z0-9]+")
_CODE = re.compile(r"\+|0\d", re.ASCII)  # +358..., 00120: figures that are no numbers
_DAY = re.compile(r"(?:19|20)\d{6}\Z", re.ASCII)
_read_date = date_reader("")


def custom_field_name(heading: str) -> str:
    """A name that Omnisend allows: ``Loyalty_points`` of ``Loyalty points``.

    A heading without any letter of a to z or digit becomes ``property``.
    """
    spread = unicodedata.normalize("NFKD", heading.translate(_LETTERS))
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return _OTHER_SIGNS.sub("_", bare).strip("_")[:_LONGEST].rstrip("_") or "property"


def infer_type(column: Column) -> CustomType:
    """The type that every sample value can be read as; text where none or several kinds are."""
    samples = [sample.strip() for sample in column.samples if sample.strip()]
    if not samples:
        return "text"
    if all(map(_DAY.match, samples)) and all(_read_date(text)[0] for text in samples):
        return "date"
    if all(read_number(text)[0] is not None and not _CODE.match(text) for text in samples):
        return "number"
    if _is_boolean(samples):
        return "boolean"
    if all(_read_date(text)[0] for text in samples):
        return "date"
    return "text"


def _is_boolean(samples: list[str]) -> bool:
    """Single letters may be classes: they count where both a yes and a no are among them."""
    read = {read_boolean(text)[0] for text in samples}
    if None in read or any(text.isdigit() for text in samples):
        return False
    return len(read) == 2 or all(len(text) > 1 for text in samples)
