"""Signs in at Microsoft Entra ID, by MSAL: a person by device code, an application by its secret.

Calls block: they belong into threads. Tokens, codes and secrets show themselves nowhere.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from shlex import quote
from threading import Event, Lock
from typing import Any
from urllib.parse import urlsplit

from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.http import NetworkError
from omnisend_tui.sources.entra_code import DeviceCode, device_code
from omnisend_tui.sources.entra_door import Door, quiet_logs, secure
from omnisend_tui.sources.entra_errors import (
    Busy,
    expired,
    must_ask,
    not_an_authority,
    polled,
    refused,
    sign_in_needed,
    unreachable,
)
from omnisend_tui.sources.entra_store import MemoryStore, Registration, TokenStore, cache_of

__all__ = ["DeviceCode", "Entra", "MemoryStore", "Registration", "TokenStore"]
_GOES_ON = ("authorization_pending", "slow_down")
_NO_ANSWER = (NetworkError, Busy)


class Entra:
    """One sign-in: with ``secret`` an application's, else a person's. Threads may share it.

    ``clock`` tells seconds since the epoch. All errors are ``AppError``: sign_in_needed,
    sign_in_declined, sign_in_expired, sign_in_refused, sign_in_elsewhere, client_secret_refused
    (all of them ``CredentialsError``), sign_in_unreachable, not_an_authority; and what the store
    raises.
    """

    def __init__(
        self,
        registration: Registration,
        store: TokenStore,
        *,
        secret: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.registration = registration
        self._store = store
        self._secret = secret
        self._clock = clock
        self._door = Door(registration.authority)
        self._lock = Lock()
        self._refreshes = 0
        self._app: Any = None
        self._kept: Any = None
        self._loaded = ""

    def token(self, *, fresh: bool = False) -> str:
        """An access token: a kept one, or a new one; ``fresh``: the last one was refused."""
        seen = self._refreshes
        with self._lock, self._told():
            # Whoever waited while another thread asked gets what that one got.
            anew = fresh and seen == self._refreshes
            try:
                token = self._of_application(anew) if self._secret else self._of_person(anew)
            except BaseException:
                # MSAL remembers refusals for a minute; the next attempt is to be a real one.
                self._forget()
                raise
            self._refreshes += anew
            return token

    def begin(self) -> DeviceCode:
        """Asks for a device code; what was kept before stays until somebody enters it."""
        with self._told():
            signing = self._application(cache_of(""))
            scopes = [self._scope("user_impersonation")]
            flow: dict[str, Any] = self._asked(signing.initiate_device_flow, scopes)
            if not {"user_code", "device_code", "verification_uri"} <= flow.keys():
                raise self._refused(flow)
            found: DeviceCode = self._asked(device_code, flow, signing, self._clock())
            return found

    def wait(
        self, code: DeviceCode, stop: Event, tell: Callable[[bool], None] = lambda _answers: None
    ) -> str | None:
        """Waits until a person has signed in with ``code``; the account's name, kept from then on.

        None once ``stop`` is set, at once but for a request that is under way. A network that
        fails for a while ends nothing as long as the code holds; ``tell`` hears whether the server
        answers, whenever that changes.
        """
        flow, signing = code._flow, code._signing
        answers = True
        with self._told():
            while not stop.is_set():
                silent: NetworkError | Busy | None = None
                answer: Mapping[str, Any] = {}
                try:
                    # Asked once: MSAL's own loop can't be stopped within a second.
                    answer = self._asked(
                        signing.acquire_token_by_device_flow,
                        flow,
                        exit_condition=lambda _flow: True,
                    )
                except _NO_ANSWER as error:
                    silent = error
                if "access_token" in answer:
                    return self._signed_in(signing.token_cache)
                if silent is None and answer.get("error") not in _GOES_ON:
                    raise polled(self.registration.authority, answer, [flow["device_code"]])
                if answers != (silent is None):
                    answers = silent is None
                    tell(answers)
                left = code.expires_at - self._clock()
                if stop.wait(max(0.0, min(flow["interval"], left))):
                    break
                if self._clock() >= code.expires_at:
                    raise expired() if silent is None else silent
            return None

    def account(self) -> str:
        """The name of the person who is signed in, '' for nobody. It asks no server."""
        with self._lock:
            self._remember()
            account = self._account()
        return "" if account is None else str(account.get("username") or "?")

    def _of_person(self, anew: bool) -> str:
        self._remember()
        answer = self._silently(anew)
        if (answer is None or must_ask(answer)) and self._store.load() != self._loaded:
            # Another process may have signed in meanwhile.
            self._forget()
            self._remember()
            answer = self._silently(anew)
        if answer is None or must_ask(answer):
            name = self.registration.name
            how = f"omnisend-tui source sign-in {quote(name)}" if name else "omnisend-tui"
            raise sign_in_needed(self.registration.resource, how)
        if "access_token" not in answer:
            raise self._refused(answer)
        # A token that can't be kept is of use all the same.
        with suppress(CredentialsError):
            self._keep(self._kept)
        return str(answer["access_token"])

    def _silently(self, anew: bool) -> Mapping[str, Any] | None:
        """MSAL's answer from the cache or to a refresh; None where there is nothing to refresh."""
        account = self._account()
        if account is None:
            return None
        if self._app is None:
            self._app = self._application(self._kept)
        answer: Mapping[str, Any] | None = self._asked(
            self._app.acquire_token_silent_with_error,
            [self._scope("user_impersonation")],
            account,
            force_refresh=anew,
            http_exceptions=_NO_ANSWER,
        )
        return answer

    def _of_application(self, anew: bool) -> str:
        self._remember()
        if self._app is None:
            self._app = self._application(self._kept)
        if anew:
            self._app.remove_tokens_for_client()
        answer = self._asked(
            self._app.acquire_token_for_client,
            [self._scope(".default")],
            http_exceptions=_NO_ANSWER,
        )
        if "access_token" not in answer:
            raise self._refused(answer)
        self._keep(self._kept)
        return str(answer["access_token"])

    def _application(self, cache: Any) -> Any:
        import msal  # type: ignore[import-untyped]

        quiet_logs()
        return self._asked(
            msal.ConfidentialClientApplication if self._secret else msal.PublicClientApplication,
            self.registration.client_id,
            client_credential=self._secret or None,
            authority=secure(self.registration.authority),
            # Its only use would be to ask Microsoft's host about others, and about its aliases.
            instance_discovery=False,
            token_cache=cache,
            http_client=self._door,
        )

    def _signed_in(self, cache: Any) -> str:
        with self._lock:
            self._forget()
            self._keep(cache)
            self._kept = cache
            account = self._account()
        return str((account or {}).get("username") or "?")

    def _remember(self) -> None:
        if self._kept is None:
            self._loaded = self._store.load()
            self._kept = cache_of(self._loaded)

    def _forget(self) -> None:
        self._app = None
        self._kept = None
        self._loaded = ""

    def _keep(self, cache: Any) -> None:
        if cache.has_state_changed:
            text = json.dumps(json.loads(cache.serialize()), separators=(",", ":"))
            self._store.save(text)
            self._loaded = text

    def _account(self) -> dict[str, Any] | None:
        host = urlsplit(self.registration.authority).hostname
        accounts = self._kept.search("Account", query={"environment": host})
        return next(iter(list(accounts)), None)

    def _scope(self, permission: str) -> str:
        return f"{self.registration.resource}/{permission}"

    def _refused(self, answer: Mapping[str, Any]) -> AppError:
        return refused(
            self.registration.authority, answer, [self._secret], with_secret=bool(self._secret)
        )

    def _asked(self, call: Callable[..., Any], *values: object, **options: object) -> Any:
        """What ``call`` gives back; what it stumbles over in an answer becomes a sentence.

        MSAL's own errors quote whole answers.
        """
        try:
            return call(*values, **options)
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError, ArithmeticError):
            if refusal := self._door.refusal:
                raise self._refused(refusal) from None
            raise not_an_authority(self.registration.authority) from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except _NO_ANSWER as error:
            raise unreachable(self.registration.authority, error) from None
