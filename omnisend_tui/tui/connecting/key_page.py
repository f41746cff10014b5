"""The API key: typed or pasted, masked, and where it will be kept."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from omnisend_tui import api_keys
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.secrets import variable_names
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.connecting.draft import Draft
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, wrapped
from omnisend_tui.tui.wizard.page import Page
from omnisend_tui.tui.words import hint_of


class KeyPage(Page[Draft]):
    """Goes on with a key that may be right, or with the one that the environment has."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft)
        # Files are read and the keyring is asked for, which takes a tenth of a second.
        secrets, name = draft.workspace.secrets, draft.connection.name
        self._given = Attempt(lambda _attempt: secrets.given_key(name))
        self._keyring = Attempt(lambda _attempt: secrets.keyring_name())
        self._going_on = False

    def title_line(self) -> str:
        return _("Omnisend API key")

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Lines(lambda _width: [((_("API key"), "muted"),)], classes="label")
            yield SecretInput(self.draft.key, id="api_key")
        with Horizontal(classes="field status"):
            yield Lines(lambda _width: [()], classes="label")
            yield Lines(self._status, classes="text")
        yield Lines(self._words, classes="text")

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)

    def own_keys(self) -> Sequence[Key]:
        shown = self.is_mounted and not self._input.password
        return [Key("F5", _("Hide") if shown else _("Show for 5 s"), "reveal")]

    def do_reveal(self) -> None:
        self._input.focus()
        self._input.reveal()
        self.wizard.renew()

    def about(self) -> tuple[str, str]:
        return _("API key"), _(
            "Omnisend shows a key once, when it is made. If it is lost, make another and remove"
            " the old one there.\n\nThe permission Contacts is enough: the app neither reads orders"
            " nor sends campaigns. A changed permission takes up to 5 minutes."
        )

    def keep(self) -> str:
        self.draft.take_key(self._input.value.strip())
        return ""

    def problem(self) -> str:
        key = self._input.value.strip()
        self._input.hide()
        if not self._take_found():
            self._going_on = True
            return _("Looking for a keyring")
        self.draft.take_key(key)
        if key and self.draft.given is not None:
            return _(
                "The key given for this connection goes first, so this one would never be used:"
                " leave the field empty, or take the other one away."
            )
        if key:
            return api_keys.fault(key) or _told(self._keyring.error)
        if self.draft.before is None and self.draft.given is not None:
            return ""
        return _("Enter the key, or paste it.")

    @property
    def _input(self) -> SecretInput:
        return self.query_one(SecretInput)

    @property
    def _looked(self) -> bool:
        return self._keyring.done and self._given.done

    def _look(self) -> None:
        if self._take_found() and self._going_on:
            self._going_on = False
            self.wizard.go_on()
        self.show()

    def _take_found(self) -> bool:
        """Whether it is known what keeps and gives keys, which is in the draft then."""
        if self._looked:
            self.draft.keyring = self._keyring.result or ""
            self.draft.take_given(self._given.result)
        return self._looked

    def _status(self, width: int) -> Sequence[Line]:
        if self.complaint:
            return wrapped(f"✖ {self.complaint}", width, "error")
        key = self._input.value.strip() if self.is_mounted else self.draft.key
        if not key:
            given = self.draft.before is None and self.draft.given is not None
            return (
                wrapped(_("Leave it empty to use the key described below."), width)
                if given
                else [()]
            )
        if fault := api_keys.fault(key):
            return wrapped(f"✖ {fault}", width, "error")
        length = ngettext("{count} character", "{count} characters", len(key)).format(
            count=number(len(key))
        )
        if api_keys.looks_odd(key):
            told = _("{length}, but no dash: Omnisend's keys have one").format(length=length)
            return wrapped(f"! {told}", width, "warning")
        told = _("{length}, the form of an Omnisend key").format(length=length)
        return wrapped(f"✔ {told}", width, "success")

    def _words(self, width: int) -> Sequence[Line]:
        lines: list[Line] = [
            (),
            ((_("Where to find it"), "bold"),),
            (("1  ", "muted"), (_("In Omnisend open") + " ", ""),
             (_("Store settings › API keys"), "bold")),
            (("2  ", "muted"), (_("Choose") + " ", ""), (_("Create API key"), "bold"),
             (_(", with the permission") + " ", ""), (_("Contacts"), "bold")),
            (("3  ", "muted"), (_("The key is shown there once: copy it and paste it here"), "")),
            (),
            ((_("Where it is kept"), "bold"),),
        ]  # fmt: skip
        return lines + self._place(width)

    def _place(self, width: int) -> list[Line]:
        lines: list[Line] = []
        given = self.draft.given
        variable = variable_names(self.draft.connection.name)[0]
        if given is not None:
            where = (
                _("The environment has a key for this connection, and it goes first.")
                if given.origin == "environment"
                else _("The credentials folder has a key for this connection, and it goes first.")
            )
            lines += wrapped(where, width)
        lines += wrapped(_told(self._given.error), width, "warning")
        if not self._looked:
            return lines or [((_("Looking for a keyring"), "muted"),)]
        if error := self._keyring.error:
            if given is None:
                lines += wrapped(_told(error), width, "warning")
            return lines
        return lines or wrapped(
            _("{keyring}. It is never written to a file. On a server {variable} works too.").format(
                keyring=self.draft.keyring, variable=variable
            ),
            width,
        )


def _told(error: AppError | None) -> str:
    return f"{error.message} {hint_of(error)}" if error is not None else ""
