"""What the drafts of stored records share."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import asdict, replace

from omnisend_tui.config.models import Connection, Export, Source

R = TypeVar("R", Connection, Source, Export)


def on_top(mine: R, seen: R, known: Iterable[R]) -> tuple[R, R] | None:
    """Of ``known`` the record as it is stored now, and with what was changed from ``seen`` to
    ``mine``; None where it is gone.
    """
    stored = next((each for each in known if each.id == mine.id), None)
    if stored is None:
        return None
    before = asdict(seen)
    changed = {name: value for name, value in asdict(mine).items() if value != before[name]}
    return stored, replace(stored, **changed)
