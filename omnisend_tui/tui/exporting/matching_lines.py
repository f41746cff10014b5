"""What data matching says about profiles: as they would be sent, and how many are how."""

from collections.abc import Mapping, Sequence

from omnisend_tui.config.models import Attribute, Confidence
from omnisend_tui.engine.examine import Counts
from omnisend_tui.engine.preview import Sample
from omnisend_tui.formats import duration, number, percent
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.fields import custom_name
from omnisend_tui.sentences import reason_label, what_was_wrong
from omnisend_tui.tui.exporting.column_picker import SURE_INKS
from omnisend_tui.tui.exporting.facts import field_word, sure_word
from omnisend_tui.tui.widgets.bars import line_bar
from omnisend_tui.tui.widgets.paint import (
    Line,
    between,
    clean,
    clip,
    cut,
    left,
    length,
    right,
    wrapped,
)  # fmt: skip
from omnisend_tui.tui.widgets.table import Column, TableRow

SHOWN = 3  # profiles at once
_FIELD, _COLUMN, _MATCH, _SAMPLE, _PROBLEMS = 16, 22, 8, 17, 11  # cells
_LONGEST = 200  # signs of a cell that are looked at
_ADDRESS = ("address", "postal_code", "city", "country_code")


def shown(text: str) -> str:
    """A cell as it may stand on the screen."""
    return clean(text[:_LONGEST]).strip()


def sample_text(field: str, samples: Sequence[Sample], width: int) -> str:
    """The first value of a field: what is sent, and where it fits what it comes from."""
    for sample in samples:
        given = shown(sample.given.get(field, ""))
        sent = sample.sent.get("country_code", "") if field == "country" else ""
        sent = shown(sent or sample.sent.get(field, ""))
        if sample.reject is not None or not (given or sent):
            continue
        if given == sent:
            return cut(sent, width)
        both = f"{given} → {sent or '–'}"
        return both if length(((both, ""),)) <= width else cut(f"→ {sent or '–'}", width)
    return ""


def problems_of(field: str, counts: Counts | None, width: int) -> Line:
    """How many profiles have a problem with a field."""
    if counts is None:
        return ()
    if field == "email":
        count, word = counts.invalid, _("invalid")
        if not count:
            count, word = counts.missing, _("no e-mail")
    else:
        count = sum(
            number_ for (name, _reason), number_ in counts.warnings.items() if name == field
        )
        word = _("unknown") if field == "country" else _("not read")
    if not count:
        return ()
    told = number(count)
    if length(((f"{told} {word}", ""),)) > width:
        return ((right(told, width), "warning bold"),)
    return ((right(told, width - len(word) - 1), "warning bold"), (f" {word}", "muted"))


def reject_text(sample: Sample) -> str:
    """Why a profile isn't sent, '' where it is."""
    if sample.duplicate:
        return _("the address of an earlier one")
    if sample.reject is None:
        return ""
    label, detail = reason_label(sample.reject.reason), what_was_wrong(sample.reject)
    return f"{label}, {detail}" if detail else label


def _sign(sample: Sample) -> tuple[str, str]:
    if sample.reject is not None:
        return "✖ ", "error"
    if sample.duplicate:
        return "■ ", "muted"
    return ("! ", "warning") if sample.warnings else ("✔ ", "success")


def _name_of(sample: Sample) -> str:
    return shown(sample.email) or _("(no address)")


def preview_line(sample: Sample, width: int) -> Line:
    """A profile in one line of 79 cells or so."""
    start: Line = (_sign(sample), (left(_name_of(sample), 20) + " ", ""))
    why = reject_text(sample)
    if why:
        told = _("{reason}: left out").format(reason=why)
        return clip((*start, (told, "muted" if sample.duplicate else "error")), width)
    sent = {name: shown(value) for name, value in sample.sent.items()}
    name = " ".join(filter(None, (sent.get("first_name"), sent.get("last_name"))))
    street, code, city, country = (sent.get(field, "") for field in _ADDRESS)
    place = ", ".join(filter(None, (street, f"{code} {city}".strip(), country)))
    custom = ", ".join(v for field, v in sent.items() if field.startswith("custom:"))
    end: Line = ((cut(custom, 14), ""),)
    if sample.warnings:
        end = ((cut(reason_label(sample.warnings[0].reason), 24), "warning"),)
    return between((*start, (left(name, 15), ""), (" ", ""), (place, "")), end, width)


