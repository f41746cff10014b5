"""The columns of a source to choose from: proposed ones first, with what stands in them."""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from omnisend_tui.bare_names import bare_names
from omnisend_tui.config.models import Confidence
from omnisend_tui.engine.preview import Rows
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.custom import infer_type
from omnisend_tui.mapping.suggest import ranked
from omnisend_tui.profiles import Column as SourceColumn
from omnisend_tui.tui.exporting.column_list import ColumnList
from omnisend_tui.tui.exporting.facts import sure_word
from omnisend_tui.tui.screens.dialogs import Dialog
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import (
    Line,
    Piece,
    between,
    clean,
    cut,
    left,
    right,
    wrapped,
)  # fmt: skip

_RULE = "rule"
_LONGEST = 200  # signs of a cell that are looked at
_NAME, _TYPE, _FILLED, _MATCH = 21, 9, 8, 8  # cells
SURE_INKS = {"sure": "muted", "likely": "warning", "guess": "warning"}


def shown_names(columns: Sequence[SourceColumn]) -> dict[str, str]:
    """Each column's name -> what people call it, else its bare name, which those with one label
    that is another's too have behind it."""
    names = bare_names([each.name for each in columns])
    bare = {name: clean(short[:_LONGEST]).strip() for name, short in names.items()}
    labels = {each.name: clean(each.label[:_LONGEST]).strip() for each in columns}
    known = Counter(label.casefold() for label in labels.values())
    shown = {}
    for name, label in labels.items():
        alone = known[label.casefold()] == 1
        shown[name] = (label if alone else f"{label} ({bare[name]})") if label else bare[name]
    return shown


def type_word(kind: str) -> str:
    """A type of values."""
    return {
        "text": _("text"),
        "number": _("number"),
        "boolean": _("yes/no"),
        "date": _("date"),
    }[kind]


class ColumnPicker(Dialog[str]):
    """Ends with a column's name, '' for none of them (where that may be), or None for Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "none", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "move(-8)", show=False, priority=True),
        Binding("pagedown", "move(8)", show=False, priority=True),
    ]

    def __init__(
        self, title: str, field: str, rows: Rows, *, column: str = "", may_be_none: bool = True
    ) -> None:
        """``field`` is ours ('' for a custom property), ``column`` the one it has now."""
        super().__init__()
        self._heading = title
        self._may_be_none = may_be_none
        self._rows = rows
        self._names = shown_names(rows.columns)
        found = ranked(field, rows.columns) if field else [(each, None) for each in rows.columns]
        proposed = [(each, sure) for each, sure in found if sure is not None]
        rest = [(each, sure) for each, sure in found if sure is None]
        rest.sort(key=lambda each: self._names[each[0].name].casefold())
        self._all: list[tuple[SourceColumn, Confidence | None]] = [*proposed, *rest]
        self._proposed = len(proposed)
        self._column = column
        self._made: dict[tuple[str, int], Line] = {}  # rows by key and width
        self._input = TextInput(placeholder=_("Type to filter"))
        self._list = ColumnList(self._labels, self._row, self._nothing)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Lines(self._title)
            yield self._input
            yield self._list
        yield Footer(self.footer_keys)

    def on_mount(self) -> None:
        keys = self._keys()
        now = [at for at, key in enumerate(keys) if self._named(key) == self._column]
        self._list.set_keys(keys, now[0] if now else 0)
        self._input.focus()

    # Keys.

    def action_none(self) -> None:
        if self._may_be_none:
            self.dismiss("")

    def action_move(self, by: int) -> None:
        keys = self._list.keys
        if not keys:
            return
        at = min(max(self._list.index + by, 0), len(keys) - 1)
        if keys[at] == _RULE:
            at += 1 if by > 0 else -1
        self._list.mark(at)

    def on_mouse_scroll_down(self) -> None:
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-1)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._list.set_keys(self._keys())
        self.query_one(Footer).show()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    @on(Lines.Pressed, "ColumnList")
    def _pressed(self, event: Lines.Pressed) -> None:
        at = self._list.index_at(event.y)
        if at is None or self._list.keys[at] == _RULE:
            return
        if at == self._list.index:
            self.action_take()
        else:
            self._list.mark(at)

    def action_take(self) -> None:
        if self._list.marked is not None:
            self.dismiss(self._named(self._list.marked))

    # What is shown.

    def footer_keys(self) -> Sequence[Key]:
        keys = [Key("Enter", _("Take it"), "take")] if self._list.keys else []
        if self._may_be_none:
            keys.append(Key("F8", _("Not matched"), "none"))
        return [*keys, Key("Esc", _("Close"), "leave")]

    def _title(self, width: int) -> Sequence[Line]:
        count = len(self._all)
        told = _("{proposed} proposed, {count} more").format(
            proposed=number(self._proposed), count=number(count - self._proposed)
        )
        takes = _("takes its value from")
        start = ((cut(clean(self._heading), 30), "bold"), (" ", ""), (takes, "muted"))
        return [between(start, ((told, "muted"),), width)]

    def _named(self, key: str) -> str:
        return "" if key == _RULE else self._all[int(key)][0].name

    def _keys(self) -> list[str]:
        """The columns found, by their places among all, and a rule after the proposed ones."""
        wanted = self._input.value.strip().casefold()
        found = [
            at
            for at, (column, _sure) in enumerate(self._all)
            if wanted in self._names[column.name].casefold() or wanted in column.name.casefold()
        ]
        keys = [str(at) for at in found]
        proposed = sum(at < self._proposed for at in found)
        if 0 < proposed < len(keys):
            keys.insert(proposed, _RULE)
        return keys

    def _labels(self, width: int) -> Line:
        cells = (_("Column"), _("Type"), _("Filled"), _("Samples"), _("Match"))
        return self._cells([(each, "muted") for each in cells], width)

    def _nothing(self, width: int) -> Sequence[Line]:
        told = _("No column is called “{text}”. Delete letters to see more of them.")
        told = told.format(text=cut(clean(self._input.value.strip()), 30))
        return [(), *wrapped(told, width)]

    def _row(self, key: str, width: int) -> Line:
        if (key, width) not in self._made:
            self._made[key, width] = self._drawn(key, width)
        return self._made[key, width]

    def _drawn(self, key: str, width: int) -> Line:
        if key == _RULE:
            return (("─" * width, "rule"),)
        column, sure = self._all[int(key)]
        filled = self._rows.filled(column.name)
        share = "–" if filled is None else f"{filled} %"
        told = ", ".join(filter(None, (clean(each[:_LONGEST]).strip() for each in column.samples)))
        return self._cells(
            [
                (self._names[column.name], "bold" if sure else ""),
                (type_word(infer_type(column)), "muted"),
                (share, ""),
                (told, "muted"),
                (sure_word(sure), SURE_INKS[sure]) if sure else ("", ""),
            ],
            width,
        )

    def _cells(self, cells: Sequence[Piece], width: int) -> Line:
        name, kind, share, samples, match = cells
        room = max(1, width - _NAME - _TYPE - _FILLED - _MATCH)
        return (
            (left(name[0], _NAME - 1) + " ", name[1]),
            (left(kind[0], _TYPE - 1) + " ", kind[1]),
            (right(share[0], _FILLED - 2) + "  ", share[1]),
            (left(samples[0], room - 1) + " ", samples[1]),
            (left(match[0], _MATCH), match[1]),
        )
