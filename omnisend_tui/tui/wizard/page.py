"""What a wizard is made of: steps, and the page that each one shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar, cast

from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, wrapped
from omnisend_tui.tui.words import hint_of

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp
    from omnisend_tui.tui.wizard.screen import WizardScreen


class Unsaved(Protocol):
    """What every draft of a wizard says of itself."""

    def unsaved(self) -> bool:
        """Whether what would be stored differs from what is stored, or from nothing at all."""


D = TypeVar("D", bound=Unsaved)

_WORD, _SENTENCE = 150, 600  # cells of what an error may quote, and of all that it says


@dataclass(frozen=True)
class Step(Generic[D]):
    """One step: its ``label`` (marked for translation), its page, what it says once it is done.

    Going on to a later step stops at it while it is ``due``.
    """

    label: str
    page: Callable[[D], "Page[D]"]
    fact: Callable[[D], str]
    due: Callable[[D], bool] = lambda _draft: False


def in_sentence(label: str) -> str:
    """A label inside a sentence: ``Privacy`` as ``privacy``, while ``API key`` stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def sentence_of(error: AppError) -> str:
    """What an error says, though it may quote paths and names of any length."""
    words = clean(f"{error.message} {hint_of(error)}").split()
    return cut(" ".join(cut(word, _WORD) for word in words), _SENTENCE)


class Page(Vertical, Generic[D]):
    """What a step shows. It reads and changes the draft, and stores nothing.

    It is made anew whenever its step is entered, so everything entered lives in the draft.
    """

    by_keys: ClassVar[bool] = True
    """Whether F10, Ctrl+N and Enter go on; where not, only the button and the page's own key."""

    full: ClassVar[bool] = False
    """Whether it takes the rows of the title and the buttons too."""

    def __init__(self, draft: D) -> None:
        super().__init__(id="page")
        self.draft = draft
        self.complaint = ""

    @property
    def wizard(self) -> "WizardScreen[D]":
        return cast("WizardScreen[D]", self.screen)

    @property
    def omnisend(self) -> "OmnisendApp":
        return cast("OmnisendApp", self.app)

    # What a page says.

    def title_line(self) -> str:
        """The page in some words."""
        return ""

    def beside_title(self) -> str:
        """What stands at the right of the title; '' is 'step 3 of 7'."""
        return ""

    def next_label(self, following: str) -> str:
        """The button at the right; ``following`` is the next step's label, '' after the last."""
        return _("Next: {step}").format(step=in_sentence(following))

    def next_key(self, *, last: bool) -> str:
        """The same in the footer, in a word."""
        return _("Save") if last else _("Next")

    def other_label(self) -> str:
        """A button beside Back, '' for none."""
        return ""

    def again_label(self) -> str:
        """A button before Next, '' for none."""
        return ""

    def ready(self) -> bool:
        """Whether Next can be pressed at all; why not stands on the page."""
        return True

    def may_go_on(self) -> bool:
        """The same when Next was chosen; says why not where the page doesn't."""
        return self.ready()

    def own_keys(self) -> Sequence[Key]:
        """Keys of this page alone; their actions are methods ``do_NAME`` of it."""
        return ()

    def about(self) -> tuple[str, str]:
        """The help of the focused field: its name and some sentences."""
        return "", ""

    def beside(self, width: int) -> Sequence[Line] | None:
        """The pane at the right; None is what was done so far, and help."""
        return None

    def first_field(self) -> Widget | None:
        """What has the focus first; None is the first that can have it."""
        return None

    # What a page does.

    def problem(self) -> str:
        """Takes what was entered into the draft; why it isn't enough to go on, or ''."""
        return ""

    def keep(self) -> str:
        """Takes what was entered into the draft, be it enough or not; why it couldn't, or ''."""
        return self.problem()

    def go_on(self) -> None:
        """Next was pressed and there is no problem."""
        self.wizard.advance()

    def do_other(self) -> None:
        """The button beside Back."""

    def do_again(self) -> None:
        """The button before Next."""

    def busy(self) -> bool:
        """Whether something goes on that Esc ends first."""
        return False

    def stop(self) -> None:
        """Ends what goes on."""

    def holds(self) -> bool:
        """Whether something goes on that nothing may end: it is being stored."""
        return False

    def complain(self, sentence: str) -> None:
        """Says on the page what stands in the way."""
        self.complaint = sentence
        self.show()

    def show(self) -> None:
        """Brings the page up to date."""
        for lines in self.query(Lines):
            lines.show()

    def complaint_lines(self, width: int) -> list[Line]:
        return wrapped(f"✖ {self.complaint}", width, "error") if self.complaint else []

    def on_input_changed(self, _event: Input.Changed) -> None:
        self.complaint = ""
        self.show()
