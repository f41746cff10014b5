"""Changes in the text of config.toml that touch no line but those they are about.

The text is taken as statements, each some whole lines. Nothing here proves that a result says what
is wanted: the caller reads it again and compares.
"""

import contextlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile
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


class Rename(NamedTuple):
    """A record (``kind`` is connections, sources or exports) gets another name."""

    kind: str
    old: str
    new: str


class Put(NamedTuple):
    """A field of a record gets a value, or is taken out (None); the settings have no ``name``."""

    kind: str
    name: str
    field: str
    value: Any

    @property
    def record(self) -> Keys:
        """The table of the record."""
        return (self.kind, self.name) if self.name else (self.kind,)


class Remove(NamedTuple):
    """A record goes, with the comments between its lines."""

    kind: str
    name: str


Change = Rename | Put | Remove


class _Statement(NamedTuple):
    """A header, or a key with its value, or a comment or blank line (which has no path)."""

    text: str
    header: bool
    table: Keys
    keys: Keys

    @property
    def path(self) -> Keys:
        return self.table + self.keys

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def changed(text: str, changes: Iterable[Change], *, blocks: bool) -> str:
    """``text`` (valid TOML) after ``changes``, made one after the other.

    ``blocks`` says whether a list or table of tables that is written anew becomes [tables] or an
    inline value; files exist where only one of them is right.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    cut_short = bool(text) and not text.endswith("\n")
    draft = text + newline if cut_short else text
    for change in changes:
        statements = _statements(draft)
        if isinstance(change, Rename):
            drafts = [_renamed(statement, change) for statement in statements]
        elif isinstance(change, Remove):
            drafts = _removed(statements, change)
        else:
            drafts = _put(statements, change, blocks)
        untouched = {statement.text for statement in statements}
        draft = "".join(
            drawn if drawn in untouched else re.sub(r"\r?\n", newline, drawn) for drawn in drafts
        )
    return draft.removesuffix(newline) if cut_short else draft


def _statements(text: str) -> list[_Statement]:
    found: list[_Statement] = []
    table: Keys = ()
    chunk = ""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        chunk += line
        # Within valid TOML, lines that are none yet are the start of a longer value.
        with contextlib.suppress(tomllib.TOMLDecodeError):
            keys = _keys(chunk) if tomllib.loads(chunk) else ()
            header = bool(keys) and chunk.lstrip().startswith("[")
            found.append(_Statement(chunk, header, table if keys and not header else (), keys))
            table = keys if header else table
            chunk = ""
    return found


def _keys(chunk: str) -> Keys:
    start = _KEY.match(chunk)
    parts = _PART.findall(start[0]) if start else []
    return tuple(next(iter(tomllib.loads(f"{part} = 0"))) for part in parts)


def _renamed(statement: _Statement, change: Rename) -> str:
    text, path = statement.text, statement.path
    if path == (change.kind,) and not statement.header:
        return _within(statement, (), lambda table, _: _move(table, change))
    place = 1 - len(statement.table)
    if place < 0 or path[:2] != (change.kind, change.old):
        return text
    part = list(_PART.finditer(text))[place]
    bare = part[0][0] not in "\"'"
    return text[: part.start()] + _quoted(change.new, bare=bare) + text[part.end() :]


def _move(table: Any, change: Rename) -> None:
    if change.old in table:
        table[change.new] = table.pop(change.old)


def _removed(statements: Sequence[_Statement], change: Remove) -> list[str]:
    kept: list[_Statement] = []
    gap: list[_Statement] = []
    inside = False
    for statement in statements:
        if not statement.keys:
            gap.append(statement)
            continue
        mine = statement.path[:2] == change
        if not (mine and inside):
            kept += _tidied(kept, gap) if inside else gap
        if not mine:
            kept.append(_without(statement, change))
        gap, inside = [], mine
    kept += _tidied(kept, gap) if inside else gap
    while inside and kept and kept[-1].blank:
        kept.pop()
    return [statement.text for statement in kept]


def _tidied(kept: Sequence[_Statement], gap: Iterable[_Statement]) -> list[_Statement]:
    # Else the blank lines before and after each removed table would pile up.
    if not kept or kept[-1].blank:
        return list(dropwhile(lambda statement: statement.blank, gap))
    return list(gap)


def _without(statement: _Statement, change: Remove) -> _Statement:
    if statement.path != (change.kind,) or statement.header:
        return statement
    text = _within(statement, (), lambda table, _: table.pop(change.name, None))
    return statement._replace(text=text)


def _put(statements: Sequence[_Statement], change: Put, blocks: bool) -> list[str]:
    record = change.record
    target = (*record, change.field)
    texts = [statement.text for statement in statements]
    mine = [at for at, found in enumerate(statements) if found.path[: len(target)] == target]
    for at, found in enumerate(statements):
        if found.header or not found.keys or found.path != target[: len(found.path)]:
            continue
        if len(found.path) == len(target) and change.value is not None:
            texts[at] = _with_value(found, change.value)
            return texts
        if len(found.path) < len(target):
            texts[at] = _within(found, record[len(found.path) :], _setter(change), change.value)
            return texts
    for at in mine:
        texts[at] = _comments(statements[at])
    if change.value is None:
        all_ = [at for at, found in enumerate(statements) if found.path[: len(record)] == record]
        if mine and mine == all_:
            texts[mine[0]] += _emptied(statements[mine[0]], record)
        return texts
    if blocks and _is_nested(change.value):
        _add_block(statements, texts, mine, change)
    else:
        _add_key(statements, texts, change)
    return texts


def _emptied(statement: _Statement, record: Keys) -> str:
    """The record without any field, where the last one of ``record`` stood."""
    if statement.header:
        return f"[{_dotted(record)}]\n"
    return f"{_indent(statement)}{_dotted(record[len(statement.table) :])} = {{}}\n"


def _setter(change: Put) -> Callable[[Any, Any], object]:
    def set_field(table: Any, value: Any) -> None:
        if value is None:
            table.pop(change.field, None)
        else:
            table[change.field] = value

    return set_field


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or _is_tables(value)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], dict)


def _add_block(
    statements: Sequence[_Statement], texts: list[str], mine: Sequence[int], change: Put
) -> None:
    """Puts [tables] where the old ones ended, so that the comments between those stay above."""
    drop = False
    for at in range(mine[-1] if mine else 0, mine[0] if mine else 0, -1):
        drop = at in mine if statements[at].keys else drop
        if drop and statements[at].blank:
            texts[at] = ""
    record = change.record
    at = mine[-1] if mine else _last(statements, lambda found: found.path[: len(record)] == record)
    header = _dotted((*record, change.field))
    tables = [change.value] if isinstance(change.value, dict) else change.value
    head = f"[{header}]\n" if isinstance(change.value, dict) else f"[[{header}]]\n"
    block = "\n".join(
        head + "".join(f"{_quoted(key)} = {_inline(value)}\n" for key, value in table.items())
        for table in tables
    )
    texts[at] += block if mine else "\n" + block


def _add_key(statements: Sequence[_Statement], texts: list[str], change: Put) -> None:
    """Puts a key after the last one of its table, before comments that may be of the next."""
    record = change.record
    line = f"{_quoted(change.field)} = {_inline(change.value)}\n"
    at = _last(
        statements,
        lambda found: (
            found.path[: len(record)] == record
            and not found.header
            and len(found.table) <= len(record)
        ),
    )
    if at >= 0:
        anchor = statements[at]
        keys = (*record[len(anchor.table) :], change.field)
        texts[at] += f"{_indent(anchor)}{_dotted(keys)} = {_inline(change.value)}\n"
        return
    at = _last(statements, lambda found: found.header and found.path == record)
    if at >= 0:
        texts[at] += line
        return
    table = f"[{_dotted(record)}]\n{line}"
    mine = (at for at, found in enumerate(statements) if found.path[: len(record)] == record)
    first = next(mine, None)
    if first is not None:
        texts[first] = f"{table}\n" + texts[first]
    else:
        texts.append(("\n" if texts and texts[-1].strip() else "") + table)


def _last(statements: Sequence[_Statement], fits: Callable[[_Statement], bool]) -> int:
    return max((at for at, found in enumerate(statements) if fits(found)), default=-1)


def _within(
    statement: _Statement,
    below: Keys,
    act: Callable[[Any, Any], object],
    value: Any = None,
) -> str:
    """``statement`` after ``act`` on the table ``below`` its inline value."""
    import tomlkit

    wanted = tomllib.loads(statement.text)
    act(_inner(wanted, statement.keys + below), value)
    # tomlkit keeps the form of the rest, yet not every version gets all commas right.
    with contextlib.suppress(Exception):
        document = tomlkit.parse(statement.text)
        item = None if value is None else tomlkit.value(_inline(value))
        act(_inner(document, statement.keys + below), item)
        draft = tomlkit.dumps(document)
        if tomllib.loads(draft) == wanted:
            return draft
    return _with_value(statement, _inner(wanted, statement.keys))


def _inner(table: Any, keys: Keys) -> Any:
    for key in keys:
        table = table[key]
    return table


def _with_value(statement: _Statement, value: Any) -> str:
    """``statement`` with another value; comments within the old one are put above it."""
    text = statement.text
    start = _KEY.match(text)
    comments = [found for found in _COMMENT.finditer(text) if found["comment"]]
    at = len(text)
    if comments and not text[comments[-1].end() :].strip():
        at = comments.pop().start()
    tail = text[len(text[:at].rstrip()) :]
    above = "".join(f"{_indent(statement)}{found['comment']}\n" for found in comments)
    return above + (start[0] if start else "") + _inline(value) + tail


def _comments(statement: _Statement) -> str:
    """What stays of a statement that goes."""
    found = (match["comment"] for match in _COMMENT.finditer(statement.text))
    return "".join(f"{_indent(statement)}{comment}\n" for comment in found if comment)


def _indent(statement: _Statement) -> str:
    return statement.text[: len(statement.text) - len(statement.text.lstrip())]


def _dotted(keys: Keys) -> str:
    return ".".join(_quoted(key) for key in keys)


def _quoted(key: str, *, bare: bool = True) -> str:
    return key if bare and _BARE.fullmatch(key) else _inline(key)


def _inline(value: Any) -> str:
    """``value`` as TOML, on one line but for lists of tables."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{_quoted(key)} = {_inline(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if _is_tables(value):
        return "[\n" + "".join(f"    {_inline(inner)},\n" for inner in value) + "]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(inner) for inner in value) + "]"
    # JSON's form of text, numbers and truth values is TOML's too, but for this one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
