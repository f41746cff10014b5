"""What all live screens share: header, a body, the footer, searching, and their pulse."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from omnisend_tui.errors import AppError
from omnisend_tui.formats import duration
from omnisend_tui.i18n import N_, _
from omnisend_tui.tui.live import View
from omnisend_tui.tui.small import fit
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import PANE, WIDE, Line
from omnisend_tui.tui.widgets.table import Table

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp


_REST = 0.08  # seconds without a move of the mark, after which what stands beside it follows


class LiveScreen(Screen[None]):
    """A screen that shows the view of the last pulse and pulls more where it needs it."""

    AUTO_FOCUS = "Table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", N_("Search"), show=False),
        Binding("escape", "back", N_("Back"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.wanted = ""  # what is searched for
        self._behind = False  # what is told of the marked row isn't shown yet
        self._moving: Timer | None = None  # runs while the mark moves fast
        self.gathered: object = None
        self._presented: tuple[object, ...] = ()
        self.turning = False  # keys wait for what it turns to
        self._resumed = False

    @property
    def omnisend(self) -> "OmnisendApp":
        return cast("OmnisendApp", self.app)

    @property
    def view(self) -> View:
        return self.omnisend.view

    @property
    def now(self) -> datetime:
        return self.omnisend.now()

    @property
    def wide(self) -> bool:
        return self.app.size.width >= WIDE

    def table_cells(self, *, pane: bool) -> int:
        """The width of the table, with a pane at its right or without."""
        return self.app.size.width - (PANE if pane else 1)

    # What a screen of its own says.

    def places(self) -> Sequence[str]:
        """Where one is, as a path below the workspace."""
        return ()

    def body(self) -> Iterable[Widget]:
        """The widgets between header and footer."""
        return ()

    def footer_keys(self) -> Sequence[Key]:
        """The keys that work now."""
        return ()

    def help_keys(self) -> Sequence[tuple[str, str]]:
        """Each key of the screen and what it does."""
        return ()

    def help_about(self) -> tuple[str, str]:
        """What the focused field is: its name and some sentences."""
        return "", ""

    def gather(self, view: View) -> object:
        """Reads what isn't in the view; runs in a thread."""
        return None

    def gather_now(self) -> None:
        """Gathers before the next pulse, which says why where that fails."""
        with suppress(AppError):
            self.gathered = self.gather(self.view)

    def show(self) -> None:
        """Brings the widgets of the body up to date."""

    def beside(self) -> None:
        """Brings up to date what is told of the marked row, after only the mark moved."""
        self.show()

    # The frame.

    def compose(self) -> ComposeResult:
        fit(self, self.app)
        with Vertical(id="frame"):
            yield Lines(self._header, id="header")
            yield from self.body()
            yield Footer(self._keys_now)
        yield Static(self._too_small(), id="small", markup=False)

    def on_mount(self) -> None:
        self.gather_now()
        self.show()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        if not self._resumed:
            # At first Textual would style all widgets a second time.
            event.refresh_styles, self._resumed = False, True
        elif self.is_mounted:
            self._all()

    def on_resize(self) -> None:
        self.call_after_refresh(self._all)

    def present(self, view: View, gathered: object) -> None:
        """Shows it, and leaves alone what is shown already.

        Only what runs counts seconds; whatever else tells times does so by the minute.
        """
        workspace, minute = self.omnisend.workspace, self.now.replace(second=0, microsecond=0)
        presented = (view, gathered, workspace.config, workspace.actor, minute)
        self.gathered = gathered
        if self._behind or view.running or presented != self._presented:
            self._presented = presented
            self._all()

    def repaint(self) -> None:
        """After the inks or the language changed."""
        for still in self.query("#small").results(Static):
            still.update(self._too_small())
        for field in self.query(FindInput):
            field.placeholder = _("Search")
        for table in self.query(Table):
            table.repaint()
        for lines in self.query(Lines):
            lines.show()
            lines.refresh()

    def _all(self) -> None:
        self._behind = False
        with suppress(NoMatches):  # the screen comes or goes, and its widgets aren't all there
            self.show()
            self._around()

    def _around(self) -> None:
        self.query_one("#header", Lines).show()
        self.query_one("#footer", Lines).show()

    def _keys_now(self) -> Sequence[Key]:
        closes = self.omnisend.closes
        if closes is None:
            return self.footer_keys()
        told = _("Close at once; the app closes by itself in {time} at most")
        left = duration(closes - time.monotonic())
        return [Key("^q", told.format(time=left), "app.quit")]

    def _header(self, width: int) -> Sequence[Line]:
        actor = self.omnisend.workspace.actor
        name = self.omnisend.workspace.name
        role = chrome.role_word(actor.role)
        return [chrome.header(name, self.places(), actor.name, role, width)]

    def _too_small(self) -> str:
        return _("This window is too small: the app needs 60 columns and 20 rows.")

    @on(Table.RowHighlighted)
    def _moved(self) -> None:
        # The mark is painted first: it answers the key. What stands beside it comes after, while a
        # key is held down after the last move.
        self._behind = True
        if self._moving is None:
            self._moving = self.set_timer(_REST, self._rest)
            self.call_after_refresh(self._catch_up)
        else:
            self._moving.reset()

    def _rest(self) -> None:
        self._moving = None
        self._catch_up()

    def _catch_up(self) -> None:
        if not self._behind:
            return
        self._behind = False
        with suppress(NoMatches):
            self.beside()
            self._around()

    def recall(self) -> None:
        """Gathers for the marked row, in a thread, and shows it once it is there."""
        self.run_worker(self._recall(), group="recall", exclusive=True)

    async def _recall(self) -> None:
        with suppress(AppError, NoMatches):
            before, self.gathered = self.gathered, await asyncio.to_thread(self.gather, self.view)
            if self.gathered != before:
                self.beside()

    @on(Table.RowSelected)
    async def _pressed(self) -> None:
        await self.run_action("open")

    def action_open(self) -> None:
        """Opens the marked row, where there is something to open."""

    def action_back(self) -> None:
        if self.wanted:
            self.search("")
        else:
            self.leave()

    def leave(self) -> None:
        """Goes one level up."""

    def say(self, message: str, hint: str = "") -> None:
        self.omnisend.say(message, hint)

    # Searching.

    def finding(self, *beside: Widget) -> Horizontal:
        """A line with room for the search field at its left."""
        return Horizontal(FindInput(), *beside, id="finding")

    def action_find(self) -> None:
        if self.query("#find"):
            field = self.query_one("#find", Input)
            field.add_class("-open")
            field.value = self.wanted
            field.focus()

    def search(self, text: str) -> None:
        """Shows only what has ``text`` in it."""
        self.wanted = text
        self._all()

    @on(Input.Changed, "#find")
    def _typed(self, event: Input.Changed) -> None:
        if event.input.has_class("-open"):
            self.search(event.value.strip())

    @on(Input.Submitted, "#find")
    def _close_find(self) -> None:
        self.query_one("#find", Input).remove_class("-open")
        self.query_one(Table).focus()
        self._all()

    def drop_search(self) -> None:
        """Esc in the search field: all rows again."""
        self.search("")
        self._close_find()


class FindInput(Input):
    """The search field: Enter keeps what was found, Esc shows all again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", N_("Clear"), show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="find", compact=True, placeholder=_("Search"))

    def action_drop(self) -> None:
        cast(LiveScreen, self.screen).drop_search()


def matches(wanted: str, *texts: str) -> bool:
    """Whether one of ``texts`` has ``wanted`` in it, in whatever case."""
    folded = wanted.casefold()
    return any(folded in text.casefold() for text in texts)
