"""Signing in to Customer Insights: by device code as oneself, or as an application."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Button, Input

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.secret_row import SecretRow
from omnisend_tui.tui.sourcing.signing import Known, Signing, find_known
from omnisend_tui.tui.sourcing.signing_lines import (
    ahead_lines,
    checking_words,
    code_lines,
    failed_lines,
    help_words,
)
from omnisend_tui.tui.sourcing.ways import Ways
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import SecretInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, clean, wrapped
from omnisend_tui.tui.wizard.page import Page


class SignInPage(Page[DataverseDraft]):
    """Goes on by itself once somebody signed in whom the environment lets in."""

    def __init__(self, draft: DataverseDraft) -> None:
        super().__init__(draft)
        self.signing = Signing(draft)
        self._knowing: Attempt[Known] | None = Attempt(lambda _attempt: find_known(draft))
        self._known_error: AppError | None = None
        self._going_on = False

    def title_line(self) -> str:
        return _("Sign in to Customer Insights")

    def compose(self) -> ComposeResult:
        yield Ways(self.draft.source.sign_in, self._asked_secret)
        yield SecretRow(self.draft.secret)
        yield Lines(self._lines, classes="text")

    def on_mount(self) -> None:
        self._arrange()
        self.set_interval(0.1, self._look)

    def on_unmount(self) -> None:
        self.signing.stop()

    # Buttons and keys.

    def next_label(self, following: str) -> str:
        if self.signed() or self.busy():
            return super().next_label(following)
        if self._unchecked():
            return _("Check again")
        return _("Get a code") if self.draft.person else _("Sign in")

    def next_key(self, *, last: bool) -> str:
        if self._unchecked():
            return _("Check again")
        return super().next_key(last=last) if self.signed() else _("Sign in")

    def other_label(self) -> str:
        return "" if self.signed() else _("Later")

    def again_label(self) -> str:
        if self.busy():
            return _("Stop")
        return _("Sign in anew") if self.may_sign_in_anew() else ""

    def ready(self) -> bool:
        return not self.busy() and not self.keyless()

    def may_go_on(self) -> bool:
        if self.busy():
            self._tell_wait()
        elif self.keyless():
            self.omnisend.say(_("Nobody can sign in here: there is nowhere to keep it."))
        return self.ready()

    def own_keys(self) -> Sequence[Key]:
        keys = [Key("F5", _("Copy both"), "copy")] if self.signing.code is not None else []
        if not self.busy() and self.may_sign_in_anew():
            keys.append(Key("F6", _("Sign in anew"), "anew"))
        if self.other_label():
            keys.append(Key("F8", _("Later"), "other"))
        return keys

    def about(self) -> tuple[str, str]:
        return help_words(self.draft)

    def do_again(self) -> None:
        if self.busy():
            self.stop()
            self.wizard.renew()
        else:
            self.do_anew()

    def do_anew(self) -> None:
        """Signs in, whoever is signed in already."""
        self.complaint = ""
        self.signing.begin()
        self.wizard.renew()

    def do_other(self) -> None:
        self.keep()
        self.signing.stop()
        if not self.draft.may_sign_in() and not self.draft.person:
            # A choice alone signs nobody in.
            before = self.draft.before
            self.draft.take_way(before.sign_in if before is not None else "person")
        self.wizard.advance()

    def do_copy(self) -> None:
        code = self.signing.code
        if code is not None:
            self.app.copy_to_clipboard(f"{clean(code.address)}\n{clean(code.code)}")
            told = _("Address and code are on the clipboard, where the terminal allows it.")
            self.omnisend.say(told)

    def keep(self) -> str:
        if not self.draft.person:
            self.draft.take_secret(self._secret.value.strip())
        return ""

    def problem(self) -> str:
        self.keep()
        if self._knowing is not None:
            self._going_on = True
            return _("Looking for what is stored")
        if self.draft.person or self.draft.has_secret():
            return ""
        self._secret.focus()
        return _("Enter the client secret, or paste it.")

    def go_on(self) -> None:
        if self.signed():
            self.wizard.advance()
        elif self._unchecked():
            self.signing.check()  # the role may have been given meanwhile
            self.wizard.renew()
        else:
            self.do_anew()

    def passed(self) -> None:
        """Somebody is signed in whom the environment lets in."""
        who = self.draft.account
        self.wizard.advance()
        if who:
            self.omnisend.say(_("Signed in as {who}.").format(who=who))

    def busy(self) -> bool:
        return bool(self.signing.stage)

    def stop(self) -> None:
        self.signing.stop()

    @on(Choices.Marked, "#way")
    def _marked(self, event: Choices.Marked) -> None:
        event.stop()
        way = self.query_one(Ways).way
        if way == self.draft.source.sign_in:
            return
        if self.busy():
            self._arrange()
            self._tell_wait()
            return
        self.complaint = ""
        self.signing.error, self.signing.stopped = None, False
        self.draft.take_way(way)
        self._arrange()
        self.wizard.renew()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    def on_input_changed(self, event: Input.Changed) -> None:
        super().on_input_changed(event)
        self.signing.error = None
        if self.draft.secret != self._secret.value.strip():
            self.stop()
        self.wizard.renew()

    # What it says.

    def signed(self) -> bool:
        if self.draft.person and not self.draft.account:
            return bool(self.draft.who())  # what is stored; the next step tells how it is
        return self.draft.signed()

    def keyless(self) -> bool:
        """Whether nothing that signs in could be kept, and nothing is given."""
        return self._known_error is not None and self._known_error.code == "no_keyring"

    def may_sign_in_anew(self) -> bool:
        """Whether signing in takes a key of its own, as Next does something else."""
        return self.draft.person and bool(self.draft.who())

    def _unchecked(self) -> bool:
        """Whether somebody signed in here who wasn't let in, or isn't known to be."""
        return self.draft.person and bool(self.draft.account) and not self.signed()

    @property
    def _other(self) -> Button:
        return self.wizard.query_one("#other", Button)

    @property
    def _secret(self) -> SecretInput:
        return self.query_one(SecretInput)

    def _asked_secret(self) -> SecretInput | None:
        return self._secret if self.query_one(SecretRow).display else None

    def _arrange(self) -> None:
        asks = not self.draft.person and self.draft.given is None and not self.keyless()
        self.query_one(SecretRow).display = asks
        self.query_one(Ways).take(self.draft.source.sign_in)

    def _look(self) -> None:
        if self._knowing is not None and self._knowing.done:
            known, self._knowing = self._knowing, None
            self._known_error = known.error
            if known.result is not None:
                self.draft.take_known(*known.result)
            self._arrange()
            self.complaint = ""
            self.wizard.renew()
            if self.keyless() and self.other_label():
                self.wizard.set_focus(self.first_field())
            if self._going_on:
                self._going_on = False
                self.wizard.go_on()
        if not self.signing.look():
            self.show()
        elif self.draft.signed() and not self.busy():
            self.passed()
        else:
            self.wizard.renew()

    def _tell_wait(self) -> None:
        if self.signing.stage == "waiting":
            told = _("The code waits for you: enter it at the address, or stop with Esc.")
        else:
            told = _("The answer isn't there yet; Esc stops.")
        self.omnisend.say(told)

    def _lines(self, width: int) -> Sequence[Line]:
        if self.complaint:
            return [(), *self.complaint_lines(width)]
        stage, signing = self.signing.stage, self.signing
        if stage == "waiting" and signing.code is not None:
            return code_lines(signing, signing.code, width)
        if stage == "asking":
            told = _("Asking {host} for a code").format(host=clean(self.draft.sign_in_host()))
            return [(), (("● ", "accent"), (told, ""))]
        signed = self._signed_lines(width)
        if stage == "checking":
            return [(), *signed, (("● ", "accent"), (checking_words(self.draft), ""))]
        if signing.error is not None:
            failed = failed_lines(self.draft, signing.error, width)
            return [(), *signed, *failed, (), *self.later(width)]
        if signing.stopped:
            return [(), (("■ ", "muted"), (_("Stopped; nobody signed in"), "")), (),
                    *self.later(width)]  # fmt: skip
        return [(), *(signed or self._ahead(width)), (), *self.later(width)]

    def _signed_lines(self, width: int) -> list[Line]:
        if not self.draft.person:
            if not self.draft.signed():
                return []
            return [(("✔ ", "success"), (_("The application is signed in and may read"), ""))]
        who = clean(self.draft.who())
        told = _("Signed in as {who}").format(who=who)
        return wrapped(f"✔ {told}", width, "success") if who else []

    def _ahead(self, width: int) -> list[Line]:
        if self._known_error is not None:
            return failed_lines(self.draft, self._known_error, width)
        return ahead_lines(self.draft, width)

    def later(self, width: int) -> list[Line]:
        if self.signed():
            return []
        return wrapped(
            _("F8 signs in later: until then neither segments nor columns are known. Names of"
              " segments can be typed; data matching waits for the sign-in."), width, "muted",
        )  # fmt: skip

    def first_field(self) -> Widget | None:
        return self._other if self.keyless() else self.query_one(Ways)
