"""A widget that shows lines, and repaints only those that changed."""

from collections.abc import Callable, Sequence

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from omnisend_tui.tui.inked import inks_of
from omnisend_tui.tui.widgets.paint import Line
from omnisend_tui.tui.widgets.palettes import Palettes

Draw = Callable[[int], Sequence[Line]]


def _nothing(_width: int) -> Sequence[Line]:
    return ()


class Lines(Widget):
    """Shows what ``draw`` returns for its width; ``show`` looks again."""

    ALLOW_SELECT = False

    class Pressed(Message):
        """A click on a cell of a line, both counted from 0."""

        def __init__(self, lines: "Lines", x: int, y: int) -> None:
            super().__init__()
            self.lines = lines
            self.x = x
            self.y = y

        @property
        def control(self) -> "Lines":
            return self.lines

    def __init__(
        self,
        draw: Draw = _nothing,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._shown: tuple[Line, ...] = ()
        self._width = -1
        self._palettes = Palettes()
        self._under: Style | None = None

    def show(self, draw: Draw | None = None) -> None:
        """Draws anew, from ``draw`` where one is given; equal lines are left alone."""
        if draw is not None:
            self._draw = draw
        width = self.size.width
        if not width:
            return
        old, self._shown = self._shown, tuple(self._draw(width))
        count = len(self._shown)
        if width != self._width or len(old) != count:
            self._width = width
            # What was laid out for as many lines, as at first, has the room already.
            self.refresh(layout=count not in (len(old), self.size.height) and self._grows())
            return
        changed = [Region(0, y, width, 1) for y, line in enumerate(self._shown) if line != old[y]]
        if changed:
            self.refresh(*changed)

    def _grows(self) -> bool:
        height = self.styles.height
        return height is not None and height.is_auto

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._draw(width))

    def on_resize(self, _event: events.Resize) -> None:
        self.show()

    def render_lines(self, crop: Region) -> list[Strip]:
        self._under = None
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        style = self.style_of(y)
        if y >= len(self._shown):
            return Strip.blank(width, style)
        palette = self._palettes.of(inks_of(self), style)
        return Strip(palette.segments(self._shown[y], width), width)

    def style_of(self, _y: int) -> Style:
        """What lies under a line."""
        if self._under is None:  # Textual asks all ancestors; that once for all lines will do
            self._under = self.rich_style
        return self._under

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Pressed(self, event.x, event.y))
