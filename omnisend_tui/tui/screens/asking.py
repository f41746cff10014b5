"""Dialogs that ask for a name, or for one of a few things."""

from collections.abc import Callable, Iterable, Sequence

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from omnisend_tui.i18n import _
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.paint import Line, clean, cut
from omnisend_tui.tui.widgets.picker import Picker

_FEW = 10  # rows of a list; a longer one scrolls below a line to search it


class Asking(Choice):
    """A field between the question and its two answers; ends with what was given, or ''."""

    DEFAULT_CSS = """
    Asking #answers { margin-top: 1; }
    """

    def __init__(self, question: str, detail: str, verb: str) -> None:
        super().__init__(question, detail, (("cancel", _("Cancel")), ("take", verb)))

    def field(self) -> Widget:
        raise NotImplementedError

    def given(self) -> str:
        """What stands in the field; '' where it can't be taken."""
        raise NotImplementedError

    def between(self) -> Iterable[Widget]:
        yield self.field()

    def enter_label(self) -> str:
        return super().enter_label() or self._answers[1][1]

    def action_enter(self) -> None:
        if isinstance(self.focused, Button):
            super().action_enter()
        else:
            self.take()

    def action_leave(self) -> None:
        self.dismiss("")

    def take(self) -> None:
        given = self.given()
        if given:
            self.dismiss(given)

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        event.prevent_default()
        if event.button.id == "take":
            self.take()
        else:
            self.dismiss("")


class AskName(Asking):
    """Asks for a name; one that ``fault`` says something against isn't taken."""

    def __init__(
        self, question: str, detail: str, verb: str, name: str, fault: Callable[[str], str]
    ) -> None:
        super().__init__(question, detail, verb)
        self._first = name
        self._fault = fault

    def field(self) -> Widget:
        return TextInput(self._first, id="name")

    def given(self) -> str:
        name = self.query_one(TextInput).value.strip()
        fault = self._fault(name)
        self.query_one("#detail", Static).update(Content(fault or self._detail))
        return "" if fault else name

    def focus_first(self) -> None:
        self.query_one(TextInput).focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.take()


class AskOne(Asking):
    """Asks for one of ``names``."""

    def __init__(self, question: str, detail: str, verb: str, names: Sequence[str]) -> None:
        super().__init__(question, detail, verb)
        self._names = tuple(names)

    def field(self) -> Widget:
        picker = Picker(self._names, self._line)
        long = len(self._names) > _FEW
        picker.styles.height = _FEW + 2 if long else len(self._names)
        return picker

    def given(self) -> str:
        index = self.query_one(Picker).index
        return "" if index is None else self._names[index]

    def focus_first(self) -> None:
        self.query_one(Picker).focus_first()

    @on(Choices.Taken)
    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.take()

    def _line(self, index: int, width: int) -> Line:
        return ((cut(clean(self._names[index]), width), ""),)
