"""Starting, pausing and cancelling runs, and what is asked before."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.state import Wish
from omnisend_tui.tui.live import Live, Row
from omnisend_tui.tui.noticing import Noticing
from omnisend_tui.tui.screens.acts import resumable, why_not_stop
from omnisend_tui.tui.widgets.paint import clean
from omnisend_tui.tui.words import hint_of, silent
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp


class Steering(Noticing):
    """The part of the app that steers runs: those of its own, and by wishes those of others."""

    workspace: Workspace
    live: Live
    closes: float | None

    def start(self, row: Row) -> None:
        """Starts a run in a thread; a refusal is told and stays in the export's row.

        An interrupted one asks first whether it is resumed or given up. A first one says first what
        it costs.
        """
        if self._ends_soon():
            return
        if not resumable(row):
            work = partial(self._price_first, row.export)
            self.run_worker(work, group=f"start {row.export.id}", thread=True)
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
            ask_price(cast("OmnisendApp", self), export)

    def begin(self, export: Export, **options: bool) -> bool:
        """Starts a run in a thread, with options of ``RunOptions``; False where the app ends."""
        if self._ends_soon():
            return False
        work = partial(self._start, export, options)
        self.run_worker(work, group=f"start {export.id}", thread=True)
        return True

    def _ends_soon(self) -> bool:
        """Whether the app ends once its runs have, so that no other starts; says so."""
        if self.closes is None:
            return False
        self.say(_("The app is closing; no run starts any more."))
        return True

    def _start(self, export: Export, options: Mapping[str, bool]) -> None:
        try:
            self.live.start(export, **options)
        except AppError as error:
            self.call_from_thread(self.say, error.message, hint_of(error), "error")

    def pause(self, row: Row) -> None:
        """Pauses the run of a row, or goes on with it, and says what that means, or why not."""
        run = self.live.handle(row.export.id)
        shown = run.snapshot() if run is not None else row.run
        if why := why_not_stop(row):
            self.say(why)
        elif shown is not None and shown.status == "paused":
            self._steer(row, "resume")
        else:
            self._steer(row, "pause")

    def _steer(self, row: Row, wish: Wish) -> None:
        """Tells a run of this process, or asks the one that runs it.

        The screens say what that means, once the run obeys.
        """
        run = self.live.handle(row.export.id)
        if run is not None:
            {"pause": run.pause, "resume": run.resume, "cancel": run.cancel}[wish]()
        elif row.run is None or row.run.ended:  # an earlier run, while the next one starts
            self.say(_not_yet())
        else:
            # Others write to the state too, and one may have to wait for them.
            work = partial(self._ask, row.run, row.export.name, wish)
            self.run_worker(work, group=f"steer {row.export.id}", thread=True)

    def _ask(self, run: Snapshot, export: str, wish: Wish) -> None:
        try:
            self.workspace.state.wish(run.run_id, wish)
        except AppError as error:
            self.call_from_thread(self.say, error.message, hint_of(error), "error")
            return
        told = _("The process that runs “{export}” is told.")
        if silent(run):
            told = _("“{export}” is told so; its process doesn't answer now, and obeys once it goes"
                     " on.")  # fmt: skip
        self.call_from_thread(self.say, told.format(export=export))

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
            if answer == "cancel":
                self._steer(row, "cancel")

        self.push_screen(Choice(question, detail, answers), answered)


def _not_yet() -> str:
    return _("The run is only just starting; try again in a moment.")
