"""The text of config.toml as statements, each some whole lines, and values as TOML.

Nothing here proves that a text says what is wanted: whoever writes it reads it again and compares.
"""

import contextlib
import json
import re
import tomllib
from typing import Any, NamedTuple

Keys = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|' + rf"'[^']*'|{_BARE.pattern}")
_KEY = re.compile(rf"\s*(?:\[\[?\s*)?(?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*\s*=?\s*")
# Strings are matched only to step over the # in them.
_COMMENT = re.compile(
    r'"{3}(?:\\.|[^\\])*?"{3,5}|' + r"'{3}.*?'{3,5}|"
    r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'|(?P<comment>#[^\r\n]*)",
    re.DOTALL,
)


class Statement(NamedTuple):
    """A header, or a key with its value, or a comment or blank line (which has no path)."""

    text: str
    header: bool
    table: Keys
    keys: Keys

    @property
    def path(self) -> Keys:
        return self.table + self.keys

    def is_in(self, table: Keys) -> bool:
        """Whether it is this table, or stands in it."""
        return self.path[: len(table)] == table

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def indent(self) -> str:
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def comments(self) -> str:
        """What stays of a statement that goes."""
        found = (match["comment"] for match in _COMMENT.finditer(self.text))
        return "".join(f"{self.indent}{comment}\n" for comment in found if comment)

    def with_key(self, place: int, key: str) -> str:
        """Its text with another part at ``place`` of the header or key, in quotes if it had any."""
        part = list(_PART.finditer(self.text))[place]
        bare = part[0][0] not in "\"'"
        return self.text[: part.start()] + quoted(key, bare=bare) + self.text[part.end() :]

    def with_value(self, value: Any) -> str:
        """Its text with another value; comments within the old one are put above it."""
        start = _KEY.match(self.text)
        comments = [found for found in _COMMENT.finditer(self.text) if found["comment"]]
        at = len(self.text)
        if comments and not self.text[comments[-1].end() :].strip():
            at = comments.pop().start()
        tail = self.text[len(self.text[:at].rstrip()) :]
        above = "".join(f"{self.indent}{found['comment']}\n" for found in comments)
        return above + (start[0] if start else "") + inline(value) + tail


def statements_of(text: str) -> list[Statement]:
    """All of ``text``, which is valid TOML, in order."""
    found: list[Statement] = []
    table: Keys = ()
    chunk = ""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        chunk += line
        # Within valid TOML, lines that are none yet are the start of a longer value.
        with contextlib.suppress(tomllib.TOMLDecodeError):
            keys = _keys(chunk) if tomllib.loads(chunk) else ()
            header = bool(keys) and chunk.lstrip().startswith("[")
            found.append(Statement(chunk, header, table if keys and not header else (), keys))
            table = keys if header else table
            chunk = ""
    return found


def _keys(chunk: str) -> Keys:
    start = _KEY.match(chunk)
    parts = _PART.findall(start[0]) if start else []
    return tuple(next(iter(tomllib.loads(f"{part} = 0"))) for part in parts)


def dotted(keys: Keys) -> str:
    """A key of several parts."""
    return ".".join(quoted(key) for key in keys)


def quoted(key: str, *, bare: bool = True) -> str:
    """A part of a key, in quotes where it needs them or isn't to be ``bare``."""
    return key if bare and _BARE.fullmatch(key) else inline(key)


def inline(value: Any) -> str:
    """``value`` as TOML, on one line but for lists of tables."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{quoted(key)} = {inline(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if is_tables(value):
        return "[\n" + "".join(f"    {inline(inner)},\n" for inner in value) + "]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(inner) for inner in value) + "]"
    # JSON's form of text, numbers and truth values is TOML's too, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def is_tables(value: Any) -> bool:
    """Whether ``value`` may be written as [[tables]]."""
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], dict)