def preview_block(sample: Sample, width: int, rows: int) -> list[Line]:
    """A profile in up to ``rows`` lines, one a value."""
    lines: list[Line] = [(_sign(sample), (cut(_name_of(sample), width - 2), "bold"))]
    why = reject_text(sample)
    if why:
        told = _("Left out: the first one is sent.")
        if not sample.duplicate:
            told = _("Left out, and listed under rejects.")
            lines += [(("  ", ""), *each) for each in wrapped(why, width - 2, "error")]
        return [*lines, *((("  ", ""), *each) for each in wrapped(told, width - 2, "muted"))]
    doubted = {problem.field for problem in sample.warnings}
    for name, value in sample.contact:
        text = shown(value)
        label = left(custom_name(name) or name, 12) + " "
        lines.append((("  ", ""), (label, "muted"), (cut(text, width - 15), "")))
    for problem in sample.warnings:
        told = f"{field_word(problem.field)}: {reason_label(problem.reason)}"
        lines.insert(1, (("  ", ""), (cut(told, width - 2), "warning")))
    if len(lines) > rows:
        more = _("and {count} more").format(count=number(len(lines) - rows + 1))
        lines = [*lines[: rows - 1], (("  ", ""), (more, "muted"))]
    return lines if doubted or sample.contact else [*lines, (("  ", ""), ("–", "muted"))]


def whole_heading(counts: Counts | None, width: int) -> Line:
    """How much of the segment is checked."""
    title = _("Whole segment")
    checked, total = (counts.checked, counts.total) if counts is not None else (0, None)
    done = counts is not None and counts.done
    told = _("{share} checked").format(
        share="100 %" if done else percent(checked, total, ended=False) or "0 %"
    )
    bar = width - length(((title, ""),)) - length(((told, ""),)) - 4
    if done:
        checked, total = 1, 1
    return ((title, "bold"), ("  ", ""), *line_bar(checked, total, max(0, bar)), ("  ", ""),
            (told, "muted"))  # fmt: skip


