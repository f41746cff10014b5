"""Managing sources, exports and settings: what the app and the command line both call.

Whoever may send through a connection manages its exports; one whose connection is gone is managed
by administrators. Edits bring only what differs from what the user saw into config.toml.
"""

from contextlib import AbstractContextManager, nullcontext
from secrets import token_hex
from typing import TYPE_CHECKING

from msgspec.structs import replace

from omnisend_tui.config import store
from omnisend_tui.config.checks import storing_fault, tenant_fault
from omnisend_tui.config.merge import merge
from omnisend_tui.config.models import Export, Settings, Source
from omnisend_tui.errors import CredentialsError, StateError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.noting import left_behind
from omnisend_tui.permissions import may_use, not_for_contributors, refusal, require
from omnisend_tui.progress import Snapshot
from omnisend_tui.removal import PATIENCE, drop_ledgers, runs_where, stop_runs
from omnisend_tui.troubles import check_content
from omnisend_tui.typed_schedule import parse
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.sign_in import Credentials


def source_fault(workspace: Workspace, wanted: Source) -> str:
    """Why ``wanted`` can't be stored, '' where it can; its own record may have its name."""
    known = workspace.config.sources
    before = next((each for each in known.values() if each.id == wanted.id), None)
    return storing_fault(wanted, known) or tenant_fault(wanted, before)


def export_fault(workspace: Workspace, wanted: Export) -> str:
    """Why ``wanted`` can't be stored, '' where it can; its own record may have its name."""
    return storing_fault(wanted, workspace.config.exports)


def check_source(workspace: Workspace, wanted: Source) -> None:
    """Raises ``UsageError`` for a source that the actor can't store."""
    require(workspace.actor, "manage_sources")
    _refuse(source_fault(workspace, wanted))


def check_export_name(workspace: Workspace, name: str) -> None:
    """Raises ``UsageError`` where the actor can't store an export with this name."""
    require(workspace.actor, "manage_exports")
    _refuse(storing_fault(Export(name=name), workspace.config.exports))


def try_condition(workspace: Workspace, source: Source, name: str, condition: str) -> int:
    """How many profiles of the source a condition has. Raises ``SourceError``."""
    from omnisend_tui.sources.base import Selection

    alone = replace(source, segments_column="", segments={name: condition})
    return workspace.open_source(alone).count(Selection((name,)))


def add_source(
    workspace: Workspace, wanted: Source, credentials: "Credentials | None" = None
) -> Source:
    """Stores a source that was opened, and what signs in there in the keyring; all or nothing.

    Raises ``UsageError``, ``CredentialsError``, ``ConfigError``, ``StateError``.
    """
    check_source(workspace, wanted)
    with _keeping(workspace, wanted, credentials):
        # The config comes last: until it names the source, nothing refers to the rest.
        store.add_source(workspace.config_path, wanted)
    workspace.reload_config()
    return workspace.source(wanted.name)


def edit_source(
    workspace: Workspace, before: Source, after: Source, credentials: "Credentials | None" = None
) -> Source:
    """Changes what differs between ``before`` (as the user saw it) and ``after``.

    Exports follow a new name. ``credentials`` are what signs in from now on; without any, a sign-in
    as a person ends where the source moves to another environment, tenant or registration. Raises
    ``UsageError``, ``CredentialsError``, or ``ConfigError`` 'config_changed' where somebody else
    changed the same meanwhile, 'config_gone'.
    """
    require(workspace.actor, "manage_sources")
    workspace.reload_config()
    _refuse(source_fault(workspace, after))
    with _keeping(workspace, before, credentials):
        merged = store.edit_source(workspace.config_path, before, after)
    workspace.reload_config()
    if before.url != merged.url:
        workspace.forget_labels(merged)
    if merged.type == "dataverse" and not credentials and _signs_in_elsewhere(before, merged):
        from omnisend_tui.sign_in import forget_person

        forget_person(workspace, merged)
    return workspace.source(merged.name)


def source_dependents(workspace: Workspace, source: Source) -> list[Export]:
    """The exports that use a source."""
    return [each for each in workspace.config.exports.values() if each.source == source.name]


def remove_source(workspace: Workspace, source: Source) -> None:
    """Removes a source that no export uses, and what signs in there; its files stay as they are.

    Raises ``UsageError`` 'source_used' with the names of those that do, ``ConfigError``, or, once
    it is removed, ``CredentialsError`` where the keyring doesn't delete (`doctor` finds it then).
    """
    require(workspace.actor, "manage_sources")
    store.remove_source(workspace.config_path, source, unused=True)
    workspace.reload_config()
    if source.type != "dataverse":
        return
    workspace.forget_labels(source)
    from omnisend_tui.sign_in import forget

    try:
        forget(workspace, source)
    except CredentialsError as error:
        told = _("“{name}” is removed, but its sign-in may still be in the keyring. {why}")
        raise left_behind(error, told, source.name) from None


def add_export(workspace: Workspace, wanted: Export) -> Export:
    """Stores an export through a connection that the actor may use; an empty one is detached.

    Raises ``UsageError`` (role, name, mapping), ``ConfigError``, ``StateError``.
    """
    require(workspace.actor, "manage_exports")
    _check_connection(workspace, wanted)
    _refuse(export_fault(workspace, wanted))
    check_content(wanted)
    parse(wanted.schedule)
    store.add_export(workspace.config_path, wanted)
    workspace.reload_config()
    return workspace.export(wanted.name)


