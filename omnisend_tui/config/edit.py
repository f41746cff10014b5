"""Changes in the text of config.toml that touch no line but those they are about.

Nothing here proves that a result says what is wanted: the caller reads it again and compares.
"""

import contextlib
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile
from typing import Any, NamedTuple

from omnisend_tui.config.statements import (
    Keys,
    Statement,
    dotted,
    inline,
    is_tables,
    quoted,
    statements_of,
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


def changed(text: str, changes: Iterable[Change], *, blocks: bool) -> str:
    """``text`` (valid TOML) after ``changes``, made one after the other.

    ``blocks`` says whether a list or table of tables that is written anew becomes [tables] or an
    inline value; files exist where only one of them is right.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    cut_short = bool(text) and not text.endswith("\n")
    draft = text + newline if cut_short else text
    for change in changes:
        statements = statements_of(draft)
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


def _renamed(statement: Statement, change: Rename) -> str:
    if statement.path == (change.kind,) and not statement.header:
        return _within(statement, (), lambda table, _: _move(table, change))
    place = 1 - len(statement.table)
    if place < 0 or not statement.is_in((change.kind, change.old)):
        return statement.text
    return statement.with_key(place, change.new)


def _move(table: Any, change: Rename) -> None:
    if change.old in table:
        table[change.new] = table.pop(change.old)


def _removed(statements: Sequence[Statement], change: Remove) -> list[str]:
    kept: list[Statement] = []
    gap: list[Statement] = []
    inside = False
    for statement in statements:
        if not statement.keys:
            gap.append(statement)
            continue
        mine = statement.is_in(change)
        if not (mine and inside):
            kept += _tidied(kept, gap) if inside else gap
        if not mine:
            kept.append(_without(statement, change))
        gap, inside = [], mine
    kept += _tidied(kept, gap) if inside else gap
    while inside and kept and kept[-1].blank:
        kept.pop()
    return [statement.text for statement in kept]


def _tidied(kept: Sequence[Statement], gap: Iterable[Statement]) -> list[Statement]:
    # Else the blank lines before and after each removed table would pile up.
    if not kept or kept[-1].blank:
        return list(dropwhile(lambda statement: statement.blank, gap))
    return list(gap)


def _without(statement: Statement, change: Remove) -> Statement:
    if statement.path != (change.kind,) or statement.header:
        return statement
    text = _within(statement, (), lambda table, _: table.pop(change.name, None))
    return statement._replace(text=text)


def _put(statements: Sequence[Statement], change: Put, blocks: bool) -> list[str]:
    record = change.record
    target = (*record, change.field)
    texts = [statement.text for statement in statements]
    mine = [at for at, found in enumerate(statements) if found.is_in(target)]
    for at, found in enumerate(statements):
        if found.header or not found.keys or found.path != target[: len(found.path)]:
            continue
        if len(found.path) == len(target) and change.value is not None:
            texts[at] = found.with_value(change.value)
            return texts
        if len(found.path) < len(target):
            texts[at] = _within(found, record[len(found.path) :], _setter(change), change.value)
            return texts
    for at in mine:
        texts[at] = statements[at].comments
    if change.value is None:
        all_ = [at for at, found in enumerate(statements) if found.is_in(record)]
        if mine and mine == all_:
            texts[mine[0]] += _emptied(statements[mine[0]], record)
        return texts
    if blocks and _is_nested(change.value):
        _add_block(statements, texts, mine, change)
    else:
        _add_key(statements, texts, change)
    return texts


def _emptied(statement: Statement, record: Keys) -> str:
    """The record without any field, where the last one of ``record`` stood."""
    if statement.header:
        return f"[{dotted(record)}]\n"
    return f"{statement.indent}{dotted(record[len(statement.table) :])} = {{}}\n"


def _setter(change: Put) -> Callable[[Any, Any], object]:
    def set_field(table: Any, value: Any) -> None:
        if value is None:
            table.pop(change.field, None)
        else:
            table[change.field] = value

    return set_field


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or is_tables(value)


def _add_block(
    statements: Sequence[Statement], texts: list[str], mine: Sequence[int], change: Put
) -> None:
    """Puts [tables] where the old ones ended, so that the comments between those stay above."""
    drop = False
    for at in range(mine[-1] if mine else 0, mine[0] if mine else 0, -1):
        drop = at in mine if statements[at].keys else drop
        if drop and statements[at].blank:
            texts[at] = ""
    record = change.record
    at = mine[-1] if mine else _last(statements, lambda found: found.is_in(record))
    header = dotted((*record, change.field))
    tables = [change.value] if isinstance(change.value, dict) else change.value
    head = f"[{header}]\n" if isinstance(change.value, dict) else f"[[{header}]]\n"
    block = "\n".join(
        head + "".join(f"{quoted(key)} = {inline(value)}\n" for key, value in table.items())
        for table in tables
    )
    texts[at] += block if mine else "\n" + block


def _add_key(statements: Sequence[Statement], texts: list[str], change: Put) -> None:
    """Puts a key after the last one of its table, before comments that may be of the next."""
    record = change.record
    line = f"{quoted(change.field)} = {inline(change.value)}\n"
    at = _last(
        statements,
        lambda found: found.is_in(record) and not found.header and len(found.table) <= len(record),
    )
    if at >= 0:
        anchor = statements[at]
        keys = (*record[len(anchor.table) :], change.field)
        texts[at] += f"{anchor.indent}{dotted(keys)} = {inline(change.value)}\n"
        return
    at = _last(statements, lambda found: found.header and found.path == record)
    if at >= 0:
        texts[at] += line
        return
    table = f"[{dotted(record)}]\n{line}"
    mine = (at for at, found in enumerate(statements) if found.is_in(record))
    first = next(mine, None)
    if first is not None:
        texts[first] = f"{table}\n" + texts[first]
    else:
        texts.append(("\n" if texts and texts[-1].strip() else "") + table)


def _last(statements: Sequence[Statement], fits: Callable[[Statement], bool]) -> int:
    return max((at for at, found in enumerate(statements) if fits(found)), default=-1)


def _within(
    statement: Statement,
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
        item = None if value is None else tomlkit.value(inline(value))
        act(_inner(document, statement.keys + below), item)
        draft = tomlkit.dumps(document)
        if tomllib.loads(draft) == wanted:
            return draft
    return statement.with_value(_inner(wanted, statement.keys))


def _inner(table: Any, keys: Keys) -> Any:
    for key in keys:
        table = table[key]
    return table
