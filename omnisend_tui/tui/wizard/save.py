"""Pages whose Next does something that takes a while, and the last one, which stores the draft."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from textual.app import ComposeResult

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, left, wrapped
from omnisend_tui.tui.wizard.page import D, Page, Unsaved, sentence_of

T = TypeVar("T")


class Savable(Unsaved, Protocol):
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


class WorkingPage(Page[D], Generic[D, T]):
    """Next does ``work`` in a thread; the page stays, with the sentence, when that fails."""

    def __init__(self, draft: D) -> None:
        super().__init__(draft)
        self._attempt: Attempt[T] | None = None

    @abstractmethod
    def work(self) -> T:
        """What Next does; raises ``AppError``. It touches no widget."""

    def worked(self, result: T) -> None:
        """It is done: goes on."""
        self.wizard.advance()

    def failed(self, error: AppError) -> None:
        """It failed: says so."""
        self.complain(sentence_of(error))

    def ready(self) -> bool:
        return self._attempt is None

    def go_on(self) -> None:
        self._attempt = Attempt(lambda _attempt: self.work())
        self.wizard.renew()

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None or not attempt.done:
            return
        self._attempt = None
        if attempt.error is not None:
            self.failed(attempt.error)
            self.wizard.renew()
        else:
            self.worked(attempt.result)  # type: ignore[arg-type]


class Saving(WorkingPage[S, str]):
    """A page whose Next stores the draft."""

    def __init__(self, draft: S) -> None:
        super().__init__(draft)
        self._changed_meanwhile = False

    def next_label(self, following: str) -> str:
        return self.draft.save_label()

    def again_label(self) -> str:
        return _("Save mine") if self._changed_meanwhile else ""

    def do_again(self) -> None:
        """Somebody else's change is overruled, in so many words."""
        self.complain(self.problem())
        if not self.complaint:
            self.draft.overrule()
            self.go_on()

    def work(self) -> str:
        return self.draft.save()

    def worked(self, result: str) -> None:
        self.omnisend.say(result)
        self.wizard.finish()

    def holds(self) -> bool:
        return self._attempt is not None

    def own_keys(self) -> Sequence[Key]:
        return [Key("F7", _("Save mine"), "again")] if self._changed_meanwhile else []

    def failed(self, error: AppError) -> None:
        self._changed_meanwhile = error.code == "config_changed"
        super().failed(error)


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
            lines.append(((left(label, 16) + " ", "muted"), *rows[0]))
            lines += [((" " * 17, ""), *row) for row in rows[1:]]
        return [*lines, (), *wrapped(self.draft.note(), width), ()]
