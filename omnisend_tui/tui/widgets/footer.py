"""The last line of screens and dialogs: the keys that work now, which a mouse presses too."""

from collections.abc import Callable, Sequence

from textual import on

from omnisend_tui.tui.widgets import chrome
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line


class Footer(Lines):
    """``keys`` are asked for whenever it is shown; their actions are those of the screen."""

    def __init__(self, keys: Callable[[], Sequence[Key]]) -> None:
        super().__init__(self._line, id="footer")
        self._keys = keys

    def _line(self, width: int) -> Sequence[Line]:
        return [chrome.footer(chrome.fitting(self._keys(), width), width)]

    @on(Lines.Pressed)
    async def _pressed(self, event: Lines.Pressed) -> None:
        event.stop()
        key = chrome.key_at(chrome.fitting(self._keys(), self.size.width), event.x)
        if key is not None:
            await self.screen.run_action(key.action)
