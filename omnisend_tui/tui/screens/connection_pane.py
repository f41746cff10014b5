"""The marked connection, below the table or at its right."""

from collections.abc import Sequence
from datetime import datetime

from omnisend_tui.config.models import Connection, Export
from omnisend_tui.connections import Known
from omnisend_tui.formats import moment, number
from omnisend_tui.forms import FOR_CONTRIBUTORS
from omnisend_tui.i18n import _
from omnisend_tui.sentences import behaviour_sentence
from omnisend_tui.tui.connecting.draft import LANGUAGES, dict_of
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, wrapped
from omnisend_tui.tui.words import local

_LABEL = 12


def facts(
    connection: Connection, known: Known, exports: Sequence[Export], now: datetime, width: int
) -> list[Line]:
    """Its brand, limits, consent, behaviour check and exports; short where there is little room."""
    narrow = width > 60
    brand = known.brand
    shop = [brand.name or brand.id, brand.website, brand.currency] if brand else [_("not known")]
    names = ", ".join(clean(export.name) for export in exports) or _("no export")
    rate = _("{limit} requests a minute, of which the app takes {share}").format(
        limit=number(connection.requests_per_minute),
        share=number(connection.requests_per_minute * connection.budget_share // 100),
    )
    told: list[tuple[str, str, str]] = [
        (_("Brand"), ", ".join(clean(part) for part in shop if part), ""),
        (_("Limit"), rate, ""),
        (_("Consent"), _agreed(known, now, short=narrow), "" if known.valid else "warning"),
        (_("Check"), behaviour_sentence(known.behaviour), "" if known.behaviour else "muted"),
        (_("Used by"), names, "" if exports else "muted"),
    ]
    users = dict_of(FOR_CONTRIBUTORS)[connection.for_contributors]
    name: Line = ((clean(connection.name), "bold"),)
    if narrow:
        lines = [between(name, ((users, "muted"),), width, ("─", "rule"))]
        return lines + [
            ((left(label, _LABEL), "muted"), (cut(text, width - _LABEL), ink))
            for label, text, ink in told
        ]
    told.insert(1, (_("Omnisend at"), clean(connection.base_url), ""))
    told.insert(2, (_("Users"), users, ""))
    lines = [name, ()]
    for label, text, ink in told:
        lines.append(((label, "muted"),))
        lines += [(("  ", ""), *line) for line in wrapped(text, width - 2, ink)]
    return lines


def _agreed(known: Known, now: datetime, *, short: bool) -> str:
    given = known.consent
    if given is None:
        return _("nobody has agreed yet: a shows the text")
    when = moment(local(given.at, now), now)
    if not known.valid:
        return _("outdated, by {who}, {when}: a shows the text").format(
            who=clean(given.who), when=when
        )
    told = _("{who}, {when}, version {version}, {language}").format(
        who=clean(given.who),
        when=when,
        version=given.version,
        language=LANGUAGES.get(given.language, given.language),
    )
    if short:
        return told
    # In two halves, which fit into a line each.
    return f"{told}, SHA-256 {given.sha256[:32]} {given.sha256[32:]}"
