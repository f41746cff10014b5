"""The choice of who signs in, which lets no secret get lost that is typed or pasted on it."""

from collections.abc import Callable

from textual import events

from omnisend_tui.forms import SIGN_IN
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.paint import Line

_WAYS = [str(way) for way, _meaning in SIGN_IN.choices]


class Ways(Choices):
    """``secret()`` is the field that text belongs into, None while there is none."""

    def __init__(self, way: str, secret: Callable[[], SecretInput | None]) -> None:
        super().__init__(len(_WAYS), self._drawn, index=_WAYS.index(way), id="way")
        self._secret = secret

    @property
    def way(self) -> str:
        """'person' or 'application'."""
        return _WAYS[self.index]

    def take(self, way: str) -> None:
        self.mark(_WAYS.index(way))

    def on_key(self, event: events.Key) -> None:
        sign = event.character or ""
        # A secret may begin with j or k too; the arrows move all the same.
        if event.is_printable and not sign.isspace():
            self._pass_on(event, events.Key(event.key, sign))

    def on_paste(self, event: events.Paste) -> None:
        self._pass_on(event, events.Paste(event.text))

    def _pass_on(self, event: events.Event, same: events.Event) -> None:
        if (field := self._secret()) is not None:
            event.stop()
            self.screen.set_focus(field)
            field.post_message(same)

    def _drawn(self, index: int, marked: bool, _width: int) -> Line:
        meaning = _(SIGN_IN.choices[index][1])
        return (("● " if marked else "○ ", "accent" if marked else "muted"), (meaning, ""))
