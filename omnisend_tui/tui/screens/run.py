"""A run: how far it is, where every profile is, and its rejects, batches and log."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui.errors import AppError
from omnisend_tui.formats import moment, number
from omnisend_tui.i18n import N_, _
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui import rejecting
from omnisend_tui.tui.live import Row, View
from omnisend_tui.tui.screens import run_facts, run_tabs
from omnisend_tui.tui.screens.acts import resumable, why_not_run, why_not_stop
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.screens.run_tabs import Gathered
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean
from omnisend_tui.tui.widgets.table import Column, Table, TableRow
from omnisend_tui.tui.words import local

_GAP = 3  # cells between tabs


class RunScreen(LiveScreen):
    """Follows one run, live or past."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", N_("Run again"), show=False),
        Binding("p", "pause", N_("Pause"), show=False),
        Binding("c", "cancel", N_("Cancel"), show=False),
        Binding("g", "group", N_("Group by reason"), show=False),
        Binding("x", "csv", N_("To CSV"), show=False),
        Binding("v", "reveal", N_("Reveal"), show=False),
        Binding("R", "run_rejects", N_("Only the rejects"), show=False),
        *[Binding(str(tab), f"tab({tab})", show=False) for tab in (1, 2, 3)],
    ]

    def __init__(self, run: Snapshot) -> None:
        super().__init__()
        self._run = run
        self._open = 0
        self._grouped = False
        self.gathered: Gathered | None = None

    def body(self) -> Iterable[Widget]:
        yield Lines(_rule, id="rule")
        yield Lines(self._facts, id="facts")
        yield self.finding()
        yield Lines(self._tabs, id="tabs")
        with Container(id="body"):
            yield Table()
            yield Lines(self._pane, id="pane")
        yield Static("", id="none", markup=False)

    def places(self) -> Sequence[str]:
        when = moment(local(self._run.started_at, self.now), self.now)
        return (self._run.export, _("run of {when}").format(when=when))

    def footer_keys(self) -> Sequence[Key]:
        row = self._row()
        keys: list[Key] = []
        if row is not None and not why_not_stop(row):
            paused = self._run.status == "paused"
            keys += [
                Key("p", _("Resume") if paused else _("Pause"), "pause"),
                Key("c", _("Cancel"), "cancel"),
            ]
        elif row is not None and not why_not_run(row):
            keys.append(Key("r", _("Resume") if resumable(row) else _("Run again"), "run"))
        return [
            *keys,
            *self._reject_keys(),
            Key("1-3", _("Tabs"), f"tab({self._open % 3 + 2 if self._open < 2 else 1})"),
            Key("/", _("Search"), "find"),
            Key("Esc", _("Back"), "back"),
            Key("?", _("Help"), "app.help"),
        ]

    def palette_keys(self) -> Sequence[Key]:
        """What the palette offers beyond the footer."""
        row = self._row()
        if row is None or why_not_run(row) or not self._run.rejected:
            return ()
        return [Key("R", _("Run only the rejects"), "run_rejects")]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [
            ("p", _("pauses the run, and goes on with it")),
            ("c", _("cancels the run, after asking")),
            ("r", _("runs the export again, once this run has ended; an interrupted one goes on")),
            ("1 2 3", _("Rejects, Batches, Log")),
            ("R", _("runs only the rejects again, after asking; this needs a key column")),
            ("x", _("writes the rejects to a CSV file, after asking where")),
            ("v", _("reveals the address of the marked reject, for as long as it is looked at")),
            ("g", _("groups the rejects by reason")),
            ("/", _("searches in the table; Enter keeps what was found, Esc shows all again")),
            ("Esc", _("goes back")),
        ]

    def gather(self, view: View) -> Gathered | None:
        """The open tab, read again only when the run has moved; errors leave it as it was."""
        try:
            run = self.omnisend.live.find(self._run.run_id) or self._run
            self._run = run
            stamp: tuple[object, ...] = (
                run.rejected,
                run.batches,
                run.confirmed,
                run.status,
                run.retries,
                run.stage,
            )
            if self._open == 2:
                stamp = (*stamp, run.updated_at)
            kept = self.gathered
            if kept is not None and kept.tab == self._open and kept.stamp == stamp:
                return kept
            workspace = self.omnisend.workspace
            ledger = workspace.ledger_path(run.export_id, run.brand_id)
            return run_tabs.gather(workspace.state, ledger, run.run_id, self._open, stamp)
        except AppError:
            return self.gathered

    def present(self, view: View, gathered: object) -> None:
        if isinstance(gathered, Gathered) and gathered.tab == self._open:
            self.gathered = gathered
        self._all()

    def show(self) -> None:
        columns, rows = self._table()
        self.query_one(Table).show(columns, rows)
        for name in ("#rule", "#facts", "#tabs", "#pane"):
            self.query_one(name, Lines).show()

    def tab_labels(self) -> list[str]:
        """The three tables."""
        return [_("Rejects"), _("Batches"), _("Log")]

    def leave(self) -> None:
        self.dismiss()

    # Actions.

    def action_tab(self, tab: int) -> None:
        if tab - 1 != self._open:
            self._open = tab - 1
            self.gather_now()
            self._all()

    def action_group(self) -> None:
        if self._open != 0:
            self.action_tab(1)
        self._grouped = not self._grouped
        self._all()

    def action_run(self) -> None:
        row = self._row()
        why = why_not_run(row) if row is not None else self._gone()
        if why or row is None:
            self.say(why)
            return
        self.dismiss()
        self.omnisend.start(row)

    def action_pause(self) -> None:
        row = self._row()
        if row is None:
            self.say(self._gone())
        else:
            self.omnisend.pause(row)

    def action_cancel(self) -> None:
        row = self._row()
        if row is None:
            self.say(self._gone())
        else:
            self.omnisend.cancel(row)

    def action_csv(self) -> None:
        rejecting.save_csv(self.omnisend, self._run)

    def action_reveal(self) -> None:
        problem = self._marked_reject()
        if problem is None:
            self.say(_("Mark one of the rejects first; they stand under 1."))
        else:
            rejecting.reveal(self.omnisend, self._run, problem)

    def action_run_rejects(self) -> None:
        row = self.view.row(self._run.export_id)
        if row is None:
            self.say(self._gone())
        else:
            rejecting.run_only_rejects(self.omnisend, row)

    @on(Lines.Pressed, "#tabs")
    def _tab_pressed(self, event: Lines.Pressed) -> None:
        index = chrome.tab_at(self._labels(), event.x, _GAP)
        if index is not None:
            self.action_tab(index + 1)
        elif event.y == 0 and event.x > event.lines.size.width - 22:
            self.action_group()

    # Parts.

    def _gone(self) -> str:
        return _("A newer run of this export has taken its place, or the export is gone.")

    def _row(self) -> Row | None:
        """The export's row, while this run is its latest."""
        row = self.view.row(self._run.export_id)
        latest = row is not None and row.run is not None and row.run.run_id == self._run.run_id
        return row if latest else None

    def _reject_keys(self) -> Sequence[Key]:
        if self._open != 0 or not self._run.rejected:
            return ()
        reveals = [] if self._grouped else [Key("v", _("Reveal"), "reveal")]
        return [*reveals, Key("x", _("To CSV"), "csv")]

    def _facts(self, width: int) -> Sequence[Line]:
        if self.wide:
            return run_facts.wide(self._run, self.now, width)
        return run_facts.narrow(self._run, width)

    def _labels(self) -> list[str]:
        return [
            _("Rejects {count}").format(count=number(self._run.rejected)),
            _("Batches {count}").format(count=number(self._run.batches)),
            _("Log"),
        ]

    def _tabs(self, width: int) -> Sequence[Line]:
        end: Line = ()
        if self.wanted:
            end = ((_("found “{text}”, Esc shows all").format(text=clean(self.wanted)), ""),)
        elif self._open == 0 and self._run.rejected:
            label = _("Each reject") if self._grouped else _("Group by reason")
            end = (("g", "accent bold"), (f" {label}", "muted"))
        elif self._open == 0:
            end = ((_("nothing rejected so far"), "muted"),)
        return chrome.tabs(self._labels(), self._open, end, width, _GAP)

    def _table(self) -> tuple[Sequence[Column], Sequence[TableRow]]:
        kept = self.gathered or Gathered(self._open, None)
        if self._open == 1:
            return run_tabs.batch_columns(), run_tabs.batch_rows(kept.batches, self.wanted)
        if self._open == 2:
            return run_tabs.log_columns(), run_tabs.log_rows(kept.log, self.now, self.wanted)
        if self._grouped:
            return run_tabs.group_columns(), run_tabs.group_rows(kept.reasons, self.wanted)
        return run_tabs.reject_columns(), run_tabs.reject_rows(kept.rejects, self.wanted)

    def _pane(self, width: int) -> Sequence[Line]:
        problem = self._marked_reject()
        return run_tabs.reject_pane(problem, width) if problem is not None else []

    def _marked_reject(self) -> Problem | None:
        marked = self.query_one(Table).marked
        if self._open != 0 or self._grouped or marked is None or self.gathered is None:
            return None
        rejects = self.gathered.rejects
        index = int(marked)
        return rejects[index] if index < len(rejects) else None


def _rule(width: int) -> Sequence[Line]:
    return [(("─" * width, "rule"),)]
