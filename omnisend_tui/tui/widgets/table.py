"""A table of lines with fixed columns, a marked row, and repaints of changed cells only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import DataTable

from omnisend_tui.i18n import N_
from omnisend_tui.tui.inked import inks_of
from omnisend_tui.tui.widgets.paint import Line, left, right
from omnisend_tui.tui.widgets.palettes import Palettes

MARKER = 3  # cells at the left of each row
_UNMARKED: Line = ((" ", ""),)


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
    """Rows of lines. The marked row carries a sign, so that it shows without colour too.

    DataTable knows how many rows there are, scrolls them, and moves the cursor. It holds no cells:
    it forgets all that it has painted whenever one changes, and with 20 runs they always do.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.open", N_("Open"), show=False),
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

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
        self._palettes = Palettes()
        self._under: Style | None = None
        self.first: str | None = None  # the key of the row to mark once rows are shown

    @property
    def marked(self) -> str | None:
        """The key of the row under the cursor."""
        row = self.cursor_row
        return self._shown[row].key if 0 <= row < len(self._shown) else None

    def mark(self, key: str) -> None:
        """Moves the cursor to the row with a key, where there is one."""
        keys = [row.key for row in self._shown]
        if key in keys:
            self.move_cursor(row=keys.index(key))

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
            self.add_column(Text(column.label), width=column.width, key=str(index))

    def _fill(self, rows: Sequence[TableRow]) -> None:
        marked, top, at = self.marked or self.first, self.scroll_y, self.cursor_row
        self.first = None
        self.clear()
        self._shown, self._marked = list(rows), None
        for row in rows:
            self.add_row(key=row.key)
        keys = [row.key for row in rows]
        self.move_cursor(row=keys.index(marked) if marked in keys else min(at, len(keys) - 1))
        self.scroll_to(y=top, animate=False)

    def _change(self, rows: Sequence[TableRow]) -> None:
        before, self._shown = self._shown, list(rows)
        for index, (old, row) in enumerate(zip(before, rows, strict=True)):
            if row != old:
                for column, cell in enumerate(row.cells):
                    if cell != old.cells[column]:
                        self._paint(index, column + 1)

    def _paint(self, row: int, column: int) -> None:
        """Has one cell painted, where it can be seen."""
        x, width = self._places[column]
        y = row + self.header_height - self.scroll_offset.y
        if self.header_height <= y < self.size.height:
            self.refresh(Region(x - self.scroll_offset.x, y, width, 1))

    def _mark(self) -> None:
        marked = self.marked
        if marked == self._marked:
            return
        old, self._marked = self._marked, marked
        for index, row in enumerate(self._shown):
            if row.key in (old, marked):
                self._paint(index, 0)

    def on_data_table_row_highlighted(self) -> None:
        self._mark()

    # Painting.

    def render_lines(self, crop: Region) -> list[Strip]:
        self._under = None
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        if self._under is None:  # Textual asks all ancestors; that once for all lines will do
            self._under = self.rich_style
        row = y - self.header_height
        if row >= 0:
            row += self.scroll_offset.y
        if row >= len(self._shown) or not self._columns:
            return Strip.blank(self.size.width, self._under)
        row = max(-1, row)
        widths = [width for _x, width in self._places]
        rest = max(0, self.size.width - sum(widths))
        inks, (under, over) = inks_of(self), self._styles_of(row)
        segments: list[Segment] = []
        # By what they carry DataTable knows what a mouse is over.
        for column, cell in enumerate(self._cells(row)):
            place = Style.from_meta({"row": row, "column": column})
            segments += self._palettes.of(inks, under + place, over).segments(cell, widths[column])
        beyond = Style.from_meta({"row": row, "column": 0, "out_of_bounds": True})
        segments.append(Segment(" " * rest, under + beyond))
        strip = Strip(segments, sum(widths) + rest).simplify()
        x = self.scroll_offset.x
        return strip.crop(x, x + self.size.width)

    def _cells(self, row: int) -> Sequence[Line]:
        """The cells of a row; those above the first are the labels."""
        if row < 0:
            labels = (
                ((right if column.numeric else left)(column.label, column.width), "muted")
                for column in self._columns
            )
            return [(), *((label,) for label in labels)]
        shown, inks = self._shown[row], inks_of(self)
        sign = " > " if inks.plain or inks.ascii else " ▌ "
        marker = ((sign, "accent bold"),) if shown.key == self._marked else _UNMARKED
        return [marker, *shown.cells]

    def _styles_of(self, row: int) -> tuple[Style, Style]:
        """What lies under the inks of a row, and what covers them, as DataTable has it."""
        style = self.get_component_rich_style
        under = style("datatable--header") if row < 0 else self._under or self.rich_style
        on_it = Style.null()
        if self._show_hover_cursor and row == self.hover_row and self.show_cursor:
            on_it += style("datatable--hover")
            if row < 0:
                on_it += style("datatable--header-hover")
        if row == self.cursor_row and self.show_cursor:
            on_it += style("datatable--cursor")
        return under + on_it, Style.from_color(bgcolor=on_it.bgcolor)
