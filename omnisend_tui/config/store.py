"""config.toml on the disk: reading all of it, changing records without touching the rest."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from omnisend_tui.config.checks import name_fault, record_fault
from omnisend_tui.config.edit import Change, changed
from omnisend_tui.config.files import exclusive, make_private_folder, replace_file
from omnisend_tui.config.merge import edited, extended, merge, plain, removed, settings_edited
from omnisend_tui.config.models import Config, Connection, Export, Record, Settings, Source
from omnisend_tui.config.parse import Kept, parse, syntax_error
from omnisend_tui.errors import ConfigError, UsageError
from omnisend_tui.i18n import _


def load(path: Path) -> Config:
    """The configuration in ``path``; an empty one where there is no file.

    Raises ``ConfigError`` (code config_syntax, config_value or config_unreadable).
    """
    return parse(_read(path), path.name)


def add_connection(path: Path, connection: Connection) -> None:
    """Adds a connection; a new id where it has none. Raises ``UsageError``, ``StateError``."""
    _add(path, "connections", connection.name, connection)


def add_source(path: Path, source: Source) -> None:
    """Adds a source; a new id where it has none. Raises ``UsageError``, ``StateError``."""
    _add(path, "sources", source.name, source)


def add_export(path: Path, export: Export) -> None:
    """Adds an export; a new id where it has none. Raises ``UsageError``, ``StateError``.

    Its connection and source need not exist: it only can't run before they do.
    """
    _add(path, "exports", export.name, export)


def edit_connection(path: Path, before: Connection, after: Connection) -> Connection:
    """Brings what differs between ``before`` and ``after`` into the file; exports follow a rename.

    The record is found by the id of ``before``, which stays. What another process changed
    meanwhile is kept. Returns the record as it now is. Raises ``UsageError``, ``StateError``, and
    ``ConfigError`` 'config_changed' where another process changed the same fields in another way,
    'config_gone' where the record is no more, 'config_unextendable'; nothing is written then.
    """
    return _edit(path, "connections", before, after)


def edit_source(path: Path, before: Source, after: Source) -> Source:
    """As ``edit_connection``, for a source."""
    return _edit(path, "sources", before, after)


def edit_export(path: Path, before: Export, after: Export) -> Export:
    """As ``edit_connection``, for an export. The attributes of ``mapping`` count one by one."""
    return _edit(path, "exports", before, after)


def edit_settings(path: Path, before: Settings, after: Settings) -> Settings:
    """As ``edit_connection``, for the settings, which are always there."""
    with _held(path) as text:
        config = parse(text, path.name)
        merged = merge(config.settings, before, after)
        if merged != config.settings:
            changes, wanted = settings_edited(config, merged)
            replace_file(path, _with_changes(path, text, "settings", changes, wanted).encode())
        return merged


def remove_connection(path: Path, connection: Connection, *, detach: bool) -> None:
    """Removes the connection with this id, if it is still there, and the exports that use it.

    With ``detach`` those stay, without a connection. Raises ``ConfigError``, ``StateError``.
    """
    _remove(path, "connections", connection, detach)


def remove_source(path: Path, source: Source, *, unused: bool = False) -> None:
    """Removes the source with this id, if it is still there; exports keep its name.

    Raises ``ConfigError``, ``StateError``, and, with ``unused``, ``UsageError`` 'source_used' where
    exports name it.
    """
    _remove(path, "sources", source, unused=unused)


def remove_export(path: Path, export: Export) -> None:
    """Removes the export with this id, if it is still there. Raises as ``remove_source``."""
    _remove(path, "exports", export)


def gone(path: Path, name: str) -> ConfigError:
    """The error of an edit whose record is no more."""
    return ConfigError(
        "config_gone",
        _("“{name}” is no longer in {file}.").format(name=name, file=path.name),
        _("Somebody else removed it meanwhile."),
    )


def _add(path: Path, kind: str, name: str, record: Connection | Source | Export) -> None:
    _check(name, record)
    if not record.id:
        record = msgspec.structs.replace(record, id=os.urandom(6).hex())
    with _held(path) as text:
        before = parse(text, path.name)
        names: Mapping[str, Record] = getattr(before, kind)
        _refuse_taken(name, names)
        after = extended(before, kind, {**names, name: record})
        replace_file(path, _with_table(path, text, kind, name, record, after).encode())


def _edit(path: Path, kind: str, before: Kept, after: Kept) -> Kept:
    _check(after.name, after)
    with _held(path) as text:
        config = parse(text, path.name)
        records: Mapping[str, Kept] = getattr(config, kind)
        current = next((kept for kept in records.values() if kept.id == before.id), None)
        if current is None:
            raise gone(path, before.name)
        merged = merge(current, before, after)
        if merged != current:
            if merged.name != current.name:
                _refuse_taken(merged.name, [name for name in records if name != current.name])
            changes, wanted = edited(config, kind, current, merged)
            replace_file(path, _with_changes(path, text, merged.name, changes, wanted).encode())
        return merged


def _remove(
    path: Path, kind: str, record: Kept, detach: bool = True, *, unused: bool = False
) -> None:
    with _held(path) as text:
        config = parse(text, path.name)
        records: Mapping[str, Kept] = getattr(config, kind)
        name = next((kept.name for kept in records.values() if kept.id == record.id), None)
        if name is None:
            return
        if unused:
            _refuse_used(name, config)
        changes, wanted = removed(config, kind, name, detach)
        replace_file(path, _with_changes(path, text, name, changes, wanted).encode())


@contextlib.contextmanager
def _held(path: Path) -> Iterator[str]:
    """The text of the file, which no other process changes meanwhile."""
    target = Path(os.path.realpath(path))
    make_private_folder(target.parent)
    with exclusive(target.with_name(f".{target.name}.lock")):
        yield _read(path)


def _check(name: str, record: Connection | Source | Export) -> None:
    if sentence := name_fault(name):
        raise UsageError("invalid_name", sentence, _("Choose another name."))
    if fault := record_fault(record):
        raise UsageError("invalid_value", fault[1], _("Nothing was stored; give another value."))
    try:
        msgspec.json.encode(record).decode()
    except (UnicodeError, ValueError):
        raise UsageError(
            "invalid_text",
            _("A value holds bytes that are no text."),
            _("Nothing was stored; check the encoding of the terminal."),
        ) from None


def _refuse_taken(name: str, names: Iterable[str]) -> None:
    # "Shop" and "shop" would share the environment's key and mislead people.
    taken = next((other for other in names if other.casefold() == name.casefold()), None)
    if taken is not None:
        raise UsageError(
            "name_taken",
            _("The name “{name}” is taken.").format(name=taken),
            _("Choose another name."),
        )


def _refuse_used(name: str, config: Config) -> None:
    users = [f"“{each.name}”" for each in config.exports.values() if each.source == name]
    if users:
        raise UsageError(
            "source_used",
            _("Exports use “{name}”: {exports}. Nothing was changed.").format(
                name=name, exports=", ".join(users)
            ),
            _("Give them another source, or remove them first."),
        )


def _with_table(path: Path, text: str, kind: str, name: str, record: Record, wanted: Config) -> str:
    """``text`` with one table more, proven to say ``wanted``.

    Appending leaves comments where they stand; only a file whose parent table is closed (written
    inline) needs the slower way through the whole document.
    """
    ways: tuple[Callable[[], str], ...] = (
        lambda: _appended(text, kind, name, record),
        lambda: _inserted(text, kind, name, record),
    )
    for way in ways:
        # tomlkit has limits of its own (ValueError) in files of unusual form.
        with contextlib.suppress(ConfigError, ValueError):
            draft = way()
            if parse(draft, path.name) == wanted:
                return draft
    raise ConfigError(
        "config_unextendable",
        _(
            "“{name}” could not be added to {file}: its {kind} are written in an unusual form."
        ).format(name=name, file=path.name, kind=kind),
        _('Write them as [{kind}."NAME"] tables.').format(kind=kind),
    )


def _with_changes(
    path: Path, text: str, name: str, changes: Sequence[Change], wanted: Config
) -> str:
    """``text`` after ``changes``, proven to say ``wanted``."""
    for blocks in (True, False):
        with contextlib.suppress(ConfigError):
            draft = changed(text, changes, blocks=blocks)
            if parse(draft, path.name) == wanted:
                return draft
    kind = changes[0].kind
    hint = _('Write them as [{kind}."NAME"] tables.').format(kind=kind)
    if kind == "settings":
        hint = _("Write them as a [settings] table.")
    raise ConfigError(
        "config_unextendable",
        _("“{name}” could not be changed in {file}: it is written in an unusual form.").format(
            name=name, file=path.name
        ),
        hint,
    )


def _appended(text: str, kind: str, name: str, record: Record) -> str:
    import tomlkit

    parent = tomlkit.table(is_super_table=True)
    parent.append(name, tomlkit.item(plain(record)))
    document = tomlkit.document()
    document.append(kind, parent)
    fragment = tomlkit.dumps(document)
    if "\r\n" in text:
        fragment = fragment.replace("\n", "\r\n")
    newline = "\r\n" if "\r\n" in text else "\n"
    if not text.strip():
        return text + fragment
    return text + ("" if text.endswith("\n") else newline) + newline + fragment


def _inserted(text: str, kind: str, name: str, record: Record) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    tables: Any = document.setdefault(kind, tomlkit.table(is_super_table=True))
    tables[name] = plain(record)
    return tomlkit.dumps(document)


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(
            "config_unreadable",
            _("{path} can't be read: {reason}.").format(path=path, reason=error.strerror or ""),
            _("Look at its owner and its rights."),
        ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace") + "?"
        line = len(before.splitlines())
        reason = f"not UTF-8 (at line {line}, column 1)"
        raise syntax_error(before, path.name, reason) from None
