"""A table of rows with one cursor: a sign before the selected row and a tint behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widgets import DataTable
from textual.widgets.data_table import RowDoesNotExist

from omnisend_tui.tui.themes import Palette
from omnisend_tui.tui.widgets.texts import fit

MARKER = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its key, and the cells after the marker."""

    key: str
    cells: tuple[Text, ...]


class RowTable(DataTable[Text]):
    """Updates only the cells that changed, and keeps the cursor on its row when the order does."""

    BINDINGS: ClassVar = [
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
    ]

    def __init__(
        self,
        widths: Sequence[int],
        id: str,  # noqa: A002  Textual's name
        classes: str = "",
    ) -> None:
        super().__init__(
            cell_padding=0,
            cursor_type="row",
            cursor_foreground_priority="renderable",
            cursor_background_priority="css",
            zebra_stripes=False,
            id=id,
            classes=classes,
        )
        self._widths = widths
        self._shown: dict[str, tuple[Text, ...]] = {}
        self._marked: tuple[str, str] | None = None
        self._palette = Palette()
        self._labels: list[str] = []

    def head(self, labels: Sequence[str], palette: Palette) -> None:
        """Sets the labels of the columns; those that begin with ``>`` stand at the right."""
        self._palette = palette
        self._make_columns()
        if self._labels == list(labels):
            return
        self._labels = list(labels)
        for index, (label, column) in enumerate(zip(labels, self.ordered_columns[1:], strict=True)):
            width = self._widths[index]
            column.label = _label(label, width)
        self._clear_caches()
        self.refresh()

    def resize_column(self, index: int, width: int) -> None:
        """Gives a column another width; its label must be set anew."""
        self._make_columns()
        if self._widths[index] == width:
            return
        self._widths = [*self._widths[:index], width, *self._widths[index + 1 :]]
        column = self.ordered_columns[index + 1]
        column.width = width
        self._labels = []
        self._require_update_dimensions = True
        self._clear_caches()
        self.refresh(layout=True)

    def width_of(self, index: int) -> int:
        return self._widths[index]

    def show(self, rows: Sequence[Row], palette: Palette) -> None:
        """Shows ``rows`` in this order."""
        repaint = palette != self._palette
        self._palette = palette
        if [row.key for row in rows] != list(self._shown):
            self._fill(rows)
        else:
            for row in rows:
                self._update(row)
        if repaint:
            self._marked = None
        self.mark()

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor."""
        keys = list(self._shown)
        return keys[self.cursor_row] if 0 <= self.cursor_row < len(keys) else None

    def mark(self) -> None:
        """Puts the sign before the row under the cursor."""
        chosen = self.chosen
        wanted = None if chosen is None else (chosen, self._palette.cursor)
        if wanted == self._marked:
            return
        if self._marked and self._marked[0] in self._shown:
            self.update_cell(self._marked[0], "marker", Text(" " * MARKER))
        if chosen is not None:
            style = self._palette.style("accent", bold=True)
            sign = Text.assemble(" ", (self._palette.cursor, style), " ")
            self.update_cell(chosen, "marker", sign)
        self._marked = wanted

    def _make_columns(self) -> None:
        if self.columns:
            return
        self.add_column(Text(" " * MARKER), width=MARKER, key="marker")
        for index, width in enumerate(self._widths):
            self.add_column(Text(""), width=width, key=str(index))

    def _update(self, row: Row) -> None:
        before = self._shown[row.key]
        for index, (old, new) in enumerate(zip(before, row.cells, strict=True)):
            if old != new or old.spans != new.spans or old.style != new.style:
                self.update_cell(row.key, str(index), new)
        self._shown[row.key] = row.cells

    def _fill(self, rows: Sequence[Row]) -> None:
        chosen, offset = self.chosen, self.scroll_y
        self.clear()
        self._marked = None
        self._shown = {row.key: row.cells for row in rows}
        for row in rows:
            self.add_row(Text(" " * MARKER), *row.cells, key=row.key)
        if chosen in self._shown:
            try:
                self.move_cursor(row=self.get_row_index(chosen), scroll=False)
            except RowDoesNotExist:
                return
            self.scroll_to(y=offset, animate=False)


def _label(label: str, width: int) -> Text:
    if label.startswith(">"):
        return Text(label[1:].rjust(width), end="")
    return Text(fit(label, width), end="")
