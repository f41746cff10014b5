"""Save: what will be stored, and whether its price is shown next."""

from collections.abc import Sequence

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.wizard.save import SavePage


class ExportSavePage(SavePage[ExportDraft]):
    """Saving sends nothing; 'Save and run' leads to the price, which offers a dry run too."""

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        self._then_run = False

    def other_label(self) -> str:
        return _("Save and run") if self.draft.export.connection and self.ready() else ""

    def do_other(self) -> None:
        self._then_run = True
        self.wizard.go_on()

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
            app.show_price(stored)
