"""Who acts, and in which role."""

import getpass
import os
from dataclasses import dataclass
from typing import Literal

Role = Literal["administrator", "contributor", "viewer"]


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
