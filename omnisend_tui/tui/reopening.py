"""What is open, kept in the state for each user, so that the next start opens it again."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Protocol, runtime_checkable

import msgspec
from textual.screen import Screen

from omnisend_tui.errors import AppError
from omnisend_tui.workspace import Workspace


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one is: the home ``tab``, the row ``marked`` on each tab, by its key, and the ``run``
    whose screen is open.

    Only ids stand here; what is searched for may be somebody's name.
    """

    tab: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1
    marked: dict[int, str] = {}
    sort: str = ""
    run: str = ""


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

    def __init__(self, workspace: Workspace, *, wished: bool) -> None:
        self._workspace = workspace
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
        """Keeps what is open where it changed; losing it is no trouble that anybody is told."""
        if not self._wished or place == self._kept:
            return
        self._kept = place
        with suppress(AppError):
            self._workspace.state.save_place(self._workspace.actor.name, msgspec.json.encode(place))
