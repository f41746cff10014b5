"""Home: every export with its state and progress, and more about the marked one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.live import Row, View
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.acts import resumable, row_keys, why_not_run
from omnisend_tui.tui.screens.begin import What, begin
from omnisend_tui.tui.screens.export_budgets import budgets
from omnisend_tui.tui.screens.export_rows import (
    SORTS,
    Widths,
    export_columns,
    export_row,
    found,
    sorted_by,
)
from omnisend_tui.tui.screens.managing import Managing
from omnisend_tui.tui.screens.welcome import Welcome
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line
from omnisend_tui.tui.widgets.table import Column, Table, TableRow

_HISTORY = 6  # past runs in the pane at the right
_Painted = tuple[Row, Widths, datetime, TableRow]


class ExportsScreen(Managing):
    """Tab 1."""

    tab: ClassVar[int] = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open"), show=False),
        Binding("r", "run", N_("Run"), show=False),
        Binding("R", "run_rejects", N_("Only rejects"), show=False),
        Binding("A", "run_all", N_("Run all"), show=False),
        Binding("P", "price", N_("Price and dry run"), show=False),
        Binding("p", "pause", N_("Pause"), show=False),
        Binding("c", "cancel", N_("Cancel"), show=False),
        Binding("s", "sort", N_("Sort"), show=False),
        Binding("n", "new", show=False),
    ]

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place)
        kept = self._place.sort
        self._sort = kept if kept in SORTS else SORTS[0]
        self._marked: str | None = None
        self._table = Table()  # kept, for it is asked often, and a query asks all widgets
        self._painted: dict[str, _Painted] = {}

    def placed(self, place: Place) -> Place:
        return replace(super().placed(place), sort=self._sort)

    def content(self) -> Iterable[Widget]:
        # Before the widgets are there: each class that comes later has all of them styled anew.
        self.set_class(self.empty(), "-empty", update=False)
        with Container(id="body"):
            yield self._table
            yield Lines(self._pane, id="pane")
        yield Welcome(id="none")

    def counted(self) -> str:
        count = len(self.view.rows)
        return ngettext("Search {count} export", "Search {count} exports", count).format(
            count=number(count)
        )

    def columns(self) -> Sequence[Column]:
        return export_columns(self._widths())

    def rows(self) -> Sequence[TableRow]:
        widths, minute = self._widths(), self.now.replace(second=0, microsecond=0)
        rows = found(self.view.rows, self._sort, self.wanted)
        return [self._row(row, widths, minute) for row in rows]

    def empty(self) -> bool:
        return not self.view.rows

    def gather(self, view: View) -> list[Snapshot]:
        """The past runs of the marked export, where they are shown."""
        if not self.wide or self._marked is None:
            return []
        runs = self.omnisend.workspace.state.runs(self._marked, limit=_HISTORY + 1)
        return [run for run in runs if run.ended][:_HISTORY]

    def show(self) -> None:
        super().show()
        if self._table.marked != self._marked:
            self._marked = self._table.marked
            self.gather_now()
        self.query_one("#pane", Lines).show()
        welcome = self.query_one(Welcome)
        welcome.show(self.omnisend.workspace.config)
        shown, hidden = (Choices, Table) if self.empty() else (Table, Choices)
        if self.focused is None or isinstance(self.focused, hidden):
            self.query_one(shown).focus()

    def beside(self) -> None:
        if self._table.marked != self._marked:
            self._marked = self._table.marked
            if self.wide:
                self.recall()
        self.query_one("#found", Lines).show()
        self.query_one("#pane", Lines).show()

    def footer_keys(self) -> Sequence[Key]:
        more = [Key("?", _("Help"), "app.help")]
        if self.empty():
            more.append(Key("^p", _("Palette"), "app.command_palette"))
            start = Key("Enter", _("Start"), "open")
            demo = Key("d", _("Try the demo"), "duplicate")
            return [start, demo, *more, Key("^q", _("Quit"), "app.quit")]
        manage = self.manage_keys()
        keys = [*row_keys(self.marked_row()), *manage[:1], Key("n", _("New"), "new")]
        keys.append(Key("/", _("Search"), "find"))
        other = self._other_keys()
        fitting = [Key("^p", _("Palette"), "app.command_palette"), *manage[1:2], *other[:-1]]
        fitting += [*manage[2:], *other[-1:]]
        width = self.app.size.width - 1
        room = width - sum(key.cells for key in (*keys, *more))
        for key in fitting:
            if key.cells <= room:
                keys.append(key)
                room -= key.cells
        return [*keys, *more]

    def palette_keys(self) -> Sequence[Key]:
        """What the palette offers beyond the footer."""
        row = self.marked_row()
        if row is None or self.empty():
            return []
        shown = {key.sign for key in self.footer_keys()}
        more = [*self.manage_keys(), *self._other_keys()]
        if not why_not_run(row):
            more.append(Key("P", _("Price and dry run"), "price"))
        return [key for key in more if key.sign not in shown]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("Enter", _("opens the latest run of the marked export")),
            ("r", _("runs the marked export now; an interrupted run goes on or is given up")),
            ("R", _("runs only what the last run rejected, after asking")),
            ("P", _("what a run would cost, and a dry run; before a first run r says it too")),
            ("A", _("runs all exports that can run, after saying what that costs at most")),
            ("p", _("pauses the run, and goes on with it")),
            ("c", _("cancels the run, after asking")),
            ("n", _("sets up another export")),
            *self.manage_help(),
            ("s", _("sorts by state, by name, by the last run, by rejects")),
            *super().help_keys(),
        ]

    def beside_search(self, width: int) -> Line:
        return budgets(self.view.rows, self.marked_row(), width)

    # Actions.

    def action_open(self) -> None:
        if self.empty():
            self._begin(self.query_one(Welcome).step)
            return
        row = self.marked_row()
        if row is None:
            return
        if row.run is None:
            self.say(_("“{export}” never ran; r runs it.").format(export=row.export.name))
            return
        from omnisend_tui.tui.screens.run import RunScreen

        self.app.push_screen(RunScreen(row.run))

    def action_run(self) -> None:
        if (row := self._runnable()) is not None:
            self.omnisend.start(row)

    def action_run_rejects(self) -> None:
        row = self.marked_row()
        if row is not None:
            # Imports dialogs that few need.
            from omnisend_tui.tui.rejecting import run_only_rejects

            run_only_rejects(self.omnisend, row)

    def action_run_all(self) -> None:
        ready = [row for row in self.view.rows if not why_not_run(row) and not resumable(row)]
        if not ready:
            self.say(_("There is no export that could start now."))
            return
        # Slow to import, and seldom needed.
        from omnisend_tui.tui.screens.run_all import ask_all

        ask_all(self.omnisend, [row.export for row in ready])

    def action_price(self) -> None:
        row = self._runnable()
        if row is None:
            return
        if resumable(row):
            self.omnisend.start(row)  # which asks what becomes of that run
        else:
            self.omnisend.show_price(row.export)

    def action_pause(self) -> None:
        row = self.marked_row()
        if row is not None:
            self.omnisend.pause(row)

    def action_cancel(self) -> None:
        row = self.marked_row()
        if row is not None:
            self.omnisend.cancel(row)

    def action_sort(self) -> None:
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self.say(_("Sorted {order}.").format(order=sorted_by(self._sort)))
        self.show()

    def action_duplicate(self) -> None:
        if self.empty():
            self.omnisend.leave_for_demo()
        else:
            super().action_duplicate()

    def action_new(self) -> None:
        begin(self.omnisend, "export")

    @on(Choices.Taken)
    def _taken(self) -> None:
        self.action_open()

    def _begin(self, step: int) -> None:
        kinds: tuple[What, ...] = ("connection", "source", "export")
        if step < len(kinds):
            begin(self.omnisend, kinds[step])
        else:
            self.say(_("The first run needs an export first."))

    # Parts.

    def repaint(self) -> None:
        self._painted.clear()
        super().repaint()

    def _runnable(self) -> Row | None:
        """The marked export where it can run now; else says why not."""
        row = self.marked_row()
        if row is not None and (why := why_not_run(row)):
            self.say(why)
            return None
        return row

    def _widths(self) -> Widths:
        return Widths.of(self.table_cells(pane=self.wide))

    def _row(self, row: Row, widths: Widths, minute: datetime) -> TableRow:
        """Made anew only for what changed: most exports rest."""
        known = self._painted.get(row.export.id)
        if known is None or known[:3] != (row, widths, minute):
            known = (row, widths, minute, export_row(row, minute, widths))
            self._painted[row.export.id] = known
        return known[3]

    def marked_row(self) -> Row | None:
        return None if self._table.marked is None else self.view.row(self._table.marked)

    def _other_keys(self) -> list[Key]:
        keys = [Key("s", _("Sort"), "sort")]
        if any(not why_not_run(row) for row in self.view.rows) and len(self.view.rows) > 1:
            keys.insert(0, Key("A", _("Run all"), "run_all"))
        return keys

    def _pane(self, width: int) -> Sequence[Line]:
        row = self.marked_row()
        if row is None:
            return []
        from omnisend_tui.tui.screens.export_pane import at_right, below

        if self.wide:
            known = self.gathered if isinstance(self.gathered, list) else []
            history = [run for run in known if run.export_id == row.export.id]
            return at_right(row, history, self.now, width)
        return below(row, self.now, width)
