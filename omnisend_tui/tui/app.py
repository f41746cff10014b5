"""The app: its themes, its pulse, its palette, and how it ends."""

import asyncio
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from rich.text import Text
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import Theme

from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _, language_of, ngettext, use_language
from omnisend_tui.log import log_exception
from omnisend_tui.progress import RunError
from omnisend_tui.sentences import hook_sentence
from omnisend_tui.tui.live import Live, Row, View, told
from omnisend_tui.tui.steering import Steering
from omnisend_tui.tui.telling import Telling
from omnisend_tui.tui.themes import defaults, own_themes
from omnisend_tui.tui.widgets.paint import Inks, clean
from omnisend_tui.tui.words import hint_of
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.engine.run import Run

DEMO = -1  # what run_app returns when the user wants to see the demo
PULSE = 0.25  # seconds between two looks; more often costs CPU and shows nothing more


@runtime_checkable
class Pulsing(Protocol):
    """A screen that is shown anew at each pulse."""

    def gather(self, view: View) -> object:
        """Reads what the screen needs; runs in a thread, so it touches no widget."""

    def present(self, view: View, gathered: object) -> None:
        """Shows it."""


class OmnisendApp(Steering):
    """Shows a workspace. Only the engine acts; the app asks it, and pulls what it tells."""

    CSS_PATH = "app.tcss"
    TITLE = "omnisend-tui"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  as declared by Textual
        (0, "-tiny"),
        (60, "-narrow"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (20, "-tall")]  # noqa: RUF012
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
    ) -> None:
        """``pulse`` None: nothing is pulled by itself, ``look`` is called by whoever tests.

        ``kept``: the workspace, and with it the log, is still there when the app has ended.
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
        self._said: dict[str, float] = {}  # notices, and when each was given last
        self.telling = Telling(environ.get("TERM", ""))
        self._leaving = False
        self._told: RunError | None = None
        self._inks: Inks | None = None
        settings = workspace.config.settings
        self._ascii = settings.ascii or environ.get("TERM") == "linux"
        self.set_class(self._ascii, "-ascii")
        for theme in own_themes():
            self.register_theme(theme)
        known = settings.theme if settings.theme in self.available_themes else "kaamos"
        self.theme = "ansi-dark" if colourless else known

    @property
    def inks(self) -> Inks:
        """The inks of the theme in use."""
        if self._inks is None:
            plain = self.no_color or self.current_theme.ansi
            self._inks = Inks.of(self.theme_variables, plain=plain, ascii_only=self._ascii)
        return self._inks

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(defaults(self.current_theme))

    def get_default_screen(self) -> Screen[None]:
        from omnisend_tui.tui.screens.exports import ExportsScreen

        self.view = self.live.pull()
        self.telling.look(self.view, time.monotonic())
        return ExportsScreen()

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._repaint)
        if self._pulse is not None:
            self.run_worker(self._beat(self._pulse), group="pulse")

    async def _beat(self, pulse: float) -> None:
        while True:
            # While nothing runs there is little to see, and an idle app takes next to nothing.
            await asyncio.sleep(pulse if self.view.running else 2 * pulse)
            await self.look()
            self.look_closer()

    async def look(self) -> None:
        """Pulls once, in a thread: the state may be busy writing to a slow disk."""
        screen = self.screen
        pulsing = screen if isinstance(screen, Pulsing) else None
        view, gathered = await asyncio.to_thread(_pull, self.live, pulsing)
        self.view = view
        if view.failure is not None and view.failure != self._told:
            self.say(view.failure.message, hint_of(view.failure), "error")
        self._told = view.failure or self._told
        await self._tell(view)
        if pulsing is not None and screen is self.screen and screen.is_mounted:
            pulsing.present(view, gathered)

    async def _tell(self, view: View) -> None:
        """What ended, and what of it the hooks couldn't pass on."""
        settings = self.workspace.config.settings
        if told := self.telling.look(view, time.monotonic()):
            self.say(told[0], severity=told[1])
            if settings.bell:
                self.bell()
        title = self.telling.title(view) if settings.title and not self.is_headless else ""
        # Textual has no call for a title; its own bell goes this way.
        if title and self._driver is not None:
            self._driver.write(title)
        if over := self.live.over():
            for words in await asyncio.to_thread(_failed_hooks, self.workspace, over):
                self.say(words, severity="warning")

    def look_closer(self) -> None:
        """Has the source of the marked export looked at, in the background."""
        row = getattr(self.screen, "marked_row", lambda: None)()
        if isinstance(row, Row) and not row.busy:
            self.live.troubles.watch(row.export, time.monotonic())

    def stored(self) -> None:
        """Something was stored: shows it at once, instead of at the next pulse."""
        self.run_worker(self.look(), group="look")

    def leave_for_demo(self) -> None:
        """Ends the app; whoever opened it opens the demo then."""
        self.exit(DEMO)

    def say(self, message: str, hint: str = "", severity: SeverityLevel = "information") -> None:
        """Tells something in one line; markup in it is text. What still stands isn't repeated."""
        text = clean(f"{message} {hint}".strip())
        now = time.monotonic()
        if now - self._said.get(text, -math.inf) >= self.NOTIFICATION_TIMEOUT:
            self._said[text] = now
            self.notify(text, severity=severity, markup=False)

    def action_help(self) -> None:
        from omnisend_tui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen.of(self.screen))

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
        here = len(self.live.here())
        if not here or self._leaving:
            self.exit(0)
            return
        from omnisend_tui.tui.screens.dialogs import Choice

        question = ngettext("{count} export runs here.", "{count} exports run here.", here).format(
            count=number(here)
        )
        detail = _(
            "Quitting cancels what runs here: nothing more is sent, and what is on its way is"
            " still confirmed. A new run sends what is missing."
        )
        answers = (("stay", _("Keep running")), ("quit", _("Cancel and quit")))
        if not isinstance(self.screen, Choice):
            self.push_screen(Choice(question, detail, answers), self._quit_if)

    def _quit_if(self, answer: str | None) -> None:
        if answer == "quit":
            self.run_worker(self._leave(), group="leave")

    async def _leave(self) -> None:
        self._leaving = True
        self.say(_("What is on its way is being confirmed, then the app closes."))
        for run in self.live.here():
            run.cancel()
        while self.live.here():
            await asyncio.sleep(0.1)
        self.exit(0)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Only what makes sense now: the screen's keys first."""
        keys = getattr(screen, "footer_keys", None)
        for key in keys() if keys is not None else ():
            if not key.action.startswith(("app.command", "app.quit", "tab(")):
                told = _("Key {key}").format(key=key.sign)
                yield SystemCommand(key.label, told, partial(self._act, screen, key.action))
        for key in getattr(screen, "palette_keys", tuple)():
            told = _("Key {key}").format(key=key.sign)
            yield SystemCommand(key.label, told, partial(self._act, screen, key.action))
        for tab, label in enumerate(getattr(screen, "tab_labels", tuple)(), 1):
            told = _("Key {key}").format(key=tab)
            yield SystemCommand(label, told, partial(self._act, screen, f"tab({tab})"))
        yield SystemCommand(_("Theme"), _("Choose the colours"), self.action_change_theme)
        yield SystemCommand(_("Quit"), _("Key {key}").format(key="Ctrl+Q"), self.action_quit)

    async def _act(self, screen: Screen[Any], action: str) -> None:
        await self.run_action(action, default_namespace=screen)

    def _repaint(self, _theme: Theme) -> None:
        self._inks = None
        for screen in self.screen_stack:
            repaint = getattr(screen, "repaint", None)
            if repaint is not None:
                repaint()


