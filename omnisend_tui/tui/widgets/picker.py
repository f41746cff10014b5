"""A list of any length to choose from, with a line to search it where it is long."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, cut

DrawItem = Callable[[int, int], Line]

_FEW = 10  # so many are seen at a glance
_SHOWN = 500  # each key draws them all


class _Items(Choices):
    def answers(self) -> bool:
        return self.query_ancestor(Picker).has_focus_within


class Picker(Vertical):
    """Shows ``names``, each as ``draw(index, width)`` draws it; one of them is marked.

    A click marks, and takes what was marked already; with ``click_takes`` it always takes.

    The arrow keys work while one searches. Enter is ``Choices.Taken`` from the list, and
    ``Input.Submitted`` from the line to search with.
    """

    DEFAULT_CSS = """
    Picker { height: 1fr; min-height: 3; }
    Picker #seek { height: 1; margin-bottom: 1; display: none; }
    Picker.-long #seek { display: block; }
    Picker #items { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
    ]

    class Marked(Message):
        """Another one is marked, or none is left; ``typed``: because it was searched."""

        def __init__(self, picker: "Picker", *, typed: bool = False) -> None:
            super().__init__()
            self.picker = picker
            self.typed = typed

        @property
        def control(self) -> "Picker":
            return self.picker

    def __init__(
        self,
        names: Sequence[str],
        draw: DrawItem,
        *,
        index: int = 0,
        click_takes: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._names: Sequence[str] = names
        self._draw_item = draw
        self._found = list(range(len(names)))
        self._items = _Items(
            min(len(names), _SHOWN), self._row, index=index if index < _SHOWN else 0
        )
        self._items.click_takes = click_takes
        self._scroll = VerticalScroll(self._items, Lines(self._more, classes="text"), id="items")
        self._scroll.can_focus = False
        self._input = TextInput()
        self._input.styles.max_width = 40

    @property
    def index(self) -> int | None:
        """Which of the names is marked; None where nothing is found."""
        at = self._items.index
        return self._found[at] if at < min(len(self._found), _SHOWN) else None

    def compose(self) -> ComposeResult:
        with Horizontal(id="seek"):
            label = Lines(lambda _width: [((_("Search"), "muted"),)])
            label.styles.width = cell_len(_("Search")) + 2
            yield label
            yield self._input
        yield self._scroll

    def on_mount(self) -> None:
        self._fit()
        self.call_after_refresh(self._follow)

    def set_names(self, names: Sequence[str], index: int = 0) -> None:
        """Other names; the one at ``index`` is marked."""
        self._names = names
        self._found = list(range(len(names)))
        self._input.value = ""
        self._items.index = index if index < _SHOWN else 0
        self._fit()
        self._count()

    @property
    def first(self) -> Widget:
        """The line to search with, or the list where that is short."""
        return self._input if self.has_class("-long") else self._items

    def focus_first(self) -> None:
        self.first.focus()

    def search(self) -> None:
        """Shows the line to search with, be the list long or not, and focuses it."""
        self.add_class("-long")
        self._input.focus()

    def action_move(self, by: int) -> None:
        self._items.mark(self._items.index + by)

    @on(Choices.Marked)
    def _marked(self, event: Choices.Marked) -> None:
        if isinstance(event, Choices.Taken):
            return  # a Marked too, and for the page
        event.stop()
        self._follow()
        self.post_message(self.Marked(self))

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        # What is searched for is nothing that one enters.
        event.stop()
        wanted = event.value.strip().casefold()
        before = self.index
        self._found = [i for i, name in enumerate(self._names) if wanted in name.casefold()]
        shown = self._found[:_SHOWN]
        self._items.index = shown.index(before) if before in shown else 0
        self._count()
        if self.index != before:
            self.post_message(self.Marked(self, typed=True))

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self._items.on_focus()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        self._items.on_blur()

    def _fit(self) -> None:
        long = len(self._names) > _FEW
        self.set_class(long, "-long")
        # Its keys work from the line to search with, so Tab needn't stop here.
        self._items.can_focus = not long

    def _count(self) -> None:
        self._items.set_count(min(len(self._found), _SHOWN))
        self._scroll.query_one(".text", Lines).refresh(layout=True)
        for lines in self.query(Lines):
            lines.show()
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        at = self._items.index
        rows = 2 if at == _SHOWN - 1 else 1  # below the last one stands how many more there are
        self._scroll.scroll_to_region(Region(0, at, 1, rows), animate=False, force=True)

    def _row(self, index: int, _marked: bool, width: int) -> Line:
        return self._draw_item(self._found[index], width)

    def _more(self, width: int) -> Sequence[Line]:
        if self._names and not self._found:
            told = _("Nothing here is called “{text}”.").format(text=clean(self._input.value))
            return [((cut(told, width), "muted"),)]
        if len(self._found) > _SHOWN:
            told = _("{count} more: search for one").format(count=number(len(self._found) - _SHOWN))
            return [((f"  {told}", "muted"),)]
        return []
