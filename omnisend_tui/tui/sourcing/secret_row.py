"""A field for a client secret."""

from textual.app import ComposeResult
from textual.containers import Horizontal

from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.lines import Lines


class SecretRow(Horizontal):
    """The label, and the masked field at its right."""

    def __init__(self, secret: str) -> None:
        super().__init__(id="secret", classes="field")
        self._secret = secret

    def compose(self) -> ComposeResult:
        yield Lines(lambda _width: [((_("Client secret"), "muted"),)], classes="label")
        yield SecretInput(self._secret, id="client_secret")
