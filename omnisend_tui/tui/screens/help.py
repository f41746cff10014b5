"""Help: the keys of this screen, what the signs mean, where things lie."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from omnisend_tui.i18n import _
from omnisend_tui.tui.states import all_looks
from omnisend_tui.tui.widgets.frame import Key
from omnisend_tui.tui.widgets.texts import fit
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp

_LABEL = 14


class HelpScreen(ModalScreen[None]):
    """Closed by Esc, Enter or the key that opened it."""

    BINDINGS: ClassVar = [Binding("escape,enter,f1,question_mark,q", "close", show=False)]

    def __init__(self, keys: Sequence[Key], workspace: Workspace) -> None:
        super().__init__()
        self._keys = keys
        self._workspace = workspace

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="help"), VerticalScroll(id="help-scroll"):
            yield Static(self._text(), id="help-text", markup=False)

    def on_mount(self) -> None:
        self.query_one("#dialog").styles.width = 76
        self.query_one("#help-scroll").focus()

    def action_close(self) -> None:
        self.dismiss()

    def _text(self) -> Text:
        palette = cast("OmnisendApp", self.app).palette
        strong, muted = palette.style("accent", bold=True), palette.style("muted")
        text = Text(end="").append(_("Keys") + "\n", palette.style(bold=True))
        general = (
            Key("?", _("this help"), ""),
            Key("Ctrl+P", _("commands and themes"), ""),
            Key("Ctrl+Q", _("leave; asks while exports run here"), ""),
        )
        for key in (*self._keys, *general):
            text.append(fit(key.key, _LABEL), strong).append(f"{key.label}\n", palette.style())
        text.append("\n" + _("Signs") + "\n", palette.style(bold=True))
        for one in all_looks():
            text.append(fit(one.drawn(palette), _LABEL), palette.style(one.tone))
            text.append(f"{one.word}\n", palette.style())
        text.append("\n" + _("Where things lie") + "\n", palette.style(bold=True))
        for label, path in (
            (_("Configuration"), self._workspace.config_path),
            (_("State"), self._workspace.state_dir),
            (_("Log"), self._workspace.log_path),
        ):
            text.append(fit(label, _LABEL), muted).append(f"{path}\n", palette.style())
        text.rstrip()
        return text
