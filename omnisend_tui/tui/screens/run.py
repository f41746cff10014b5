"""A run: how far it is, what became of every profile, its rejects, batches and log."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import DataTable

from omnisend_tui.errors import AppError
from omnisend_tui.formats import moment, number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens import run_lists
from omnisend_tui.tui.screens.run_figures import narrow_lines, wide_lines
from omnisend_tui.tui.screens.run_lists import ListName, Loaded
from omnisend_tui.tui.screens.running import RunKeys
from omnisend_tui.tui.widgets.frame import Key, Line, Said, Tab, TabLine
from omnisend_tui.tui.widgets.table import RowTable
from omnisend_tui.tui.widgets.texts import lines_of

_TABLE = 80


class RunScreen(RunKeys):
    """One run by its id; it may be under way here, in another process, or long past."""

    BINDINGS: ClassVar = [
        Binding("escape", "back", show=False),
        Binding("g", "group", show=False),
        Binding("r", "run_again", show=False),
        Binding("left", "turn(-1)", show=False, priority=True),
        Binding("right", "turn(1)", show=False, priority=True),
        Binding("enter", "nothing", show=False, priority=True),
    ]

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self._run_id = run_id
        self._tab = 0
        self._grouped = False
        self._run: Snapshot | None = None
        self._loaded = Loaded("rejects")
        self._asked: tuple[object, ...] = ()

    def body(self) -> Sequence[Widget]:
        return (
            Line(id="rule"),
            Line(id="figures"),
            TabLine(),
            Horizontal(
                RowTable(run_lists.WIDTHS, "rows", classes="split"),
                Said(id="nothing"),
                Said(id="side"),
                id="body",
            ),
        )

    def on_mount(self) -> None:
        self.query_one(RowTable).focus()

    @property
    def current_run(self) -> Snapshot | None:
        return self._run

    @property
    def list_name(self) -> ListName:
        if self._tab == 0:
            return "reasons" if self._grouped else "rejects"
        return "batches" if self._tab == 1 else "log"

    def path(self) -> Sequence[str]:
        run = self._run
        if run is None:
            return ()
        when = moment(datetime.fromtimestamp(run.started_at, UTC), self.owner.now())
        return (run.export, _("run of {when}").format(when=when))

    def keys(self) -> Sequence[Key]:
        keys = self.run_keys(self._run)
        if self._run is not None and self._run.ended:
            keys.append(Key("r", _("Run again"), "run_again"))
        if self._tab == 0 and self._run is not None and self._run.rejected:
            keys.append(Key("g", self._group_label(), "group"))
        arrows = "<>" if self.palette.ascii else "←→"
        return (
            *keys,
            Key(arrows, _("Lists"), "turn(1)"),
            Key("Esc", _("Back"), "back"),
            Key("?", _("Help"), "app.help"),
        )

    def all_keys(self) -> Sequence[Key]:
        return (
            Key("p", _("pause the run, and let it go on"), ""),
            Key("c", _("cancel the run"), ""),
            Key("r", _("run the export again once the run has ended"), ""),
            Key("g", _("rejects by reason, or one by one"), ""),
            Key("Left, Right", _("rejects, batches, log"), ""),
            Key("Esc", _("back; the run goes on"), ""),
        )

    def draw_frame(self) -> None:
        try:
            found = self.owner.live.find(self._run_id)
        except AppError as error:
            self.owner.tell(error.message, hint=error.hint, failure=True)
            found = None
        self._run = found or self._run
        super().draw_frame()

    def draw_body(self) -> None:
        run, palette, width = self._run, self.palette, self.app.size.width
        rule = "-" if palette.ascii else "─"
        self.query_one("#rule", Line).put(Text(rule * width, palette.style("rule"), end=""))
        if run is None:
            text = Text(_("This run is no longer known."), palette.style("muted"), end="")
            self.query_one("#figures", Line).put(text)
            return
        if self.wide:
            lines = wide_lines(run, palette, width - 2, self.owner.now())
        else:
            lines = narrow_lines(run, palette, width - 2)
        figures = self.query_one("#figures", Line)
        figures.styles.height = len(lines) + (1 if self.wide else 0)
        figures.put(lines_of(lines))
        self._draw_tabs(run)
        self._load(run)

    def _draw_tabs(self, run: Snapshot) -> None:
        tabs = [
            Tab(_("Rejects {n}").format(n=number(run.rejected)), "go(0)"),
            Tab(_("Batches {n}").format(n=number(run.batches)), "go(1)"),
            Tab(_("Log"), "go(2)"),
        ]
        self.query_one(TabLine).show(tabs, self._tab, Text(end=""), self.palette)

    def _group_label(self) -> str:
        return _("One by one") if self._grouped else _("By reason")

    def _load(self, run: Snapshot) -> None:
        """Reads the list anew when what it is made of has changed."""
        asked = (
            self.list_name,
            run.rejected,
            run.status,
            run.confirmed,
            run.batches,
            run.waiting_for,
        )
        if asked != self._asked:
            self._asked = asked
            self.run_worker(self._read(run, self.list_name), group="list", exclusive=True)
        else:
            self._draw_list()

    async def _read(self, run: Snapshot, name: ListName) -> None:
        try:
            loaded = await asyncio.to_thread(run_lists.load, self.owner.workspace, run, name)
        except AppError as error:
            self.owner.tell(error.message, hint=error.hint, failure=True)
            return
        if loaded.name == self.list_name:
            self._loaded = loaded
            self._draw_list()

    def _draw_list(self) -> None:
        if self._run is None or not self.is_mounted:
            return
        loaded, table, palette = self._loaded, self.query_one(RowTable), self.palette
        if loaded.name != self.list_name:
            return
        cells = run_lists.widths(loaded.name, min(_TABLE, self.app.size.width) - 4)
        for index, width in enumerate(cells):
            table.resize_column(index, width)
        table.head(run_lists.labels(loaded.name), palette)
        rows = run_lists.rows(loaded, cells, self.owner.now(), palette)
        self.set_class(not rows, "-nothing")
        self.query_one("#nothing", Said).say(run_lists.nothing(loaded.name, self._run))
        table.show(rows, palette)
        self._draw_closer()

    def _draw_closer(self) -> None:
        """The selected row in full, where there is room for it."""
        chosen, text = self.query_one(RowTable).chosen, Text(end="")
        problems = self._loaded.problems
        if chosen is not None and self._loaded.name == "rejects" and int(chosen) < len(problems):
            text = run_lists.closer(problems[int(chosen)], self.palette)
        elif chosen is not None and self._loaded.name == "reasons":
            first = next((one for one in problems if one.reason == chosen), None)
            text = run_lists.closer(first, self.palette) if first else text
        self.query_one("#side", Said).say(text)

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        self.query_one(RowTable).mark()
        self._draw_closer()

    def action_go(self, tab: int) -> None:
        self._tab = tab
        self.draw()

    def action_turn(self, step: int) -> None:
        self.action_go((self._tab + step) % 3)

    def action_group(self) -> None:
        if self._tab != 0:
            self.owner.tell(_("Only rejects can be grouped by their reason."))
            return
        self._grouped = not self._grouped
        self.draw()

    def action_run_again(self) -> None:
        run = self._run
        if run is None or not run.ended:
            self.owner.tell(_("It runs already."))
            return
        exports = self.owner.workspace.config.exports.values()
        name = next((one.name for one in exports if one.id == run.export_id), None)
        if name is None:
            self.owner.tell(_("This export was removed meanwhile, so it can't run again."))
            return
        self.owner.start([name])
        self.app.pop_screen()

    def action_nothing(self) -> None:
        """Enter opens nothing here."""

    def action_back(self) -> None:
        self.app.pop_screen()
