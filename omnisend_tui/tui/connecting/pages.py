"""The small pages of a connection: its name, its users, and the editor."""

from collections.abc import Sequence

from omnisend_tui import forms
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.widgets.paint import Line, wrapped
from omnisend_tui.tui.wizard.fields import FieldPage
from omnisend_tui.tui.wizard.page import sentence_of
from omnisend_tui.tui.wizard.save import Saving


class NamePage(FieldPage[Draft]):
    """What the connection is called, and where Omnisend is."""

    def title_line(self) -> str:
        return _("Name of the connection")

    def fields(self) -> Sequence[forms.Field]:
        return (forms.NAME, forms.BASE_URL)

    def words(self, width: int) -> Sequence[Line]:
        return [
            (),
            *wrapped(
                _("A connection is one Omnisend shop. Call it what your colleagues call the shop."),
                width,
            ),
            *wrapped(
                _("The address is Omnisend's own; change it for a proxy or the sandbox only."),
                width,
                "muted",
            ),
        ]


class UsersPage(FieldPage[Draft]):
    """Who may use it."""

    def title_line(self) -> str:
        return _("Who can use this connection")

    def fields(self) -> Sequence[forms.Field]:
        return (forms.FOR_CONTRIBUTORS,)

    def words(self, width: int) -> Sequence[Line]:
        text = _(
            "Contributors make exports with the connections that they may use. They see a"
            " connection's name, never its key. Only administrators change connections."
        )
        return [(), *wrapped(text, width)]


class EditPage(FieldPage[Draft], Saving[Draft]):
    """Everything but the key, on one page; what reaches Omnisend in another way is tried first."""

    _due = False

    def title_line(self) -> str:
        return _("Edit the connection")

    def fields(self) -> Sequence[forms.Field]:
        return [field for field in forms.CONNECTION if field.kind != "secret"]

    def problem(self) -> str:
        if fault := super().problem():
            return fault
        try:
            self._due = self.draft.must_try()
        except AppError as error:
            return sentence_of(error)
        return ""

    def go_on(self) -> None:
        if self._due:
            self.wizard.advance()
        else:
            super().go_on()
