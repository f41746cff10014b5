"""Exports: every export with its state and live progress, and the selected one closer."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import DataTable, Input

from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens.exports_rows import (
    NAME,
    PROGRESS,
    REJECTS,
    STATE,
    Item,
    in_order,
    pane_lines,
    row_cells,
    side_lines,
)
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.screens.running import RunKeys
from omnisend_tui.tui.widgets.frame import Key, Line, Said
from omnisend_tui.tui.widgets.table import Row, RowTable
from omnisend_tui.tui.widgets.texts import line_bar, lines_of, plain, right

_ORDERS = ("state", "name", "time")
_EARLIER = 4


class ExportsScreen(RunKeys, HomeScreen):
    """The first screen."""

    place = 0
    BINDINGS: ClassVar = [
        Binding("slash", "search", show=False),
        Binding("s", "sort", show=False),
        Binding("r", "run", show=False),
        Binding("A", "run_all", show=False),
        Binding("n", "new", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._search = ""
        self._order = "state"
        self._items: dict[str, Item] = {}
        self._earlier: tuple[str, list[Snapshot]] = ("", [])

    def body(self) -> Sequence[Widget]:
        return (
            Horizontal(
                Input(id="search", placeholder=_("a part of the name")),
                Said(id="hint"),
                Said(id="brands"),
                id="search-line",
            ),
            Horizontal(
                RowTable((NAME, STATE, PROGRESS, REJECTS), "table", classes="split"),
                Line(id="side"),
                id="body",
            ),
            Line(id="pane"),
            Said(id="empty"),
        )

    def on_mount(self) -> None:
        self.query_one(RowTable).focus()

    def keys(self) -> Sequence[Key]:
        if self.focused is not None and self.focused.id == "search":
            return (Key("Enter", _("To the list"), "leave_search"), Key("Esc", _("All"), "leave"))
        quit_key = Key("^Q", _("Quit"), "app.quit")
        if not self.owner.workspace.config.exports:
            return (Key("?", _("Help"), "app.help"), quit_key)
        item = self.item
        keys = [Key("Enter", _("Open"), "open")] if item and item.run else []
        if item and not item.moving and item.export.connection:
            keys.append(Key("r", _("Run"), "run"))
        keys += self.run_keys(item.run if item else None)
        keys += [Key("A", _("Run all"), "run_all"), Key("/", _("Search"), "search")]
        return (*keys, Key("s", _("Sort"), "sort"), Key("?", _("Help"), "app.help"), quit_key)

    def all_keys(self) -> Sequence[Key]:
        return (
            Key("Enter", _("open the last run of the selected export"), ""),
            Key("r", _("run the selected export now"), ""),
            Key("A", _("run all exports"), ""),
            Key("p", _("pause the run, and let it go on"), ""),
            Key("c", _("cancel the run"), ""),
            Key("/", _("search by name; Esc shows all again"), ""),
            Key("s", _("sort by state, name or last run"), ""),
            Key("1-4", _("exports, connections, sources, runs"), ""),
        )

    @property
    def item(self) -> Item | None:
        """The export under the cursor."""
        chosen = self.query_one(RowTable).chosen
        return self._items.get(chosen) if chosen else None

    @property
    def current_run(self) -> Snapshot | None:
        item = self.item
        return item.run if item else None

    def draw_body(self) -> None:
        exports = self.owner.workspace.config.exports
        self.set_class(not exports, "-empty")
        if not exports:
            self.query_one("#empty", Said).say(self._teaching())
            return
        rows, now = self.owner.live.rows(), self.owner.now()
        items = [
            Item(export, rows.get(export.id), name in self.owner.starting)
            for name, export in exports.items()
            if self._search in name.casefold()
        ]
        items = in_order(items, self._order)
        self._items = {item.export.id: item for item in items}
        table, palette = self.query_one(RowTable), self.palette
        table.head(self._labels(), palette)
        cells = [Row(item.export.id, row_cells(item, now, palette)) for item in items]
        table.show(cells, palette)
        self._draw_top(len(exports), len(items), rows)
        self._draw_selected()

    def _draw_selected(self) -> None:
        item, now, palette = self.item, self.owner.now(), self.palette
        if item is None:
            lines = [Text(_("No export has this in its name. Esc shows all."), end="")]
            lines[0].stylize(palette.style("muted"))
        elif self.wide:
            lines = side_lines(item, self._runs_before(item), now, palette)
        else:
            lines = pane_lines(item, now, palette)
        self.query_one("#side" if self.wide else "#pane", Line).put(lines_of(lines))

    def _runs_before(self, item: Item) -> list[Snapshot]:
        """The last ended runs; asked again only when another run or state is shown."""
        key = f"{item.export.id} {item.run.run_id if item.run else ''} {item.look.word}"
        if self._earlier[0] != key:
            try:
                runs = self.owner.workspace.state.runs(item.export.id, _EARLIER + 1)
            except AppError:
                runs = []  # the app tells the state's trouble itself
            self._earlier = (key, [run for run in runs if run.ended][:_EARLIER])
        return self._earlier[1]

    def _draw_top(self, every: int, found: int, rows: dict[str, Snapshot]) -> None:
        if self._search:
            told = _("{found} of {every} exports").format(found=found, every=every)
        else:
            told = ngettext("/ Search {n} export", "/ Search {n} exports", every).format(n=every)
        self.query_one("#hint", Said).say(told)
        self.query_one("#brands", Said).say(self._brands(rows))

    def _brands(self, rows: dict[str, Snapshot]) -> Text:
        """The request budget of the brands that are in use just now, as many as fit."""
        palette, text = self.palette, Text(end="")
        busy = {run.connection: run for run in rows.values() if not run.ended and run.budget_limit}
        bar = 8 if self._search else 14
        for name in sorted(busy)[: 2 if self.wide else 1]:
            run = busy[name]
            text.append("     " if text else "")
            text.append(plain(name)[:16] + " ", palette.style("muted"))
            text.append_text(line_bar(run.budget_used, run.budget_limit, bar, "accent", palette))
            text.append(right(number(run.budget_used), 4), palette.style(bold=True))
            told = _("of {limit} a minute").format(limit=number(run.budget_limit))
            text.append(f" {told}", palette.style("muted"))
        return text

    def _labels(self) -> list[str]:
        sign = " v" if self.palette.ascii else " ↓"
        marks = {order: sign if order == self._order else "" for order in _ORDERS}
        left = _("Time left")
        progress = _("Progress") + marks["time"]
        return [
            _("Export") + marks["name"],
            _("State") + marks["state"],
            progress + right(left, PROGRESS - len(progress)),
            f">{_('Rejects')} ",
        ]

    def _teaching(self) -> Text:
        palette = self.palette
        steps = (
            (_("Connect an Omnisend brand:"),
             "omnisend-tui connection add --name SHOP --agree-to-data-privacy"),
            (_("Name the files with the profiles:"),
             "omnisend-tui source add files --name CRM --path people.csv"),
            (_("Make an export of them:"),
             "omnisend-tui export add --name E --connection SHOP --source CRM --auto-map"),
        )  # fmt: skip
        text = Text(_("Here every export will stand with its state and progress."), end="")
        text.append("\n" + _("There is none yet. Three commands make the first one:"))
        for index, (told, command) in enumerate(steps, 1):
            text.append(f"\n\n{index}  {told}\n", palette.style("muted"))
            text.append(f"   {command}", palette.style("accent"))
        text.append("\n\n" + _("To look around first:") + "\n", palette.style("muted"))
        text.append("   omnisend-tui demo", palette.style("accent"))
        return text

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        self.query_one(RowTable).mark()
        self.draw_soon()

    def on_data_table_row_selected(self, _event: DataTable.RowSelected) -> None:
        self.action_open()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._search = event.value.strip().casefold()
        self.draw()

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        self.action_leave_search()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self.draw_soon()

    def action_search(self) -> None:
        if self.owner.workspace.config.exports:
            search = self.query_one("#search", Input)
            search.add_class("-open")
            search.focus()

    def action_leave_search(self) -> None:
        """Back to the list, which stays as it was found."""
        search = self.query_one("#search", Input)
        search.set_class(bool(search.value), "-open")
        self.query_one(RowTable).focus()

    def action_leave(self) -> None:
        self.query_one("#search", Input).value = ""
        self.action_leave_search()

    def action_sort(self) -> None:
        self._order = _ORDERS[(_ORDERS.index(self._order) + 1) % len(_ORDERS)]
        self.draw()

    def action_new(self) -> None:
        self.owner.tell(_("`omnisend-tui export add` makes a new export."))

    def action_open(self) -> None:
        run = self.current_run
        if run is not None:
            self.open_run(run.run_id)
        elif self.item is not None:
            self.owner.tell(_("It never ran, so there is no run to open. Press r to run it."))

    def action_run(self) -> None:
        item = self.item
        if item is None:
            return
        if item.moving:
            self.owner.tell(_("It runs already. Press Enter to watch it."))
        elif not item.export.connection:
            self.owner.tell(_("It has no connection, so it can't run."))
        else:
            self.owner.start([item.export.name])
            self.draw()

    def action_run_all(self) -> None:
        self.run_all([item for item in self._items.values() if not item.moving])
