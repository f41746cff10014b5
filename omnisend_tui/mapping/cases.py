"""Lower case and title case, which a row may ask for."""

import re
from collections.abc import Callable

from omnisend_tui.config.models import Case

# Letters with their combining marks; an apostrophe or a hyphen parts words as a space does.
_WORD = re.compile("(?:[^\\W\\d_]|[\u0300-\u036f])+")
_APOSTROPHES = "'\u2019"
_SMALL = re.compile(r"\b(?:Von|Af)(?= )")  # of names: von Wright, af Heurlin


def title_case(text: str) -> str:
    """``O'Brien`` of ``O'BRIEN``; what is written ``McDonald`` already stays so."""
    return _SMALL.sub(lambda found: found[0].lower(), _WORD.sub(_titled, text))


def _titled(found: re.Match[str]) -> str:
    word, start = found[0], found.start()
    before = found.string[start - 1 : start]
    if len(word) == 1 and (before.isdigit() or (before and before in _APOSTROPHES)):
        return word  # 5B, Antti's
    if before.isdigit():
        return word.lower()  # 1st
    if word[0].isupper() and any(map(str.islower, word)):
        return word
    return word[0].title() + word[1:].lower()


CASES: dict[Case, Callable[[str], str]] = {"lower": str.lower, "title": title_case}
