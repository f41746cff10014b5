"""Texts in the user's language, through gettext.

``_`` looks up when it is called, so a text that is built at import time must be marked with ``N_``
and looked up where it is shown.
"""

import gettext
import locale
import os
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("en", "fi")
_CATALOGUES = Path(__file__).parent / "locale"
_DOMAIN = "omnisend_tui"

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use_language(language: str) -> None:
    """Switches all texts to ``language``: one of ``LANGUAGES``; another one means English."""
    global _current, _language
    _language = language if language in LANGUAGES else "en"
    _current = gettext.translation(_DOMAIN, _CATALOGUES, [_language], fallback=True)


def language() -> str:
    """The language in use, one of ``LANGUAGES``."""
    return _language


def language_of(environ: Mapping[str, str] = os.environ) -> str:
    """The first supported language that the environment asks for, English where there is none."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wanted in environ.get(name, "").split(":"):
            code = locale.normalize(wanted).split(".")[0].split("_")[0].lower()
            if code in LANGUAGES:
                return code
        if environ.get(name):
            return "en"
    return "en"


def _(text: str) -> str:
    """``text`` in the language in use."""
    return _current.gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """The form for ``n`` things in the language in use."""
    return _current.ngettext(one, many, n)


def N_(text: str) -> str:  # noqa: N802  gettext's own name for a marker
    """Marks ``text`` for the catalogue and leaves it as it is."""
    return text
