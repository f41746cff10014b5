"""The frame of every screen: the header, the tabs with their rule, the line of keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui.tui.themes import Palette, Tone
from omnisend_tui.tui.widgets.texts import plain, spread


@dataclass(frozen=True, slots=True)
class Key:
    """A key that works now: what it is called, what it does, the action behind it."""

    key: str
    label: str
    action: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its label, and the action that goes there."""

    label: str
    action: str


class Line(Widget):
    """Some lines of text with places to click; draws again only what changed."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._text = Text(end="", no_wrap=True)
        self._places: list[tuple[int, int, str]] = []

    def render(self) -> Text:
        return self._text

    def put(self, text: Text, places: Sequence[tuple[int, int, str]] = ()) -> None:
        """Shows ``text``; a click between two cells runs the action of that place."""
        self._places = list(places)
        if text != self._text or text.spans != self._text.spans:
            text.no_wrap, text.overflow = True, "crop"
            self._text = text
            self.refresh()

    async def on_click(self, event: events.Click) -> None:
        for start, stop, action in self._places:
            if start <= event.x < stop:
                await self.screen.run_action(action)
                return


class Said(Static):
    """Text that may wrap; draws again only when it changed."""

    def __init__(self, id: str, classes: str = "") -> None:  # noqa: A002  Textual's name
        super().__init__("", id=id, classes=classes, markup=False)
        self._said = Text()

    def say(self, told: Text | str) -> None:
        """Shows ``told``."""
        text = told if isinstance(told, Text) else Text(told)
        if text != self._said or text.style != self._said.style:
            self._said = text
            self.update(text)


class HeaderLine(Line):
    """Where one is, as a path, and who one is."""

    def show(self, path: Sequence[str], who: str, palette: Palette) -> None:
        left = Text(" ", end="")
        left.append("omnisend-tui", palette.style(bold=True))
        left.append("  ")
        arrow = " > " if palette.ascii else " › "
        for index, step in enumerate(path):
            last = index == len(path) - 1 and index > 0
            if index:
                left.append(arrow, palette.style("muted"))
            tone: Tone = "foreground" if index else "muted"
            left.append(plain(step), palette.style(tone, bold=last))
        end = Text(plain(who) + " ", palette.style("muted"), end="")
        self.put(spread(left, end, self.app.size.width))


class TabLine(Line):
    """Tabs over a thin rule, which is thick under the active one; something at the right."""

    def show(self, tabs: Sequence[Tab], active: int, end: Text, palette: Palette) -> None:
        width = self.app.size.width
        thin, thick = ("-", "=") if palette.ascii else ("─", "━")
        line, places, under = Text(" ", end=""), [], (0, 0)
        for index, tab in enumerate(tabs):
            start = line.cell_len
            chosen = index == active
            line.append(tab.label, palette.style("accent" if chosen else "muted", bold=chosen))
            places.append((start, line.cell_len, tab.action))
            under = (start, line.cell_len) if chosen else under
            line.append("  ")
        line.rstrip()
        rule = Text(end="")
        rule.append(thin * under[0], palette.style("rule"))
        rule.append(thick * (under[1] - under[0]), palette.style("accent"))
        rule.append(thin * (width - under[1]), palette.style("rule"))
        self.put(Text.assemble(spread(line, end, width), "\n", rule, end=""), places)


class KeyLine(Line):
    """The keys that work now; each can be clicked."""

    def show(self, keys: Sequence[Key], palette: Palette) -> None:
        line, places = Text(" ", end=""), []
        for key in keys:
            start = line.cell_len
            line.append(key.key, palette.style("accent", bold=True))
            line.append(f" {key.label}", palette.style("muted"))
            places.append((start, line.cell_len, key.action))
            line.append("  ")
        line.rstrip()
        self.put(line, places)
