"""Who reads a source of Customer Insights: what signs in, where it is kept, and who it is.

All of it may block: it belongs into threads.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock

from omnisend_tui.config.models import Source
from omnisend_tui.errors import CredentialsError
from omnisend_tui.i18n import _
from omnisend_tui.noting import drop_noted, keep_noted
from omnisend_tui.secrets import Secrets, client_secret_variable, secret_id, tokens_id
from omnisend_tui.sources.base import Tokens
from omnisend_tui.sources.entra import Entra, MemoryStore, Registration, TokenStore
from omnisend_tui.sources.entra_store import cache_of
from omnisend_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is to be kept for a source: what signs a person in, or a client secret."""

    tokens: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


def tokens(secrets: Secrets, source: Source) -> Tokens:
    """What signs the requests to a stored source; one for the process, however often asked for.

    Nothing is read before a token is asked for.
    """
    return _all_of(secrets, source).of(secrets, source)


def pinned(secrets: Secrets, source: Source) -> Tokens:
    """As ``tokens``, for a job: it goes on with what it began with, whatever is edited meanwhile.

    Only once that is refused it takes what ``source``, as it was, can be read with by then.
    """
    return _Pinned(_all_of(secrets, source).of(secrets, source))


def drafted(secrets: Secrets, source: Source, store: TokenStore, secret: str = "") -> Entra:
    """The sign-in of a source that isn't stored yet.

    As an application where the environment or the credentials folder has a client secret, or where
    the source says so and ``secret`` was typed; else as a person, whose tokens go into ``store``.
    Raises ``CredentialsError`` no_client_secret, credential_unreadable.
    """
    given = secrets.given_client_secret(source.name)
    found = given.value if given else secret if source.sign_in == "application" else ""
    if source.sign_in == "application" and not found:
        raise _no_client_secret(source)
    if found:
        return Entra(Registration.of(source), MemoryStore(), secret=found)
    return Entra(Registration.of(source), store)


def as_application(secrets: Secrets, source: Source) -> bool:
    """Whether an application signs in. Raises ``CredentialsError`` credential_unreadable."""
    return source.sign_in == "application" or bool(secrets.given_client_secret(source.name))


def keep(workspace: Workspace, source: Source, credentials: Credentials) -> None:
    """Puts what signs in into the keyring, in the place of what was there.

    Raises ``CredentialsError``, and leaves what was there then.
    """
    with keeping(workspace, source, credentials):
        pass


@contextmanager
def keeping(workspace: Workspace, source: Source, credentials: Credentials) -> Iterator[None]:
    """As ``keep``; where the block raises, all is as it was before."""
    secrets = workspace.secrets
    with ExitStack() as undo:
        if credentials.secret:
            undo.callback(_put_secret, workspace, source, secrets.kept_client_secret(source))
            _put_secret(workspace, source, credentials.secret)
        if credentials.tokens:
            undo.callback(_put_tokens, workspace, source, secrets.tokens(source))
            _put_tokens(workspace, source, credentials.tokens)
        yield
        undo.pop_all()
    noted = workspace.state.secrets()
    # Of the two ways to sign in a source has one.
    if credentials.secret and tokens_id(source) in noted:
        _put_tokens(workspace, source, "")
    elif credentials.tokens and secret_id(source) in noted:
        _put_secret(workspace, source, "")
    _all_of(secrets, source).renew()


def forget(workspace: Workspace, source: Source) -> None:
    """Takes what signs in out of the keyring. Raises ``CredentialsError``.

    A keyring that never held anything of this source need not be there.
    """
    noted = workspace.state.secrets()
    given = workspace.secrets.given_client_secret(source.name) is not None
    with ExitStack() as cleared:
        cleared.callback(_all_of(workspace.secrets, source).renew)
        for secret, put in ((secret_id(source), _put_secret), (tokens_id(source), _put_tokens)):
            if secret in noted:
                cleared.callback(put, workspace, source, "")
            elif not given:
                # The note may have been lost with the state.
                cleared.callback(_try_to_clear, put, workspace, source)


def forget_person(workspace: Workspace, source: Source) -> None:
    """Takes what signed a person in out of the keyring. Raises ``CredentialsError``."""
    if tokens_id(source) in workspace.state.secrets():
        _put_tokens(workspace, source, "")
    _all_of(workspace.secrets, source).renew()


def signed_in(workspace: Workspace, source: Source) -> str:
    """Who reads ``source``: a person's account, 'application', or '' for nobody.

    No server is asked. Raises ``CredentialsError`` (the keyring).
    """
    if source.type != "dataverse":
        return ""
    if as_application(workspace.secrets, source):
        given = workspace.secrets.given_client_secret(source.name)
        return _("application") if given or workspace.secrets.kept_client_secret(source) else ""
    text = workspace.secrets.tokens(source)
    return Entra(Registration.of(source), MemoryStore(text)).account() if text else ""


