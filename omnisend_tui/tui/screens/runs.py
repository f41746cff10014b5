"""Runs: what ran, when, and how it ended."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import DataTable

from omnisend_tui.errors import AppError
from omnisend_tui.formats import duration, moment, number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.states import look
from omnisend_tui.tui.themes import Palette, Tone
from omnisend_tui.tui.widgets.frame import Key, Said
from omnisend_tui.tui.widgets.table import Row, RowTable
from omnisend_tui.tui.widgets.texts import fit, right

_WIDTHS = (14, 18, 19, 9, 8, 8)
_LIMIT = 200


class RunsScreen(HomeScreen):
    """Past runs and those under way, newest first."""

    place = 3
    BINDINGS: ClassVar = [Binding("escape", "app.tab('exports')", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[Snapshot] = []
        self._seen: object = None

    def body(self) -> Sequence[Widget]:
        return (RowTable(_WIDTHS, "body"), Said(id="empty"))

    def on_mount(self) -> None:
        self.query_one(RowTable).focus()

    def keys(self) -> Sequence[Key]:
        opens = [Key("Enter", _("Open"), "open")] if self._runs else []
        return (
            *opens,
            Key("1-4", _("Tabs"), "app.tab('exports')"),
            Key("?", _("Help"), "app.help"),
            Key("^Q", _("Quit"), "app.quit"),
        )

    def draw_body(self) -> None:
        live = self.owner.live.rows()
        now_running = {run.run_id: run for run in live.values()}
        seen = {(run.run_id, run.status) for run in live.values()}
        if seen != self._seen:
            try:
                self._runs = self.owner.workspace.state.runs(limit=_LIMIT)
                self._seen = seen
            except AppError:
                pass  # the app tells the state's trouble itself
        self.set_class(not self._runs, "-empty")
        told = _("Here every run will stand. Nothing ran yet: press 1, then r on an export.")
        self.query_one("#empty", Said).say(told)
        table, palette = self.query_one(RowTable), self.palette
        table.head(
            [
                _("Started"),
                _("Export"),
                _("State"),
                f">{_('Read')}",
                f">{_('Rejects')}",
                f">{_('Took')}",
            ],
            palette,
        )
        shown = [self.owner.live.seen(now_running.get(run.run_id, run)) for run in self._runs]
        table.show(
            [Row(run.run_id, _cells(run, self.owner.now(), palette)) for run in shown], palette
        )

    def on_data_table_row_highlighted(self, _event: DataTable.RowHighlighted) -> None:
        self.query_one(RowTable).mark()

    def on_data_table_row_selected(self, _event: DataTable.RowSelected) -> None:
        self.action_open()

    def action_open(self) -> None:
        chosen = self.query_one(RowTable).chosen
        if chosen is not None:
            from omnisend_tui.tui.screens.run import RunScreen

            self.app.push_screen(RunScreen(chosen))


def _cells(run: Snapshot, now: datetime, palette: Palette) -> tuple[Text, ...]:
    shown = look(run)
    quiet: Tone = "muted" if shown.rank >= 6 else "foreground"
    state = Text(f"{shown.drawn(palette)} ", palette.style(shown.tone), end="")
    state.append(
        fit(shown.word, _WIDTHS[2] - 2), palette.style("muted" if shown.rank >= 6 else shown.tone)
    )
    when = moment(datetime.fromtimestamp(run.started_at, UTC), now)
    took = duration((run.finished_at or run.updated_at) - run.started_at)
    return (
        Text(fit(when, _WIDTHS[0]), palette.style("muted"), end=""),
        Text(fit(run.export, _WIDTHS[1] - 1) + " ", palette.style(quiet), end=""),
        state,
        Text(right(number(run.read), _WIDTHS[3]), palette.style(quiet), end=""),
        Text(
            right(number(run.rejected), _WIDTHS[4]),
            palette.style("warning" if run.rejected else "muted", bold=bool(run.rejected)),
            end="",
        ),
        Text(right(took, _WIDTHS[5]), palette.style("muted"), end=""),
    )
