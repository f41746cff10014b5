"""Phone numbers in any common form to E.164."""

import re
from collections.abc import Callable
from functools import lru_cache, partial

_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_FILLERS = str.maketrans("", "", " \t-().\u00a0\u202f\u2009\u2010\u2011\u2013/")
_LONGEST = 60  # a longer text is no phone number, and parsing it would cost


def phone_reader(country: str) -> Callable[[str], tuple[str | None, str]]:
    """Reads numbers of ``country`` (an ISO alpha-2 code, '' for none) where they name no country.

    The reader takes a trimmed text and gives the number in E.164 and '', or None and a detail code.
    """
    return partial(_read, country.upper() or None)


def _read(country: str | None, text: str) -> tuple[str | None, str]:
    plain = text.translate(_FILLERS)
    if _E164.match(plain) and _right_length(plain[:5], len(plain)):
        return plain, ""
    if len(text) > _LONGEST:
        return None, "too_long"
    if not any(sign.isdigit() for sign in text):
        return None, "no_digits"
    return _parse(country, plain, text)


def _parse(country: str | None, plain: str, text: str) -> tuple[str | None, str]:
    number = _valid(text, country)
    if number is None and plain.startswith("00"):
        # Most of the world dials 00 for abroad, also where the default country dials otherwise.
        number = _valid("+" + plain[2:], None)
    if number is not None:
        return number, ""
    abroad = plain.startswith(("+", "00", "\uff0b"))
    return None, "not_valid" if country or abroad else "no_country_code"


def _valid(text: str, country: str | None) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    number.extension = None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=8192)
def _right_length(head: str, length: int) -> bool:
    """Whether a number that starts with ``head`` (+ and four digits) is surely complete as it is.

    A zero after the calling code is a trunk prefix in most countries: the parser decides those.
    """
    import phonenumbers

    for digits in (1, 2, 3):
        code = head[1 : 1 + digits]
        if int(code) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            continue
        rest = length - 1 - digits
        sample = phonenumbers.PhoneNumber(
            country_code=int(code), national_number=int("2" + "0" * (rest - 1))
        )
        reason = phonenumbers.is_possible_number_with_reason(sample)
        return head[1 + digits] != "0" and reason == phonenumbers.ValidationResult.IS_POSSIBLE
    return False