def _try_to_clear(
    put: Callable[[Workspace, Source, str], None], workspace: Workspace, source: Source
) -> None:
    with suppress(CredentialsError):
        put(workspace, source, "")


class _Kept:
    """The tokens of a stored source, by whatever signs in there now."""

    def __init__(self, secrets: Secrets, source: Source) -> None:
        self._secrets = secrets
        self._source = source
        self._lock = Lock()
        self._entra: Entra | None = None
        self._secret = ""

    def token(self, *, fresh: bool = False) -> str:
        """An access token; raises ``CredentialsError`` or ``AppError``, as ``Entra`` does."""
        entra, secret = self.signing()
        try:
            return entra.token(fresh=fresh)
        except CredentialsError:
            # A new client secret may have been given meanwhile, maybe by another process.
            if not secret or self._find_secret() == secret:
                raise
        self.renew()
        return self.signing()[0].token()

    def renew(self) -> None:
        """Looks again, at the next token, at what is kept."""
        with self._lock:
            self._entra = None

    def signing(self) -> tuple[Entra, str]:
        """What signs in now, and its client secret ('' for a person's)."""
        with self._lock:
            if self._entra is None:
                self._secret = self._find_secret()
                store = MemoryStore() if self._secret else _InKeyring(self._secrets, self._source)
                self._entra = Entra(Registration.of(self._source), store, secret=self._secret)
            return self._entra, self._secret

    def _find_secret(self) -> str:
        """The client secret, '' where a person signs in."""
        if given := self._secrets.given_client_secret(self._source.name):
            return given.value
        if self._source.sign_in == "person":
            return ""
        if kept := self._secrets.kept_client_secret(self._source):
            return kept
        raise _no_client_secret(self._source)


class _Pinned:
    """What a job began with."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept
        self._began: Entra | None = None

    def token(self, *, fresh: bool = False) -> str:
        """As that of ``_Kept``."""
        if (began := self._began) is None:
            began = self._began = self._kept.signing()[0]
        try:
            return began.token(fresh=fresh)
        except CredentialsError:
            self._began = None
            return self._kept.token(fresh=fresh)


class _InKeyring:
    """The ``TokenStore`` of a stored source.

    What was loaded is still had by those who have it once the keyring holds nothing of its app:
    then the source was edited, and a job that reads it goes on. Into the keyring goes only what
    takes the place of the same account's: a sign-in that was forgotten doesn't come back.
    """

    def __init__(self, secrets: Secrets, source: Source) -> None:
        self._secrets = secrets
        self._source = source
        self._had = ""

    def load(self) -> str:
        text = self._secrets.tokens(self._source)
        if not self._had or any(app == self._source.client_id for app, _who in _signed(text)):
            self._had = text
        return self._had

    def save(self, text: str) -> None:
        self._had = text
        if _signed(text) & _signed(self._secrets.tokens(self._source)):
            self._secrets.store_tokens(self._source, text)


def _signed(text: str) -> set[tuple[str, str]]:
    """The apps and accounts that a cache of MSAL's holds a sign-in of."""
    found = cache_of(text).search("RefreshToken")
    return {(str(each.get("client_id")), str(each.get("home_account_id"))) for each in found}


class _SignIns:
    """Those of one source, as it is now and as it was before edits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[Hashable, _Kept] = {}

    def of(self, secrets: Secrets, source: Source) -> _Kept:
        key = (source.name, source.sign_in, Registration.of(source))
        with self._lock:
            return self._known.setdefault(key, _Kept(secrets, source))

    def renew(self) -> None:
        with self._lock:
            for each in self._known.values():
                each.renew()


def _all_of(secrets: Secrets, source: Source) -> _SignIns:
    return secrets.shared(("sign-in", source.id), _SignIns)


def _put_secret(workspace: Workspace, source: Source, value: str) -> None:
    secrets, secret = workspace.secrets, secret_id(source)
    if value:
        keep_noted(workspace.state, secret, lambda: secrets.store_client_secret(source, value))
    else:
        drop_noted(workspace.state, secret, lambda: secrets.delete_client_secret(source))


def _put_tokens(workspace: Workspace, source: Source, text: str) -> None:
    secrets, tokens = workspace.secrets, tokens_id(source)
    if text:
        keep_noted(workspace.state, tokens, lambda: secrets.store_tokens(source, text))
    else:
        drop_noted(workspace.state, tokens, lambda: secrets.delete_tokens(source))


def _no_client_secret(source: Source) -> CredentialsError:
    return CredentialsError(
        "no_client_secret",
        _("There is no client secret with which “{name}” could sign in.").format(name=source.name),
        _("Set {variable}, or give the source a client secret.").format(
            variable=client_secret_variable(source.name)
        ),
    )
