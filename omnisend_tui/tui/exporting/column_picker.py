"""The columns of a source to choose from: proposed ones first, with what stands in them."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from omnisend_tui.config.models import Confidence
from omnisend_tui.engine.preview import Rows
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.custom import infer_type
from omnisend_tui.mapping.suggest import ranked
from omnisend_tui.profiles import Column as SourceColumn
from omnisend_tui.tui.exporting.facts import sure_word
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, right
from omnisend_tui.tui.widgets.table import Column, Table, TableRow

_RULE = "rule"
_LONGEST = 200  # signs of a cell that are looked at
SURE_INKS = {"sure": "muted", "likely": "warning", "guess": "warning"}


def bare_names(names: Sequence[str]) -> dict[str, str]:
    """Each name as it is shown: without a prefix that all share, such as ``msdynci_``."""
    starts = {name.partition("_")[0] for name in names}
    prefix = f"{starts.pop()}_" if len(names) > 1 and len(starts) == 1 else ""
    bare = {name: name.removeprefix(prefix) for name in names}
    if not all(bare.values()):
        bare = {name: name for name in names}
    return {name: clean(short[:_LONGEST]) for name, short in bare.items()}


def type_word(kind: str) -> str:
    """A type of values."""
    return {
        "text": _("text"),
        "number": _("number"),
        "boolean": _("yes/no"),
        "date": _("date"),
    }[kind]


class ColumnPicker(ModalScreen[str | None]):
    """Ends with a column's name, '' for none of them (where that may be), or None for Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
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
        self._names = bare_names([each.name for each in rows.columns])
        found = ranked(field, rows.columns) if field else [(each, None) for each in rows.columns]
        proposed = [(each, sure) for each, sure in found if sure is not None]
        rest = [(each, sure) for each, sure in found if sure is None]
        rest.sort(key=lambda each: self._names[each[0].name].casefold())
        self._all: list[tuple[SourceColumn, Confidence | None]] = [*proposed, *rest]
        self._proposed = len(proposed)
        self._column = column
        self._made: dict[tuple[str, int], TableRow] = {}  # rows by key and width of samples
        self._table = Table(id="columns")
        self._table.can_focus = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Lines(self._title)
            yield TextInput(placeholder=_("Type to filter"))
            yield self._table
        yield Lines(self._footer, id="footer")

    def on_mount(self) -> None:
        self._show()
        self.query_one(TextInput).focus()
        keys = self._keys()
        now = next((k for k, each in self._by_key() if each.name == self._column), None)
        if now in keys:
            self._table.move_cursor(row=keys.index(now))

    def repaint(self) -> None:
        """After the inks changed."""
        self._table.repaint()
        for lines in self.query(Lines):
            lines.refresh()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    # Keys.

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_none(self) -> None:
        if self._may_be_none:
            self.dismiss("")

    def action_move(self, by: int) -> None:
        keys = self._keys()
        at = min(max(self._table.cursor_row + by, 0), len(keys) - 1)
        if keys and keys[at] == _RULE:
            at += 1 if by > 0 else -1
        self._table.move_cursor(row=at)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()
        self._table.move_cursor(row=0)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    @on(Table.RowSelected)
    def _pressed(self, event: Table.RowSelected) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        marked = self._table.marked
        taken = next((each for key, each in self._by_key() if key == marked), None)
        if taken is not None:
            self.dismiss(taken.name)

    @on(Lines.Pressed, "#footer")
    async def _footer_pressed(self, event: Lines.Pressed) -> None:
        key = chrome.key_at(self.footer_keys(), event.x)
        if key is not None:
            await self.run_action(key.action)

    # What is shown.

    def footer_keys(self) -> Sequence[Key]:
        """The keys that work now."""
        keys = [Key("Enter", _("Take it"), "take")]
        if self._may_be_none:
            keys.append(Key("F8", _("Not matched"), "none"))
        return [*keys, Key("Esc", _("Close"), "leave")]

    def _footer(self, width: int) -> Sequence[Line]:
        return [chrome.footer(self.footer_keys(), width)]

    def _title(self, width: int) -> Sequence[Line]:
        count = len(self._all)
        told = _("{proposed} proposed, {count} more").format(
            proposed=number(self._proposed), count=number(count - self._proposed)
        )
        takes = _("takes its value from")
        start = ((cut(clean(self._heading), 30), "bold"), (" ", ""), (takes, "muted"))
        return [between(start, ((told, "muted"),), width)]

    def _by_key(self) -> list[tuple[str, SourceColumn]]:
        return [(f"c{index}", each) for index, (each, _sure) in enumerate(self._all)]

    def _keys(self) -> list[str]:
        wanted = self.query_one(TextInput).value.strip().casefold()
        keys = []
        for key, column in self._by_key():
            if wanted in self._names[column.name].casefold() or wanted in column.name.casefold():
                keys.append(key)
        proposed = sum(int(key[1:]) < self._proposed for key in keys)
        if 0 < proposed < len(keys):
            keys.insert(proposed, _RULE)
        return keys

    def _show(self) -> None:
        width = max(60, self.query_one("#box").content_size.width)
        # 3 cells of the marker, the other columns, and one of the scrollbar.
        name, sample = 21, width - 3 - 21 - 9 - 8 - 8 - 1
        columns = (
            Column(_("Column"), name),
            Column(_("Type"), 9),
            Column(_("Filled") + "  ", 8, numeric=True),
            Column(_("Samples"), sample),
            Column(_("Match"), 8),
        )
        widths = [each.width for each in columns]
        keys = self._keys()
        for key in keys:
            if (key, sample) not in self._made:
                self._made[key, sample] = self._row(key, widths)
        self._table.show(columns, [self._made[key, sample] for key in keys])

    def _row(self, key: str, widths: Sequence[int]) -> TableRow:
        if key == _RULE:
            return TableRow(key, tuple((("─" * width, "rule"),) for width in widths))
        column, sure = self._all[int(key[1:])]
        filled = self._rows.filled(column.name)
        share = "–" if filled is None else f"{filled} %"
        told = ", ".join(clean(each[:_LONGEST].strip()) for each in column.samples if each.strip())
        return TableRow(
            key,
            (
                ((cut(self._names[column.name], widths[0] - 1), "bold" if sure else ""),),
                ((type_word(infer_type(column)), "muted"),),
                ((right(share, 6), ""),),
                ((cut(told, widths[3] - 1), "muted"),),
                ((sure_word(sure), SURE_INKS[sure]),) if sure else (),
            ),
        )
