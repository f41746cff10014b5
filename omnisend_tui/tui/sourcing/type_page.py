"""The first page of a new source: where profiles come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult

from omnisend_tui.i18n import _
from omnisend_tui.permissions import why_not
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, left, wrapped
from omnisend_tui.tui.wizard.page import Page, Step


@dataclass(frozen=True)
class Way:
    """A type of source: its ``label`` and what it ``is`` (marked for translation), its steps."""

    label: str
    what: str
    steps: Sequence[Step[Any]]
    draft: Any


class TypePage(Page[Any]):
    """Each type has steps of its own; what was filled in of the other one stays beside."""

    def __init__(self, draft: Any, ways: Sequence[Way]) -> None:
        super().__init__(draft)
        self._ways = ways
        self._index = next(n for n, way in enumerate(ways) if way.draft is draft)

    def title_line(self) -> str:
        return _("Where the profiles come from")

    def compose(self) -> ComposeResult:
        yield Choices(len(self._ways), self._way, index=self._index)
        yield Lines(self._words, classes="text")

    def about(self) -> tuple[str, str]:
        return _("Sources"), _(
            "A source is where runs read profiles and segments. A workspace can have any number of"
            " them, of both types, and several exports can share one."
        )

    def problem(self) -> str:
        return why_not(self.draft.workspace.actor, "manage_sources")

    @on(Choices.Marked)
    def _marked(self, event: Choices.Marked) -> None:
        event.stop()
        way = self._ways[event.choices.index]
        if way.draft is not self.draft:
            self.complaint = ""
            self.wizard.take_way(way.steps, way.draft)

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    def _way(self, index: int, marked: bool, _width: int) -> Line:
        way = self._ways[index]
        sign: Line = (("● ", "accent"),) if marked else (("○ ", "muted"),)
        return (*sign, (left(_(way.label), 20), "bold" if marked else ""), (_(way.what), "muted"))

    def _words(self, width: int) -> Sequence[Line]:
        text = _("Profiles are read by each run and stay where they are; the app keeps no copy.")
        return [(), *(self.complaint_lines(width) or wrapped(text, width))]
