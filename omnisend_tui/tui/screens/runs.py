"""History: all runs, newest first, beside the trend of the marked one's export."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, get_args

from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui.formats import number
from omnisend_tui.history import AMONG, previous, trend
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.progress import Snapshot, Status
from omnisend_tui.state import UNENDED, Sought, Stamp, State
from omnisend_tui.tui.live import View
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.screens.past_run import (
    Marked,
    changes_line,
    past_columns,
    past_pane,
    past_row,
    trend_lines,
)
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, wrapped
from omnisend_tui.tui.widgets.table import Column, Table, TableRow
from omnisend_tui.tui.words import state_of, status_state

_PART = 200  # rows of the table; thousands are slow, so it holds a part that moves along
_STATES: tuple[Status | None, ...] = (
    None, "finished_with_rejects", "failed", "interrupted", "cancelled", "finished", "running",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read: of which state of the file, which runs, and for what on the screen."""

    stamp: Stamp
    sought: Sought
    by: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What the screen shows. ``every`` run there is, ``found`` of them, and a part of those."""

    asked: Asked
    every: int
    found: int
    kept: tuple[Snapshot, ...]
    shown: tuple[Snapshot, ...]
    marked: Marked | None


class RunsScreen(HomeScreen):
    """Tab 4."""

    tab: ClassVar[int] = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open"), show=False),
        Binding("f", "export", N_("Export"), show=False),
        Binding("s", "state", N_("State"), show=False),
        # The table would go to the ends of its part.
        Binding("home", "newest", show=False, priority=True),
        Binding("end", "oldest", show=False, priority=True),
    ]

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place)
        self.gathered: Past | None = None
        self._offset = 0
        self._marked: str | None = None
        self._only: tuple[str, str] = ("", "")  # id and name of the one export that is listed
        self._status: Status | None = None
        self._rows: dict[str, tuple[Snapshot, object, TableRow]] = {}

    def content(self) -> Iterable[Widget]:
        with Container(id="body"):
            with Vertical(id="past"):
                yield Lines(self._trend, id="trend")
                yield Table()
            yield Lines(self._pane, id="pane")
        yield Static(self.nothing(), id="none", markup=False)

    def counted(self) -> str:
        count = self.gathered.every if self.gathered is not None else 0
        return ngettext("Search {count} run", "Search {count} runs", count).format(
            count=number(count)
        )

    def nothing(self) -> str:
        return _("Here stand the runs of all exports. The first one is started on tab 1, with r.")

    def beside_search(self, width: int) -> Line:
        """What is listed."""
        name, status = self._only[1], self._status
        export = cut(clean(name), 18) if name else _("all")
        state = status_state(status)[1] if status is not None else _("all")
        pieces: Line = (
            ("f", "accent bold"), (f" {_('Export')}: ", "muted"), (export, "bold" if name else ""),
            ("   ", ""), ("s", "accent bold"), (f" {_('State')}: ", "muted"),
            (state, "bold" if status else ""),
        )  # fmt: skip
        past = self.gathered
        if past is None or not (name or status or self.wanted):
            return pieces
        count = past.found - (len(past.kept) - len(past.shown))
        found = _("{count} found").format(count=number(count))
        return ((found, "muted"), ("   ", ""), *pieces)

    def gather(self, view: View) -> Past:
        """A part of the history; read again only where something was written or is asked."""
        state = self.omnisend.workspace.state
        stamp = state.stamp()
        sought = _sought(state, self.wanted, self._only[0], self._status)
        asked = Asked(stamp, sought, self._asking())
        past = self.gathered
        if past is None or past.asked != asked:
            found = state.count_runs(sought)
            kept = tuple(state.history(sought, _PART, self._offset))
            past = Past(asked, state.count_runs(), found, kept, kept, None)
        live = {row.run.run_id: row.run for row in view.rows if row.run is not None}
        seen = self.omnisend.live.seen
        shown = tuple(run if run.ended else live.get(run.run_id) or seen(run) for run in past.kept)
        shown = tuple(run for run in shown if self._fits(run, sought))
        marked = next((run for run in shown if run.run_id == self._marked), None)
        told = past.marked
        if marked is None:
            told = None
        elif told is None or told.run is not marked:
            told = _about(state, marked)
        return Past(asked, past.every, past.found, past.kept, shown, told)

    def _asking(self) -> tuple[object, ...]:
        return self.wanted, self._only, self._status, self._offset, self._marked

    def present(self, view: View, gathered: object) -> None:
        if isinstance(gathered, Past) and gathered.asked.by != self._asking():
            gathered = self.gathered  # a key was pressed meanwhile, and had it gathered anew
        super().present(view, gathered)

    def columns(self) -> Sequence[Column]:
        return past_columns(self._cells())

    def repaint(self) -> None:
        self._rows.clear()
        super().repaint()

    def rows(self) -> Sequence[TableRow]:
        kept, now, cells, self._rows = self._rows, self.now, self._cells(), {}
        made = (now.date(), cells)
        for run in self._shown():
            known = kept.get(run.run_id)
            if known is None or known[0] is not run or not run.ended or known[1] != made:
                known = (run, made, past_row(run, now, cells))
            self._rows[run.run_id] = known
        return [row for _run, _day, row in self._rows.values()]

    def empty(self) -> bool:
        return self.gathered is None or not self.gathered.every

    def show(self) -> None:
        super().show()
        table = self.query_one(Table)
        self._move_along(table)
        if table.marked != self._marked:
            self._marked = table.marked
            self.gather_now()
        self.query_one("#trend", Lines).show()
        self.query_one("#pane", Lines).show()

    def search(self, text: str) -> None:
        self.wanted = text
        self._anew()

    def footer_keys(self) -> Sequence[Key]:
        others = [key for key in super().footer_keys() if key.sign != "1-4"]
        if self.empty():
            return others
        keys = [Key("Enter", _("Open"), "open")] if self._shown() else []
        which = _("All exports") if self._only[0] else _("Only this export")
        return [*keys, Key("f", which, "export"), Key("s", _("State"), "state"), *others]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("Enter", _("opens the marked run")),
            ("f", _("lists the runs of the marked run's export only, or of all")),
            ("s", _("lists the runs that ended in one way only, or all")),
            ("Home End", _("the newest run, the oldest one")),
            *super().help_keys(),
        ]

    # Actions.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("newest", "oldest"):
            return isinstance(self.focused, Table)
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        run = self._marked_run()
        if run is not None:
            from omnisend_tui.tui.screens.run import RunScreen

            self.app.push_screen(RunScreen(run))

    def action_export(self) -> None:
        run = self._marked_run()
        if self._only[0] or run is None:
            self._only = ("", "")
        else:
            self._only = (run.export_id, run.export)
        self._anew()

    def action_state(self) -> None:
        self._status = _STATES[(_STATES.index(self._status) + 1) % len(_STATES)]
        self._anew()

    def action_newest(self) -> None:
        self._go(0)
        self.query_one(Table).action_scroll_top()

    def action_oldest(self) -> None:
        self._go(self.gathered.found - _PART if self.gathered is not None else 0)
        self.query_one(Table).action_scroll_bottom()

    # Parts.

    def _cells(self) -> int:
        return self.table_cells(pane=self.wide)

    def _shown(self) -> Sequence[Snapshot]:
        return self.gathered.shown if self.gathered is not None else ()

    def _marked_run(self) -> Snapshot | None:
        marked = self.query_one(Table).marked
        return next((run for run in self._shown() if run.run_id == marked), None)

    def _anew(self) -> None:
        """After what is sought changed."""
        self._go(0)
        self._all()

    def _go(self, offset: int) -> None:
        if self.gathered is not None:
            self._offset = max(0, offset)
            self.gather_now()
            super().show()

    def _move_along(self, table: Table) -> None:
        """At an end of the part that the table holds, the part moves by half."""
        past, row = self.gathered, table.cursor_row
        if past is None or not past.shown:
            return
        step = 0
        if row >= len(past.shown) - 1 and self._offset + _PART < past.found:
            step = _PART // 2
        elif row == 0 and self._offset:
            step = -min(_PART // 2, self._offset)
        if step:
            top = table.scroll_y
            self._go(self._offset + step)
            table.scroll_to(y=top - step, animate=False)

    def _fits(self, run: Snapshot, sought: Sought) -> bool:
        """Whether it is sought as it stands now: the file alone can't tell of those unended."""
        if self._status is not None and run.status != self._status:
            return self._status == "running" and not run.ended
        named = sought.named is None or run.export_id in sought.named
        return named or matches(self.wanted, state_of(run)[1])

    def _trend(self, width: int) -> Sequence[Line]:
        marked = self.gathered.marked if self.gathered is not None else None
        if marked is None:
            return [] if self._shown() else wrapped(_none_listed(), width, "muted")
        if self.wide:
            return trend_lines(marked, width, 5)
        return [*trend_lines(marked, width, 2), changes_line(marked, self.now, width)]

    def _pane(self, width: int) -> Sequence[Line]:
        marked = self.gathered.marked if self.gathered is not None else None
        return past_pane(marked, self.now, width) if self.wide and marked is not None else []


def _none_listed() -> str:
    return _("No run is as asked for. s lists other states, f all exports, Esc ends a search.")


def _sought(state: State, wanted: str, export_id: str, status: Status | None) -> Sought:
    """Runs that go on are among those of every status: how they stand, the file can't tell."""
    statuses = frozenset[str]() if status is None else frozenset({status}) | UNENDED
    if not wanted:
        return Sought(export_id, statuses)
    latest = state.latest_runs().values()
    named = frozenset(run.export_id for run in latest if matches(wanted, run.export))
    worded = frozenset(each for each in get_args(Status) if matches(wanted, status_state(each)[1]))
    return Sought(export_id, statuses, named, worded | UNENDED)


def _about(state: State, run: Snapshot) -> Marked:
    return Marked(
        run,
        previous(state, run) if run.ended else None,
        trend(run, state.runs(run.export_id, AMONG)),
        tuple(state.problem_counts(run.run_id, "reject").items()),
    )
