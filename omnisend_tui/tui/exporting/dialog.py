"""What the dialogs of data matching share: a footer with their own keys, and Esc."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines

T = TypeVar("T")


class Dialog(ModalScreen[T | None]):
    """Ends with None for Esc. Each composes a ``Footer`` of its keys last."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def footer_keys(self) -> Sequence[Key]:
        """The keys that work now."""
        return ()

    def action_leave(self) -> None:
        self.dismiss(None)

    def repaint(self) -> None:
        """After the inks changed."""
        for lines in self.query(Lines):
            lines.refresh()
