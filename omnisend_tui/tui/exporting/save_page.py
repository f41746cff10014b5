"""Save: what will be stored, and whether its price is shown next."""

from collections.abc import Sequence

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.exporting.consenting import Consenting
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.paint import Line
from omnisend_tui.tui.wizard.save import SavePage


class ExportSavePage(SavePage[ExportDraft]):
    """Saving sends nothing; 'Save and run' leads to the price, which offers a dry run too."""

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        self._then_run = False
        self._consenting = Consenting(self)

    def on_unmount(self) -> None:
        self._consenting.stop()

    def other_label(self) -> str:
        return _("Save and run") if self.draft.export.connection and self.ready() else ""

    def do_other(self) -> None:
        self._then_run = True
        self.wizard.go_on()

    def go_on(self) -> None:
        self._consenting.settle(super().go_on, self._not_yet)

    def complaint_lines(self, width: int) -> list[Line]:
        return [*super().complaint_lines(width), *self._consenting.lines()]

    def _look(self) -> None:
        super()._look()
        self._consenting.look()

    def _not_yet(self) -> None:
        self._then_run = False

    def do_run(self) -> None:
        """The key of the button."""
        if self.other_label():
            self.do_other()

    def own_keys(self) -> Sequence[Key]:
        keys = list(super().own_keys())
        if self.other_label():
            keys.insert(0, Key("F5", _("Save and run"), "run"))
        return keys

    def failed(self, error: AppError) -> None:
        self._then_run = False
        if step := self.draft.mend(self.draft.refused):
            self.wizard.go_to(step)
        else:
            super().failed(error)

    def worked(self, result: str) -> None:
        app, stored = self.omnisend, self.draft.stored
        super().worked(result)
        if self._then_run and stored is not None:
            # From the app: what a dialog opened by this page answers would end with the page.
            app.call_later(app.show_price, stored)
