"""The wizard: steps one after the other, Back and Next, and leaving without losing input."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.screens.dialogs import Choice
from omnisend_tui.tui.screens.frame import LiveScreen
from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, wrapped
from omnisend_tui.tui.widgets.path_input import PathInput
from omnisend_tui.tui.wizard.page import Page, Step

D = TypeVar("D")


class WizardScreen(LiveScreen, Generic[D]):
    """Walks through ``steps``; their pages fill ``draft``, the last one stores it.

    ``places`` is where one is; ``ended`` is called after the last step. ``editing``: every step
    holds something already, so that one goes to any of them.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,ctrl+n", "next", show=False, priority=True),
        Binding("f9", "previous", show=False, priority=True),
        Binding("ctrl+s", "to_save", show=False, priority=True),
        # Before the letters typed after it reach the old field.
        Binding("tab", "forward", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        *[Binding(f"f{n}", f"page_key('F{n}')", show=False, priority=True) for n in (5, 6, 7, 8)],
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
        self._touched = False
        self._ended = ended

    @property
    def page(self) -> Page[D] | None:
        """The page shown; None for a moment between two."""
        pages = self.query(Page)
        return pages.first() if pages else None

    # The frame.

    def places(self) -> Sequence[str]:
        return (self._place,)

    def body(self) -> Iterable[Widget]:
        yield Lines(self._step_line, id="tabs")
        with Container(id="body"):
            with Vertical(id="walk"):
                yield Lines(self._title_line, id="step")
                yield VerticalScroll(id="leaf", can_focus=False)
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
        self.set_class(page.full, "-full")
        page.show()
        following = _(self._steps[self.at + 1].label) if self.at + 1 < len(self._steps) else ""
        self._button("back", _("Back") if self.at else "")
        self._button("other", page.other_label())
        self._button("again", page.again_label())
        self._button("next", page.next_label(following), enabled=page.ready())

    def footer_keys(self) -> Sequence[Key]:
        page = self.page
        keys: list[Key] = []
        if page is not None and page.by_keys and page.ready():
            last = self.at + 1 == len(self._steps)
            keys.append(Key("F10", _("Save") if last else _("Next"), "next"))
        if self.at and not (page is not None and page.full):
            keys.append(Key("F9", _("Back"), "previous"))
        if page is not None:
            keys += [Key(k.sign, k.label, f"page_key('{k.sign}')") for k in page.own_keys()]
        busy = page is not None and page.busy()
        keys += [
            Key("Esc", _("Stop") if busy else _("Leave"), "back"),
            Key("F1", _("Help"), "app.help"),
        ]
        if sum(key.cells for key in keys) > self.size.width:
            del keys[-1]  # help is a key that everybody finds
        to_save = Key("Ctrl+S", _("To saving"), "to_save")
        fits = sum(key.cells for key in (*keys, to_save)) < self.size.width
        if self._editing and self.at + 1 < len(self._steps) and fits:
            keys.insert(-2, to_save)
        return keys

    def help_keys(self) -> Sequence[tuple[str, str]]:
        keys = [(key.sign, key.label) for key in self.page.own_keys()] if self.page else []
        return [
            ("F10 Ctrl+N", _("goes to the next step")),
            ("F9", _("goes back one step; what you entered stays")),
            *keys,
            *([("Ctrl+S", _("goes to the last step, which saves"))] if self._editing else ()),
            ("Esc", _("leaves, after asking; nothing is stored before the last step")),
            ("Ctrl+Q", _("quits; asks when exports run here")),
        ]

    def help_about(self) -> tuple[str, str]:
        return self.page.about() if self.page else ("", "")

    def renew(self) -> None:
        """Something on the page changed: brings frame and page up to date."""
        self._all()

    def touch(self) -> None:
        """Something was entered in a dialog: leaving asks first."""
        self._touched = True

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
        if page is None or not page.ready():
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
                # What was entered so far stays, be it enough or not.
                page.problem()
                page.stop()
            self._enter(self.at - 1)

    def advance(self) -> None:
        """To the next step, or the end."""
        self._touched = True
        self._done = max(self._done, self.at + 1)
        aim, self._aim = self._aim or self.at + 1, None
        if aim < len(self._steps):
            self._enter(aim)
        else:
            self.finish()

    def finish(self) -> None:
        """It is done and stored."""
        self.dismiss()
        self._ended()

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
        if not self._touched:
            self.dismiss()
            return
        self.app.push_screen(
            Choice(
                _("Leave without saving?"),
                _("Nothing is stored yet, and what you entered here is forgotten."),
                (("stay", _("Stay")), ("leave", _("Leave, store nothing"))),
            ),
            self._leave_if,
        )

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
        if answer == "leave":
            self.dismiss()

    def _enter(self, index: int) -> None:
        self.at = index
        # What was told about the last page would lie on the buttons of this one.
        self.app.clear_notifications()
        leaf = self.query_one("#leaf", VerticalScroll)
        self.run_worker(self._turn(leaf, self._steps[index].page(self.draft)), exclusive=True)

    async def _turn(self, leaf: VerticalScroll, page: Page[D]) -> None:
        await leaf.remove_children()
        await leaf.mount(page)
        leaf.scroll_home(animate=False)
        self._all()
        # What is hidden is known only after the page was laid out.
        self.call_after_refresh(self._focus_first, page)

    def _focus_first(self, page: Page[D]) -> None:
        fields = [widget for widget in self.focus_chain if page in widget.ancestors]
        self.set_focus(fields[0] if fields else self.query_one("#next", Button))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if isinstance(event.input, TextInput) and event.input.changed:
            self._touched = True

    @on(Choices.Marked)
    def _marked(self) -> None:
        self._touched = True

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
        labels = []
        for index, step in enumerate(self._steps):
            sign = "● " if index == self.at else "✔ " if index < self._done else ""
            labels.append(sign + _(step.label))
        return labels

    def _step_line(self, width: int) -> Sequence[Line]:
        if len(self._steps) == 1:
            return [(), (("─" * width, "rule"),)]
        return chrome.steps(self._labels(), self.at, width)

    def _title_line(self, width: int) -> Sequence[Line]:
        page = self.page
        if page is None:
            return [()]
        counted = _("step {step} of {all}").format(
            step=number(self.at + 1), all=number(len(self._steps))
        )
        end = page.beside_title() or (counted if len(self._steps) > 1 else "")
        return [between(((page.title_line(), "bold"),), ((end, "muted"),), width)]

    def _pane(self, width: int) -> Sequence[Line]:
        own = self.page.beside(width) if self.page is not None else None
        if own is not None:
            return own
        lines: list[Line] = []
        if len(self._steps) > 1:
            lines.append(((_("So far"), "bold"),))
            for step in self._steps[: self._done]:
                fact = cut(clean(step.fact(self.draft)), width - 15)
                lines.append((("✔ ", "success"), (left(_(step.label), 13), "muted"), (fact, "")))
            lines += [*wrapped(_("Nothing is stored before the last step"), width, "muted"), ()]
        page = self.page
        title, text = page.about() if page is not None else ("", "")
        if title:
            label = _("Help: {field}").format(field=title)
            lines.append(between(((label, "bold"),), (), width, ("─", "rule")))
            for paragraph in text.split("\n"):
                lines += wrapped(paragraph, width) or [()]
        return lines
