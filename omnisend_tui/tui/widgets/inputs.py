"""Fields to type in: one line of text, and one for a secret."""

from textual import events
from textual.timer import Timer
from textual.widgets import Input

from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.paint import clean

SHOWN = 5  # seconds that a secret is shown for


class TextInput(Input):
    """One line; a paste loses its line ends and control characters, never its text."""

    def __init__(
        self,
        value: str = "",
        *,
        id: str | None = None,  # noqa: A002
        placeholder: str = "",
        numbers: bool = False,
    ) -> None:
        super().__init__(
            value, id=id, placeholder=placeholder, max_length=10_000,
            restrict="[0-9]*" if numbers else None,
            validate_on=(),  # there is nothing to judge, and each verdict styles the field anew
        )  # fmt: skip
        self._first = value
        # A blinking cursor costs two redraws a second over a slow line.
        self.set_reactive(Input.cursor_blink, False)

    @property
    def changed(self) -> bool:
        """Whether something else than at first stands here."""
        return self.value != self._first

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.take(event.text)

    def action_paste(self) -> None:
        self.take(self.app.clipboard)

    def take(self, text: str) -> None:
        """Puts pasted text where the cursor is."""
        self._put(clean(" ".join(text.split())))

    def _put(self, text: str) -> None:
        if len(text) > (self.max_length or 0):
            self._tell(_("That is too long for this field."))
        else:
            self.replace(text, *self.selection)

    def _tell(self, sentence: str) -> None:
        self.app.notify(sentence, markup=False)


class SecretInput(TextInput):
    """A secret: masked, shown for a moment on demand, and never put on the clipboard."""

    ALLOW_SELECT = False

    def __init__(self, value: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, id=id)
        self.password = True
        self._hiding: Timer | None = None

    def take(self, text: str) -> None:
        """Takes the first line that isn't empty, without the white space around it."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines:
            return
        kept = "".join(sign for sign in lines[0] if sign.isprintable()).strip()
        self._put(kept)
        if len(lines) > 1:
            self._tell(_("Several lines were pasted; only the first one is taken."))

    def reveal(self) -> None:
        """Shows the secret for a moment, or hides it again."""
        if not self.password:
            self.hide()
            return
        self.password = False
        self._hiding = self.set_timer(SHOWN, self.hide)

    def hide(self) -> None:
        self.password = True
        if self._hiding is not None:
            self._hiding.stop()
            self._hiding = None

    def on_blur(self) -> None:
        self.hide()

    def action_copy(self) -> None:
        self._refuse()

    def action_cut(self) -> None:
        self._refuse()

    def _refuse(self) -> None:
        self._tell(_("A key is never put on the clipboard."))
