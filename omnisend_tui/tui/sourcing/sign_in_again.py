"""Signing in anew for a stored source."""

from collections.abc import Sequence

from textual.widget import Widget

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.sign_in_page import SignInPage
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.paint import Line, clean, wrapped
from omnisend_tui.tui.wizard.page import sentence_of


class SignInAgainPage(SignInPage):
    """The same for a stored source and for its sign-in alone, which is kept at once."""

    def __init__(
        self, draft: DataverseDraft, note: str = "", found: AppError | None = None
    ) -> None:
        super().__init__(draft)
        self._note = note
        self._found = found
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

    def _signed_lines(self, width: int) -> list[Line]:
        if self._found is not None and not self.draft.account:
            return []  # what is stored signs nobody in any more
        return super()._signed_lines(width)

    def _ahead(self, width: int) -> list[Line]:
        found, who = self._found, self.draft.who()
        if found is None or self._known_error is not None or not self.draft.may_sign_in():
            return super()._ahead(width)
        told = clean(found.message)
        if self.draft.person:
            told = _("The sign-in as {who} has run out; get a new code.").format(who=clean(who))
        return [*wrapped(f"! {told}", width, "warning"), (), *super()._ahead(width)]

    def later(self, width: int) -> list[Line]:
        return wrapped(self._note, width, "bold") if self._note else []

    def _lines(self, width: int) -> Sequence[Line]:
        lines = super()._lines(width)
        if self.signing.stage != "waiting" or not self._note:
            return lines
        return [*lines, (), *self.later(width)]
