"""Lines as cells of a terminal, without Rich's renderables: with many runs they always change."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.control import strip_control_codes
from rich.segment import Segment
from rich.style import Style

from omnisend_tui.tui.widgets.paint import Inks, Line

_MOST = 1000  # of a widget: a table has one for each of its cells that is seen


@dataclass(frozen=True, slots=True)
class Palette:
    """Inks upon ``under``. ``over`` covers what an ink itself says, as a cursor's background."""

    inks: Inks
    under: Style
    over: Style
    _styles: dict[str, Style] = field(default_factory=dict, repr=False)

    def style(self, ink: str) -> Style:
        style = self._styles.get(ink)
        if style is None:
            style = self.under + Style.parse(self.inks.style(ink)) + self.over
            self._styles[ink] = style
        return style

    def segments(self, line: Line, width: int) -> Iterator[Segment]:
        """A line in exactly ``width`` cells: cut, or filled with blanks."""
        for text, ink in line:
            if width <= 0:
                return
            if not text:
                continue
            text = self.inks.text((text, ink))
            if not text.isprintable():
                text = strip_control_codes(text)
            cells = cell_len(text)
            yield Segment(text if cells <= width else set_cell_size(text, width), self.style(ink))
            width -= cells
        if width > 0:
            yield Segment(" " * width, self.style(""))


@dataclass(slots=True)
class Palettes:
    """Those in use by a widget; they last until the app's inks change."""

    _known: dict[tuple[Style, Style], Palette] = field(default_factory=dict)

    def of(self, inks: Inks, under: Style, over: Style | None = None) -> Palette:
        key = (under, over or Style.null())
        palette = self._known.get(key)
        if palette is None or palette.inks is not inks:
            if len(self._known) >= _MOST:
                self._known.clear()
            palette = self._known[key] = Palette(inks, *key)
        return palette
