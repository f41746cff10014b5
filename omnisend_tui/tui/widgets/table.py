"""A table of lines with fixed columns, a marked row, and repaints of changed cells only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.widgets import DataTable

from omnisend_tui.i18n import N_
from omnisend_tui.tui.inked import inks_of
from omnisend_tui.tui.widgets.paint import Line, left, right, to_text

MARKER = 3  # cells at the left of each row


@dataclass(frozen=True, slots=True)
class Column:
    """A column's label and width in cells; a numeric one has its label at the right."""

    label: str
    width: int
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row's key, unique in its table, and a line for each column."""

    key: str
    cells: tuple[Line, ...]


class Table(DataTable[object]):
    """Rows of lines. The marked row carries a sign, so that it shows without colour too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.open", N_("Open"), show=False),
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    _cells_only = False  # DataTable refreshes while it is made

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            id=id,
            cell_padding=0,
            cursor_type="row",
            cursor_foreground_priority="renderable",
            cursor_background_priority="css",
        )
        self._columns: tuple[Column, ...] = ()
        self._shown: list[TableRow] = []
        self._marked: str | None = None
        self._places: list[tuple[int, int]] = []  # of each column, its first cell and its width
        self.first: str | None = None  # the key of the row to mark once rows are shown

    @property
    def marked(self) -> str | None:
        """The key of the row under the cursor."""
        row = self.cursor_row
        return self._shown[row].key if 0 <= row < len(self._shown) else None

    def show(self, columns: Sequence[Column], rows: Sequence[TableRow]) -> None:
        """Shows rows; the cursor stays on its row wherever that moves."""
        if tuple(columns) != self._columns:
            self._start(tuple(columns))
        if [row.key for row in rows] != [row.key for row in self._shown]:
            self._fill(rows)
        else:
            self._change(rows)
        self._mark()

    def repaint(self) -> None:
        """Paints all anew, after the inks changed."""
        columns, rows = self._columns, list(self._shown)
        self._columns = ()
        self.show(columns, rows)

    def _start(self, columns: tuple[Column, ...]) -> None:
        self.first = self.marked or self.first
        self.clear(columns=True)
        self._columns, self._shown, self._marked = columns, [], None
        self.add_column("", width=MARKER, key="marker")
        widths = [MARKER, *(column.width for column in columns)]
        self._places = [(sum(widths[:at]), width) for at, width in enumerate(widths)]
        for index, column in enumerate(columns):
            align = right if column.numeric else left
            label = to_text(((align(column.label, column.width), "muted"),), inks_of(self))
            self.add_column(label, width=column.width, key=str(index))

    def _fill(self, rows: Sequence[TableRow]) -> None:
        marked, top, at = self.marked or self.first, self.scroll_y, self.cursor_row
        self.first = None
        inks = inks_of(self)
        self.clear()
        self._shown, self._marked = list(rows), None
        for row in rows:
            self.add_row(" ", *(to_text(cell, inks) for cell in row.cells), key=row.key)
        keys = [row.key for row in rows]
        self.move_cursor(row=keys.index(marked) if marked in keys else min(at, len(keys) - 1))
        self.scroll_to(y=top, animate=False)

    def _change(self, rows: Sequence[TableRow]) -> None:
        inks = inks_of(self)
        for index, row in enumerate(rows):
            old = self._shown[index]
            if row == old:
                continue
            for column, cell in enumerate(row.cells):
                if cell != old.cells[column]:
                    self._put(index, column + 1, to_text(cell, inks))
        self._shown = list(rows)

    def _put(self, row: int, column: int, cell: object) -> None:
        """A changed cell; it alone is painted."""
        self._cells_only = True
        self.update_cell_at(Coordinate(row, column), cell)
        self._cells_only = False
        x, width = self._places[column]
        y = row + self.header_height - self.scroll_offset.y
        if self.header_height <= y < self.size.height:
            self.refresh(Region(x - self.scroll_offset.x, y, width, 1))

    def refresh(self, *regions: Region, **how: bool) -> Self:
        # DataTable has itself painted whole for each cell that changes.
        return self if self._cells_only and not regions else super().refresh(*regions, **how)

    def _mark(self) -> None:
        marked = self.marked
        if marked == self._marked:
            return
        inks = inks_of(self)
        old, self._marked = self._marked, marked
        for index, row in enumerate(self._shown):
            if row.key == old:
                self._put(index, 0, " ")
            elif row.key == marked:
                sign = " > " if inks.plain or inks.ascii else " ▌ "
                self._put(index, 0, to_text(((sign, "accent bold"),), inks))

    def on_data_table_row_highlighted(self) -> None:
        self._mark()
