"""The marked source of Customer Insights, below the table or at its right."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len

from omnisend_tui.bare_names import bare_names
from omnisend_tui.config.models import Export, Source
from omnisend_tui.errors import AppError
from omnisend_tui.formats import moment_at, number
from omnisend_tui.i18n import _
from omnisend_tui.profiles import Column
from omnisend_tui.tui.screens.source_pane import (
    LABEL,
    SEGMENTS,
    USERS,
    cut_off,
    labelled,
    names,
    rule,
)
from omnisend_tui.tui.sourcing.looks import Counted, Look
from omnisend_tui.tui.widgets.paint import (
    Line,
    between,
    clean,
    cut,
    left,
    right,
    within,
    wrapped,
)
from omnisend_tui.tui.wizard.page import sentence_of

_FIGURES = 9
_WORD = 30  # cells of a name in a list of them
_NEEDS = (
    "sign_in_needed", "sign_in_expired", "sign_in_refused", "not_signed_in",
    "client_secret_refused", "no_client_secret",
)  # fmt: skip


def needs_sign_in(look: Look | None) -> AppError | None:
    """Why what is stored signs nobody in, None where it does or isn't known."""
    worst = look.errors[0] if look is not None and look.errors else None
    return worst if worst is not None and worst.code in _NEEDS else None


def environment_facts(
    source: Source, look: Look | None, exports: Sequence[Export], width: int, height: int,
    now: datetime,
) -> list[Line]:  # fmt: skip
    """Address, who is signed in, columns, segments, exports and what is wrong.

    ``look`` is None while the environment is asked.
    """
    if width > 60:
        return _narrow(source, look, exports, width)
    return _wide(source, look, exports, width, height, now)


def _narrow(source: Source, look: Look | None, exports: Sequence[Export], width: int) -> list[Line]:
    start: Line = ((cut(clean(source.name), width - 20), "bold"),)
    word, ink = _state(source, look)
    lines = [between(start, ((cut(word, width // 2), ink),), width, ("─", "rule"))]
    room = width - LABEL
    address = [(_("Address"), clean(source.url), "")]
    used = [(_("Used by"), names(exports), "" if exports else "muted")]
    if look is not None and look.errors and not look.columns:
        rows = within(f"✖ {sentence_of(look.errors[0])}", room, 3, "error")
        body = [((left(_("Wrong"), LABEL), "muted"), *rows[0])]
        body += [((" " * LABEL, ""), *row) for row in rows[1:]]
        return [*lines, *labelled(address, room), *body, *labelled(used, room)]
    bare = bare_names([each.name for each in look.columns]) if look else {}
    columns = ", ".join(_called(each, bare[each.name]) for each in look.columns) if look else ""
    segments = ", ".join(_sized(each) for each in look.segments) if look else ""
    asking = _("● asking the environment") if look is None else "–"
    told = [
        *address,
        (_("Columns"), columns or asking, "" if columns else "muted"),
        (_("Segments"), segments or asking, "" if segments else "muted"),
        *used,
    ]
    lines += labelled(told, room)
    if look is not None and look.errors:
        return [*lines, ((cut(f"! {sentence_of(look.errors[0])}", width), "warning"),)]
    return lines


def _wide(
    source: Source, look: Look | None, exports: Sequence[Export], width: int, height: int,
    now: datetime,
) -> list[Line]:  # fmt: skip
    lines: list[Line] = [((cut(clean(source.name), width), "bold"),), ()]
    for error in look.errors[:2] if look else ():
        ink, sign = ("warning", "!") if look and look.columns else ("error", "✖")
        lines += wrapped(f"{sign} {sentence_of(error)}", width, ink)
        way = _("Key i signs in.") if error.code in _NEEDS else _("Key u asks again.")
        lines += [*wrapped(way, width, "muted"), ()]
    word, ink = _state(source, look)
    lines += [
        ((_("Address"), "muted"),),
        (("  ", ""), (cut(clean(source.url), width - 2), "")),
        ((_("Signs in"), "muted"),),
        (("  ", ""), (cut(word, width - 2), ink)),
        ((_("Used by"), "muted"),),
    ]
    users: list[Line] = [(("  ", ""), (cut(clean(each.name), width - 2), "")) for each in exports]
    users = users or [(("  ", ""), (_("no export"), "muted"))]
    if look is None:
        return [*lines, *cut_off(users, USERS), (),
                (("● ", "accent"), (_("asking the environment"), ""))]  # fmt: skip
    if not look.columns:
        return [*lines, *cut_off(users, max(USERS, height - len(lines)))]
    segments = [_segment(each, width, now) for each in look.segments]
    found = [(), rule(_("Segments"), _("Profiles"), width), *cut_off(segments, SEGMENTS * 2), (),
             rule(_("Columns"), number(len(look.columns)), width)]  # fmt: skip
    bare = bare_names([each.name for each in look.columns])
    columns = [_column(each, bare[each.name], width) for each in look.columns]
    lines += cut_off(users, max(USERS, height - len(lines) - len(found) - len(columns)))
    return [*lines, *found, *cut_off(columns, max(2, height - len(lines) - len(found)))]


def _state(source: Source, look: Look | None) -> tuple[str, str]:
    """Who is signed in, and the ink of it."""
    if look is None:
        return "", "muted"
    if needs_sign_in(look) is not None:
        return _("sign-in needed"), "error"
    if source.sign_in == "application":
        return _("as an application"), "muted"
    if look.who is None:
        return _("as it is stored"), "muted"
    if not look.who:
        return _("sign-in needed"), "error"
    return _("signed in as {who}").format(who=clean(look.who)), "muted"


def _called(column: Column, bare: str) -> str:
    return cut(clean(column.label or bare), _WORD)


def _sized(segment: Counted) -> str:
    label = cut(clean(segment.label or segment.name), _WORD)
    return label if segment.profiles is None else f"{label} {number(segment.profiles)}"


def _segment(segment: Counted, width: int, now: datetime) -> Line:
    label = clean(segment.label or segment.name)
    profiles = right("–" if segment.profiles is None else number(segment.profiles), _FIGURES)
    when = moment_at(segment.refreshed, now)
    if cell_len(label) + cell_len(when) + 3 > width - _FIGURES:
        when = ""  # its name tells more
    return between((("  ", ""), (label, "")), ((when, "muted"), (profiles, "")), width)


def _column(column: Column, bare: str, width: int) -> Line:
    """What people call it, and its name; ``bare`` is that without a prefix that all share."""
    label = clean(column.label or bare)
    other = clean(bare) if column.label else ""
    room = width - 2
    if not other:
        return (("  ", ""), (cut(label, room), ""))
    return (("  ", ""), (left(cut(label, 18), 18), ""), (" ", ""), (cut(other, room - 19), "muted"))
