"""A short list to choose from: one of them is marked, Enter takes it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line

DrawChoice = Callable[[int, bool, int], Line]


class Choices(Lines):
    """``count`` lines; ``draw(index, marked, width)`` makes each."""

    can_focus = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--marked", "choices--unfocused"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home", "move(-1000)", show=False),
        Binding("end", "move(1000)", show=False),
        Binding("enter", "take", show=False, priority=True),
    ]

    class About(Message):
        """About one list."""

        def __init__(self, choices: "Choices") -> None:
            super().__init__()
            self.choices = choices

        @property
        def control(self) -> "Choices":
            return self.choices

    class Marked(About):
        """Another one is marked."""

    class Taken(About):
        """Enter or a second click on the marked one."""

    def __init__(
        self,
        count: int,
        draw: DrawChoice,
        *,
        index: int = 0,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(self._rows, id=id)
        self._count = count
        self._choice = draw
        self.click_takes = False  # the first click takes already
        self.index = min(index, max(0, count - 1))

    def action_move(self, by: int) -> None:
        self.mark(self.index + by)

    def action_take(self) -> None:
        self.post_message(self.Taken(self))

    def mark(self, index: int) -> None:
        """Marks a line, as far as there is one."""
        index = min(max(index, 0), self._count - 1)
        if index != self.index and self._count:
            self.index = index
            self.show()
            self.refresh()
            self.post_message(self.Marked(self))

    def set_count(self, count: int) -> None:
        """Another number of lines."""
        self._count = count
        self.index = min(self.index, max(0, count - 1))
        self.show()
        self.refresh(layout=True)

    def on_focus(self) -> None:
        self.show()
        self.refresh()

    def on_blur(self) -> None:
        self.show()
        self.refresh()

    def answers(self) -> bool:
        """Whether its keys work now, which its sign shows without colour too."""
        return self.has_focus

    def on_click(self, event: events.Click) -> None:
        if not 0 <= event.y < self._count:
            return
        take = self.click_takes or event.y == self.index
        self.mark(event.y)
        if take:
            self.action_take()

    def style_of(self, y: int) -> Style:
        if y != self.index:
            return self.rich_style
        name = "choices--marked" if self.answers() else "choices--unfocused"
        return self.get_component_rich_style(name)

    def _rows(self, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        for index in range(self._count):
            marked = index == self.index
            sign = ("▌", "accent") if self.answers() else ("›", "muted")
            bar: Line = (sign if marked else (" ", "accent"), (" ", ""))
            lines.append((*bar, *self._choice(index, marked, width - 3)))
        return lines
