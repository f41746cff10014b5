"""What the wizard of a Customer Insights source collects before anything is stored."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from omnisend_tui import saved, sign_in
from omnisend_tui.config.checks import name_fault, record_fault, tenant_doubt, tenant_fault
from omnisend_tui.config.models import ALL_PROFILES, CUSTOMER_ID, Source
from omnisend_tui.i18n import _
from omnisend_tui.secrets import Secret, client_secret_variable
from omnisend_tui.sources.base import Access, Tokens
from omnisend_tui.sources.entra import Entra, MemoryStore, Registration
from omnisend_tui.sources.environment import organization_url
from omnisend_tui.tui.sourcing.dataverse_facts import facts, segments_fact
from omnisend_tui.tui.sourcing.draft import Entered, exports_note, free_name, name_of
from omnisend_tui.tui.sourcing.looks import Counted, Listed
from omnisend_tui.tui.wizard.drafts import on_top
from omnisend_tui.workspace import Workspace

_REGISTRATION = ("url", "tenant", "client_id", "authority")  # what a sign-in is good for


def new_record(source_id: str) -> Source:
    """A source of Customer Insights about which nothing is known yet."""
    return Source(id=source_id, type="dataverse", key=CUSTOMER_ID)


@dataclass
class DataverseDraft:
    """``before`` is the stored source that is edited, None for a new one.

    ``account`` is who signed in here, ``kept`` who is signed in with what is stored, None until
    that was looked for. What signs in (``store`` and ``secret``) is in memory until it is saved.
    ``passed`` is the sign-in whose rights were tried, ``listed`` what the environment has.
    """

    workspace: Workspace
    source: Source
    clock: Callable[[], float] = time.time
    before: Source | None = None
    proposed: str = ""  # the name that the app thought of
    store: MemoryStore = field(default_factory=MemoryStore, repr=False)
    secret: str = field(default="", repr=False)
    given: Secret | None = None  # the client secret of the environment or the credentials folder
    account: str = ""
    kept: str | None = None
    passed: tuple[object, ...] | None = None
    listed: Listed | None = None
    _given_name: str = ""  # the name that it was looked for by
    typing: str = ""  # the name of a segment being entered
    aside: Entered | None = None  # what the other type of a new source was filled with

    # The fields of its record.

    def value(self, name: str) -> Any:
        return getattr(self.source, name)

    def take(self, values: dict[str, Any]) -> str:
        """Takes the environment, or the name; another registration needs another sign-in."""
        if "url" in values:
            values["url"] = organization_url(values["url"])
        wanted = replace(self.source, **values)
        if _registration(wanted) != _registration(self.source):
            self.forget_sign_in()
        self.source = wanted
        if "name" in values:
            return saved.source_fault(self.workspace, wanted) or self._secret_fault()
        if not self.source.name or self.source.name == self.proposed:
            label = (urlsplit(wanted.url).hostname or "").partition(".")[0]
            named = name_of("" if label.isdecimal() else label) or _("Customer Insights")
            self.proposed = free_name(self.workspace, named)
            self.source = replace(self.source, name=self.proposed)
        fault = record_fault(self.source)
        return fault[1] if fault else tenant_fault(self.source, self.before)

    def field_at_fault(self) -> str:
        """The field of the environment whose value can't be."""
        fault = record_fault(self.source)
        if fault:
            return fault[0]
        return "tenant" if tenant_fault(self.source, self.before) else "url"

    def take_way(self, way: str) -> None:
        """Takes who signs in: 'person' or 'application'."""
        if way != self.source.sign_in:
            self.source = replace(self.source, sign_in=way)
            self.passed = self.listed = None

    def take_secret(self, secret: str) -> None:
        if secret != self.secret:
            self.secret = secret
            self.passed = self.listed = None

    def take_account(self, account: str, store: MemoryStore) -> None:
        """Somebody signed in; whether he may read isn't known yet."""
        self.account, self.store = account, store
        self.passed = self.listed = None

    def forget_sign_in(self) -> None:
        """What was known of a sign-in, and through it."""
        self.store, self.account = MemoryStore(), ""
        self.passed = self.listed = None

    def _secret_fault(self) -> str:
        """Whether another name loses the client secret that the environment has for this one."""
        if self.source.sign_in != "application" or self.secret or self.given is None:
            return ""
        if self.workspace.secrets.given_client_secret(self.source.name) is not None:
            return ""
        return _("The environment has a client secret for “{name}”, not for this name.").format(
            name=self._given_name
        )

    # Signing in; all of it takes a while and belongs into a thread.

    @property
    def person(self) -> bool:
        """Whether a person signs in: a client secret of the environment goes before all else."""
        return self.source.sign_in == "person" and self.given is None

    def take_known(self, kept: str, given: Secret | None) -> None:
        """Takes who is signed in with what is stored, and a client secret that is given."""
        self.kept, self._given_name = kept, self.source.name
        if given != self.given:
            self.given = given
            self.passed = self.listed = None
        if given is not None and self.before is None:
            self.source = replace(self.source, sign_in="application")

    def secret_variable(self) -> str:
        """The variable of the environment that may hold the client secret."""
        return client_secret_variable(self.source.name)

    def entra(self, store: MemoryStore) -> Entra:
        """Signs in with what was entered here, and keeps the tokens in ``store``."""
        return sign_in.drafted(self.workspace.secrets, self.source, store, self.secret)

    def tokens(self) -> Tokens:
        """What was entered here; without it, what is stored for the same registration."""
        entered = self.account if self.person else self.secret
        if self.stays() and not entered and self.before is not None:
            return sign_in.tokens(self.workspace.secrets, self.before)
        return self.entra(self.store)

    def access(self) -> Access:
        return Access(tokens=self.tokens()).hurried()

    def stays(self) -> bool:
        """Whether what is stored still signs in."""
        before = self.before
        if before is None or before.sign_in != self.source.sign_in:
            return False
        return _registration(before) == _registration(self.source)

    def who(self) -> str:
        """Who is signed in as a person, '' where nobody is."""
        return self.account or (self.kept or "" if self.stays() else "")

    def has_secret(self) -> bool:
        """Whether an application could sign in."""
        return bool(self.secret or self.given or (self.stays() and self.kept))

    def unlooked(self) -> bool:
        """Whether what is stored signs in, as far as is known: nobody has looked for it yet."""
        return self.kept is None and self.stays()

    def may_sign_in(self) -> bool:
        """Whether there is anything to sign in with."""
        return bool(self.who()) if self.person else self.has_secret()

    def signed(self) -> bool:
        """Whether somebody is signed in who may read, as far as is known."""
        return self.passed is not None and self.passed == self._signed_now()

    def pass_sign_in(self) -> None:
        """The environment answered to this sign-in."""
        self.passed = self._signed_now()

    def _signed_now(self) -> tuple[object, ...]:
        return (*_registration(self.source), self.source.sign_in, self.account)

    # Segments that the environment doesn't list.

    def segment_fault(self) -> str:
        """Why the name being entered can't be added, '' where it can."""
        if fault := name_fault(self.typing):
            return fault
        if self.typing in (each.name for each in self.segments()):
            return _("The segment “{name}” is in the list already.").format(name=self.typing)
        return ""

    def segments(self) -> tuple[Counted, ...]:
        """All profiles, what was typed, and what the environment lists beyond that."""
        listed = self.listed.segments if self.listed else ()
        known = {each.name: each for each in listed}
        first = known.pop(ALL_PROFILES, Counted(ALL_PROFILES, "all", None))
        typed = [
            dataclass_replace(known.pop(name, Counted(name, "typed", None)), origin="typed")
            for name in self.source.segments
        ]
        return (first, *typed, *(each for each in known.values() if each.origin != "typed"))

    def add_segment(self) -> None:
        kept = {**self.source.segments, self.typing: ""}
        self.source = replace(self.source, segments=kept)
        self.typing = ""

    def remove_segment(self, name: str) -> None:
        left = {each: "" for each in self.source.segments if each != name}
        self.source = replace(self.source, segments=left)

    # What was done so far, in words.

    def host(self) -> str:
        return urlsplit(self.source.url).netloc

    def sign_in_host(self) -> str:
        return urlsplit(Registration.of(self.source).authority).netloc

    def sign_in_fact(self) -> str:
        if self.unlooked() and not self.account:
            return _("as it is stored")
        if not self.person:
            return _("as an application") if self.has_secret() else _("later")
        return self.who() or _("later")

    def segments_fact(self) -> str:
        return segments_fact(self)

    # Storing it.

    def unsaved(self) -> bool:
        return self.entered() or (self.aside is not None and self.aside.entered())

    def entered(self) -> bool:
        """Whether anything was entered here that isn't stored."""
        kept = self.before or new_record(self.source.id)
        return bool(self.source != kept or self.account or self.secret or self.typing)

    def save_label(self) -> str:
        return _("Save source")

    def note(self) -> str:
        note = _("Only this is stored, and what signs in goes into the keyring. The profiles stay"
                 " in Customer Insights and are read by each run.")  # fmt: skip
        if self.before is not None:
            note = exports_note(self.workspace, self.before)
        return f"{tenant_doubt(self.source)} {note}".strip()

    def facts(self) -> Sequence[tuple[str, str]]:
        return facts(self)

    def credentials(self) -> sign_in.Credentials | None:
        """What is to be kept, None where nothing new signs in."""
        if self.person:
            return sign_in.Credentials(tokens=self.store.load()) if self.account else None
        return sign_in.Credentials(secret=self.secret) if self.secret else None

    def save(self) -> str:
        if self.before is None:
            stored = saved.add_source(self.workspace, self.source, self.credentials())
        else:
            stored = saved.edit_source(self.workspace, self.before, self.source, self.credentials())
        return _("Source “{name}” is saved.").format(name=stored.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw; what he changed stays changed."""
        known = self.workspace.reload_config().sources.values()
        if self.before is not None and (both := on_top(self.source, self.before, known)):
            self.before, self.source = both

    # Signing in again, with nothing else changed.

    def keep(self) -> str:
        """Keeps what signs in now for the stored source; returns the sentence to tell."""
        credentials = self.credentials()
        assert self.before is not None
        if credentials is None:
            return _("The client secret of “{source}” works; it is kept where it was.").format(
                source=self.before.name
            )
        sign_in.keep(self.workspace, self.before, credentials)
        if self.person:
            return _("“{source}” is read as {who} from now on.").format(
                source=self.before.name, who=self.account
            )
        return _("“{source}” has a new client secret.").format(source=self.before.name)


def _registration(source: Source) -> tuple[str, ...]:
    return tuple(getattr(source, name) for name in _REGISTRATION)
