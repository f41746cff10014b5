"""What an edit or a removal means for the whole configuration, and the changes that make it."""

from typing import Any, TypeVar

import msgspec

from omnisend_tui.config.edit import Change, Put, Remove, Rename
from omnisend_tui.config.models import Attribute, Config, Export, Record, Settings
from omnisend_tui.config.parse import Kept, derived_id
from omnisend_tui.errors import ConfigError
from omnisend_tui.formats import shorten
from omnisend_tui.i18n import _

R = TypeVar("R", bound=Record)
Rows = tuple[Attribute, ...]

# Who is subscribed where: no part of it means anything without the others.
_SUBSCRIBED = (
    "email_status", "consent_column", "consent_source", "connection", "source", "segments",
    "except_segments",
)  # fmt: skip

# The field of an export that names a record of this kind.
_USED_AS = {"connections": "connection", "sources": "source"}


def merge(current: R, before: R, after: R) -> R:
    """``current`` with what differs between ``before`` and ``after``; the id never does.

    The attributes of a data matching count one by one; of an export that would subscribe people,
    whom and where counts as one. Raises ``ConfigError`` 'config_changed' where ``current`` differs
    there too.
    """
    ours: dict[str, Any] = {}
    clashes: list[str] = []
    for field in before.__struct_fields__:
        old, new = getattr(before, field), getattr(after, field)
        found = getattr(current, field)
        if field == "id" or new in (old, found):
            continue
        ours[field] = new
        if found != old and field == "mapping":
            ours[field], clashing = _merged_rows(found, old, new)
            clashes += clashing
        elif found != old:
            clashes.append(f"{field} ({_shown(found)})")
    result: R = msgspec.structs.replace(current, **ours)
    if not clashes and isinstance(result, Export) and result.email_status:
        theirs = [each for each in _SUBSCRIBED if getattr(current, each) != getattr(before, each)]
        if theirs and any(getattr(result, each) != getattr(current, each) for each in _SUBSCRIBED):
            clashes = [f"{each} ({_shown(getattr(current, each))})" for each in theirs]
    if clashes:
        raise ConfigError(
            "config_changed",
            _("Somebody else changed {fields} meanwhile.").format(fields=", ".join(clashes)),
            _("Look at it again, then decide."),
        )
    return result


def _merged_rows(current: Rows, before: Rows, after: Rows) -> tuple[Rows, list[str]]:
    """The data matching merged attribute by attribute, and the attributes where that can't be."""
    found, old, new = ({row.field: row for row in rows} for rows in (current, before, after))
    if (len(found), len(old), len(new)) != (len(current), len(before), len(after)):
        return current, ["mapping (…)"]  # written by hand, with a field twice
    merged, clashes = dict(found), []
    for field in {**old, **new}:
        ours, theirs = new.get(field), found.get(field)
        if ours in (old.get(field), theirs):
            continue
        if theirs != old.get(field):
            what = "–" if theirs is None else theirs.column or theirs.value
            clashes.append(f"{field} ({_shown(what)})")
        elif ours is None:
            del merged[field]
        else:
            merged[field] = ours
    return tuple(merged.values()), clashes


def _shown(value: object) -> str:
    """A value of somebody else, short enough for a sentence."""
    return shorten(str(value)) if isinstance(value, str | int | None) else "…"


def edited(config: Config, kind: str, current: Kept, merged: Kept) -> tuple[list[Change], Config]:
    """The changes that make ``current`` ``merged``, and the configuration after them."""
    records = _but(getattr(config, kind), [current.name])
    wanted = extended(config, kind, {**records, merged.name: merged})
    changes: list[Change] = []
    if merged.name != current.name:
        changes.append(Rename(kind, current.name, merged.name))
        # It may stand nowhere yet, and would be another one with another name.
        if current.id == derived_id(kind, current.name):
            changes.append(Put(kind, merged.name, "id", current.id))
        if kind in _USED_AS:
            uses, wanted = _pointed(wanted, _USED_AS[kind], current.name, merged.name)
            changes += uses
    return changes + _puts(kind, merged.name, plain(current), plain(merged)), wanted


def settings_edited(config: Config, merged: Settings) -> tuple[list[Change], Config]:
    """The changes that make the settings ``merged``, and the configuration after them."""
    old, new = msgspec.to_builtins(config.settings), msgspec.to_builtins(merged)
    return _puts("settings", "", old, new), msgspec.structs.replace(config, settings=merged)


def _puts(kind: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    fields = [field for field in {**old, **new} if old.get(field) != new.get(field)]
    return [Put(kind, name, field, new.get(field)) for field in fields]


def _pointed(config: Config, field: str, old: str, new: str) -> tuple[list[Change], Config]:
    """The changes by which exports that use ``old`` use ``new``, and the result."""
    exports = {
        name: msgspec.structs.replace(export, **{field: new})
        for name, export in config.exports.items()
        if getattr(export, field) == old
    }
    changes: list[Change] = [Put("exports", name, field, new or None) for name in exports]
    return changes, extended(config, "exports", {**config.exports, **exports})


def removed(config: Config, kind: str, name: str, detach: bool) -> tuple[list[Change], Config]:
    """The changes that remove a record, and the configuration after them.

    Exports that use a removed connection go too; with ``detach`` they lose the connection only.
    """
    wanted = extended(config, kind, _but(getattr(config, kind), [name]))
    changes: list[Change] = [Remove(kind, name)]
    if kind != "connections":
        return changes, wanted
    if detach:
        uses, wanted = _pointed(wanted, "connection", name, "")
        return [*changes, *uses], wanted
    used = [export.name for export in config.exports.values() if export.connection == name]
    wanted = extended(wanted, "exports", _but(config.exports, used))
    return [*changes, *(Remove("exports", export) for export in used)], wanted


def _but(records: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: record for name, record in records.items() if name not in names}


def extended(config: Config, kind: str, records: dict[str, Any]) -> Config:
    """``config`` with other records of one kind."""
    return msgspec.structs.replace(config, **{kind: records})


def plain(record: Record) -> dict[str, Any]:
    """The table of ``record``: id first, no name (it is the key), no default values."""
    values: dict[str, Any] = msgspec.to_builtins(record)
    values.pop("name", None)
    return {"id": values.pop("id"), **values}