def edit_export(workspace: Workspace, before: Export, after: Export) -> Export:
    """Changes what differs between ``before`` (as the user saw it) and ``after``.

    The id stays, and with it ledger and history; a run that goes on ends as it began. Raises
    ``UsageError``, or ``ConfigError`` 'config_changed' where somebody else changed the same
    meanwhile, 'config_gone'.
    """
    kept = _managed(workspace, before)
    wanted = merge(kept, before, after)
    if wanted.connection != kept.connection:
        _check_connection(workspace, wanted)
    if wanted.source != kept.source:
        workspace.source(wanted.source)
    _refuse(export_fault(workspace, wanted))
    # What was wrong before and isn't touched says Trouble, and hinders nobody to mend the rest.
    if _content(wanted) != _content(kept):
        check_content(wanted)
    if wanted.schedule != kept.schedule:
        parse(wanted.schedule)
    merged = store.edit_export(workspace.config_path, before, after)
    workspace.reload_config()
    return workspace.export(merged.name)


def duplicate_export(workspace: Workspace, export: Export, name: str) -> Export:
    """Stores a copy as ``name``: with a ledger and history of its own, and no schedule.

    Raises as ``add_export``, and ``ConfigError`` 'config_gone'.
    """
    kept = _managed(workspace, export)
    return add_export(workspace, replace(kept, name=name, id=token_hex(8), schedule=""))


def detach_export(workspace: Workspace, export: Export) -> Export:
    """Takes the connection from an export, so that it stays and doesn't run.

    A run that goes on ends as it began. Raises as ``edit_export``.
    """
    return edit_export(workspace, export, replace(export, connection=""))


def attach_export(workspace: Workspace, export: Export, connection_name: str) -> Export:
    """Gives an export a connection that the actor may use. Raises as ``edit_export``."""
    return edit_export(workspace, export, replace(export, connection=connection_name))


def remove_export(workspace: Workspace, export: Export, *, patience: float = PATIENCE) -> None:
    """Removes an export and its ledger; tags that it gave stay in Omnisend, its history here.

    Its run is cancelled wherever it is, and waited for: what is in flight is confirmed for at most
    30 seconds. Raises ``UsageError``, ``ConfigError``, or, once it is removed, ``StateError``
    'still_running' where the run had not ended after ``patience`` seconds, 'ledger_left'.
    """
    kept = _managed(workspace, export)
    # Once the config doesn't name it any more, nothing new starts.
    store.remove_export(workspace.config_path, kept)
    workspace.reload_config()
    if stop_runs(workspace, lambda run: run.export_id == kept.id, patience):
        raise StateError(
            "still_running",
            _("“{export}” is removed, but its run did not end in time.").format(export=kept.name),
            _("Its process hangs; end it. Nothing starts the export any more."),
        )
    drop_ledgers(workspace, kept)


def edit_settings(workspace: Workspace, before: Settings, after: Settings) -> Settings:
    """Changes what differs between ``before`` (as the user saw them) and ``after``.

    Raises ``UsageError`` (role), ``StateError``, or ``ConfigError``, such as 'config_changed' where
    somebody else changed the same meanwhile.
    """
    require(workspace.actor, "manage_settings")
    store.edit_settings(workspace.config_path, before, after)
    return workspace.reload_config().settings


def running_export(workspace: Workspace, export: Export) -> Snapshot | None:
    """The run of an export that goes on, in whatever process."""
    return next(iter(runs_where(workspace, lambda run: run.export_id == export.id)), None)


def _keeping(
    workspace: Workspace, source: Source, credentials: "Credentials | None"
) -> AbstractContextManager[None]:
    """Keeps ``credentials`` for a source, and takes them back where the block raises."""
    if credentials is None:
        return nullcontext()
    from omnisend_tui.sign_in import keeping  # signing in is slow to import

    return keeping(workspace, source, credentials)


def _signs_in_elsewhere(before: Source, after: Source) -> bool:
    return any(
        getattr(before, field) != getattr(after, field)
        for field in ("url", "tenant", "client_id", "authority")
    )


def _managed(workspace: Workspace, seen: Export) -> Export:
    """The export as it now is. Raises ``UsageError`` (role), ``ConfigError`` 'config_gone'."""
    require(workspace.actor, "manage_exports")
    config = workspace.reload_config()
    kept = next((each for each in config.exports.values() if each.id == seen.id), None)
    if kept is None:
        raise store.gone(workspace.config_path, seen.name)
    if refused := refusal(workspace.actor, "manage_exports", kept, config.connections):
        raise refused
    return kept


def _check_connection(workspace: Workspace, wanted: Export) -> None:
    """Raises ``UsageError`` for a connection that isn't there, or that the actor may not use."""
    name = wanted.connection
    if name and not may_use(workspace.actor, workspace.connection(name)):
        raise not_for_contributors(name)


def _content(export: Export) -> tuple[object, ...]:
    return export.segments, export.mapping, export.country, export.date_format


def _refuse(sentence: str) -> None:
    if sentence:
        raise UsageError("bad_value", sentence, _("Nothing was stored; give another value."))