def whole_line(counts: Counts, width: int) -> Line:
    """The figures beside each other, as far as they fit."""
    unknown = sum(count for (field, _r), count in counts.warnings.items() if field == "country")
    parts = [
        (counts.valid, "success bold", _("valid")),
        (counts.missing, "warning", _("no e-mail")),
        (counts.invalid, "warning", _("invalid")),
        (counts.duplicates, "", ngettext("duplicate", "duplicates", counts.duplicates)),
        (unknown, "warning", _("no country")),
    ]
    if counts.unreadable:
        parts.insert(4, (counts.unreadable, "warning", _("unreadable")))
    pieces: list[Line] = []
    for count, ink, word in parts:
        pieces.append(((number(count), ink if count else "muted"), (f" {word}", "muted")))
    room = width - sum(map(length, pieces))
    gap = max(1, min(4, room // (len(pieces) - 1)))
    line: Line = pieces[0]
    for piece in pieces[1:]:
        line = (*line, (" " * gap, ""), *piece)
    return clip(line, width)


def whole_table(counts: Counts, mapping: Sequence[Attribute], width: int) -> list[Line]:
    """The figures below each other with what becomes of each, where there is room."""
    total = number(counts.total) if counts.total is not None else "–"
    if counts.done:
        told = _("of {total}, in {time}").format(total=total, time=duration(counts.seconds))
    else:
        rest = None
        if counts.checked and counts.total:
            rest = counts.seconds * max(0, counts.total - counts.checked) / counts.checked
        told = _("of {total}, {time} left").format(total=total, time=duration(rest))
    out = _("left out, listed")
    rows: list[tuple[str, int, str, str, str]] = [
        (_("No e-mail"), counts.missing, "warning", out, ""),
        (_("Invalid e-mail"), counts.invalid, "warning", out,
         _examples(counts, ("email", "invalid_email"))),
        (_("Duplicates"), counts.duplicates, "", _("the first row is sent"), ""),
    ]  # fmt: skip
    if counts.unreadable:
        rows.append((_("Unreadable rows"), counts.unreadable, "warning", out, ""))
    lines: list[Line] = [
        (),
        _figure(_("Checked"), counts.checked, "bold", told, "", width),
        (),
        _figure(_("Valid"), counts.valid, "success", "", "", width),
        *(_figure(*row, width) for row in rows),
        (),
    ]
    for (field, reason), count in sorted(counts.warnings.items(), key=lambda item: -item[1]):
        if any(each.field == field for each in mapping):
            label = reason_label(reason)
            if name := custom_name(field):
                label = _("Custom: {name}").format(name=name)
            label = label[:1].upper() + label[1:]
            kept = _("its name is sent") if field == "country" else _("sent without it")
            lines.append(
                _figure(label, count, "warning", kept, _examples(counts, (field, reason)), width)
            )
    return lines


def _examples(counts: Counts, key: tuple[str, str]) -> str:
    return ", ".join(shown(text) for text in counts.examples.get(key, ()))


def _figure(label: str, count: int, ink: str, note: str, example: str, width: int) -> Line:
    line: Line = (
        ("  ", ""),
        (left(label, 22), ""),
        (right(number(count), 10), ink if count else "muted"),
        ("  ", ""),
        (left(note, 21), "muted"),
        (" ", ""),
        (example, "muted"),
    )
    return clip(line, width)


def table_columns(source: str) -> list[Column]:
    """The columns of the table; ``source`` is its name."""
    heading = _("Column in {source}").format(source=shown(source))
    return [
        Column(_("Omnisend field"), _FIELD),
        Column(cut(heading, _COLUMN - 1), _COLUMN),
        Column(_("Match"), _MATCH),
        Column(_("Sample"), _SAMPLE),
        Column(_("Problems"), _PROBLEMS, numeric=True),
    ]


def match_row(
    field: str,
    attribute: Attribute | None,
    sure: Confidence | None,
    names: Mapping[str, str],
    samples: Sequence[Sample],
    counts: Counts | None,
) -> TableRow:
    """One attribute, or None where a field isn't matched; ``names`` are columns as shown."""
    name = custom_name(field)
    word = _("Custom: {name}").format(name=name) if name else field_word(field)
    word = cut(word, _FIELD - 1)
    if attribute is None:
        ink = "warning bold" if field == "email" else "muted"
        required = word + (" *" if field == "email" else "")
        return TableRow(field, (((required, ink),), ((_("not matched"), ink),), (), (), ()))
    label: Line = ((f"{word} *", "bold"),) if field == "email" else ((word, ""),)
    if attribute.column:
        known = names.get(attribute.column)
        ink = "" if known or not names else "error"
        fed = cut(known or shown(attribute.column), _COLUMN - 1)
    else:
        fed, ink = cut(f"“{shown(attribute.value)}”", _COLUMN - 1), ""
    match: Line = ((sure_word(sure), SURE_INKS[sure]),) if sure else ((_("mine"), ""),)
    sample = sample_text(field, samples, _SAMPLE - 1)
    cells = (label, ((fed, ink),), match, ((sample, "muted"),))
    return TableRow(field, (*cells, problems_of(field, counts, _PROBLEMS)))


def add_row(key: str) -> TableRow:
    """The last row, which adds one."""
    return TableRow(key, (((cut(_("+ Add attribute"), _FIELD), "accent"),), (), (), (), ()))


def _how_many(count: int, counts: Counts | None) -> str:
    if counts is None or counts.total is None:
        return number(count)
    return _("{shown} of {total}").format(shown=number(count), total=number(counts.total))


def preview_heading(count: int, counts: Counts | None, width: int) -> Line:
    """Above the profiles, with the key of the next ones."""
    told = _("{many}, as they would be sent").format(many=_how_many(count, counts))
    start: Line = ((_("Preview"), "bold"), ("  ", ""), (told, "muted"))
    return between(start, _turn(), width, ("─", "rule"))


def pane_heading(count: int, counts: Counts | None, width: int) -> list[Line]:
    """The same in two lines."""
    told = _("as they would be sent")
    first: Line = ((_("Preview"), "bold"), ("  ", ""), (_how_many(count, counts), "muted"))
    return [first, between(((told, "muted"),), _turn(), width)]


def _turn() -> Line:
    return (("n", "accent bold"), (" " + _("Next three"), "muted"))
