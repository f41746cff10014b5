"""The keys of a wizard: those in its footer, and what its help says of each."""

from collections.abc import Sequence
from typing import Any

from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.wizard.page import Page


def footer_keys(
    page: Page[Any] | None, *, first: bool, last: bool, editing: bool, width: int
) -> Sequence[Key]:
    """Those that work now; where they don't all fit, those go that one finds without a footer."""
    ready = page is not None and page.by_keys and page.ready()
    busy = page is not None and page.busy()
    own = page.own_keys() if page is not None else ()
    keys = [Key("F10", page.next_key(last=last), "next")] if ready and page else []
    if not first:
        keys.append(Key("F9", _("Back"), "previous"))
    keys += [Key(key.sign, key.label, f"page_key('{key.sign}')") for key in own]
    to_save = Key("Ctrl+S", _("To saving"), "to_save")
    if editing and ready and not last:
        keys.append(to_save)
    help_key = Key("F1", _("Help"), "app.help")
    keys += [Key("Esc", _("Stop") if busy else _("Leave"), "back"), help_key]
    for spare in (help_key, to_save):
        if spare in keys and sum(key.cells for key in keys) >= width:
            keys.remove(spare)
    return keys


def help_keys(page: Page[Any] | None, *, editing: bool) -> Sequence[tuple[str, str]]:
    """Each key and what it does."""
    own = [(key.sign, key.label) for key in page.own_keys()] if page is not None else []
    return [
        ("F10 Ctrl+N", _("goes to the next step")),
        ("F9", _("goes back one step; what you entered stays")),
        *own,
        *([("Ctrl+S", _("goes to the last step, which saves"))] if editing else ()),
        ("Esc", _("leaves, after asking; nothing is stored before the last step")),
        ("Ctrl+Q", _("quits; asks when exports run here")),
    ]
