"""Query parameters: unknown ones are refused, as Omnisend does."""

import re
from collections.abc import Mapping
from datetime import date

from omnisend_tui.sandbox.answers import Refusal

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_WHOLE = re.compile(r"[0-9]{1,9}").fullmatch


def is_date(text: str) -> bool:
    """Whether ``text`` is a day of the calendar as YYYY-MM-DD."""
    if not _DATE(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Parameters:
    """The parameters of one request. Every method raises Refusal (400)."""

    def __init__(self, given: Mapping[str, str], known: tuple[str, ...]) -> None:
        for name in given:
            if name not in known:
                raise Refusal.of_field(name, "unknown", "Unknown query parameter.")
        self._given = given

    def text(self, name: str, allowed: tuple[str, ...] = ()) -> str:
        value = self._given.get(name, "")
        if value and allowed and value not in allowed:
            raise Refusal.of_field(name, "invalid", f"One of {', '.join(allowed)}.")
        return value

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        value = self._given.get(name, str(default))
        if not _WHOLE(value) or not least <= int(value) <= most:
            raise Refusal.of_field(name, "invalid", f"A whole number from {least} to {most}.")
        return int(value)

    def date(self, name: str) -> str:
        value = self._given.get(name, "")
        if value and not is_date(value):
            raise Refusal.of_field(name, "invalid", "A date of the form yyyy-mm-dd.")
        return value
