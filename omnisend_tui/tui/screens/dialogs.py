"""Dialogs: a question whose safe answer is focused."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Question(ModalScreen[bool]):
    """Asks; ``yes`` names what would happen. Esc is ``no``."""

    BINDINGS: ClassVar = [
        Binding("escape", "answer(False)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, name: str, sentence: str, *, yes: str, no: str, safe: bool = False) -> None:
        """``safe``: nobody is hurt by ``yes``, so it has the focus."""
        super().__init__()
        self._texts = (name, sentence, yes, no)
        self._safe = safe

    def compose(self) -> ComposeResult:
        name, sentence, yes, no = self._texts
        with Vertical(id="dialog"):
            yield Static(name, classes="name", markup=False)
            yield Static(sentence, classes="sentence", markup=False)
            with Horizontal(id="buttons"):
                yield Button(Content(no), id="no")
                yield Button(Content(yes), id="yes")

    def on_mount(self) -> None:
        self.query_one("#yes" if self._safe else "#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, agreed: bool) -> None:
        self.dismiss(agreed)
