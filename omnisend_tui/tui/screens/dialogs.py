"""Dialogs: keys of their own, and Esc; and a question with answers, of which one has the focus."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
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


class Choice(Dialog[str]):
    """Ends with the code of the chosen answer; Esc takes the first one, the safe one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(
        self, question: str, detail: str, answers: Sequence[tuple[str, str]], focused: str = ""
    ) -> None:
        """``answers`` are codes and labels; the first has the focus where ``focused`` is none."""
        super().__init__()
        self._focused = focused or answers[0][0]
        self._question = question
        self._detail = detail
        self._answers = tuple(answers)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(self._question, id="question", markup=False)
            yield self.told()
            yield from self.between()
            # What doesn't fit beside each other stands below each other.
            cells = sum(len(label) + 4 for _code, label in self._answers)
            with Horizontal(id="answers", classes="-stacked" if cells > 56 else ""):
                for code, label in self._answers:
                    yield Button(Content(label), id=code)
        yield Footer(self.footer_keys)

    def told(self) -> Widget:
        """What stands below the question."""
        return Static(self._detail, id="detail", markup=False)

    def between(self) -> Iterable[Widget]:
        """What stands between the question and its answers."""
        return ()

    def enter_label(self) -> str:
        """What Enter does now."""
        button = self.focused
        return str(button.label) if isinstance(button, Button) else ""

    def footer_keys(self) -> Sequence[Key]:
        keys = [Key("Enter", self.enter_label(), "enter")]
        if len(self._answers) > 1:
            keys.append(Key("Tab", _("Next answer"), "app.focus_next"))
        return [*keys, Key("Esc", self._answers[0][1], "leave")]

    def on_mount(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        """Focuses what one answers with."""
        self.query_one(f"#{self._focused}", Button).focus()

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id)

    def on_descendant_focus(self) -> None:
        self.query_one(Footer).show()

    def action_enter(self) -> None:
        """What Enter does, by the mouse."""
        if isinstance(self.focused, Button):
            self.focused.press()

    def action_leave(self) -> None:
        self.dismiss(self._answers[0][0])


class QuitDialog(Choice):
    """Asks whether the app ends and with it what runs here; ends with 'stay' or 'quit'."""
