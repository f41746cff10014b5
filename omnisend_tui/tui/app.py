"""The app: its themes, its pulse, its palette, and how it ends."""

import asyncio
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import Theme

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _, language_of, ngettext, use_language
from omnisend_tui.log import log_exception
from omnisend_tui.progress import RunError
from omnisend_tui.state import Wish
from omnisend_tui.tui.live import Live, Row, View, told
from omnisend_tui.tui.screens.acts import resumable, why_not_stop
from omnisend_tui.tui.themes import defaults, own_themes
from omnisend_tui.tui.widgets.paint import Inks, clean
from omnisend_tui.tui.words import hint_of
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    pass

DEMO = -1  # what run_app returns when the user wants to see the demo
PULSE = 0.25  # seconds between two looks; more often costs CPU and shows nothing more


@runtime_checkable
class Pulsing(Protocol):
    """A screen that is shown anew at each pulse."""

    def gather(self, view: View) -> object:
        """Reads what the screen needs; runs in a thread, so it touches no widget."""

    def present(self, view: View, gathered: object) -> None:
        """Shows it."""


class OmnisendApp(App[int]):
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
        return ExportsScreen()

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._repaint)
        if self._pulse is not None:
            self.run_worker(self._beat(self._pulse), group="pulse")

    async def _beat(self, pulse: float) -> None:
        while True:
            await asyncio.sleep(pulse)
            await self.look()

    async def look(self) -> None:
        """Pulls once, in a thread: the state may be busy writing to a slow disk."""
        screen = self.screen
        pulsing = screen if isinstance(screen, Pulsing) else None
        view, gathered = await asyncio.to_thread(_pull, self.live, pulsing)
        self.view = view
        if view.failure is not None and view.failure != self._told:
            self.say(view.failure.message, hint_of(view.failure), "error")
        self._told = view.failure or self._told
        if pulsing is not None and screen is self.screen and screen.is_mounted:
            pulsing.present(view, gathered)

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

    def start(self, row: Row, *, priced: bool = True) -> None:
        """Starts a run in a thread; a refusal is told and stays in the export's row.

        An interrupted one asks first whether it is resumed or given up. A first one says first what
        it costs, unless ``priced`` is False.
        """
        if not resumable(row):
            if priced:
                work = partial(self._price_first, row.export)
                self.run_worker(work, group=f"start {row.export.id}", thread=True)
            else:
                self.begin(row.export)
            return
        from omnisend_tui.tui.screens.dialogs import Choice

        question = _("Go on with the interrupted run of “{export}”?").format(
            export=clean(row.export.name)
        )
        detail = _(
            "Resume reads from the start, and sends nothing that Omnisend has confirmed: nobody is"
            " lost or counted twice. Discard gives the run up and starts a new one."
        )
        answers = (("stay", _("Not now")), ("resume", _("Resume")), ("discard", _("Discard")))
        dialog = Choice(question, detail, answers, focused="resume")
        self.push_screen(dialog, partial(self._go_on, row.export))

    def _go_on(self, export: Export, answer: str | None) -> None:
        if answer in ("resume", "discard"):
            self.begin(export, **{answer: True})

    def _price_first(self, export: Export) -> None:
        # Not needed before the first run, and slow to import.
        from omnisend_tui.launch import never_ran

        try:
            first = never_ran(self.workspace, export)
        except AppError:
            first = False  # the run tells what is wrong
        if first:
            self.call_from_thread(self.show_price, export)
        else:
            self._start(export, {})

    def show_price(self, export: Export) -> None:
        """Says what a run would cost, and starts it when that is wanted."""
        from omnisend_tui.tui.screens.price import PriceDialog, ask_price

        if not any(isinstance(screen, PriceDialog) for screen in self.screen_stack):
            ask_price(self, export)

    def begin(self, export: Export, **options: bool) -> None:
        """Starts a run in a thread, with options of ``RunOptions``."""
        work = partial(self._start, export, options)
        self.run_worker(work, group=f"start {export.id}", thread=True)

    def _start(self, export: Export, options: Mapping[str, bool]) -> None:
        try:
            self.live.start(export, **options)
        except AppError as error:
            self.call_from_thread(self.say, error.message, hint_of(error), "error")

    def pause(self, row: Row) -> None:
        """Pauses the run of a row, or goes on with it; says why it can't."""
        run = self.live.handle(row.export.id)
        if why := why_not_stop(row):
            self.say(why)
        elif run is None:
            paused = row.run is not None and row.run.status == "paused"
            self._wish(row, "resume" if paused else "pause")
        elif run.snapshot().status == "paused":
            run.resume()
        else:
            run.pause()

    def _wish(self, row: Row, wish: Wish) -> None:
        """Asks the process that runs it."""
        run = row.run
        if run is None or run.ended:  # an earlier run, while the next one starts
            self.say(_not_yet())
            return
        try:
            self.workspace.state.wish(run.run_id, wish)
        except AppError as error:
            self.say(error.message, hint_of(error), "error")
        else:
            self.say(_("The process that runs it is asked; it answers in a moment."))

    def cancel(self, row: Row) -> None:
        """Cancels the run of a row, after asking; says why it can't."""
        run = self.live.handle(row.export.id)
        shown = run.snapshot() if run is not None else row.run
        if (why := why_not_stop(row)) or shown is None:
            self.say(why or _not_yet())
            return
        from omnisend_tui.tui.screens.dialogs import Choice

        question = _("Cancel the run of “{export}”?").format(export=clean(row.export.name))
        detail = ngettext(
            "Nothing more is sent; what is on its way is still confirmed. The {count} contact"
            " that Omnisend has confirmed stays there. A new run sends what is missing.",
            "Nothing more is sent; what is on its way is still confirmed. The {count} contacts"
            " that Omnisend has confirmed stay there. A new run sends what is missing.",
            shown.confirmed,
        ).format(count=number(shown.confirmed))
        answers = (("stay", _("Keep running")), ("cancel", _("Cancel run")))

        def answered(answer: str | None) -> None:
            if answer == "cancel" and run is not None:
                run.cancel()
            elif answer == "cancel":
                self._wish(row, "cancel")

        self.push_screen(Choice(question, detail, answers), answered)

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


def _not_yet() -> str:
    return _("The run is only just starting; try again in a moment.")


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
        # Whoever called closes the workspace, which a run still writes to.
        for run in app.live.here():
            run.cancel()
            run.wait()
    return app.return_code or code or 0
