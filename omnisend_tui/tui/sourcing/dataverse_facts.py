"""What a source of Customer Insights is going to be, in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.widgets.paint import clean, cut

if TYPE_CHECKING:
    from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft

_FACT = 60  # cells of a fact on the last page


def segments_fact(draft: "DataverseDraft") -> str:
    """How many are known, '' for none."""
    typed = len(draft.source.segments)
    listed = len(draft.segments()) - 1 - typed
    parts = []
    if listed > 0:
        told = ngettext("{count} listed", "{count} listed", listed)
        parts.append(told.format(count=number(listed)))
    if typed:
        told = ngettext("{count} typed", "{count} typed", typed)
        parts.append(told.format(count=number(typed)))
    return ", ".join(parts)


def facts(draft: "DataverseDraft") -> Sequence[tuple[str, str]]:
    """Labels and what will be stored."""
    source = draft.source
    at = source.authority or source.tenant
    # Made of the name as it is now, which was chosen after the sign-in; uncut, for copying it.
    unlisted = _("All profiles, as far as is known")
    if draft.unlooked() and draft.listed is None:
        unlisted = _("those that the environment lists")
    secret = draft.has_secret() or draft.unlooked()
    by_variable = not draft.person and (draft.given is not None or not secret)
    variable = [(_("Variable"), draft.secret_variable())] if by_variable else []
    return [
        (_("Name"), source.name),
        (_("Address"), cut(clean(source.url), _FACT)),
        (_("Export user"), _who(draft)),
        *variable,
        (_("Signs in at"), cut(clean(at), _FACT)),
        (_("Client id"), source.client_id),
        (_("Segments"), segments_fact(draft) or unlisted),
    ]


def _who(draft: "DataverseDraft") -> str:
    if draft.person:
        later = _("nobody yet: key i on the tab Sources signs in")
        if draft.unlooked():
            later = _("as it is stored")
        return cut(clean(draft.who()), _FACT) or later
    if draft.given is not None:
        return _("an application, its client secret from the environment")
    if draft.secret:
        return _("an application, its client secret in the keyring")
    if draft.has_secret() or draft.unlooked():
        return _("an application, its client secret as it is stored")
    return _("an application, its client secret is missing yet")
