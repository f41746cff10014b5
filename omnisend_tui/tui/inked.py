"""Where widgets find the inks of the app."""

from typing import Protocol, cast

from textual.widget import Widget

from omnisend_tui.tui.widgets.paint import Inks


class Inked(Protocol):
    """An app that has inks."""

    @property
    def inks(self) -> Inks: ...


def inks_of(widget: Widget) -> Inks:
    """The inks of the app that ``widget`` stands in."""
    return cast(Inked, widget.app).inks
