"""A window that was too small for a while: what had the focus has it again."""

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

WIDTH, HEIGHT = 60, 20  # cells; a smaller window shows one sentence only


class Small:
    """What is hidden loses the focus, which Textual doesn't give back."""

    def __init__(self) -> None:
        self._focused: dict[Screen[Any], Widget] | None = None

    def look(self, size: Size, screens: Sequence[Screen[Any]]) -> None:
        """Before ``screens`` are laid out in a window of ``size``."""
        if size.width < WIDTH or size.height < HEIGHT:
            if self._focused is None:
                self._focused = {each: each.focused for each in screens if each.focused}
            return
        focused, self._focused = self._focused or {}, None
        for screen in screens:
            if (widget := focused.get(screen)) is not None:
                screen.call_after_refresh(_give_back, screen, widget)


def fit(screen: Screen[Any], app: App[Any]) -> None:
    """Gives a screen that isn't shown yet the classes for the size of the window.

    Textual does so once the widgets are there, and has all of them styled anew.
    """
    size = app.size
    for cells, breakpoints in (
        (size.width, app.HORIZONTAL_BREAKPOINTS),
        (size.height, app.VERTICAL_BREAKPOINTS),
    ):
        fitting = [each for each in breakpoints or () if cells >= each[0]]
        if fitting:
            screen.set_class(True, max(fitting)[1], update=False)


def _give_back(screen: Screen[Any], widget: Widget) -> None:
    if widget.is_attached:
        screen.set_focus(widget, scroll_visible=False)