def _pull(live: Live, pulsing: Pulsing | None) -> tuple[View, object]:
    view = live.pull()
    if pulsing is None:
        return view, None
    try:
        return view, pulsing.gather(view)
    except AppError as error:
        return replace(view, failure=told(error)), None


def _failed_hooks(workspace: Workspace, over: Sequence["Run"]) -> list[str]:
    """A sentence for each hook of these runs that failed."""
    from omnisend_tui.hooks import failures

    try:
        lines = [line for run in over for line in failures(workspace.state, run.job.run_id)]
    except AppError as error:
        return [error.message]
    return [hook_sentence(line.parameters) for line in lines]


def run_app(workspace: Workspace, *, kept: bool = True) -> int:
    """Shows the app until the user quits; returns the exit code, or ``DEMO``.

    ``kept``: the workspace outlives the app.

    Runs of its own end with it.
    """
    wanted = workspace.config.settings.language
    use_language(language_of() if wanted == "auto" else wanted)
    app = OmnisendApp(workspace, kept=kept)
    try:
        code = app.run()
    finally:
        if (given_back := app.telling.untitled()) and sys.__stderr__ is not None:
            print(given_back, end="", file=sys.__stderr__, flush=True)
        # Whoever called closes the workspace, which a run and its hooks still write to.
        following = app.live.following()
        for run in following:
            run.cancel()
            run.wait()
        if following:
            from omnisend_tui.hooks import await_hooks

            await_hooks(following, partial(print, file=sys.stderr))
    return app.return_code or code or 0
