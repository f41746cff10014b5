"""Options: each with its value and one sentence of what it does to people."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from omnisend_tui import forms
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.looking import Consents, count_consents, selection_of
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.lines import Draw, Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.fields import FieldPage, FieldRow
from omnisend_tui.tui.wizard.page import sentence_of

_PAUSE = 0.4  # seconds: a column passed by isn't counted
_CONSENT = (forms.CONSENT_COLUMN.name, forms.CONSENT_SOURCE.name)
_NONE = "–"


class OptionsPage(FieldPage[ExportDraft]):
    """Safe defaults; ``subscribed`` asks for the consent, says for how many, and asks once more."""

    DEFAULT_CSS = """
    OptionsPage #options { height: 1fr; scrollbar-size-vertical: 1; }
    OptionsPage #options .told { padding-left: 20; }
    OptionsPage #consent { height: auto; }
    OptionsPage #columns { height: 5; margin-left: 20; }
    OptionsPage .complaint { height: auto; max-height: 4; }
    """

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        found = draft.found()
        names = [column.name for column in found.columns] if found is not None else []
        chosen = draft.export.consent_column
        if chosen and chosen not in names:
            names.insert(0, chosen)
        self._columns = names
        self._opened = found.opened if found is not None else None
        self._attempt: Attempt[Consents] | None = None
        self._asked = ""  # the column that is counted
        self._error: AppError | None = None
        index = names.index(chosen) + 1 if chosen else 0
        self._picker = Picker([_NONE, *names], self._column, index=index, id="columns")

    def title_line(self) -> str:
        return _("Options")

    def fields(self) -> Sequence[forms.Field]:
        return [each for each in forms.EXPORT_OPTIONS if each.name not in _CONSENT]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="options", can_focus=False):
            for field in self.fields():
                yield FieldRow(field, self.draft.value(field.name))
                yield Lines(self._told(field), classes="text told")
                if field is forms.EMAIL_STATUS:
                    with Vertical(id="consent"):
                        yield from self._consent()
        yield Lines(self.complaint_lines, classes="text complaint")

    def _consent(self) -> Iterable[Widget]:
        column = forms.CONSENT_COLUMN
        yield Lines(lambda _width: [((_(column.label), "muted"),)], classes="text")
        yield self._picker
        yield Lines(self._meaning, classes="text told")
        yield Lines(self._told(column), classes="text told")
        source = forms.CONSENT_SOURCE
        yield FieldRow(source, self.draft.value(source.name))
        yield Lines(self._told(source), classes="text told")

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._waiting = self.set_timer(_PAUSE, self._count, pause=True)
        self._show_consent()
        if self._subscribes():
            self._count()

    def on_unmount(self) -> None:
        self._stop()

    def about(self) -> tuple[str, str]:
        focused = self.screen.focused
        if focused is not None and self._picker in focused.ancestors:
            return _(forms.CONSENT_COLUMN.label), _(forms.CONSENT_COLUMN.help)
        return super().about()

    # Taking what was entered.

    def problem(self) -> str:
        self.draft.export = replace(self.draft.export, consent_column=self._chosen())
        fault = super().problem() or self.draft.segments_fault() or self.draft.formats_fault()
        if fault and self._subscribes():
            if not self._chosen():
                self._picker.focus_first()
                self.call_after_refresh(self._picker.scroll_visible)
            elif not self.draft.export.consent_source:
                field = self.query_one(f"#{forms.CONSENT_SOURCE.name}")
                field.focus()
                # The sentence takes the room of the last lines.
                self.call_after_refresh(field.scroll_visible)
        return fault

    def go_on(self) -> None:
        export = self.draft.export
        meant = (export.consent_column, export.consent_source)
        before = self.draft.before
        known = before is not None and before.email_status and before.consent_column == meant[0]
        if not export.email_status or known or self.draft.agreed == meant:
            super().go_on()
            return
        counted = self.draft.consent_count()
        if counted is not None:
            question = _("Send “subscribed” for {yes} of {profiles} people?").format(
                yes=number(counted.yes), profiles=number(counted.profiles)
            )
        else:
            question = _("Send “subscribed” for everybody whose consent column says yes?")
        detail = _(
            "They get the marketing mail of the shop from then on. Being in a segment is no"
            " consent: the column has to say who agreed to it."
        )
        answers = (("stay", _("Not yet")), ("send", _("Send “subscribed”")))

        def answered(answer: str | None) -> None:
            if answer == "send":
                self.draft.agreed = meant
                self.wizard.advance()

        self.app.push_screen(Choice(question, detail, answers), answered)

    def _subscribes(self) -> bool:
        row = self.query_one(f"#row-{forms.EMAIL_STATUS.name}", FieldRow)
        return bool(row.value())

    def _chosen(self) -> str:
        """The consent column under the bar, '' for none."""
        index = self._picker.index
        return self._columns[index - 1] if index else ""

    # Counting who agreed.

    @on(Choices.Marked)
    def _another_choice(self) -> None:
        self.complaint = ""
        self._show_consent()
        self.wizard.renew()

    @on(Picker.Marked)
    def _another_column(self) -> None:
        self._stop()
        self._error = None
        self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE, self._count)
        self.complaint = ""
        self.wizard.renew()

    def _show_consent(self) -> None:
        self.query_one("#consent").display = self._subscribes()

    def _stop(self) -> None:
        if self._attempt is not None:
            self._attempt.stop.set()
            self._attempt = None

    def _count(self) -> None:
        column, opened = self._chosen(), self._opened
        if not column or opened is None or self._counted() is not None:
            return
        selection = selection_of(self.draft.export)
        self._asked = column
        self._attempt = Attempt(
            lambda attempt: count_consents(opened, selection, column, attempt.stop)
        )
        self.show()

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None or not attempt.done:
            return
        self._attempt, self._error = None, attempt.error
        if attempt.result is not None:
            export = self.draft.export
            key = (export.source, selection_of(export), self._asked)
            self.draft.consents[key] = attempt.result
        self.wizard.renew()

    def _counted(self) -> Consents | None:
        export = self.draft.export
        return self.draft.consents.get((export.source, selection_of(export), self._chosen()))

    # What it says.

    def _told(self, field: forms.Field) -> Draw:
        def lines(width: int) -> Sequence[Line]:
            risky = field.kind == "choice" and bool(
                self.query_one(f"#row-{field.name}", FieldRow).value()
            )
            return wrapped(_(field.help), width, "warning" if risky else "muted")

        return lines

    def _meaning(self, width: int) -> Sequence[Line]:
        if self._error is not None:
            return wrapped(f"✖ {sentence_of(self._error)}", width, "error")
        if not self._chosen():
            return []
        counted = self._counted()
        if counted is None:
            return [(("● ", "accent"), (_("Counting who agreed"), ""))] if self._attempt else []
        told = _(
            "{yes} of {profiles} people say yes here: they get the marketing mail of the shop."
        ).format(yes=number(counted.yes), profiles=number(counted.profiles))
        return wrapped(told, width, "warning")

    def _column(self, index: int, width: int) -> Line:
        if not index:
            return ((_("none chosen"), "muted"),)
        return ((cut(clean(cut(self._columns[index - 1], width)), width), ""),)
