"""The behaviour check: what it does with an address, the address, and what came out."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from omnisend_tui import connections
from omnisend_tui.config.models import Connection
from omnisend_tui.i18n import _
from omnisend_tui.records import Behaviour, Brand
from omnisend_tui.sentences import behaviour_sentence, check_step
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, wrapped
from omnisend_tui.tui.words import hint_of

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp


class Probe(ModalScreen[Behaviour | None]):
    """Ends with what was seen, or None. Nothing is sent before the button says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        # A dialog takes the keys of the wizard below it.
        Binding("f5,f6,f7,f8,f9,f10,ctrl+n", "nothing", show=False, priority=True),
    ]

    def __init__(
        self,
        connection: Connection,
        key: Callable[[], str],
        brand: Brand,
        keep: Callable[[Behaviour], None] = lambda _behaviour: None,
    ) -> None:
        """``key`` is asked and ``keep`` told in a thread: the keyring and the disk take time."""
        super().__init__()
        self._connection = connection
        self._key = key
        self._brand = brand
        self._keep = keep
        self._attempt: Attempt[Behaviour] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(_("Behaviour check"), id="question", markup=False)
            yield Lines(self._words, id="words")
            yield TextInput(
                id="address", placeholder=_("an address of yours that Omnisend doesn't know")
            )
            yield Lines(self._progress, id="progress")
            with Horizontal(id="answers"):
                yield Button(Content(_("Not now")), id="later")
                yield Button(Content(_("Check with this address")), id="check")

    def on_mount(self) -> None:
        self.query_one(TextInput).focus()
        self.set_interval(0.1, self._look)

    def action_nothing(self) -> None:
        """The dialog has none of these keys."""

    def action_leave(self) -> None:
        attempt = self._attempt
        if attempt is not None and not attempt.done:
            attempt.stop.set()
            return
        self.dismiss(attempt.result if attempt is not None else None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self._begin()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "check":
            self._begin()
        else:
            self.action_leave()

    def _begin(self) -> None:
        field = self.query_one(TextInput)
        address = field.value.strip()
        if not address or field.disabled:
            field.focus()
            return
        field.disabled = True
        # Its steps take the room of what it told before.
        self.query_one("#words").display = False
        self.query_one("#check", Button).display = False
        self.query_one("#later", Button).label = Content(_("Stop"))
        workspace = cast("OmnisendApp", self.app).workspace

        def work(attempt: Attempt[Behaviour]) -> Behaviour:
            seen = connections.behaviour_check(
                workspace, self._connection, self._key(), self._brand, address,
                attempt.stop, attempt.note,
            )  # fmt: skip
            self._keep(seen)
            return seen

        self._attempt = Attempt(work)

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        self.query_one("#progress", Lines).show()
        if not attempt.done:
            return
        later = self.query_one("#later", Button)
        if attempt.error is not None and not self.query_one("#check", Button).display:
            # Another address may do.
            self.query_one(TextInput).disabled = False
            self.query_one("#check", Button).display = True
            later.label = Content(_("Not now"))
            self.query_one(TextInput).focus()
        elif attempt.error is None and str(later.label) != _("Close"):
            later.label = Content(_("Close"))
            later.refresh(layout=True)  # it keeps the width of its last label otherwise
            later.focus()

    def _words(self, width: int) -> Sequence[Line]:
        lines: list[Line] = []
        for sentence in (
            _("It measures what Omnisend doesn't document: whether tags in an update add to a"
              " contact's tags, and whether an update revives somebody who unsubscribed."),
            _("It creates one contact with the address below, unsubscribed, updates it once with"
              " a test tag, reads it back, and removes the tags. Nobody gets mail."),
            _("Omnisend can't delete: the address stays in {brand}, unsubscribed.").format(
                brand=clean(self._brand.name or self._brand.id)),
        ):  # fmt: skip
            lines += wrapped(sentence, width)
        return lines

    def _progress(self, width: int) -> Sequence[Line]:
        attempt = self._attempt
        if attempt is None:
            return [()]
        lines: list[Line] = [
            (("✔ ", "success"), (check_step(step), "")) for step, _seconds in attempt.steps
        ]
        if attempt.error is not None:
            told = clean(f"{attempt.error.message} {hint_of(attempt.error)}")
            return [*lines, *wrapped(f"✖ {told}", width, "error")]
        if attempt.result is not None:
            return [*lines, *wrapped(behaviour_sentence(attempt.result), width, "bold")]
        if attempt.stop.is_set():
            return [
                *lines,
                (("■ ", "muted"), (_("Stopping; the contact is left unsubscribed"), "")),
            ]
        return [*lines, (("● ", "accent"), (_("Omnisend is being asked"), ""))]
