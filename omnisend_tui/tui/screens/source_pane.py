"""The marked source, below the table or at its right."""

from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import urlsplit

from omnisend_tui.config.models import Export, Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.sourcing.draft import end_of
from omnisend_tui.tui.sourcing.looks import Counted, Look
from omnisend_tui.tui.sourcing.pages import masked
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, wrapped
from omnisend_tui.tui.wizard.page import sentence_of

LABEL = 12
_WORD = 30  # cells of a name or a value in a list of them
_PATH_ROWS = 3
USERS = 4  # rows that the exports always have
SEGMENTS = 8  # rows of the pane at the right; columns have the rest


def facts(
    source: Source, look: Look | None, exports: Sequence[Export], width: int, height: int
) -> list[Line]:
    """Path, columns, segments, exports and what is wrong; ``look`` is None while it is opened."""
    if width > 60:
        return _narrow(source, look, exports, width)
    return _wide(source, look, exports, width, height)


def type_word(source: Source) -> str:
    """What it is, in a word."""
    return _("files") if source.type == "files" else _("Customer Insights")


def short_place(source: Source, width: int) -> str:
    """Its path, or the host of its environment; at most ``width`` cells."""
    if source.type == "files":
        return end_of(source.path, width)
    return cut(clean(urlsplit(source.url).netloc), width)


def state_sign(look: Look | None) -> tuple[str, str]:
    """Sign and ink of how a source is."""
    if look is None:
        return "", "muted"
    if not look.errors:
        return "✔", "muted"
    return ("!", "warning") if look.columns else ("✖", "error")


def _narrow(source: Source, look: Look | None, exports: Sequence[Export], width: int) -> list[Line]:
    start: Line = ((cut(clean(source.name), width - 20), "bold"),)
    lines = [between(start, ((_files(look), "muted"),), width, ("─", "rule"))]
    room = width - LABEL
    told: list[tuple[str, str, str]] = [(_("Path"), end_of(source.path, room), "")]
    columns = ", ".join(_sampled(c.name, c.samples[:1]) for c in look.columns) if look else ""
    segments = ", ".join(_counted(each) for each in look.segments) if look else ""
    opening = _("● opening and counting") if look is None else "–"
    told += [
        (_("Columns"), columns or opening, "" if columns else "muted"),
        (_("Segments"), segments or opening, "" if segments else "muted"),
        (_("Used by"), names(exports), "" if exports else "muted"),
    ]
    wrong = _wrong(look)
    if wrong and not columns:
        # What is wrong takes the rows of what can't be known.
        first, *rest = wrapped(f"✖ {wrong}", room, "error")
        told = [told[0], told[3]]
        body = [((left(_("Wrong"), LABEL), "muted"), *first)]
        body += [((" " * LABEL, ""), *row) for row in rest[:2]]
        return [*lines, *labelled(told[:1], room), *body, *labelled(told[1:], room)]
    lines += labelled(told, room)
    if wrong:
        return [*lines, ((cut(f"! {wrong}", width), "warning"),)]
    key = clean(source.key) or _("none: the row number")
    return [*lines, *labelled([(_("Key"), key, "")], room)]


def _wide(
    source: Source, look: Look | None, exports: Sequence[Export], width: int, height: int
) -> list[Line]:
    lines: list[Line] = [((cut(clean(source.name), width), "bold"),), ()]
    for error in look.errors[:2] if look else ():
        ink = "warning" if look and look.columns else "error"
        sign = "!" if ink == "warning" else "✖"
        lines += wrapped(f"{sign} {sentence_of(error)}", width, ink)
    if _wrong(look):
        lines += [*wrapped(_("Key e opens it, to mend it."), width, "muted"), ()]
    lines.append(between(((_("Path"), "muted"),), ((_files(look), "muted"),), width))
    path = end_of(source.path, (width - 2) * _PATH_ROWS)
    lines += [
        (("  ", ""), (path[at : at + width - 2], "")) for at in range(0, len(path), width - 2)
    ]
    key = clean(source.key) or _("none: the row number")
    lines += [((_("Key"), "muted"),), (("  ", ""), (cut(key, width - 2), ""))]
    lines.append(((_("Used by"), "muted"),))
    found = _found(look, width)
    columns = [_column(each.name, each.samples, width) for each in look.columns] if look else []
    users: list[Line] = [(("  ", ""), (cut(clean(each.name), width - 2), "")) for each in exports]
    users = users or [(("  ", ""), (_("no export"), "muted"))]
    lines += cut_off(users, max(USERS, height - len(lines) - len(found) - len(columns)))
    lines += found
    return [*lines, *cut_off(columns, max(2, height - len(lines)))]


def _found(look: Look | None, width: int) -> list[Line]:
    """The segments, and what stands above the columns."""
    if look is None:
        return [(), (("● ", "accent"), (_("opening and counting"), ""))]
    if not look.columns:
        return []
    segments = [_segment(each, width) for each in look.segments]
    return [
        (),
        rule(_("Segments"), _("Profiles"), width),
        *cut_off(segments, SEGMENTS),
        (),
        rule(_("Columns"), number(len(look.columns)), width),
    ]


def cut_off(rows: list[Line], room: int) -> list[Line]:
    """At most ``room`` rows; the last one says how many there are more."""
    if len(rows) <= room:
        return rows
    left_out = len(rows) - room + 1
    told = ngettext("{count} more", "{count} more", left_out).format(count=number(left_out))
    return [*rows[: room - 1], ((f"  {told}", "muted"),)]


def labelled(told: Sequence[tuple[str, str, str]], room: int) -> list[Line]:
    return [((left(label, LABEL), "muted"), (cut(text, room), ink)) for label, text, ink in told]


def rule(label: str, end: str, width: int) -> Line:
    return between(((label, "bold"),), ((end, "muted"),), width, ("─", "rule"))


def _wrong(look: Look | None) -> str:
    return sentence_of(look.errors[0]) if look is not None and look.errors else ""


def _files(look: Look | None) -> str:
    """How many files, and of which kind where they are all of one."""
    if look is None or not look.files:
        return ""
    count = len(look.files)
    told = ngettext("{count} file", "{count} files", count).format(count=number(count))
    endings = {"".join(PurePath(file.path.name).suffixes[-2:]) for file in look.files}
    ending = cut(clean(endings.pop()), 14) if len(endings) == 1 else ""
    return f"{told}, {ending}" if ending else told


def names(exports: Sequence[Export]) -> str:
    return ", ".join(cut(clean(export.name), _WORD) for export in exports) or _("no export")


def _sampled(name: str, samples: Sequence[str]) -> str:
    shown = cut(clean(name), _WORD)
    return f"{shown} ({cut(clean(masked(samples[0])), 20)})" if samples else shown


def _counted(segment: Counted) -> str:
    profiles = "✖" if segment.profiles is None else number(segment.profiles)
    return f"{cut(clean(segment.name), _WORD)} {profiles}"


def _segment(segment: Counted, width: int) -> Line:
    start: Line = (("  ", ""), (clean(segment.name), ""))
    if segment.profiles is None:
        return between(start, (("✖", "error"),), width)
    return between(start, ((number(segment.profiles), ""),), width)


def _column(name: str, samples: Sequence[str], width: int) -> Line:
    values = ", ".join(cut(clean(masked(sample)), _WORD) for sample in samples)
    room = width - 2
    label = left(clean(cut(name, 16)), 16)
    return (("  ", ""), (label, ""), (" ", ""), (cut(values, room - 17), "muted"))
