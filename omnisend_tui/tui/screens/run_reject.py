"""One reject of a run in full: in the pane at the right, and as a dialog."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from omnisend_tui.i18n import _
from omnisend_tui.problems import Problem
from omnisend_tui.sentences import reason_label, what_to_do, what_was_wrong
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut, left, wrapped


class RejectDialog(Choice):
    """Ends with 'reveal' or 'close'."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("v", "reveal", show=False)]

    def __init__(self, problem: Problem) -> None:
        answers = (("close", _("Close")), ("reveal", _("Reveal the address")))
        super().__init__(cut(clean(problem.key), 50), "", answers)
        self._problem = problem

    def footer_keys(self) -> Sequence[Key]:
        *keys, close = super().footer_keys()
        return [*keys, Key("v", _("Reveal"), "reveal"), close]

    def action_reveal(self) -> None:
        self.dismiss("reveal")

    def between(self) -> Iterable[Widget]:
        yield Lines(lambda width: facts_of(self._problem, width), id="told")


def pane(problem: Problem, width: int) -> list[Line]:
    """One reject in full, for the pane at the right."""
    key = ((cut(clean(problem.key), width), "bold"),)
    return [key, (), *facts_of(problem, width)]


def facts_of(problem: Problem, width: int) -> list[Line]:
    """All that is kept of a reject but for its key, and what to do about it."""
    lines: list[Line] = []
    detail = clean(what_was_wrong(problem))
    facts = (
        (_("E-mail"), clean(problem.email_masked) or "–"),
        (_("Field"), clean(problem.field)),
        (_("Reason"), reason_label(problem.reason)),
        ("", detail),
    )
    column = max(len(label) for label, _text in facts) + 3
    for label, text in facts:
        for index, line in enumerate(wrapped(text, width - column)):
            lines.append(((left(label if index == 0 else "", column), "muted"), *line))
    advice = what_to_do(problem)
    if advice:
        lines += [(), ((_("What to do"), "muted"),), *wrapped(advice, width)]
    return lines
