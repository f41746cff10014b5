"""A list of any length in the rows that it has: what doesn't change isn't painted anew."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style

from omnisend_tui.tui.inked import inks_of
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, padded

MARGIN = 4  # cells of the marker and of the bar at the right


class ColumnList(Lines):
    """A heading and the rows around the marked one.

    ``heading(width)``, ``row(key, width)`` and ``nothing(width)``, for a list without rows, make
    lines of at most ``width`` cells.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--marked"}

    def __init__(
        self,
        heading: Callable[[int], Line],
        row: Callable[[str, int], Line],
        nothing: Callable[[int], Sequence[Line]],
    ) -> None:
        super().__init__(self._lines)
        self.keys: Sequence[str] = ()
        self.index = 0
        self._heading = heading
        self._row = row
        self._nothing = nothing
        self._top = 0  # the first row shown

    @property
    def marked(self) -> str | None:
        """The key of the marked row; None where there are no rows."""
        return self.keys[self.index] if self.keys else None

    def set_keys(self, keys: Sequence[str], index: int = 0) -> None:
        """Other rows; the one at ``index`` is marked."""
        self.keys, self.index = keys, index
        self.show()

    def mark(self, index: int) -> None:
        self.index = index
        self.show()

    def index_at(self, y: int) -> int | None:
        """Which row is at a line of the list."""
        index = self._top + y - 1
        return index if y > 0 and index < len(self.keys) else None

    def style_of(self, y: int) -> Style:
        if self.index_at(y) == self.index:
            return self.get_component_rich_style("list--marked")
        return super().style_of(y)

    def _lines(self, width: int) -> Sequence[Line]:
        inner = width - MARGIN
        lines: list[Line] = [(("   ", ""), *self._heading(inner))]
        if not self.keys:
            return [*lines, *((("   ", ""), *line) for line in self._nothing(inner))]
        room, count = max(1, self.size.height - 1), len(self.keys)
        self._top = max(min(self._top, self.index, count - room), self.index - room + 1, 0)
        first, last = self._top * room // count, -(-(self._top + room) * room // count)
        inks = inks_of(self)
        sign = ">" if inks.plain or inks.ascii else "▌"
        for y, index in enumerate(range(self._top, min(count, self._top + room))):
            marker = (f" {sign if index == self.index else ' '} ", "accent bold")
            bar = ("█" if count > room and first <= y < last else " ", "track")
            lines.append((marker, *padded(self._row(self.keys[index], inner), inner), bar))
        return lines
