"""Gender words, and the typed values of custom properties."""

import math
import re

from omnisend_tui.mapping.remember import remembered

_GENDERS = {
    "m": "m male man men boy mies miehet poika uros man manlig pojke mann männlich maennlich herr "
    "mees homme masculino hombre uomo 1",
    "f": "f female woman women girl nainen naiset tyttö kvinna kvinnlig flicka kvinne kvinde frau "
    "weiblich naine femme femenino mujer donna k w 2",
}
# 1 and 2 are ISO/IEC 5218 and the option set of Dynamics 365. "n" is left out: nainen to some,
# 'neither' or 'not said' to others.
_GENDER_OF = {word: gender for gender, words in _GENDERS.items() for word in words.split()}

_YES = frozenset(
    ["true", "t", "yes", "y", "1", "kyllä", "k", "joo", "tosi", "on", "ja", "j", "sann", "wahr"]
)
_NO = frozenset(
    ["false", "f", "no", "n", "0", "ei", "e", "epätosi", "off", "nej", "nein", "falskt", "falsch"]
)

_GROUPING = str.maketrans("", "", " \u00a0\u202f\u2009'\u2019_")
_SIGNS = str.maketrans({"\u2212": "-"})
_POINT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_POINT_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})\Z", re.ASCII)
_COMMA_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})\Z", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+\Z", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}\Z", re.ASCII)
_SPACED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f\u2009'\u2019_]\d{3})+(?:[.,]\d+)?\Z", re.ASCII)
_EXACT = 2**53  # beyond it a reader that keeps numbers as doubles sees another whole number


@remembered(1024, "other_word")
def read_gender(text: str) -> tuple[str | None, str]:
    """``m`` or ``f`` and '', or None and a detail code."""
    gender = _GENDER_OF.get(text.casefold())
    return gender, "" if gender else "other_word"


@remembered(1024, "not_a_boolean")
def read_boolean(text: str) -> tuple[bool | None, str]:
    """True or False and '', or None and a detail code."""
    word = text.casefold()
    if word in _YES:
        return True, ""
    return (False, "") if word in _NO else (None, "not_a_boolean")


@remembered(8192, "not_a_number")
def read_number(text: str) -> tuple[int | float | None, str]:
    """A whole or a finite decimal number and '', or None and a detail code.

    Grouping spaces and a decimal comma are understood. 1,234 could be either and is refused.
    """
    plain = text.translate(_SIGNS)
    if _SPACED.match(plain):
        plain = plain.translate(_GROUPING).replace(",", ".")
    elif _POINT_GROUPED.match(plain):
        plain = plain.replace(",", "")
    elif _COMMA_GROUPED.match(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _EITHER.match(plain):
        return None, "comma_is_unclear"
    elif _COMMA.match(plain):
        plain = plain.replace(",", ".")
    return _finite(plain) if _POINT.match(plain) else (None, "not_a_number")


def _finite(plain: str) -> tuple[int | float | None, str]:
    if plain.lstrip("+-").isdigit():
        whole = int(plain)
        return (whole, "") if abs(whole) <= _EXACT else (None, "too_large")
    value = float(plain)
    return (value, "") if math.isfinite(value) else (None, "too_large")


def read_text(text: str) -> tuple[str, str]:
    """The text itself."""
    return text, ""
