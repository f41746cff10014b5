"""How a wizard shows its way: the line of steps, the title, and what was done so far."""

from collections.abc import Sequence
from typing import Any

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, wrapped
from omnisend_tui.tui.wizard.page import Page, Step

Steps = Sequence[Step[Any]]


def step_labels(steps: Steps, at: int, done: int) -> list[str]:
    """The label of each step, after its sign: the one shown, or gone through."""
    labels = []
    for index, step in enumerate(steps):
        sign = "● " if index == at else "✔ " if index < done else ""
        labels.append(sign + _(step.label))
    return labels


def step_line(labels: Sequence[str], at: int, width: int) -> Sequence[Line]:
    """The steps, and a rule; a single step is no way."""
    if len(labels) == 1:
        return [(), (("─" * width, "rule"),)]
    return chrome.steps(labels, at, width)


def title_line(page: Page[Any], at: int, count: int, width: int) -> Line:
    """What the page says of itself, and how far one is."""
    counted = _("step {step} of {all}").format(step=number(at + 1), all=number(count))
    end = page.beside_title() or (counted if count > 1 else "")
    return between(((page.title_line(), "bold"),), ((end, "muted"),), width)


def so_far(steps: Steps, done: int, draft: Any, width: int) -> list[Line]:
    """What the steps gone through are filled with."""
    if len(steps) == 1:
        return []
    lines: list[Line] = [((_("So far"), "bold"),)]
    for step in steps[:done]:
        fact = cut(clean(step.fact(draft)), width - 15)
        lines.append((("✔ ", "success"), (left(_(step.label), 13), "muted"), (fact, "")))
    return [*lines, *wrapped(_("Nothing is stored before the last step"), width, "muted"), ()]


def field_help(page: Page[Any], width: int) -> list[Line]:
    """The help of the focused field."""
    title, text = page.about()
    if not title:
        return []
    label = _("Help: {field}").format(field=title)
    lines = [between(((label, "bold"),), (), width, ("─", "rule"))]
    for paragraph in text.split("\n"):
        lines += wrapped(paragraph, width) or [()]
    return lines
