"""Help: the keys of the screen below, what the signs mean, where things lie."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from omnisend_tui.i18n import _
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, heading, left, wrapped
from omnisend_tui.tui.words import SIGNS
from omnisend_tui.workspace import Workspace


class HelpScreen(LiveScreen):
    """Shows and scrolls; Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1,q", "leave", show=False),
    ]

    def __init__(self, keys: Sequence[tuple[str, str]], about: tuple[str, str] = ("", "")) -> None:
        super().__init__()
        self._keys = tuple(keys)
        self._about = about

    @classmethod
    def of(cls, screen: Screen[object]) -> "HelpScreen":
        """The help of ``screen``."""
        if not isinstance(screen, LiveScreen):
            return cls(())
        return cls(screen.help_keys(), screen.help_about())

    def compose(self) -> ComposeResult:
        with Vertical(id="frame"):
            yield Lines(self._header, id="header")
            yield Lines(_rule, id="rule")
            with VerticalScroll(id="scroll"):
                yield Lines(self._text, id="text")
            yield Footer(self.footer_keys)
        yield Static(self._too_small(), id="small", markup=False)

    def places(self) -> Sequence[str]:
        return (_("Help"),)

    def footer_keys(self) -> Sequence[Key]:
        return [Key("Esc", _("Back"), "back"), Key("^q", _("Quit"), "app.quit")]

    def on_mount(self) -> None:
        self.query_one("#scroll").focus()

    def leave(self) -> None:
        self.dismiss()

    def action_leave(self) -> None:
        self.dismiss()

    def action_find(self) -> None:
        """Nothing to search in."""

    @on(Lines.Pressed, "#header")
    def _header_pressed(self) -> None:
        self.dismiss()

    def _text(self, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        title, text = self._about
        if title:
            lines.append(heading(title, width))
            for paragraph in text.split("\n"):
                lines += wrapped(paragraph, width)
            lines.append(())
        lines.append(heading(_("Keys of this screen"), width))
        for key, what in self._keys:
            lines += _told(((left(key, 12), "accent bold"),), what, width)
        lines += [(), heading(_("What the signs mean"), width)]
        for sign, ink, meaning in SIGNS:
            lines += _told(((left(sign, 12), ink),), _(meaning), width)
        lines.append(())
        return lines + places(self.omnisend.workspace, width)


def places(workspace: Workspace, width: int) -> list[Line]:
    """Where the workspace keeps what it has."""
    lines = [heading(_("Where things lie"), width)]
    for label, path in (
        (_("config"), workspace.config_path),
        (_("state"), workspace.state_dir),
        (_("log"), workspace.log_path),
    ):
        lines += _told(((left(label, 12), "muted"),), clean(str(path)), width)
    return lines


def _rule(width: int) -> Sequence[Line]:
    return [(("─" * width, "rule"),)]


def _told(label: Line, text: str, width: int) -> list[Line]:
    """A label and its text; what is too long goes on below it."""
    lines = wrapped(text, max(20, width - 12)) or [()]
    indent: Line = ((" " * 12, ""),)
    return [(*(label if index == 0 else indent), *line) for index, line in enumerate(lines)]
