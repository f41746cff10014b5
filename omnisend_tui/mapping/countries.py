"""Country names in any common form and language to ISO 3166-1 alpha-2 codes.

The table is ``country_names.txt``, made by ``tests/make_country_names.py``.
"""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_LONGEST = 100
_NOT_ISO = {"XK"}  # Kosovo: used by many, assigned by nobody, so Omnisend may refuse the contact


def country_code(text: str) -> str | None:
    """The code of a country's name, alpha-2, alpha-3 or numeric code; None where none is known."""
    return _lookup(text) if len(text) <= _LONGEST else None


def sendable_code(text: str) -> str | None:
    """``country_code`` where ISO 3166-1 has it, which is what Omnisend takes."""
    code = country_code(text)
    return None if code in _NOT_ISO else code


def is_code(text: str) -> bool:
    """Whether ``text`` (in upper case) is an alpha-2 code of the table."""
    return len(text) == 2 and text in _codes()


def form(text: str) -> str:
    """How a name stands in the table: case folded, single spaces, plain apostrophes."""
    plain = unicodedata.normalize("NFC", text).replace("\u2019", "'")
    return _SPACES.sub(" ", plain.casefold()).strip()


def fold(text: str) -> str:
    """A name's other form: without accents, and a space for each punctuation mark."""
    spread = unicodedata.normalize("NFKD", text.replace(".", ""))
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return form(_PUNCTUATION.sub(" ", bare))


@lru_cache(maxsize=4096)
def _lookup(text: str) -> str | None:
    names = _names()
    name = form(text)
    return names.get(name) or names.get(fold(name))


@cache
def _names() -> dict[str, str]:
    text = files(__package__).joinpath("country_names.txt").read_text("utf-8")
    return dict(line.split("\t") for line in text.splitlines())


@cache
def _codes() -> frozenset[str]:
    return frozenset(_names().values())
