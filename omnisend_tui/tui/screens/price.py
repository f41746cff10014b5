"""The price dialog: what a run would do and cost, before anything is sent."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button

from omnisend_tui.config.models import Connection, Export
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.screens import price_lines
from omnisend_tui.tui.screens.acts import probe_of
from omnisend_tui.tui.screens.dialogs import Dialog
from omnisend_tui.tui.screens.source_wait import SourceWait
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line

if TYPE_CHECKING:
    from omnisend_tui.engine.forecast import Forecast
    from omnisend_tui.tui.app import OmnisendApp

Options = dict[str, bool]  # of ``RunOptions``
_ALLOWS = {
    "too_many_rejects": "allow_rejects",
    "too_many_leavers": "allow_leavers",
    "too_many_new": "allow_new",
}
_LOOK = 0.1  # seconds between two looks at the reading


class PriceDialog(Dialog[Options]):
    """Reads the export in a thread and says what a run costs.

    Ends with the options of the run that is wanted, or None. Esc ends the reading too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
        Binding("r", "run", show=False),
        Binding("d", "dry", show=False),
        Binding("b", "probe", show=False),
    ]

    def __init__(self, export: Export, connection: Connection) -> None:
        super().__init__()
        self._export = export
        self._connection = connection
        self._attempt: Attempt[Forecast] | None = None
        self._seen: Snapshot | None = None
        self._wait = SourceWait()
        self._told: Attempt[Forecast] | None = None  # the one whose end is shown
        self._dry = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Lines(self._words, id="words")
            with Horizontal(id="answers"):
                yield Button(Content(_("Cancel")), id="stay")
                yield Button(Content(_("Dry run")), id="dry")
                yield Button(Content(_("Run")), id="run")
        yield Footer(self.footer_keys)

    def on_mount(self) -> None:
        self._begin()
        self.set_interval(_LOOK, self._look)

    def on_unmount(self) -> None:
        """Quitting the app doesn't wait for the reading."""
        if self._attempt is not None:
            self._attempt.stop.set()

    @property
    def _omnisend(self) -> "OmnisendApp":
        return cast("OmnisendApp", self.app)

    @property
    def _found(self) -> "Forecast | None":
        """The forecast, once it is there."""
        attempt = self._attempt
        return attempt.result if attempt is not None and attempt.done else None

    def _begin(self) -> None:
        self._seen, self._wait = None, SourceWait()
        self._dry = False
        self._told = None
        workspace, name, hear = self._omnisend.workspace, self._export.name, self._wait.hear

        def work(attempt: "Attempt[Forecast]") -> "Forecast":
            # Not needed before, and slow to import.
            from omnisend_tui.launch import dry_run

            return dry_run(workspace, name, stop=attempt.stop, tell=self._note, hear=hear)

        self._attempt = Attempt(work)
        self._show()

    def _note(self, seen: Snapshot) -> None:
        self._seen = seen

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None or self._told is attempt:
            return
        if attempt.done:
            self._told = attempt
            self._show()
        else:
            self.query_one("#words", Lines).show()

    def _show(self) -> None:
        """Brings the buttons and lines up to date, and the focus to the answer that is meant."""
        found = self._found
        stay, dry, run = (self.query_one(f"#{name}", Button) for name in ("stay", "dry", "run"))
        dry.display = found is not None and bool(found.read) and not self._dry
        run.display = found is not None and self._options(found) is not None
        stay.label = Content(_("Close") if self._failed else _("Cancel"))
        if found is not None:
            run.label = Content(self._verb(found))
        (run if run.display and self._harmless else stay).focus()
        self.query_one("#words", Lines).show()
        self.query_one(Footer).show()

    @property
    def _failed(self) -> bool:
        return self._attempt is not None and self._attempt.error is not None

    @property
    def _harmless(self) -> bool:
        found = self._found
        return found is not None and price_lines.harmless(found, self._export)

    def _options(self, found: "Forecast") -> Options | None:
        """How the run is started: past the stop that would end it. None where it can't be."""
        if found.error is None:
            return {}
        allow = _ALLOWS.get(found.error.code)
        return None if allow is None else {allow: True}

    def _verb(self, found: "Forecast") -> str:
        if found.error is not None:
            return _("Run all the same")
        if not found.would_send:
            return _("Run")
        return _("Run {count}").format(count=number(found.would_send))

    # Keys and buttons.

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        action = {"stay": "leave", "dry": "dry", "run": "begin"}[str(event.button.id)]
        await self.run_action(action)

    def action_run(self) -> None:
        """What isn't harmless needs two keys: this one shows the button, Enter presses it."""
        if self._harmless:
            self.action_begin()
        elif self.query_one("#run", Button).display:
            self.query_one("#run", Button).focus()

    def action_begin(self) -> None:
        found = self._found
        options = self._options(found) if found is not None else None
        if options is not None:
            self.dismiss(options)

    def action_dry(self) -> None:
        if self.query_one("#dry", Button).display:
            self._dry = True
            self._show()

    def action_probe(self) -> None:
        found = self._found
        if found is None or not price_lines.check_pays(found):
            return
        probe, why = probe_of(self._omnisend, self._connection)
        if probe is None:
            self._omnisend.say(why)
        else:
            self.app.push_screen(probe, self._probed)

    def _probed(self, behaviour: Behaviour | None) -> None:
        if behaviour is not None:
            self._omnisend.stored()
            self._begin()

    # What is shown.

    def footer_keys(self) -> Sequence[Key]:
        keys: list[Key] = []
        found = self._found
        if found is not None:
            if self._options(found) is not None:
                sign = "r" if self._harmless else "r, Enter"
                keys.append(Key(sign, _("Run"), "run"))
            if found.read and not self._dry:
                keys.append(Key("d", _("Dry run"), "dry"))
            if price_lines.check_pays(found):
                keys.append(Key("b", _("Behaviour check first"), "probe"))
        return [*keys, Key("Esc", _("Close") if self._failed else _("Cancel"), "leave")]

    def _words(self, width: int) -> Sequence[Line]:
        lines = price_lines.title(self._export, width)
        attempt, found = self._attempt, self._found
        if attempt is not None and attempt.done and attempt.error is not None:
            return [*lines, *price_lines.failed(attempt.error, width)]
        if found is None:
            return [*lines, *price_lines.reading(self._seen, width, self._wait.line())]
        draw = price_lines.counted if self._dry else price_lines.priced
        return [*lines, *draw(found, self._export, self._connection, width)]


def ask_price(app: "OmnisendApp", export: Export) -> None:
    """Opens the dialog for an export that has a connection; starts the run that is wanted."""
    connection = app.workspace.config.connections.get(export.connection)
    if connection is None:
        app.begin(export)
        return
    app.push_screen(PriceDialog(export, connection), partial(_answered, app, export))


def _answered(app: "OmnisendApp", export: Export, options: Options | None) -> None:
    if options is not None:
        app.begin(export, **options)
