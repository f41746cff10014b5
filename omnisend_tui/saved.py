"""Adding sources and exports: what the app and the command line both call."""

from omnisend_tui.config import store
from omnisend_tui.config.checks import storing_fault
from omnisend_tui.config.models import Export, Source
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.permissions import may_use, require
from omnisend_tui.workspace import Workspace


def source_fault(workspace: Workspace, wanted: Source) -> str:
    """Why ``wanted`` can't be stored, '' where it can; its own record may have its name."""
    return storing_fault(wanted, workspace.config.sources)


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


def add_source(workspace: Workspace, wanted: Source) -> Source:
    """Stores a source that was opened. Raises ``UsageError``, ``ConfigError``, ``StateError``."""
    check_source(workspace, wanted)
    store.add_source(workspace.config_path, wanted)
    workspace.reload_config()
    return workspace.source(wanted.name)


def add_export(workspace: Workspace, wanted: Export) -> Export:
    """Stores an export through a connection that the actor may use; an empty one is detached.

    Raises ``UsageError`` (role, name, mapping), ``ConfigError``, ``StateError``.
    """
    require(workspace.actor, "manage_exports")
    if wanted.connection and not may_use(workspace.actor, workspace.connection(wanted.connection)):
        raise UsageError(
            "not_allowed",
            _("The connection “{name}” isn't for contributors.").format(name=wanted.connection),
            _("An administrator of the workspace can change that."),
        )
    _refuse(export_fault(workspace, wanted))
    check_mapping(wanted)
    store.add_export(workspace.config_path, wanted)
    workspace.reload_config()
    return workspace.export(wanted.name)


def _refuse(sentence: str) -> None:
    if sentence:
        raise UsageError("bad_value", sentence, _("Nothing was stored; give another value."))
