"""A run: how far it is, where every profile is, and its rejects, batches and log."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from omnisend_tui.errors import AppError
from omnisend_tui.formats import moment
from omnisend_tui.i18n import N_, _
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui import rejecting
from omnisend_tui.tui.live import Row, View
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens import run_facts, run_look, run_reject, run_tabs, run_told
from omnisend_tui.tui.screens.acts import resumable, why_not_run, why_not_stop
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.screens.run_log import show_line
from omnisend_tui.tui.screens.run_reject import RejectDialog
from omnisend_tui.tui.screens.run_tabs import Asked, Gathered
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import TABLE, Line, wrapped
from omnisend_tui.tui.widgets.table import Table
from omnisend_tui.tui.words import local


class RunScreen(LiveScreen):
    """Follows one run, live or past."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", N_("Run again"), show=False),
        Binding("p", "pause", N_("Pause"), show=False),
        Binding("c", "cancel", N_("Cancel"), show=False),
        Binding("g", "group", N_("Group by reason"), show=False),
        Binding("w", "warnings", N_("Warnings"), show=False),
        Binding("x", "csv", N_("To CSV"), show=False),
        Binding("v", "reveal", N_("Reveal"), show=False),
        Binding("R", "run_rejects", N_("Only the rejects"), show=False),
        *[Binding(str(tab), f"tab({tab})", show=False) for tab in (1, 2, 3, 4)],
    ]

    def __init__(self, run: Snapshot) -> None:
        super().__init__()
        self._run = run
        self._asked = Asked()
        self.gathered: Gathered | None = None

    def placed(self, place: Place) -> Place:
        """For ``reopening``: this run."""
        return replace(place, run=self._run.run_id)

    def body(self) -> Iterable[Widget]:
        yield Lines(lambda width: [run_told.rule(self._run, width)], id="rule")
        yield Lines(self._facts, id="facts")
        yield self.finding()
        yield Lines(self._tabs, id="tabs")
        with Container(id="body"):
            yield Table()
            yield Lines(self._pane, id="pane")
        yield Lines(self._more, id="more")

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
            *self._row_keys(),
            Key("1-4", _("Tabs"), f"tab({(self._asked.tab + 1) % 4 + 1})"),
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
            ("1 2 3 4", _("Rejects, Batches, Log, and what changed since the run before")),
            ("Enter", _("shows the marked reject or line of the log, or the rejects of a reason")),
            ("R", _("runs only the rejects again, after asking; this needs a key column")),
            ("x", _("writes the rejects to a CSV file, after asking where")),
            ("v", _("reveals the address of the marked reject, for as long as it is looked at")),
            ("g", _("groups the rejects by reason")),
            ("w", _("shows the warnings: values left out of profiles that were sent")),
            ("/", _("searches in the table; Enter keeps what was found, Esc shows all again")),
            ("Esc", _("goes back")),
        ]

    def gather(self, view: View) -> Gathered | None:
        """The open tab, read again only when the run has moved; errors leave it as it was."""
        try:
            run = self.omnisend.live.find(self._run.run_id) or self._run
            self._run = run
            asked = dataclasses.replace(self._asked, stamp=run_tabs.stamp(run, self._asked.tab))
            if self.gathered is not None and self.gathered.asked == asked:
                return self.gathered
            workspace = self.omnisend.workspace
            ledger = workspace.ledger_path(run.export_id, run.brand_id)
            return run_tabs.gather(workspace.state, ledger, run, asked)
        except AppError:
            return self.gathered

    def present(self, view: View, gathered: object) -> None:
        if isinstance(gathered, Gathered) and self._holds(gathered):
            self.gathered = gathered
        self._all()

    def show(self) -> None:
        kept = self._kept() or Gathered(self._asked)
        columns, rows = run_look.table(self._run, kept, self.now, self.wanted, self._spare())
        self.query_one(Table).show(columns, rows)
        cut_off = run_look.cut_off(self._run, self._kept())
        self.query_one("#more").set_class(bool(cut_off), "-open")
        self.query_one("#pane").set_class(not self._beside(), "-empty")
        for name in ("#rule", "#facts", "#tabs", "#pane", "#more"):
            self.query_one(name, Lines).show()

    def tab_labels(self) -> list[str]:
        """The four tables."""
        return [_("Rejects"), _("Batches"), _("Log"), _("Compared")]

    def leave(self) -> None:
        if self._asked.reason:
            self._show(grouped=True, reason="")
        else:
            self.dismiss()

    # Actions.

    def action_tab(self, tab: int) -> None:
        if tab - 1 != self._asked.tab:
            self._show(tab=tab - 1)

    def action_group(self) -> None:
        self._show(tab=0, grouped=self._asked.tab != 0 or not self._asked.grouped, reason="")

    def action_warnings(self) -> None:
        if self._asked.kind == "warning":
            self._show(tab=0, kind="reject", reason="")
        elif self._run.warnings:
            self._show(tab=0, kind="warning", reason="")
        else:
            self.say(_("This run has no warnings so far."))

    def action_open(self) -> None:
        marked, problem = self.query_one(Table).marked, self._marked_reject()
        if problem is not None:
            self.app.push_screen(RejectDialog(problem), self._opened)
        elif self._asked.tab == 0 and self._asked.grouped and marked is not None:
            self._show(grouped=False, reason=marked)
        elif (kept := self._kept()) and (line := run_tabs.log_line(kept, marked)):
            show_line(self, line)

    def _opened(self, answer: str | None) -> None:
        if answer == "reveal":
            self.action_reveal()

    def _show(self, **changes: object) -> None:
        """Opens what is asked for, fields of ``Asked``."""
        self._asked = dataclasses.replace(self._asked, **changes)  # type: ignore[arg-type]
        self.gather_now()
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
    async def _tab_pressed(self, event: Lines.Pressed) -> None:
        if event.y == 0:
            width = event.lines.size.width
            key = run_look.pressed(self._run, self._asked, event.x, width)
            if key is not None:
                await self.run_action(key.action)

    # Parts.

    def _gone(self) -> str:
        return _("A newer run of this export has taken its place, or the export is gone.")

    def _row(self) -> Row | None:
        """The export's row, while this run is its latest."""
        row = self.view.row(self._run.export_id)
        latest = row is not None and row.run is not None and row.run.run_id == self._run.run_id
        return row if latest else None

    def _row_keys(self) -> Sequence[Key]:
        asked = self._asked
        if asked.tab == 2:
            return (Key("Enter", _("Open"), "open"),)
        if asked.tab != 0 or not run_look.problems(self._run, asked):
            return ()
        keys = [
            Key("Enter", _("Open"), "open") if asked.grouped else Key("v", _("Reveal"), "reveal")
        ]
        return [*keys, Key("x", _("To CSV"), "csv")] if asked.kind == "reject" else keys

    def _facts(self, width: int) -> Sequence[Line]:
        row = self._row()
        resumes = row is not None and resumable(row)
        if self.wide:
            height = self.app.size.height
            return run_facts.wide(self._run, self.now, width, height, resumes=resumes)
        return run_facts.narrow(self._run, self.now, width, resumes=resumes)

    def _tabs(self, width: int) -> Sequence[Line]:
        return run_look.tabs(self._run, self._asked, self._kept(), self.wanted, width)

    def _holds(self, gathered: Gathered) -> bool:
        """Whether it is what is asked for now, be it a moment old."""
        return dataclasses.replace(gathered.asked, stamp=None) == self._asked

    def _kept(self) -> Gathered | None:
        kept = self.gathered
        return kept if kept is not None and self._holds(kept) else None

    def _spare(self) -> int:
        """Cells of the table beyond those of a window of 80 columns."""
        return max(0, self.table_cells(pane=self._beside()) - TABLE)

    def _beside(self) -> bool:
        """Whether a pane tells more of the marked row at its right."""
        each = self._asked.tab == 0 and not self._asked.grouped
        return self.wide and each and bool(run_look.problems(self._run, self._asked))

    def _more(self, width: int) -> Sequence[Line]:
        told = wrapped(run_look.cut_off(self._run, self._kept()), width - 3, "muted")
        return [(("   ", ""), *line) for line in told]

    def _pane(self, width: int) -> Sequence[Line]:
        problem = self._marked_reject()
        return run_reject.pane(problem, width) if problem is not None else []

    def _marked_reject(self) -> Problem | None:
        marked, kept = self.query_one(Table).marked, self._kept()
        if self._asked.tab != 0 or self._asked.grouped or marked is None or kept is None:
            return None
        index = int(marked) if marked.isdecimal() else len(kept.problems)
        return kept.problems[index] if index < len(kept.problems) else None
