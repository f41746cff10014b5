"""Who acts, in which role, and what each role may do: asked here and nowhere else."""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import N_, _

if TYPE_CHECKING:
    from omnisend_tui.config.models import Connection, Export

Role = Literal["administrator", "contributor", "viewer"]
Action = Literal[
    "manage_connections", "manage_sources", "manage_exports", "run_exports", "reveal_addresses",
    "manage_settings",
]  # fmt: skip

_MAY: dict[Role, frozenset[Action]] = {
    "administrator": frozenset(get_args(Action)),
    "contributor": frozenset({"manage_exports", "run_exports", "reveal_addresses"}),
    "viewer": frozenset(),
}
_ONLY: dict[Action, str] = {
    "manage_connections": N_("Only administrators of the workspace change connections."),
    "manage_sources": N_("Only administrators of the workspace change sources."),
    "manage_settings": N_("Only administrators of the workspace change settings."),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The operating-system user who acts, and the role that the workspace gives him."""

    name: str
    role: Role


def current_actor() -> Actor:
    """The user of this process: in a personal workspace its owner, so administrator."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container's user may have no name.
        name = str(os.getuid()) if hasattr(os, "getuid") else ""
    return Actor(name, "administrator")


def may(actor: Actor, action: Action) -> bool:
    return action in _MAY[actor.role]


def why_not(actor: Actor, action: Action) -> str:
    """'' where ``actor`` may do ``action``, else one sentence that says why not."""
    if may(actor, action):
        return ""
    return _(_ONLY.get(action, N_("Your role in this workspace doesn't allow that.")))


def may_use(actor: Actor, connection: "Connection") -> bool:
    """Whether exports of ``actor`` may send through ``connection``."""
    if not may(actor, "manage_exports"):
        return False
    return actor.role == "administrator" or connection.for_contributors


def require(actor: Actor, action: Action) -> None:
    """Raises ``UsageError`` unless ``actor`` may do ``action``."""
    if not may(actor, action):
        raise _not_allowed(actor, action)


def refusal(
    actor: Actor, action: Action, export: "Export", connections: Mapping[str, "Connection"]
) -> UsageError | None:
    """Why ``actor`` may not do ``action`` to an export (manage, run or reveal); None where he may.

    Whoever may send through its connection may; where that is gone, administrators.
    """
    if not may(actor, action):
        return _not_allowed(actor, action)
    connection = connections.get(export.connection)
    if connection is not None:
        open_to = may_use(actor, connection)
    else:
        open_to = not export.connection or may(actor, "manage_connections")
    return None if open_to else not_for_contributors(export.connection)


def not_for_contributors(connection: str) -> UsageError:
    return UsageError(
        "not_allowed",
        _("The connection “{name}” isn't for contributors.").format(name=connection),
        _("An administrator of the workspace can change that."),
    )


def _not_allowed(actor: Actor, action: Action) -> UsageError:
    hint = "" if action in _ONLY else _("An administrator of the workspace can do it.")
    return UsageError("not_allowed", why_not(actor, action), hint)
