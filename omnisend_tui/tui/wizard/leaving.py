"""Leaving a wizard: it asks only where something that was entered would be forgotten."""

from omnisend_tui.i18n import _
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.wizard.page import D, Page

LEAVE = "leave"


def would_lose(page: Page[D]) -> bool:
    """Whether leaving forgets something; what stands on the page is taken into the draft first."""
    if page.keep() and any(field.changed for field in page.query(TextInput)):
        return True  # the draft can't have it
    return page.draft.unsaved()


def question() -> Choice:
    """Ends with ``LEAVE``, or another code to stay."""
    return Choice(
        _("Leave without saving?"),
        _("Nothing is stored yet, and what you entered here is forgotten."),
        (("stay", _("Stay")), (LEAVE, _("Leave, store nothing"))),
    )
