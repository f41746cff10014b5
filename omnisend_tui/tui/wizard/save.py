"""The last page: what will be stored, and storing it."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from textual.app import ComposeResult

from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, left, wrapped
from omnisend_tui.tui.wizard.page import Page


class Savable(Protocol):
    """A draft that can be stored."""

    def save_label(self) -> str:
        """The button, with its verb: 'Save connection'."""

    def facts(self) -> Sequence[tuple[str, str]]:
        """Labels and what will be stored."""

    def note(self) -> str:
        """A sentence of what saving does and what it doesn't."""

    def save(self) -> str:
        """Stores it, in a thread; returns the sentence to tell. Raises ``AppError``."""

    def overrule(self) -> None:
        """After 'config_changed': takes what is stored now as what the user saw."""


S = TypeVar("S", bound=Savable)


class Saving(Page[S]):
    """A page whose Next stores the draft; it stays, with the sentence, when that fails."""

    def __init__(self, draft: S) -> None:
        super().__init__(draft)
        self._saving: Attempt[str] | None = None
        self._changed_meanwhile = False

    def next_label(self, following: str) -> str:
        return self.draft.save_label()

    def again_label(self) -> str:
        return _("Save mine") if self._changed_meanwhile else ""

    def ready(self) -> bool:
        return self._saving is None

    def go_on(self) -> None:
        self._changed_meanwhile = False
        self._saving = Attempt(lambda _attempt: self.draft.save())
        self.wizard.show()

    def do_again(self) -> None:
        self.draft.overrule()
        self.wizard.go_on()

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)

    def _look(self) -> None:
        saving = self._saving
        if saving is None or not saving.done:
            return
        self._saving = None
        if saving.error is not None:
            self._changed_meanwhile = saving.error.code == "config_changed"
            self.complain(f"{saving.error.message} {saving.error.hint}".strip())
            self.wizard.show()
            return
        self.omnisend.say(saving.result or "")
        self.wizard.advance()


class SavePage(Saving[S]):
    """A list of what will be stored."""

    def title_line(self) -> str:
        return _("Save")

    def compose(self) -> ComposeResult:
        yield Lines(self._facts, classes="text")
        yield Lines(self.complaint_lines, classes="text complaint")

    def _facts(self, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        for label, fact in self.draft.facts():
            rows = wrapped(clean(fact), width - 17) or [()]
            lines.append(((left(label, 17), "muted"), *rows[0]))
            lines += [((" " * 17, ""), *row) for row in rows[1:]]
        return [*lines, (), *wrapped(self.draft.note(), width)]
