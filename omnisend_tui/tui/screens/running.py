"""The keys of a run that two screens share: pause, go on, cancel, run all."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.screens.exports_rows import Item
from omnisend_tui.tui.screens.home import FrameScreen
from omnisend_tui.tui.widgets.frame import Key


class RunKeys(FrameScreen):
    """``p`` and ``c`` act on ``current_run``."""

    BINDINGS: ClassVar = [
        Binding("p", "pause", show=False),
        Binding("c", "cancel_run", show=False),
    ]

    @property
    def current_run(self) -> Snapshot | None:
        return None

    def run_keys(self, run: Snapshot | None) -> list[Key]:
        """The keys that act on a run of this app that is under way."""
        if run is None or self.owner.live.handle(run.run_id) is None:
            return []
        label = _("Go on") if run.status == "paused" else _("Pause")
        return [Key("p", label, "pause"), Key("c", _("Cancel"), "cancel_run")]

    def open_run(self, run_id: str) -> None:
        from omnisend_tui.tui.screens.run import RunScreen

        self.app.push_screen(RunScreen(run_id))

    def action_pause(self) -> None:
        run = self.current_run
        handle = self.owner.live.handle(run.run_id) if run else None
        if handle is None or run is None:
            self._cannot(run)
        elif run.status == "paused":
            handle.resume()
        else:
            handle.pause()
        self.draw()

    def action_cancel_run(self) -> None:
        run = self.current_run
        handle = self.owner.live.handle(run.run_id) if run else None
        if handle is None or run is None:
            self._cannot(run)
            return
        from omnisend_tui.tui.screens.dialogs import Question

        question = Question(
            _("Cancel {export}").format(export=run.export),
            _(
                "{sent} profiles were sent and stay at Omnisend. Nothing more is sent; what is in "
                "flight is still confirmed. The others go with the next run."
            ).format(sent=number(run.sent)),
            yes=_("Cancel the run"),
            no=_("Let it run"),
        )
        self.app.push_screen(question, lambda agreed: handle.cancel() if agreed else None)

    def run_all(self, items: Sequence[Item]) -> None:
        """Asks, then starts every export that has a connection."""
        names = [item.export.name for item in items if item.export.connection]
        if not names:
            self.owner.tell(_("There is no export that could start now."))
            return
        from omnisend_tui.tui.screens.dialogs import Question

        count = len(names)
        question = Question(
            ngettext("Run {n} export", "Run {n} exports", count).format(n=count),
            _("They start now and share the request budget of their brands."),
            yes=ngettext("Run {n} export", "Run {n} exports", count).format(n=count),
            no=_("Don't run"),
            safe=True,
        )

        def answered(agreed: bool | None) -> None:
            if agreed:
                self.owner.start(names)

        self.app.push_screen(question, answered)

    def _cannot(self, run: Snapshot | None) -> None:
        if run is None or run.ended:
            self.owner.tell(_("It doesn't run now, so there is nothing to pause or cancel."))
        else:
            self.owner.tell(_("Another process runs it; pause or cancel it there."))
