"""What the four home screens share: the line of tabs, and how one leaves for another."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import TABLE, Line, Piece, between, clean, clip
from omnisend_tui.tui.widgets.table import Column, Table, TableRow


class HomeScreen(LiveScreen):
    """A screen under one of the four tabs: a search line, a table, what belongs beside it."""

    tab: ClassVar[int] = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        *[Binding(str(tab), f"tab({tab})", show=False) for tab in (1, 2, 3, 4)],
    ]

    def __init__(self, place: Place | None = None) -> None:
        super().__init__()
        self._place = place or Place()

    def on_mount(self) -> None:
        self.query_one(Table).first = self._place.marked.get(self.tab)
        super().on_mount()

    def placed(self, place: Place) -> Place:
        """For ``reopening``: this tab, and what is marked on it."""
        marked = next((table.marked for table in self.query(Table)), None)
        kept = {**place.marked, self.tab: marked} if marked is not None else place.marked
        return replace(place, tab=self.tab, marked=kept)

    def body(self) -> Iterable[Widget]:
        yield Lines(self._tabs, id="tabs")
        yield self.finding(Lines(self._search_line, id="found"))
        yield from self.content()

    def content(self) -> Iterable[Widget]:
        """The widgets below the search line."""
        yield Table()
        yield Static(self.nothing(), id="none", markup=False)

    def nothing(self) -> str:
        """What an empty list teaches."""
        return ""

    def counted(self) -> str:
        """What the search line says that it searches."""
        return ""

    def beside_search(self, width: int) -> Line:
        """What stands at the right of the search line."""
        return ()

    @property
    def spare(self) -> int:
        """Cells of the table beyond those of a window of 80 columns."""
        return max(0, self.table_cells(pane=self.wide) - TABLE)

    def columns(self) -> Sequence[Column]:
        return ()

    def rows(self) -> Sequence[TableRow]:
        return ()

    def empty(self) -> bool:
        """Whether there is nothing to list at all."""
        return not self.wanted and not self.rows()

    def show(self) -> None:
        self.set_class(self.empty(), "-empty")
        self.query_one(Table).show(self.columns(), self.rows())
        self.query_one("#tabs", Lines).show()
        self.query_one("#found", Lines).show()

    def repaint(self) -> None:
        super().repaint()
        for still in self.query("#none").results(Static):
            still.update(self.nothing())

    def footer_keys(self) -> Sequence[Key]:
        return [
            Key("/", _("Search"), "find"),
            Key("1-4", _("Tabs"), "tab(1)"),
            Key("?", _("Help"), "app.help"),
            Key("^p", _("Palette"), "app.command_palette"),
            Key("^q", _("Quit"), "app.quit"),
        ]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("1 2 3 4", _("Exports, Connections, Sources, Runs")),
            ("/", _("searches; Enter keeps what was found, Esc shows all again")),
            ("? F1", _("this help")),
            ("Ctrl+P", _("everything that can be done now, by name; the settings too")),
            ("Ctrl+Q", _("quits; asks when exports run here")),
        ]

    def tab_labels(self) -> list[str]:
        """The four home screens."""
        return [_("Exports"), _("Connections"), _("Sources"), _("Runs")]

    def action_tab(self, tab: int) -> None:
        """Exports lies below the other three, which take each other's place."""
        if tab == self.tab:
            return
        if tab == 1:
            self.dismiss()
            return
        from omnisend_tui.tui.screens.homes import home

        if self.tab == 1:
            self.app.push_screen(home(tab))
        else:
            self.app.switch_screen(home(tab))

    def leave(self) -> None:
        if self.tab != 1:
            self.dismiss()

    @on(Lines.Pressed, "#tabs")
    def _tab_pressed(self, event: Lines.Pressed) -> None:
        index = chrome.tab_at(self._labels(), event.x)
        if index is not None:
            self.action_tab(index + 1)

    @on(Lines.Pressed, "#found")
    def _found_pressed(self) -> None:
        self.action_find()

    def _labels(self) -> list[str]:
        return [f"{index} {label}" for index, label in enumerate(self.tab_labels(), 1)]

    def _tabs(self, width: int) -> Sequence[Line]:
        return chrome.tabs(self._labels(), self.tab - 1, self._summary(), width)

    def _summary(self) -> Line:
        view = self.view
        if not view.rows:
            return ((_("nothing is set up yet"), "muted"),)
        pieces: list[Piece] = []
        if view.running:
            text = _("{count} running").format(count=number(view.running))
            pieces += [("●", "accent"), (f" {text}", "")]
        if view.failed:
            text = _("{count} failed").format(count=number(view.failed))
            pieces += [("   " if pieces else "", ""), ("✖", "error"), (f" {text}", "")]
        return tuple(pieces)

    def _search_line(self, width: int) -> Sequence[Line]:
        end = (*self.beside_search(width), (" ", ""))
        if self.wanted:
            said = _("“{text}” found in {count}, Esc shows all").format(
                text=clean(self.wanted), count=number(len(self.rows()))
            )
            start: Line = ((" / ", "accent bold"), (said, ""))
        else:
            start = ((" / ", "muted"), (self.counted(), "muted"))
        return [clip(between(start, end, width), width)]
