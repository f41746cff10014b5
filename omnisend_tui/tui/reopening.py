"""What is open, kept in the state for each user, so that the next start opens it again."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Any, Protocol, runtime_checkable

import msgspec
from msgspec.structs import replace
from textual.screen import Screen

from omnisend_tui.errors import AppError
from omnisend_tui.workspace import Workspace

RECENT = 86_400.0  # seconds; what was open longer ago is a past run like any other
_AGAIN = 3_600.0  # seconds after which it is noted anew what is still open


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one is: the home ``tab``, the row ``marked`` on each tab, by its key, and the ``run``
    whose screen is open; ``seen`` is when that was so last, in seconds since the epoch.

    Only ids stand here; what is searched for may be somebody's name.
    """

    tab: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1
    marked: dict[int, str] = {}
    sort: str = ""
    run: str = ""
    seen: float = 0.0


@runtime_checkable
class Placed(Protocol):
    """A screen that is opened again."""

    def placed(self, place: Place) -> Place:
        """``place``, which the screens below it tell, with what this one adds."""


def place_of(screens: Sequence[Screen[Any]]) -> Place:
    """What is open on a stack of screens, the lowest first."""
    place = Place()
    for screen in screens:
        if isinstance(screen, Placed):
            place = screen.placed(place)
    return place


class Reopening:
    """The place of one user in a workspace; where it isn't ``wished``, nothing is kept or read."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float], *, wished: bool) -> None:
        self._workspace = workspace
        self._clock = clock
        self._wished = wished
        self._kept = Place()

    def read(self) -> Place:
        """What was open last; what can't be read, or is of another version, is nothing."""
        if self._wished:
            with suppress(AppError, msgspec.DecodeError):
                record = self._workspace.state.place(self._workspace.actor.name)
                if record is not None:
                    self._kept = msgspec.json.decode(record, type=Place)
        return self._kept

    def keep(self, place: Place) -> None:
        """Keeps what is open where it changed, and now and then that it still is.

        Losing it is no trouble that anybody is told.
        """
        now = self._clock()
        kept = self._kept
        if not self._wished or (place == replace(kept, seen=0.0) and now - kept.seen < _AGAIN):
            return
        self._kept = place = replace(place, seen=now)
        with suppress(AppError):
            self._workspace.state.save_place(self._workspace.actor.name, msgspec.json.encode(place))
