"""A sign-in as it goes: a code is asked for, somebody enters it, and their rights are tried."""

from threading import Event
from typing import TYPE_CHECKING, Literal

from omnisend_tui import sign_in
from omnisend_tui.errors import AppError
from omnisend_tui.secrets import Secret
from omnisend_tui.sources.entra import DeviceCode, Entra, MemoryStore
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft

if TYPE_CHECKING:
    from omnisend_tui.sources.dataverse import WhoAmI

Known = tuple[str, Secret | None]  # who is signed in with what is stored, a given client secret
Stage = Literal["", "asking", "waiting", "checking"]


class Signing:
    """Everything takes place in threads; ``look`` takes up what they brought.

    ``error`` is why the last try failed, ``stopped`` that it was given up here. ``code`` is what
    somebody is waited for with, ``silent`` is set while the server gives no answer to that.
    """

    def __init__(self, draft: DataverseDraft) -> None:
        self.draft = draft
        self.code: DeviceCode | None = None
        self.error: AppError | None = None
        self.stopped = False
        self.silent = Event()
        self._store = MemoryStore()
        self._asking: Attempt[tuple[Entra, DeviceCode]] | None = None
        self._waiting: Attempt[str | None] | None = None
        self._checking: Attempt[WhoAmI] | None = None

    @property
    def stage(self) -> Stage:
        if self._asking is not None:
            return "asking"
        if self._waiting is not None:
            return "waiting"
        return "checking" if self._checking is not None else ""

    def begin(self) -> None:
        """Asks for a code as a person; an application is tried at once."""
        self._clear()
        if not self.draft.person:
            self.check()
            return
        draft = self.draft
        store = self._store = MemoryStore()  # somebody else's tokens aren't his

        def ask(_attempt: object) -> tuple[Entra, DeviceCode]:
            entra = draft.entra(store)
            return entra, entra.begin()

        self._asking = Attempt(ask)

    def check(self) -> None:
        """Asks the environment whether it lets in who is signed in."""
        self._clear()
        draft = self.draft

        def ask(_attempt: object) -> "WhoAmI":
            from omnisend_tui.sources.dataverse import who_am_i  # imports what reads pages

            return who_am_i(draft.source, draft.access())

        self._checking = Attempt(ask)

    def stop(self) -> None:
        """Gives up what goes on; nobody is waited for any more."""
        for attempt in (self._asking, self._waiting, self._checking):
            if attempt is not None:
                attempt.stop.set()
                self.stopped = True
        self._asking = self._waiting = self._checking = None
        self.code = None

    def look(self) -> bool:
        """Takes up what is done; whether anything was."""
        if self._asking is not None and self._asking.done:
            self._asked(self._asking)
        elif self._waiting is not None and self._waiting.done:
            self._waited(self._waiting)
        elif self._checking is not None and self._checking.done:
            checked, self._checking = self._checking, None
            self.error = checked.error
            if checked.error is None:
                self.draft.pass_sign_in()
        else:
            return False
        return True

    def seconds_left(self) -> float:
        """Until the code is good for nothing."""
        return max(0.0, self.code.expires_at - self.draft.clock()) if self.code else 0.0

    def _clear(self) -> None:
        self.stop()
        self.error, self.stopped = None, False

    def _asked(self, attempt: Attempt[tuple[Entra, DeviceCode]]) -> None:
        self._asking = None
        self.error = attempt.error
        if attempt.result is None:
            return
        entra, code = attempt.result
        self.code = code
        silent = self.silent = Event()  # its own: an earlier wait may still end

        def tell(answers: bool) -> None:
            silent.clear() if answers else silent.set()

        self._waiting = Attempt(lambda waiting: entra.wait(code, waiting.stop, tell))

    def _waited(self, attempt: Attempt[str | None]) -> None:
        self._waiting = self.code = None
        self.error = attempt.error
        if attempt.error is None and attempt.result is not None:
            self.draft.take_account(attempt.result, self._store)
            self.check()


def find_known(draft: DataverseDraft) -> Known:
    """What there is to sign in with. It may block: files are read and the keyring is asked.

    Raises ``CredentialsError``: no_keyring where what signs in could neither be given nor kept.
    """
    workspace, before = draft.workspace, draft.before
    given = workspace.secrets.given_client_secret(draft.source.name)
    if given is None:
        workspace.secrets.keyring_name(draft.source)
    return sign_in.signed_in(workspace, before) if before is not None else "", given
