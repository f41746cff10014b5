"""Settings: each in a line with its values, stored as soon as another value is chosen."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from omnisend_tui.forms import SETTINGS, Field
from omnisend_tui.i18n import _
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.screens.help import places
from omnisend_tui.tui.storing import store_settings
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, heading, left, wrapped

_LABEL = 20
_START = 3 + _LABEL  # the cell of the first value; a line starts with its mark
_VALUE = 24  # cells of a value written by hand


class Rows(Choices):
    """The settings; a click on a value chooses it."""

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        screen = self.screen
        if isinstance(screen, SettingsScreen):
            screen.choose_at(event.x)


class SettingsScreen(LiveScreen):
    """Up and Down mark a setting, Left and Right choose its value."""

    AUTO_FOCUS = "Choices"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "choose(-1)", show=False),
        Binding("right,l,space", "choose(1)", show=False),
        Binding("t", "themes", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[str, object] = {}  # what is being stored

    def places(self) -> Sequence[str]:
        return (_("Settings"),)

    def body(self) -> Iterable[Widget]:
        yield Lines(lambda width: [(("─" * width, "rule"),)], id="rule")
        yield Rows(len(SETTINGS), self._row, id="settings")
        yield Lines(self._text, id="text")

    def show(self) -> None:
        self.query_one(Rows).show()
        self.query_one("#text", Lines).show()

    def footer_keys(self) -> Sequence[Key]:
        return [
            Key("← →", _("Choose"), "choose(1)"),
            Key("t", _("More colours"), "themes"),
            Key("Esc", _("Back"), "back"),
            Key("?", _("Help"), "app.help"),
            Key("^q", _("Quit"), "app.quit"),
        ]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("↑ ↓", _("marks a setting")),
            ("← → Space", _("chooses its value, which is stored at once")),
            ("t", _("lists all colours")),
            ("Esc", _("goes back")),
        ]

    def help_about(self) -> tuple[str, str]:
        field = self._marked()
        return _(field.label), _(field.help)

    def leave(self) -> None:
        self.dismiss()

    # Actions.

    def action_choose(self, by: int) -> None:
        field = self._marked()
        values = [value for value, _label in self._values(field)]
        self._choose(field, values[(values.index(self._value(field)) + by) % len(values)])

    def action_themes(self) -> None:
        self.app.action_change_theme()

    def choose_at(self, x: int) -> None:
        """The value under a cell of the marked setting."""
        at = _START
        for value, label in self._values(self._marked()):
            if at <= x < at + cell_len(label) + 2:
                self._choose(self._marked(), value)
            at += cell_len(label) + 4

    @on(Choices.Marked)
    def _moved_to(self) -> None:
        self._all()

    @on(Choices.Taken)
    def _taken(self) -> None:
        self.action_choose(1)

    # Parts.

    def _choose(self, field: Field, value: object) -> None:
        if value != self._value(field):
            self._chosen[field.name] = value
            self.run_worker(self._store(field.name, value), group="store")
            self.show()

    async def _store(self, name: str, value: object) -> None:
        await store_settings(self.omnisend, **{name: value})
        if self._chosen.get(name) == value:
            del self._chosen[name]
        self._all()

    def _marked(self) -> Field:
        return SETTINGS[self.query_one(Rows).index]

    def _value(self, field: Field) -> object:
        """What is chosen, though it may not be stored yet."""
        stored = getattr(self.omnisend.workspace.config.settings, field.name)
        return self._chosen.get(field.name, stored)

    def _values(self, field: Field) -> list[tuple[object, str]]:
        """The values of a field with their labels; what stands in config.toml is one of them."""
        values = [(value, _(label)) for value, label in field.choices]
        value = self._value(field)
        if all(value != known for known, _label in values):
            values.append((value, cut(clean(str(value)), _VALUE)))
        return values

    def _row(self, index: int, _marked: bool, width: int) -> Line:
        field = SETTINGS[index]
        line: Line = ((left(_(field.label), _LABEL), "muted"),)
        for value, label in self._values(field):
            chosen = value == self._value(field)
            sign = ("● ", "accent") if chosen else ("○ ", "muted")
            line = (*line, sign, (label, "" if chosen else "muted"), ("  ", ""))
        return line

    def _text(self, width: int) -> Sequence[Line]:
        label, told = self.help_about()
        lines = [heading(label, width), *wrapped(told, width), ()]
        return [*lines, *places(self.omnisend.workspace, width)]
