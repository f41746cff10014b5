"""The text of config.toml as records, or the line and the sentence of what is wrong in it."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import inspect

from omnisend_tui.config.checks import hook_fault, name_fault, record_fault
from omnisend_tui.config.locate import line_of
from omnisend_tui.config.models import (
    CUSTOMER_ID,
    Config,
    Connection,
    Export,
    Hook,
    Record,
    Settings,
    Source,
)
from omnisend_tui.errors import ConfigError
from omnisend_tui.i18n import N_, _

Kept = TypeVar("Kept", Connection, Source, Export)

_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`$")
_MISSING = re.compile(r"Object missing required field `(.*)`$")
_EXPECTED = re.compile(r"Expected `(.*)`, got `(.*)`$")
_SYNTAX_AT = re.compile(r"^(.*?) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)

_KINDS = {
    "str": N_("text in quotes"),
    "int": N_("a whole number"),
    "int | null": N_("a whole number"),
    "float": N_("a number"),
    "bool": N_("true or false"),
    "array": N_("a list"),
    "object": N_("a table"),
    "tables": N_("a list of tables, each with this name in [[two brackets]]"),
}


def parse(text: str, file: str) -> Config:
    """Reads ``text``; ``file`` names it in errors. Raises ``ConfigError`` with the line.

    Each record has its name and an id (derived from the name where the text has none).
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise syntax_error(text, file, str(error)) from None
    except RecursionError:
        raise syntax_error(text, file, "Nested too deeply (at line 1, column 1)") from None
    return _Reader(text, file).config(data)


def derived_id(kind: str, name: str) -> str:
    """The id of a hand-written record: the same for the same name on every machine."""
    import hashlib  # brings OpenSSL

    return hashlib.sha256(f"{kind}\0{name}".encode()).hexdigest()[:12]


def syntax_error(text: str, file: str, reason: str) -> ConfigError:
    """The error for text that is no TOML; ``reason`` as tomllib says it."""
    found = _SYNTAX_AT.match(reason)
    line = int(found[2]) if found and found[2] else max(1, len(text.splitlines()))
    return _error(
        file,
        line,
        "config_syntax",
        _("This can't be read as TOML ({reason}).").format(reason=found[1] if found else reason),
    )


def _error(file: str, line: int | None, code: str, what: str) -> ConfigError:
    place = (
        _("{file}, line {line}: {what}").format(file=file, line=line, what=what)
        if line
        else _("{file}: {what}").format(file=file, what=what)
    )
    return ConfigError(code, place, _("Correct it in the file; nothing was changed."))


class _Reader:
    """One pass over parsed TOML, with the text at hand for the lines."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file

    def config(self, data: dict[str, Any]) -> Config:
        for name in data:
            if name not in Config.__struct_fields__:
                self._fail((name,), _unknown(name, Config))
        settings = self._convert(("settings",), data.get("settings", {}), Settings)
        return Config(
            settings=settings,
            connections=self._named("connections", data, Connection),
            sources=self._named("sources", data, Source),
            exports=self._named("exports", data, Export),
            hooks=self._hooks(data.get("hooks", [])),
        )

    def _hooks(self, tables: object) -> tuple[Hook, ...]:
        if not isinstance(tables, list):
            self._fail(("hooks",), _wrong_kind("hooks", "tables"))
        hooks = []
        for place, table in enumerate(tables):
            hook = self._convert(("hooks", place), table, Hook)
            if fault := hook_fault(hook):
                self._fail(("hooks", place, fault[0]), fault[1])
            hooks.append(hook)
        return tuple(hooks)

    def _named(self, kind: str, data: Mapping[str, Any], model: type[Kept]) -> dict[str, Kept]:
        tables = data.get(kind, {})
        if not isinstance(tables, dict):
            self._fail((kind,), _wrong_kind(kind, "object"))
        records: dict[str, Kept] = {}
        owners: dict[str, str] = {}
        for name, table in tables.items():
            record = self._record(kind, name, table, model)
            if owner := owners.get(record.id):
                what = _("“{name}” has the same id as “{owner}”.").format(name=name, owner=owner)
                self._fail((kind, name, "id"), what)
            owners[record.id] = name
            records[name] = record
        return records

    def _record(self, kind: str, name: str, table: object, model: type[Kept]) -> Kept:
        if sentence := name_fault(name):
            self._fail((kind, name), sentence)
        record = self._convert((kind, name), table, model)
        if fault := record_fault(record):
            self._fail((kind, name, fault[0]), fault[1])
        id_ = record.id or derived_id(kind, name)
        named: Kept = msgspec.structs.replace(record, name=name, id=id_)
        if isinstance(named, Source) and named.type == "dataverse" and not named.key:
            return msgspec.structs.replace(named, key=CUSTOMER_ID)
        return named

    def _convert(self, path: tuple[str | int, ...], table: object, model: type[Any]) -> Any:
        # The name is the table's key; a second one inside could only contradict it.
        if isinstance(table, dict) and "name" in table:
            self._fail((*path, "name"), _unknown("name", model))
        try:
            return msgspec.convert(table, model)
        except msgspec.ValidationError as error:
            self._explain(path, table, model, str(error))

    def _explain(
        self, path: tuple[str | int, ...], table: object, model: type[Record], message: str
    ) -> NoReturn:
        at = _AT.search(message)
        steps = [key or int(place) for key, place in _STEP.findall(at[1])] if at else []
        what = message[: at.start()] if at else message
        where: tuple[str | int, ...] = (*path, *steps)
        label = next((str(step) for step in reversed(where) if isinstance(step, str)), "")
        if found := _UNKNOWN.match(what):
            holder = model if not steps else None
            self._fail((*where, found[1]), _unknown(found[1], holder))
        if found := _MISSING.match(what):
            self._fail(where, _("“{key}” is missing here.").format(key=found[1]))
        if found := _EXPECTED.match(what):
            self._fail(where, _wrong_kind(label, found[1]))
        what = _("“{key}” can't be this value.").format(key=label)
        if values := _choices(model, steps):
            listed = ", ".join(f"“{value}”" for value in values)
            what = f"{what} " + _("It can be: {values}.").format(values=listed)
        self._fail(where, what)

    def _fail(self, path: tuple[str | int, ...], what: str) -> NoReturn:
        raise _error(self._file, line_of(self._text, path), "config_value", what)


def _choices(model: type[Record], steps: Iterable[str | int]) -> Sequence[object]:
    """The values of the field at ``steps``, where it has but a few."""
    found: object = inspect.type_info(model)
    for step in steps:
        if isinstance(found, inspect.StructType):
            found = next((each.type for each in found.fields if each.encode_name == step), None)
        else:
            found = getattr(found, "item_type", None)
    return found.values if isinstance(found, inspect.LiteralType) else ()


def _unknown(key: str, model: type[msgspec.Struct] | None) -> str:
    sentence = _("“{key}” isn't known here.").format(key=key)
    if model is None:
        return sentence
    known = ", ".join(field for field in model.__struct_fields__ if field != "name")
    return f"{sentence} " + _("Known are: {known}.").format(known=known)


def _wrong_kind(key: str, kind: str) -> str:
    expected = _(_KINDS[kind]) if kind in _KINDS else kind
    return _("“{key}” must be {kind}.").format(key=key, kind=expected)
