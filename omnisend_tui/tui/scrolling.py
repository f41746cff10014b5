"""Scrollbars without the signs that Textual ends them with, for terminals that lack those."""

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender


class WholeCells(ScrollBarRender):
    """Begins and ends between two cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * len(ScrollBarRender.VERTICAL_BARS)
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * len(ScrollBarRender.HORIZONTAL_BARS)


def only_whole_cells(wished: bool) -> None:
    """From now on, for all scrollbars of the process."""
    ScrollBar.renderer = WholeCells if wished else ScrollBarRender
