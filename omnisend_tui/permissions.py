"""Who acts, in which role, and what each role may do: asked here and nowhere else."""

import getpass
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _

if TYPE_CHECKING:
    from omnisend_tui.config.models import Connection

Role = Literal["administrator", "contributor", "viewer"]
Action = Literal["manage_connections", "manage_sources", "manage_exports"]

_MAY: dict[Role, frozenset[Action]] = {
    "administrator": frozenset({"manage_connections", "manage_sources", "manage_exports"}),
    "contributor": frozenset({"manage_exports"}),
    "viewer": frozenset(),
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


def may_use(actor: Actor, connection: "Connection") -> bool:
    """Whether exports of ``actor`` may send through ``connection``."""
    if not may(actor, "manage_exports"):
        return False
    return actor.role == "administrator" or connection.for_contributors


def require(actor: Actor, action: Action) -> None:
    """Raises ``UsageError`` unless ``actor`` may do ``action``."""
    if not may(actor, action):
        raise UsageError(
            "not_allowed",
            _("Your role in this workspace doesn't allow that."),
            _("An administrator of the workspace can do it."),
        )
