"""What all screens share: the frame, the keys, the sentence for a window that is too small."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from omnisend_tui.i18n import _
from omnisend_tui.tui.themes import Palette
from omnisend_tui.tui.widgets.frame import HeaderLine, Key, KeyLine, Tab, TabLine

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp

SMALLEST = (60, 20)
WIDE = 120


class FrameScreen(Screen[None]):
    """A header, a body, a line of keys. ``draw`` is called four times a second and on changes."""

    _due = False

    @property
    def owner(self) -> "OmnisendApp":
        """The app, under its own type."""
        return cast("OmnisendApp", self.app)

    @property
    def palette(self) -> Palette:
        return self.owner.palette

    @property
    def wide(self) -> bool:
        return self.app.size.width >= WIDE

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield from self.body()
        yield KeyLine()
        yield Static(
            _("This window is too small: {columns} columns and {lines} lines are needed.").format(
                columns=SMALLEST[0], lines=SMALLEST[1]
            ),
            id="small",
            markup=False,
        )

    def body(self) -> Sequence[Widget]:
        """The widgets between the header and the line of keys."""
        return ()

    def path(self) -> Sequence[str]:
        """Where one is; the workspace comes before it."""
        return ()

    def keys(self) -> Sequence[Key]:
        """The keys that work now, as the bottom line shows them."""
        return ()

    def all_keys(self) -> Sequence[Key]:
        """The keys for the help."""
        return self.keys()

    def draw_body(self) -> None:
        """Brings the body up to now."""

    def draw(self) -> None:
        if self.query(KeyLine):  # none before the first frame and after the last
            self.draw_frame()

    def draw_frame(self) -> None:
        """Brings header, body and keys up to now."""
        actor, palette = self.owner.workspace.actor, self.palette
        who = f"{actor.name}, {_role(actor.role)}" if actor.name else _role(actor.role)
        header = self.query_one(HeaderLine)
        header.show((self.owner.workspace.name, *self.path()), who, palette)
        self.draw_body()
        self.query_one(KeyLine).show(self.keys(), palette)

    def draw_soon(self) -> None:
        """Draws once after what happens just now, however often it is asked for."""
        if not self._due:
            self._due = True
            self.call_after_refresh(self._draw_due)

    def _draw_due(self) -> None:
        self._due = False
        self.draw()

    def on_mount(self) -> None:
        self.draw()

    def on_screen_resume(self) -> None:
        self.draw_soon()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < SMALLEST[0] or height < SMALLEST[1], "-small")
        self.draw_soon()


class HomeScreen(FrameScreen):
    """One of the four tabs."""

    place: ClassVar[int] = 0
    BINDINGS: ClassVar = [
        Binding("1", "app.tab('exports')", show=False),
        Binding("2", "app.tab('connections')", show=False),
        Binding("3", "app.tab('sources')", show=False),
        Binding("4", "app.tab('runs')", show=False),
    ]

    def compose(self) -> ComposeResult:
        top, *rest = super().compose()
        yield top
        yield TabLine()
        yield from rest

    def draw_frame(self) -> None:
        tabs = [
            Tab(_("1 Exports"), "app.tab('exports')"),
            Tab(_("2 Connections"), "app.tab('connections')"),
            Tab(_("3 Sources"), "app.tab('sources')"),
            Tab(_("4 Runs"), "app.tab('runs')"),
        ]
        self.query_one(TabLine).show(tabs, self.place, self._counts(), self.palette)
        super().draw_frame()

    def _counts(self) -> Text:
        """How many exports run and failed, seen from every tab."""
        known = {export.id for export in self.owner.workspace.config.exports.values()}
        rows = [run for key, run in self.owner.live.rows().items() if key in known]
        running = sum(not run.ended for run in rows)
        failed = sum(run.status in ("failed", "interrupted") for run in rows)
        palette, text = self.palette, Text(end="")
        if running:
            text.append("* " if palette.ascii else "● ", palette.style("accent"))
            text.append(_("{n} running").format(n=running) + " ", palette.style())
        if failed:
            text.append("  " if running else "")
            text.append("x " if palette.ascii else "✖ ", palette.style("error"))
            text.append(_("{n} failed").format(n=failed) + " ", palette.style())
        return text


def _role(role: str) -> str:
    return {
        "administrator": _("administrator"),
        "contributor": _("contributor"),
        "viewer": _("viewer"),
    }.get(role, role)
