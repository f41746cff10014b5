"""Dialogs of one attribute: which field to add, and what is done to its values."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input

from omnisend_tui.config.models import Attribute
from omnisend_tui.forms import Field
from omnisend_tui.i18n import N_, _
from omnisend_tui.mapping.fields import CUSTOM, custom_name
from omnisend_tui.tui.exporting.facts import field_word
from omnisend_tui.tui.screens.dialogs import Dialog
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, wrapped
from omnisend_tui.tui.wizard.fields import FieldRow

_NAME = Field(
    "field", "", N_("Name"),
    N_("What Omnisend calls the property: the letters a to z, digits and _."),
)  # fmt: skip
_TYPE = Field(
    "type", "", N_("Type"), N_("What Omnisend takes the values for."), "choice",
    choices=(
        ("text", N_("text")), ("number", N_("number")), ("boolean", N_("yes or no")),
        ("date", N_("date")),
    ),
)  # fmt: skip
_VALUE = Field("value", "", N_("Same for everybody"), N_("Takes the place of the column."))
_DEFAULT = Field("default", "", N_("Where it is empty"), N_("Is sent where a cell is empty."))
_CASE = Field(
    "case", "", N_("Letters"), N_("Capital and small letters."), "choice",
    choices=(("", N_("as they are")), ("lower", N_("all small")), ("title", N_("Each Word"))),
)  # fmt: skip
_DATES = Field(
    "date_format", "", N_("Dates"), N_("How this column writes them, such as DD.MM.YYYY.")
)
_PERSONAL = ("email", "phone")
_READ = ("email", "country", "phone", "birthdate", "gender")  # have a form of their own


def _fields_of(attribute: Attribute) -> Sequence[Field]:
    """What can be chosen for an attribute."""
    name, custom = attribute.field, attribute.field.startswith(CUSTOM)
    fields = [_NAME, _TYPE] if custom else []
    if name not in _PERSONAL:
        fields += [_VALUE, _DEFAULT]
    if name not in _READ:
        fields.append(_CASE)
    return [*fields, _DATES] if custom or name == "birthdate" else fields


def can_transform(attribute: Attribute) -> bool:
    """Whether anything can be chosen for it."""
    return bool(_fields_of(attribute))


class RowDialog(Dialog[Attribute]):
    """Ends with the attribute as it shall be, or None. ``fault`` says why one can't be, or ''.

    ``column`` is the name of its column as it is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n,f10", "take", show=False, priority=True),
    ]

    def __init__(
        self, attribute: Attribute, column: str, fault: Callable[[Attribute], str]
    ) -> None:
        super().__init__()
        self._attribute = attribute
        self._column = column
        self._fault = fault
        self.complaint = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Lines(self._title, classes="text")
            for field in _fields_of(self._attribute):
                value = getattr(self._attribute, field.name)
                yield FieldRow(field, custom_name(value) if field is _NAME else value)
            yield Lines(self._words, classes="text")
            with Horizontal(id="answers"):
                yield Button(Content(_("Cancel")), id="stay")
                yield Button(Content(_("Take it")), id="take")
        yield Footer(self.footer_keys)

    def footer_keys(self) -> Sequence[Key]:
        return [
            Key("F10", _("Take it"), "take"),
            Key("Tab", _("Next field"), "app.focus_next"),
            Key("Esc", _("Cancel"), "leave"),
        ]

    def on_mount(self) -> None:
        fields = [each for each in self.focus_chain if not isinstance(each, Button)]
        if fields:
            fields[0].focus()
        self._fit()

    def action_take(self) -> None:
        wanted = self._wanted()
        self.complaint = self._fault(wanted)
        if self.complaint:
            self._show()
        else:
            self.dismiss(wanted)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "take":
            self.action_take()
        else:
            self.action_leave()

    @on(Input.Submitted)
    @on(Choices.Taken)
    def _submitted(self, event: Input.Submitted | Choices.Taken) -> None:
        event.stop()
        self.action_take()

    @on(Input.Changed)
    @on(Choices.Marked)
    def _changed(self, event: Input.Changed | Choices.Marked) -> None:
        event.stop()
        self.complaint = ""
        self._fit()

    def _fit(self) -> None:
        """Only text has letters to change, only dates have a format."""
        rows = {row.field.name: row for row in self.query(FieldRow)}
        if "type" in rows:
            kind = rows["type"].value()
            rows["case"].display = kind == "text"
            rows["date_format"].display = kind == "date"
        self._show()

    def _show(self) -> None:
        for lines in self.query(Lines):
            lines.show()
            if lines.has_class("text"):
                lines.refresh(layout=True)

    def _wanted(self) -> Attribute:
        values = {row.field.name: row.value() for row in self.query(FieldRow) if row.display}
        if "field" in values:
            values["field"] = CUSTOM + values["field"]
            values.setdefault("case", "")
            values.setdefault("date_format", "")
        if values.get("value"):
            values["column"] = ""
        return replace(self._attribute, **values)

    def _title(self, width: int) -> Sequence[Line]:
        attribute = self._attribute
        custom = attribute.field.startswith(CUSTOM)
        title = _("Custom property") if custom else field_word(attribute.field)
        told = _("from the column {column}").format(column=self._column)
        if not attribute.column:
            told = _("the same for everybody")
        end = cut(clean(told), max(0, width - 26))
        return [((cut(clean(title), 24), "bold"), ("  ", ""), (end, "muted")), ()]

    def _words(self, width: int) -> Sequence[Line]:
        if self.complaint:
            return [(), *wrapped(f"✖ {self.complaint}", width, "error"), ()]
        return [(), *wrapped(_("Spaces around a value are never sent."), width, "muted"), ()]


class AddDialog(Dialog[str]):
    """Which field to add: ends with ours, ``custom:`` for a custom property, or None."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__()
        self._fields = (*fields, CUSTOM)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Lines(lambda _width: [((_("Add attribute"), "bold"),), ()], classes="text")
            yield Choices(len(self._fields), self._choice)
        yield Footer(self.footer_keys)

    def on_mount(self) -> None:
        self.query_one(Choices).focus()

    def footer_keys(self) -> Sequence[Key]:
        return [Key("Enter", _("Choose"), "take"), Key("Esc", _("Cancel"), "leave")]

    def action_take(self) -> None:
        self.query_one(Choices).action_take()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.dismiss(self._fields[self.query_one(Choices).index])

    def _choice(self, index: int, _marked: bool, width: int) -> Line:
        field = self._fields[index]
        if field != CUSTOM:
            return ((field_word(field), ""),)
        told = _("a property that your shop has in Omnisend, by any name")
        word = _("Custom property")
        return ((word, ""), ("  ", ""), (cut(told, max(0, width - len(word) - 2)), "muted"))
