"""The app: its themes, its pulse, its palette, and how it ends."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Protocol, runtime_checkable

from rich.text import Text
from textual import constants
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Input

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import N_, _, language_of, use_language
from omnisend_tui.log import log_exception
from omnisend_tui.progress import RunError
from omnisend_tui.tui.collecting import collect_again
from omnisend_tui.tui.frugal import frugal
from omnisend_tui.tui.live import Live, Row, View
from omnisend_tui.tui.palette import commands
from omnisend_tui.tui.quitting import of_the_end, quit_app
from omnisend_tui.tui.reopening import RECENT, Place, Reopening, place_of
from omnisend_tui.tui.scrolling import only_whole_cells
from omnisend_tui.tui.small import HEIGHT, WIDTH, Small
from omnisend_tui.tui.steering import Steering
from omnisend_tui.tui.storing import store_settings
from omnisend_tui.tui.telling import Telling, failed_hooks
from omnisend_tui.tui.terminal import animated, only_ascii
from omnisend_tui.tui.themes import begin_with, defaults, own_themes
from omnisend_tui.tui.widgets.paint import WIDE, Inks, clean
from omnisend_tui.tui.words import hint_of
from omnisend_tui.workspace import Workspace

DEMO = -1  # what the app returns when the user wants to see the demo
_UNSEEN = 30.0  # seconds that a notice stands which nobody waits for
_IDLE = 4  # pulses between two looks while nothing runs
PULSE = 0.22  # seconds between two looks; more often costs CPU and shows nothing more


@runtime_checkable
class Pulsing(Protocol):
    """A screen that is shown anew at each pulse."""

    def gather(self, view: View) -> object:
        """Reads what the screen needs; runs in a thread, so it touches no widget."""

    def present(self, view: View, gathered: object) -> None:
        """Shows it."""


@runtime_checkable
class Marking(Protocol):
    """A screen that lists exports, one of them marked."""

    def marked_row(self) -> Row | None:
        """That one."""


@runtime_checkable
class Repainted(Protocol):
    """A screen that keeps what it painted."""

    def repaint(self) -> None:
        """Paints it anew, after the inks or the language changed."""


class OmnisendApp(Steering):
    """Shows a workspace. Only the engine acts; the app asks it, and pulls what it tells."""

    CSS_PATH = "app.tcss"
    TITLE = "omnisend-tui"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  as declared by Textual
        (0, "-tiny"),
        (WIDTH, "-narrow"),
        (WIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (HEIGHT, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", N_("Quit"), show=False, priority=True),
        Binding("question_mark,f1", "help", N_("Help"), show=False),
    ]

    def __init__(
        self,
        workspace: Workspace,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        environ: Mapping[str, str] = os.environ,
        pulse: float | None = PULSE,
        *,
        kept: bool = True,
        reopens: bool = False,
        opens: "Callable[[OmnisendApp], None] | None" = None,
    ) -> None:
        """``pulse`` None: nothing is pulled by itself, ``look`` is called by whoever tests.

        ``kept``: the workspace, and with it the log, is still there when the app has ended.
        ``reopens``: opens what this user had open last, and keeps what is open. ``opens`` shows
        something else on top of it.
        """
        # Textual looks there itself; only with native colours it shows none at all.
        colourless = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if colourless else None)
        self.workspace = workspace
        self.now = now
        self.live = Live(workspace, lambda: now().timestamp())
        self.view = View()
        self._pulse = pulse
        self._kept = kept
        self._opens = opens
        self.telling = Telling(environ.get("TERM", ""))
        self.closes: float | None = None  # at the latest, once it ends by itself; monotonic
        self._small = Small()
        self._told: RunError | None = None
        self._inks: Inks | None = None
        self._reopening = Reopening(workspace, self.live.clock, wished=reopens)
        self._place = self._reopening.read()
        self._environ = environ
        self._settings = workspace.config.settings  # those that it looks like
        self.storing = asyncio.Lock()
        for theme in own_themes():
            self.register_theme(theme)
        begin_with(self, "ansi-dark" if colourless else self._wanted_theme() or "kaamos")
        self._use_settings()

    @property
    def inks(self) -> Inks:
        """The inks of the theme in use."""
        if self._inks is None:
            plain = self.no_color or self.current_theme.ansi
            self._inks = Inks.of(self.theme_variables, plain=plain, ascii_only=self._ascii)
        return self._inks

    def _wanted_theme(self) -> str:
        """The theme of the settings, or '' where it can't be used."""
        wanted = self._settings.theme
        return wanted if not self.no_color and wanted in self.available_themes else ""

    def _use_settings(self) -> None:
        moves = animated(self._settings.animation, self._environ)
        self.animation_level = constants.TEXTUAL_ANIMATIONS if moves else "none"
        self._ascii = only_ascii(self._settings.ascii, self._environ)
        self.set_class(self._ascii, "-ascii")
        only_whole_cells(self._ascii)

    def _use_changes(self) -> None:
        """Looks as config.toml says now, whoever changed it."""
        before, settings = self._settings, self.workspace.config.settings
        if settings == before:
            return
        self._settings = settings
        if settings.language != before.language:
            use_language(language_of() if settings.language == "auto" else settings.language)
        if settings.theme != before.theme:
            self.theme = self._wanted_theme() or self.theme
        self._use_settings()
        self._repaint()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(defaults(self.current_theme))

    def get_driver_class(self) -> type[Driver]:
        return frugal(super().get_driver_class())

    def get_default_screen(self) -> Screen[None]:
        from omnisend_tui.tui.screens.exports import ExportsScreen

        self.view = self.live.pull()
        self.telling.look(self.view, time.monotonic())
        return ExportsScreen(self._place)

    def on_mount(self) -> None:
        self._reopen(self._place)
        if self._opens is not None:
            self._opens(self)
        self.call_after_refresh(collect_again)
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        if self._pulse is not None:
            self.run_worker(self._beat(self._pulse), group="pulse")

    def _reopen(self, place: Place) -> None:
        """Opens what stood above the exports, where that is still there."""
        if place.tab != 1:
            from omnisend_tui.tui.screens.homes import home

            self.push_screen(home(place.tab, place))
        if not place.run:
            return
        with suppress(AppError):
            run = self.live.find(place.run)
            recent = self.live.clock() - place.seen < RECENT
            if run is not None and (recent or not run.ended):
                from omnisend_tui.tui.screens.run import RunScreen

                self.push_screen(RunScreen(run))

    def on_resize(self, event: Resize) -> None:
        self._small.look(event.size, self.screen_stack)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A cursor that blinks is an animation too, and a picture each half second."""
        if isinstance(event.widget, Input) and self.animation_level == "none":
            event.widget.cursor_blink = False

    async def _beat(self, pulse: float) -> None:
        while True:
            began = time.monotonic()
            await self.look()
            self.look_closer()
            await asyncio.sleep(max(pulse / 2, began + pulse - time.monotonic()))
            # While nothing runs there is little to see, and an idle app takes next to nothing.
            for _pause in range(0 if self.view.running else _IDLE - 1):
                if self.live.busy():
                    break
                await asyncio.sleep(pulse)

    async def look(self) -> None:
        """Pulls once, in a thread: the state may be busy writing to a slow disk."""
        if not self.screen_stack:
            return  # the app ends
        screen = self.screen
        pulsing = screen if isinstance(screen, Pulsing) else None
        view, gathered = await asyncio.to_thread(_pull, self.live, pulsing)
        await asyncio.to_thread(self._reopening.keep, place_of(self.screen_stack))
        if not self.screen_stack:
            return
        self.view = view
        self._use_changes()
        if view.failure is not None and view.failure != self._told:
            self.say(view.failure.message, hint_of(view.failure), "error")
        self._told = view.failure or self._told
        await self._tell(view)
        if pulsing is not None and self.screen_stack[-1:] == [screen] and screen.is_mounted:
            pulsing.present(view, gathered)

    async def _tell(self, view: View) -> None:
        """What ended, and what of it the hooks couldn't pass on."""
        settings = self.workspace.config.settings
        if told := self.telling.look(view, time.monotonic()):
            self.say(told[0], severity=told[1])
            if settings.bell:
                self.bell()
        title = self.telling.title(view) if settings.title else self.telling.untitled()
        # Textual has no call for a title; its own bell goes this way.
        if title and self._driver is not None and not self.is_headless:
            self._driver.write(title)
        if over := self.live.over():
            for words in await asyncio.to_thread(failed_hooks, self.workspace, over):
                self.say(words, severity="warning", seconds=_UNSEEN)

    def look_closer(self) -> None:
        """Has the source of the marked export looked at, in the background."""
        row = self.screen.marked_row() if isinstance(self.screen, Marking) else None
        if row is not None and not row.busy:
            self.live.troubles.watch(row.export, time.monotonic())

    def stored(self) -> None:
        """Something was stored: shows it at once, instead of at the next pulse."""
        self.run_worker(self.look(), group="look")

    def leave_for_demo(self) -> None:
        """Ends the app; whoever opened it opens the demo then."""
        self.exit(DEMO)

    def action_help(self) -> None:
        from omnisend_tui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen.of(self.screen))

    def action_settings(self) -> None:
        from omnisend_tui.tui.screens.settings import SettingsScreen

        if not isinstance(self.screen, SettingsScreen):
            self.push_screen(SettingsScreen())

    def _handle_exception(self, error: Exception) -> None:
        if not (self._exit and of_the_end(error)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """One sentence; Textual would print the local variables, and a key may be among them."""
        error = sys.exc_info()[1]
        if isinstance(error, AppError):
            told = f"{error.message} {error.hint}"
        elif self._kept:
            told = _("Something unexpected ended the app ({kind}). Details are in {log}.").format(
                kind=type(error).__name__, log=self.workspace.log_path
            )
        else:
            told = _("Something unexpected ended the demo ({kind}).").format(
                kind=type(error).__name__
            )
        if isinstance(error, Exception):
            log_exception(error)
        self.panic(Text(clean(told)))

    async def action_quit(self) -> None:
        """Asks first when exports run here; the runs are cancelled, and what is out confirmed."""
        await asyncio.to_thread(self._reopening.keep, place_of(self.screen_stack))
        quit_app(self)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return commands(self, screen)

    def _theme_changed(self, _theme: Theme) -> None:
        self._repaint()
        if self.theme != self._settings.theme:
            self.run_worker(store_settings(self, theme=self.theme), group="store")

    def _repaint(self) -> None:
        self._inks = None
        for screen in self.screen_stack:
            if isinstance(screen, Repainted):
                screen.repaint()


def _pull(live: Live, pulsing: Pulsing | None) -> tuple[View, object]:
    view = live.pull()
    if pulsing is None:
        return view, None
    try:
        return view, pulsing.gather(view)
    except AppError as error:
        return replace(view, failure=RunError.of(error)), None
