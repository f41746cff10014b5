"""The app: its themes, the four home screens, runs that start, pause and end here."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.theme import Theme

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui import themes
from omnisend_tui.tui.live import Live
from omnisend_tui.tui.screens.exports import ExportsScreen
from omnisend_tui.tui.themes import Palette
from omnisend_tui.workspace import Workspace

TICK = 0.25  # seconds between two looks at what runs


def run_app(workspace: Workspace) -> int:
    """Shows the app until its user leaves it, and returns the exit code.

    Runs of this app that are still under way when the terminal goes away are cancelled, and what
    is in flight is confirmed, before this returns.
    """
    app = OmnisendApp(workspace)
    try:
        app.run()
    finally:
        for run in app.live.under_way():
            run.cancel()
            run.wait()
    return app.return_code or 0


def _connections() -> Screen[None]:
    from omnisend_tui.tui.screens.lists import ConnectionsScreen

    return ConnectionsScreen()


def _sources() -> Screen[None]:
    from omnisend_tui.tui.screens.lists import SourcesScreen

    return SourcesScreen()


def _runs() -> Screen[None]:
    from omnisend_tui.tui.screens.runs import RunsScreen

    return RunsScreen()


class OmnisendApp(App[int]):
    """The app on an open workspace; ``now`` tells the local time."""

    TITLE = "omnisend-tui"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "exports": ExportsScreen,
        "connections": _connections,
        "sources": _sources,
        "runs": _runs,
    }
    DEFAULT_MODE = "exports"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  Textual's own form
    BINDINGS: ClassVar = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("f1,question_mark", "help", show=False),
    ]

    def __init__(
        self,
        workspace: Workspace,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self.now = now
        self.live = Live(workspace, now)
        self.starting: set[str] = set()
        self.palette = Palette()
        self._leaving = False
        self._pulling = False
        self._told_trouble = ""
        for theme in themes.own_themes():
            self.register_theme(theme)
        wanted = workspace.config.settings.theme
        if self.no_color:
            self.theme = themes.NO_COLOR_THEME
        else:
            self.theme = wanted if wanted in self.available_themes else themes.KAAMOS
        self._read_palette(self.current_theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        theme = self.current_theme
        own = theme.name in (themes.KAAMOS, themes.HANKI)
        return {} if own else themes.fallback_variables(theme)

    def on_load(self) -> None:
        # Before the first frame, so that it shows what is.
        self.live.pull()

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._read_palette)
        self.set_interval(TICK, self._tick)

    def start(self, names: Sequence[str]) -> None:
        """Starts runs of exports, one after the other; what hinders one is told."""
        names = [name for name in names if name not in self.starting]
        if names:
            self.starting.update(names)
            self.run_worker(partial(self._launch, names), thread=True, group="launch")

    def tell(self, message: str, *, hint: str = "", failure: bool = False) -> None:
        """A sentence at the corner of the screen, never read as markup."""
        text = f"{message}\n{hint}" if hint else message
        severity = "error" if failure else "information"
        self.notify(text, severity=severity, markup=False, timeout=8 if failure else 5)  # type: ignore[arg-type]

    def action_tab(self, name: str) -> None:
        """Goes to one of the four home screens."""
        self.switch_mode(name)

    def action_help(self) -> None:
        from omnisend_tui.tui.screens.help import HelpScreen
        from omnisend_tui.tui.screens.home import FrameScreen

        if isinstance(self.screen, FrameScreen):
            self.push_screen(HelpScreen(self.screen.all_keys(), self.workspace))

    async def action_quit(self) -> None:
        count = len(self.live.under_way())
        if not count or self._leaving:
            self.exit(0)
            return
        from omnisend_tui.tui.screens.dialogs import Question

        question = Question(
            ngettext("{n} export runs here", "{n} exports run here", count).format(n=count),
            _(
                "Leaving cancels what runs here. What was sent stays at Omnisend, "
                "what is in flight is confirmed first, the rest goes with the next run."
            ),
            yes=_("Cancel runs and leave"),
            no=_("Stay"),
        )
        self.push_screen(question, self._leave)

    def _leave(self, agreed: bool | None) -> None:
        if not agreed:
            return
        self._leaving = True
        self.tell(_("Leaving as soon as what is in flight is confirmed."))
        for run in self.live.under_way():
            run.cancel()

    def _launch(self, names: Sequence[str]) -> None:
        """In a thread of its own: the engine's first import and a locked keyring take time."""
        from omnisend_tui.launch import launch

        for name in names:
            try:
                self.live.add(launch(self.workspace, name, started_by="app"))
            except AppError as error:
                self.call_from_thread(
                    self.tell, f"{name}: {error.message}", hint=error.hint, failure=True
                )
            finally:
                self.starting.discard(name)

    async def _tick(self) -> None:
        if self._leaving and not self.live.under_way():
            self.exit(0)
            return
        if not self._pulling:
            self._pulling = True
            try:
                await asyncio.to_thread(self.live.pull)
            finally:
                self._pulling = False
        trouble = self.live.trouble
        if trouble and trouble.code != self._told_trouble:
            self.tell(trouble.message, hint=trouble.hint, failure=True)
        self._told_trouble = trouble.code if trouble else ""
        self.show_live()

    def show_live(self) -> None:
        """Lets every screen that can be seen draw what is now."""
        from omnisend_tui.tui.screens.home import FrameScreen

        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen) and screen.is_mounted:
                screen.draw()

    def _read_palette(self, theme: Theme) -> None:
        self.palette = themes.palette_of(
            theme, ascii_only=self._ascii_only(), colourless=self.no_color
        )
        if self.is_running:
            self.show_live()

    def _ascii_only(self) -> bool:
        import os

        return self.workspace.config.settings.ascii or os.environ.get("TERM") == "linux"
