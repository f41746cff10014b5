"""Signing in anew for a stored source."""

from collections.abc import Sequence

from textual.widget import Widget

from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.sign_in_page import SignInPage
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.paint import Line, wrapped
from omnisend_tui.tui.wizard.page import sentence_of


class SignInAgainPage(SignInPage):
    """The same for a stored source and for its sign-in alone, which is kept at once."""

    def __init__(self, draft: DataverseDraft, note: str = "") -> None:
        super().__init__(draft)
        self._note = note
        self._keeping: Attempt[str] | None = None

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#way").display = False

    def next_label(self, following: str) -> str:
        if self.busy() or self._keeping is not None:
            return _("Get a code") if self.draft.person else _("Sign in")
        return super().next_label(following)

    def may_sign_in_anew(self) -> bool:
        return self.draft.person and bool(self.draft.account)

    def other_label(self) -> str:
        return ""

    def first_field(self) -> Widget | None:
        return None if self.draft.person else self.query_one(SecretInput)

    def passed(self) -> None:
        self._keeping = Attempt(lambda _attempt: self.draft.keep())
        self.wizard.renew()

    def ready(self) -> bool:
        return super().ready() and self._keeping is None

    def holds(self) -> bool:
        return self._keeping is not None

    def signed(self) -> bool:
        return False

    def _look(self) -> None:
        super()._look()
        if self._keeping is None or not self._keeping.done:
            return
        kept, self._keeping = self._keeping, None
        if kept.error is not None:
            self.complain(sentence_of(kept.error))
            self.wizard.renew()
        else:
            self.omnisend.say(kept.result or "")
            self.wizard.finish()

    def later(self, width: int) -> list[Line]:
        return wrapped(self._note, width, "bold") if self._note else []

    def _lines(self, width: int) -> Sequence[Line]:
        lines = super()._lines(width)
        if self.signing.stage != "waiting" or not self._note:
            return lines
        return [*lines, (), *self.later(width)]
