"""One line of a run's log in full, to read and to copy."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from omnisend_tui.formats import to_the_second
from omnisend_tui.i18n import _
from omnisend_tui.records import LogLine
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.paint import clean
from omnisend_tui.tui.words import event, local


class LineDialog(Choice):
    """Ends with 'close' or 'copy'; a text that doesn't fit scrolls, and its answers stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-9)", show=False),
        Binding("pagedown", "scroll(9)", show=False),
    ]

    def __init__(self, at: str, text: str) -> None:
        super().__init__(at, text, (("close", _("Close")), ("copy", _("Copy"))))

    def told(self) -> Widget:
        return VerticalScroll(super().told(), id="long", can_focus=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.call_after_refresh(self.query_one(Footer).show)  # once it is known whether it fits

    def footer_keys(self) -> Sequence[Key]:
        scrolls = [Key("↑↓", _("Scroll"), "scroll(1)")] if self._beyond() else []
        first, *others = super().footer_keys()
        return [first, *scrolls, *others]

    def action_scroll(self, lines: int) -> None:
        self.query_one("#long").scroll_relative(y=lines, animate=False)

    def _beyond(self) -> bool:
        return any(each.max_scroll_y > 0 for each in self.query("#long"))


def show_line(screen: LiveScreen, line: LogLine) -> None:
    """Opens a dialog with ``line`` in full, and copies it where that is wished."""
    text = clean(event(line))
    at = to_the_second(local(line.at, screen.now), screen.now)
    screen.app.push_screen(LineDialog(at, text), partial(_answered, screen, f"{at} {text}"))


def _answered(screen: LiveScreen, text: str, answer: str | None) -> None:
    if answer == "copy":
        screen.app.copy_to_clipboard(text)
        screen.say(_("The line is on the clipboard, where the terminal allows it."))
