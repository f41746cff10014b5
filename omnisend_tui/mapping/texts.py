"""What is done to every cell before anything else: trimmed, and rid of what can't be sent."""

import re
from collections.abc import Sequence

# Signs without width, which people paste unseen and str.strip leaves alone: zero-width space,
# non-joiner, joiner, direction marks, word joiner, byte order mark, soft hyphen.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_EDGE = re.compile(rf"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff{_UNSEEN}]")
# Control characters but tab and line breaks, and lone surrogates, which no UTF-8 can hold.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def trim(text: str) -> str:
    """``text`` without any Unicode space and unseen sign at both ends; the rest as it is."""
    return text.strip() if text.isprintable() else _trim_unseen(text)


def clean(text: str) -> str:
    """``text`` trimmed, and without control characters and lone surrogates inside."""
    return text.strip() if text.isprintable() else _UNSENDABLE.sub("", _trim_unseen(text))


def clean_column(cells: Sequence[str | None], default: str) -> list[str | None]:
    """Every cell cleaned; an empty one becomes ``default``, or None where that is empty too."""
    fallback = clean(default) or None
    return [
        ((cell.strip() if cell.isprintable() else clean(cell)) or fallback) if cell else fallback
        for cell in cells
    ]


def _trim_unseen(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _EDGE.match(text[start]):
        start += 1
    while end > start and _EDGE.match(text[end - 1]):
        end -= 1
    return text[start:end]
