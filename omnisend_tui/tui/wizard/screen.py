"""The wizard: a page for each step, going on, back and to any of them, and away."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input

from omnisend_tui.i18n import _
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.tui.wizard import keys
from omnisend_tui.tui.wizard.leaving import LEAVE, question, would_lose
from omnisend_tui.tui.wizard.page import D, Page, Step
from omnisend_tui.tui.wizard.steps import field_help, so_far, step_labels, step_line, title_line


class WizardScreen(LiveScreen, Generic[D]):
    """Walks through ``steps``; their pages fill ``draft``, the last one stores it.

    ``places`` is where one is; ``ended`` is called after the last step. ``editing``: every step
    holds something already, so that one goes to any of them.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,ctrl+n", "next", show=False),
        Binding("f9", "previous", show=False),
        Binding("ctrl+s", "to_save", show=False),
        Binding("tab", "forward", show=False),
        *[Binding(f"f{n}", f"page_key('F{n}')", show=False) for n in (5, 6, 7, 8)],
    ]

    def __init__(
        self,
        place: str,
        steps: Sequence[Step[D]],
        draft: D,
        ended: Callable[[], None] = lambda: None,
        *,
        editing: bool = False,
    ) -> None:
        super().__init__()
        self.draft = draft
        self.at = 0
        self._place = place
        self._steps = tuple(steps)
        self._editing = editing
        self._done = len(self._steps) - 1 if editing else 0  # steps before it were gone through
        self._aim: int | None = None  # where going on leads to, if not to the next step
        self._ended = ended
        self._leaf = VerticalScroll(id="leaf", can_focus=False)

    @property
    def page(self) -> Page[D] | None:
        """The page shown; None for a moment between two."""
        # All widgets would be gone through in search of it, a dozen times for each key.
        return next((each for each in self._leaf.children if isinstance(each, Page)), None)

    # The frame.

    def places(self) -> Sequence[str]:
        return (self._place,)

    def body(self) -> Iterable[Widget]:
        yield Lines(self._step_line, id="tabs")
        with Container(id="body"):
            with Vertical(id="walk"):
                yield Lines(self._title_line, id="step")
                yield self._leaf
                with Horizontal(id="buttons"):
                    yield Button(_("Back"), id="back")
                    yield Button("", id="other")
                    yield Lines(id="between")
                    yield Button("", id="again")
                    yield Button("", id="next")
            yield Lines(self._pane, id="pane")

    def on_mount(self) -> None:
        super().on_mount()
        self._enter(self.at)

    def show(self) -> None:
        for part in ("#tabs", "#step", "#pane"):
            self.query_one(part, Lines).show()
        page = self.page
        if page is None:
            return
        page.show()
        following = _(self._steps[self.at + 1].label) if self.at + 1 < len(self._steps) else ""
        self._button("back", _("Back") if self.at else "")
        self._button("other", page.other_label())
        self._button("again", page.again_label())
        self._button("next", page.next_label(following), enabled=page.ready())

    def footer_keys(self) -> Sequence[Key]:
        last = self.at + 1 == len(self._steps)
        return keys.footer_keys(
            self.page, first=not self.at, last=last, editing=self._editing, width=self.size.width
        )

    def help_keys(self) -> Sequence[tuple[str, str]]:
        return keys.help_keys(self.page, editing=self._editing)

    def help_about(self) -> tuple[str, str]:
        return self.page.about() if self.page else ("", "")

    def renew(self) -> None:
        """Something on the page changed: brings frame and page up to date."""
        self._all()

    # Going on, back and away.

    def action_next(self) -> None:
        page = self.page
        if page is None:
            return
        self._aim = None
        if page.by_keys:
            self.go_on()
        else:
            self.say(_("This step goes on by its button or its own key only."))

    def action_to_save(self) -> None:
        """In an editor: over the steps between to the last one."""
        if self._editing and self.at + 1 < len(self._steps):
            self._aim = len(self._steps) - 1
            self.go_on()

    def go_on(self) -> None:
        """Next was chosen: goes on unless the page has a problem."""
        page = self.page
        if page is None or not page.may_go_on():
            return
        page.complain(page.problem())
        if not page.complaint:
            page.go_on()

    def action_forward(self) -> None:
        """Tab: to the next field, unless this one still completes what it holds."""
        if not (isinstance(self.focused, PathInput) and self.focused.complete()):
            self.focus_next()

    def action_previous(self) -> None:
        if self.at and not self._held():
            page = self.page
            if page is not None:
                page.keep()
                page.stop()
            self._enter(self.at - 1)

    def advance(self) -> None:
        """To the next step, or the end."""
        self._done = max(self._done, self.at + 1)
        aim, self._aim = self._aim or self.at + 1, None
        passed = range(self.at + 1, aim)
        aim = next((step for step in passed if self._steps[step].due(self.draft)), aim)
        if aim < len(self._steps):
            self._enter(aim)
        else:
            self.finish()

    def finish(self) -> None:
        """It is done and stored."""
        self.dismiss()
        self._ended()

    def take_way(self, steps: Sequence[Step[D]], draft: D) -> None:
        """Other steps follow the one that is shown, and fill another draft."""
        self._steps, self.draft = tuple(steps), draft
        self._done = self.at
        if self.page is not None:
            self.page.draft = draft
        self._all()

    def go_to(self, label: str) -> None:
        """To the step with this label (not translated)."""
        self._enter([step.label for step in self._steps].index(label))

    def _held(self) -> bool:
        page = self.page
        if page is None or not page.holds():
            return False
        self.say(_("It is being stored; one moment."))
        return True

    def leave(self) -> None:
        page = self.page
        if self._held():
            return
        if page is not None and page.busy():
            page.stop()
            self._all()
            return
        if page is not None and would_lose(page):
            self.app.push_screen(question(), self._leave_if)
        else:
            self.dismiss()

    def quit_wizard(self) -> None:
        """Ends it without asking: the user said so in words."""
        if not self._held():
            self.dismiss()

    async def action_page_key(self, sign: str) -> None:
        page = self.page
        key = next((key for key in page.own_keys() if key.sign == sign), None) if page else None
        if key is not None:
            getattr(page, f"do_{key.action}")()

    def _leave_if(self, answer: str | None) -> None:
        if answer == LEAVE:
            self.dismiss()

    def _enter(self, index: int) -> None:
        self.at, self.turning = index, True
        # What was told about the last page would lie on the buttons of this one.
        self.omnisend.clear_asides()
        self.run_worker(self._turn(self._steps[index].page(self.draft)), exclusive=True)

    async def _turn(self, page: Page[D]) -> None:
        await self._leaf.remove_children()
        self.set_class(page.full, "-full")  # styles the frame anew, while no page is in it
        await self._leaf.mount(page)
        self._leaf.scroll_home(animate=False)
        self._all()
        # What is hidden is known only after the page was laid out.
        self.call_after_refresh(self._focus_first, page)

    def _focus_first(self, page: Page[D]) -> None:
        fields = [widget for widget in self.focus_chain if page in widget.ancestors]
        first = page.first_field() or (fields[0] if fields else self.query_one("#next", Button))
        self.set_focus(first)
        self.turning = False
        self.omnisend.turned()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_next()

    @on(Button.Pressed)
    def _button_pressed(self, event: Button.Pressed) -> None:
        page = self.page
        name = event.button.id
        if name == "back":
            self.action_previous()
        elif name == "next":
            self._aim = None
            self.go_on()
        elif page is not None and name in ("other", "again"):
            getattr(page, f"do_{name}")()

    @on(Lines.Pressed, "#tabs")
    def _step_pressed(self, event: Lines.Pressed) -> None:
        index = chrome.tab_at(self._labels(), event.x)
        if index is not None and index < self.at:
            while self.at > index:
                self.action_previous()
        elif index is not None and index > self.at and self._editing:
            self._aim = index
            self.go_on()

    # Parts.

    def _button(self, name: str, label: str, *, enabled: bool = True) -> None:
        button = self.query_one(f"#{name}", Button)
        button.display = bool(label)
        button.disabled = not enabled
        if str(button.label) != label:
            button.label = Content(label)
            # It keeps the width of its first label otherwise.
            button.refresh(layout=True)

    def _labels(self) -> list[str]:
        return step_labels(self._steps, self.at, self._done)

    def _step_line(self, width: int) -> Sequence[Line]:
        return step_line(self._labels(), self.at, width)

    def _title_line(self, width: int) -> Sequence[Line]:
        page = self.page
        return [title_line(page, self.at, len(self._steps), width) if page is not None else ()]

    def _pane(self, width: int) -> Sequence[Line]:
        page = self.page
        own = page.beside(width) if page is not None else None
        if own is not None:
            return own
        lines = so_far(self._steps, self._done, self.draft, width)
        return [*lines, *field_help(page, width)] if page is not None else lines
