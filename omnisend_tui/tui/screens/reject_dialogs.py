"""Dialogs about rejects: where to write them, and what is read from the source meanwhile."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, Input

from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.problems import Problem
from omnisend_tui.sentences import problem_sentence
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, wrapped
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.tui.words import hint_of

_ENTRIES = 6  # lines of what a path may go on with
_LOOK = 0.1  # seconds between two looks at the reading

Tell = Callable[[int], None]  # has the number of rows read so far
Work = Callable[[Attempt[str], Tell], str]


class CsvDialog(Choice):
    """Asks for a file; ends with 'save', 'plain' (with the addresses) or 'stay'."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, name: str, *, plain: bool) -> None:
        """``plain``: the addresses may be had."""
        detail = _(
            "Key, masked address, field, reason and sentence of each reject; the file is readable"
            " by you alone."
        )
        answers = [("stay", _("Cancel")), ("save", _("Save"))]
        if plain:
            answers.append(("plain", _("Save with plain addresses")))
        super().__init__(_("Rejects to a CSV file"), detail, answers)
        self.path = name

    def between(self) -> Iterable[Widget]:
        yield PathInput(self.path, id="path")
        yield Lines(lambda width: self._path().lines(width, _ENTRIES), id="found")

    def focus_first(self) -> None:
        self._path().focus()

    def enter_label(self) -> str:
        return super().enter_label() or _("Save")

    def footer_keys(self) -> Sequence[Key]:
        return [
            Key("Enter", self.enter_label(), "enter"),
            Key("Tab", _("Complete") if self._completes() else _("Next"), "complete"),
            Key("Esc", _("Cancel"), "leave"),
        ]

    def action_complete(self) -> None:
        if not (self._completes() and self._path().complete()):
            self.app.action_focus_next()

    def action_enter(self) -> None:
        if isinstance(self.focused, Button):
            self.focused.press()
        else:
            self._take("save")

    @on(PathInput.Found)
    def _found(self) -> None:
        self.query_one("#found", Lines).show()
        self.on_descendant_focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._take("save")

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.prevent_default()
        self._take(event.button.id or "stay")

    def _take(self, answer: str) -> None:
        self.path = self._path().value.strip()
        if self.path or answer == "stay":
            self.dismiss(answer)

    def _path(self) -> PathInput:
        return self.query_one(PathInput)

    def _completes(self) -> bool:
        return self.focused is self._path() and self._path().offers()


class Reading(Choice):
    """Does something with the source in a thread; closing it ends that."""

    def __init__(self, question: str, detail: str, work: Work) -> None:
        super().__init__(question, detail, (("close", _("Close")),))
        self._work = work
        self._read = 0
        self._attempt: Attempt[str] | None = None

    def between(self) -> Iterable[Widget]:
        yield Lines(self._told, id="told")

    def on_mount(self) -> None:
        super().on_mount()
        self._attempt = Attempt(lambda attempt: self._work(attempt, self._note))
        self.set_interval(_LOOK, self._look)

    def on_unmount(self) -> None:
        """Quitting the app doesn't wait for the reading."""
        if self._attempt is not None:
            self._attempt.stop.set()

    def ended(self, attempt: Attempt[str], width: int) -> list[Line]:
        """What is shown once it is done."""
        return []

    def _note(self, read: int) -> None:
        self._read = read

    def _look(self) -> None:
        self.query_one("#told", Lines).show()

    def _told(self, width: int) -> Sequence[Line]:
        attempt = self._attempt
        if attempt is not None and attempt.done:
            return self.ended(attempt, width)
        rows = ngettext("{count} row so far", "{count} rows so far", self._read)
        told = f"  {rows.format(count=number(self._read))}" if self._read else ""
        return [(("● ", "accent"), (_("reading the source"), ""), (told, "muted"))]


class Revealing(Reading):
    """One plain address, for as long as it is looked at; it stands nowhere else."""

    def __init__(self, problem: Problem, work: Work) -> None:
        question = cut(clean(problem.key), 50)
        masked = clean(problem.email_masked)
        told = clean(problem_sentence(problem))
        super().__init__(question, f"{masked}  {told}" if masked else told, work)
        self._problem = problem

    def ended(self, attempt: Attempt[str], width: int) -> list[Line]:
        if attempt.error is not None:
            told = clean(f"{attempt.error.message} {hint_of(attempt.error)}")
            return wrapped(f"✖ {told}", width, "error")
        if attempt.result:
            return _whole(clean(attempt.result), width)
        if self._problem.email_masked:
            return wrapped(
                _("The row changed or left the source since the run; its address stays hidden."),
                width,
            )
        return wrapped(_("There is no address in the row."), width)


class Saving(Reading):
    """Writes the file, and ends with what is told then, or '' where ``error`` says why not."""

    def __init__(self, work: Work) -> None:
        super().__init__(
            _("Rejects to a CSV file"), _("The file is written once all are found."), work
        )
        self.error: AppError | None = None

    def _look(self) -> None:
        super()._look()
        attempt = self._attempt
        if attempt is not None and attempt.done:
            self.error = attempt.error
            self.dismiss(attempt.result or "")


def _whole(text: str, width: int) -> list[Line]:
    """All of a text without spaces to break it at."""
    return [((text[at : at + width], "bold"),) for at in range(0, len(text), width)]
