"""Past runs, newest first."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from omnisend_tui.formats import duration, moment, number
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.live import View, seen
from omnisend_tui.tui.screens.frame import matches
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.paint import clean, clip, cut, right
from omnisend_tui.tui.widgets.table import Column, Table, TableRow
from omnisend_tui.tui.words import local, state_line, state_of

_LIMIT = 300  # a table of thousands is slow, and nobody reads it


class RunsScreen(HomeScreen):
    """Tab 4."""

    tab: ClassVar[int] = 4
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", N_("Open"), show=False)]

    def counted(self) -> str:
        count = len(self._runs())
        return ngettext("Search {count} run", "Search {count} runs", count).format(
            count=number(count)
        )

    def nothing(self) -> str:
        return _("Here stand the runs of all exports. The first one is started on tab 1, with r.")

    def gather(self, view: View) -> list[Snapshot]:
        """The newest runs; those of this process as they are now."""
        now = self.omnisend.now().timestamp()
        live = {row.run.run_id: row.run for row in view.rows if row.run is not None}
        kept = self.omnisend.workspace.state.runs(limit=_LIMIT)
        return [live.get(run.run_id) or seen(run, now) for run in kept]

    def columns(self) -> Sequence[Column]:
        return [
            Column(_("Started"), 13),
            Column(_("Export"), 18),
            Column(_("State"), 18),
            Column(_("Read"), 10, numeric=True),
            Column(_("Rejects"), 9, numeric=True),
            Column(_("Took") + " ", 8, numeric=True),
        ]

    def rows(self) -> Sequence[TableRow]:
        return [
            self._row(run)
            for run in self._runs()
            if matches(self.wanted, run.export, state_of(run)[1])
        ]

    def footer_keys(self) -> Sequence[Key]:
        keys = [Key("Enter", _("Open"), "open")] if self._runs() else []
        return [*keys, *super().footer_keys()]

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return [("Enter", _("opens the marked run")), *super().help_keys()]

    def action_open(self) -> None:
        marked = self.query_one(Table).marked
        run = next((run for run in self._runs() if run.run_id == marked), None)
        if run is not None:
            from omnisend_tui.tui.screens.run import RunScreen

            self.app.push_screen(RunScreen(run))

    def _runs(self) -> list[Snapshot]:
        return self.gathered if isinstance(self.gathered, list) else []

    def _row(self, run: Snapshot) -> TableRow:
        now = self.now
        end = run.finished_at or (run.updated_at if run.ended else now.timestamp())
        serious = run.rejected and run.status == "finished_with_rejects"
        return TableRow(
            run.run_id,
            (
                ((cut(moment(local(run.started_at, now), now), 12), "muted"),),
                ((cut(clean(run.export), 17), ""),),
                clip(state_line(run), 18),
                ((right(number(run.read), 10), ""),),
                (
                    (
                        right(number(run.rejected), 9),
                        "warning bold" if serious else "" if run.rejected else "muted",
                    ),
                ),
                ((right(duration(end - run.started_at), 7), "muted"),),
            ),
        )
