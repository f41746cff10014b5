"""Pages of fields declared in ``forms``: a label, and what is typed or chosen beside it."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.widget import Widget

from omnisend_tui.formats import number
from omnisend_tui.forms import Field
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line
from omnisend_tui.tui.wizard.page import Page, Unsaved


class Fielded(Unsaved, Protocol):
    """A draft whose record has the fields of a page."""

    def value(self, name: str) -> Any:
        """What a field holds now."""

    def take(self, values: dict[str, Any]) -> str:
        """Takes values by name; why they can't be, or ''."""


F = TypeVar("F", bound=Fielded)


class FieldRow(Horizontal):
    """A label, and the field at its right."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(id=f"row-{field.name}", classes="field")
        self.field = field
        self._first = value

    def compose(self) -> ComposeResult:
        yield Lines(lambda _width: [((_(self.field.label), "muted"),)], classes="label")
        yield self._widget()

    def value(self) -> Any:
        """What was entered; None for a number that isn't there."""
        field = self.field
        if field.kind == "choice":
            return field.choices[self.query_one(Choices).index][0]
        entered = self.query_one(TextInput)
        # What was written by hand stays as it is, spaces too, unless the user changes it.
        text = entered.value.strip() if entered.changed else entered.value
        if field.kind == "number":
            return int(text) if text.isdecimal() else None
        return text

    def _widget(self) -> Widget:
        field = self.field
        if field.kind == "choice":
            values = [value for value, _meaning in field.choices]
            return Choices(len(values), self._choice, index=values.index(self._first))
        text = "" if self._first is None else str(self._first)
        return TextInput(text, id=field.name, numbers=field.kind == "number")

    def _choice(self, index: int, marked: bool, _width: int) -> Line:
        sign = "●" if marked else "○"
        return (
            (f"{sign} ", "accent" if marked else "muted"),
            (_(self.field.choices[index][1]), ""),
        )


class FieldPage(Page[F]):
    """Fields below each other; Next takes them into the draft."""

    def fields(self) -> Sequence[Field]:
        return ()

    def compose(self) -> ComposeResult:
        for field in self.fields():
            yield FieldRow(field, self.draft.value(field.name))
        yield Lines(self.complaint_lines, classes="text complaint")
        yield Lines(self.words, classes="text")

    def words(self, width: int) -> Sequence[Line]:
        """What stands below the fields."""
        return []

    def problem(self) -> str:
        values: dict[str, Any] = {}
        for row in self.query(FieldRow):
            value = row.value()
            if row.field.kind == "number" and not _within(value, row.field):
                row.query_one(TextInput).focus()
                return _number_needed(row.field)
            values[row.field.name] = value
        return self.draft.take(values)

    def about(self) -> tuple[str, str]:
        focused = self.screen.focused
        row = next((row for row in self.query(FieldRow) if row in _above(focused)), None)
        return (_(row.field.label), _(row.field.help)) if row is not None else ("", "")

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self.wizard.query_one("#pane", Lines).show()


def _above(widget: Widget | None) -> Sequence[DOMNode]:
    return () if widget is None else widget.ancestors


def _within(value: int | None, field: Field) -> bool:
    if value is None:
        return field.optional
    return value >= field.least and (field.most is None or value <= field.most)


def _number_needed(field: Field) -> str:
    if field.most is None:
        return _("“{field}” is a whole number from {least} on.").format(
            field=_(field.label), least=number(field.least)
        )
    return _("“{field}” is a whole number from {least} to {most}.").format(
        field=_(field.label), least=number(field.least), most=number(field.most)
    )
