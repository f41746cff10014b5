"""What the price dialog says, as lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from omnisend_tui.config.models import Connection, Export
from omnisend_tui.errors import AppError
from omnisend_tui.formats import about, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.sentences import reason_label
from omnisend_tui.source_sentences import empty_sentence
from omnisend_tui.tui.widgets.bars import line_bar
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, right, wrapped
from omnisend_tui.tui.words import event, hint_of, profiles

if TYPE_CHECKING:
    from omnisend_tui.engine.forecast import Forecast

_MOST_REASONS = 3


def title(export: Export, width: int) -> list[Line]:
    """Which export, to whom, and a rule."""
    end: Line = ((f"{_('to')} ", "muted"), (cut(clean(export.connection), width // 3), ""))
    name = _("Run {export}").format(export=clean(export.name))
    return [between(((name, "bold"),), end, width), (("─" * width, "rule"),)]


def reading(seen: Snapshot | None, width: int, waits: LogLine | None = None) -> list[Line]:
    """While the source is read; ``waits`` says why it stands still."""
    read, total = (seen.read, seen.total) if seen is not None else (0, None)
    told = ngettext(
        "{read} of {total} profile is read", "{read} of {total} profiles are read", total or 0
    ).format(read=number(read), total=number(total) if total is not None else "?")
    return [
        (("● ", "accent"), (told, "")),
        line_bar(read, total, width),
        *(wrapped(event(waits), width, "warning") if waits is not None else [()]),
        *wrapped(_("It is read and compared to say what a run costs. Nothing is sent."), width,
                 "muted"),
    ]  # fmt: skip


def failed(error: AppError, width: int) -> list[Line]:
    return [
        *wrapped(f"✖ {clean(error.message)}", width, "error"),
        *wrapped(clean(hint_of(error)), width),
    ]


def priced(found: "Forecast", export: Export, connection: Connection, width: int) -> list[Line]:
    """The figures, what stops the run or what takes how long, and who gets what."""
    if found.error is not None and not found.read:  # it wasn't worth reading
        return _finding(found, width)
    lines = [_headline(found, width), *_empty(found, width), *_figures(found, connection, width)]
    if found.error is not None:
        lines += [(), *_finding(found, width)]
    elif found.price.seconds >= 60:
        lines += [(), *_bars(found, width)]
    return [*lines, (), *wrapped(harm(found, export), width)]


def counted(found: "Forecast", export: Export, connection: Connection, width: int) -> list[Line]:
    """The result of a dry run: the same figures, with the accounts in the place of the bars."""
    lines = [
        _headline(found, width),
        *_empty(found, width),
        *_figures(found, connection, width),
        (),
    ]
    rows = [
        (_("Would be sent"), found.would_send, ""),
        (_("Unchanged"), found.unchanged, ""),
        (_("Duplicates"), found.duplicates, ""),
        (_("Rejected"), found.rejected, "warning" if found.rejected else ""),
    ]
    reasons = [
        f"{number(count)} {reason_label(reason)}"
        for reason, count in found.reasons.most_common(_MOST_REASONS)
    ]
    notes: list[list[str]] = [[], [], [], reasons]
    if found.warnings:
        told = ngettext("{count} with a warning", "{count} with warnings", found.warnings)
        notes[0] = [told.format(count=number(found.warnings))]
    for (label, count, ink), note in zip(rows, notes, strict=True):
        lines += _row(label, number(count), note, width, ink)
    if found.error is not None:
        lines += [(), *_finding(found, width)]
    elif not harmless(found, export):
        lines += [(), *wrapped(harm(found, export), width)]
    else:
        lines += [(), *wrapped(_("That was the dry run: everything but sending."), width)]
    return lines


def harm(found: "Forecast", export: Export) -> str:
    """In one sentence how many people get what."""
    if export.send_welcome:
        subscribed = _("Nobody is subscribed to e-mail.")
        if found.subscribed:
            subscribed = ngettext(
                "{count} person at most is subscribed to e-mail.",
                "{count} people at most are subscribed to e-mail.",
                found.subscribed,
            ).format(count=number(found.subscribed))
        # Whom Omnisend lost isn't new here, and is new there.
        welcomed = _(
            "New contacts get the welcome message: at most {count} that are new here, and whoever"
            " was deleted in Omnisend."
        ).format(count=number(found.new))
        return f"{subscribed} {welcomed}"
    if found.subscribed:
        return ngettext(
            "{count} person at most is subscribed to e-mail; no welcome message is sent.",
            "{count} people at most are subscribed to e-mail; no welcome message is sent.",
            found.subscribed,
        ).format(count=number(found.subscribed))
    return _("Nobody is subscribed and no welcome message is sent.")


def harmless(found: "Forecast", export: Export) -> bool:
    """Whether nobody is subscribed or may be welcomed, and no safety stop would be met."""
    return not (found.error or found.subscribed or export.send_welcome)


def check_pays(found: "Forecast") -> bool:
    """Whether the behaviour check would make the run quicker: its tags go by themselves now."""
    return not found.riding and found.would_tag > 0


def _headline(found: "Forecast", width: int) -> Line:
    count = found.read or found.total or 0
    took: Line = ()
    if found.price.requests:
        text = _("about {time}").partition("{time}")
        time = about(found.price.seconds)
        took = ((text[0], "muted"), (time, "accent bold"), (text[2], "muted"))
        if found.price.seconds < 60:
            took = ((time, "accent bold"),)
    return between(((profiles(count), "accent bold"),), took, width)


def _empty(found: "Forecast", width: int) -> list[Line]:
    """In which segments nobody is, in the place of an empty line."""
    told = [empty_sentence(clean(segment)) for segment in found.empty_segments]
    return [line for text in told for line in wrapped(text, width, "warning")] or [()]


def _figures(found: "Forecast", connection: Connection, width: int) -> list[Line]:
    limit = []
    if connection.max_new is not None:
        limit = [_("your limit: {limit}").format(limit=number(connection.max_new))]
    new = _("at most {count}").format(count=number(found.new)) if found.new else "0"
    price = found.price
    parts = [
        _("{count} for contacts").format(count=number(price.contacts)),
        _("{count} for tags").format(count=number(price.tags)),
    ]
    if price.polls:
        parts.append(_("{count} to confirm").format(count=number(price.polls)))
    note = parts if price.requests else [_("nothing is to be sent")]
    lines = _row(_("New contacts"), new, limit, width)
    lines += _row(_("Requests"), number(price.requests), note, width)
    if found.would_remove:
        lines += _row(_("Leavers"), number(found.would_remove), [_("lose a tag")], width)
    return lines


def _row(label: str, value: str, note: Sequence[str], width: int, ink: str = "") -> list[Line]:
    """A label, a value that ends in one place, and parts of a note in as many lines as it needs."""
    start = _label_width() + _VALUE
    room = max(10, width - start - 3)
    texts = [""]
    for index, part in enumerate(note, 1):
        longer = f"{texts[-1]}, {part}" if texts[-1] else part
        comma = index < len(note)  # there is room for the one that follows
        fits = cell_len(longer) + comma <= room or not texts[-1]
        texts[-1:] = [longer] if fits else [f"{texts[-1]},", part]
    notes = [line for text in texts for line in wrapped(text, room, "muted")] or [()]
    first: Line = (
        (left(label, _label_width()), "muted"), (right(value, _VALUE), ink), ("   ", ""), *notes[0]
    )  # fmt: skip
    return [first, *(((" " * (start + 3), ""), *more) for more in notes[1:])]


_VALUE = 14  # cells of a figure, with the words before it


def _label_width() -> int:
    labels = (
        _("New contacts"), _("Requests"), _("Leavers"), _("Contacts"), _("Tags"),
        _("After the check"), _("Would be sent"), _("Unchanged"), _("Duplicates"), _("Rejected"),
    )  # fmt: skip
    return min(22, max(cell_len(label) for label in labels) + 1)


def _finding(found: "Forecast", width: int) -> list[Line]:
    error = found.error
    if error is None:
        return []
    return wrapped(_("A run would stop: {why}").format(why=clean(error.message)), width, "warning")


def _bars(found: "Forecast", width: int) -> list[Line]:
    price = found.price
    rows = [(_("Contacts"), price.contact_seconds, "", "accent")]
    if price.tags:
        rows.append((_("Tags"), price.tag_seconds, _("alongside"), "accent"))
    if check_pays(found):
        rows.append((_("After the check"), price.contact_seconds, _("for both"), "success"))
    rows = [row for row in rows if row[1]]
    ends = [(_short(seconds), note) for _label, seconds, note, _ink in rows]
    figure = max((cell_len(time) for time, _note in ends), default=0)
    notes = max((cell_len(note) for _time, note in ends), default=0)
    at = _label_width()
    bar = max(6, width - at - figure - notes - 4)
    most = max((seconds for _label, seconds, *_more in rows), default=0)
    return [
        (
            (left(label, at), "muted"),
            *line_bar(round(seconds), round(most), bar, ink),
            ("  ", ""),
            (right(time, figure), "success" if ink == "success" else ""),
            (f" {note}", "muted"),
        )
        for (label, seconds, _note, ink), (time, note) in zip(rows, ends, strict=True)
    ]


def _short(seconds: float) -> str:
    minutes = int(seconds / 60 + 0.5)
    if minutes <= 120:
        return _("{count} min").format(count=number(max(1, minutes)))
    return _("{count} h").format(count=number(int(minutes / 60 + 0.5)))
