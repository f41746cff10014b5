"""A Dataverse Web API: signed requests, tried again where that helps, and pages to their end."""

import random
import time
import weakref
from collections.abc import Callable, Iterator
from threading import Event
from typing import Protocol, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event
from tenacity.stop import stop_base

from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.http import Answer, Http, NetworkError
from omnisend_tui.sources import odata_errors as errors
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.odata_cells import mended
from omnisend_tui.sources.odata_errors import Stopped

READ_TIMEOUT = 60.0  # seconds; a page of 5,000 profiles is worked out before it is answered
PAGE = 5000  # rows; the most that Dataverse gives at once (contracts/dataverse.md)
_SHORTEST, _LONGEST = 0.5, 30.0  # seconds between tries
_WORTH_WAITING = 60.0  # seconds that somebody in front of a screen waits when the server says so
_TELLING = 1.0  # seconds; shorter waits aren't worth a line in a log
_EMPTY_PAGES = 50  # in a row, after which no row is expected any more
_HEADERS = {
    "Accept": "application/json",
    "OData-Version": "4.0",
    "OData-MaxVersion": "4.0",
    "Prefer": f"odata.maxpagesize={PAGE}",
}

T = TypeVar("T")


class Paged(Protocol):
    """A decoded page: how many rows it has, and the address of the next one."""

    @property
    def next(self) -> str | None: ...

    def __len__(self) -> int: ...


P = TypeVar("P", bound=Paged)


class _Trouble(Exception):
    """An attempt that failed and is worth another. ``wait``: seconds, as the server asked for."""

    def __init__(self, reason: str, error: AppError, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error
        self.wait = wait


def backoff(attempt: int) -> float:
    """Seconds after so many tries: doubling from half a second, with jitter."""
    longest = min(_LONGEST, _SHORTEST * 2 ** min(attempt - 1, 10))
    return random.uniform(longest / 2, longest)


class ODataClient:
    """The Web API of the environment at ``url``; may be used by several threads.

    Methods raise ``SourceError``, ``CredentialsError``, or ``Stopped`` once ``stop`` is set.
    """

    def __init__(
        self,
        url: str,
        access: Access,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[int], float] = backoff,
    ) -> None:
        self.root = url.rstrip("/") + "/api/data/v9.2/"
        self.host = urlsplit(url).netloc
        self._access = access
        self._ticks = ticks
        self._pause = pause
        self._http = Http(self.root, _HEADERS, connections=4)
        weakref.finalize(self, self._http.close)

    def get(self, address: str, decode: Callable[[bytes], T], stop: Event) -> T:
        """What ``decode`` makes of the answer; ``address`` is below the root, or whole.

        ``decode`` raises ``ValueError`` for a body that can't be what was asked for.
        """
        whole = self._own(address)
        retrying = Retrying(
            retry=retry_if_exception_type(_Trouble),
            wait=self._wait,
            stop=_Patience(self._access.patience, self._ticks),
            sleep=sleep_using_event(stop),
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            found: T = retrying(self._attempt, whole, decode, stop)
            return found
        except _Trouble as trouble:
            raise trouble.error from None

    def who_am_i(self, type_: type[T]) -> T:
        """The answer to ``WhoAmI``; 'not_dataverse' where what answers is something else."""
        try:
            return self.get("WhoAmI", msgspec.json.Decoder(type_).decode, Event())
        except errors.Refused as error:
            if error.status == 404:
                raise errors.not_dataverse(self.host) from None
            raise

    def pages(self, address: str, decode: Callable[[bytes], P], stop: Event) -> Iterator[P]:
        """The pages from ``address`` on, each asked for when it is wanted."""
        followed: set[int] = set()
        here, empty = self._own(address), 0
        while True:
            page = self.get(here, decode, stop)
            yield page
            if not page.next:
                return
            empty = 0 if len(page) else empty + 1
            here = self._own(page.next, here)
            if hash(here) in followed or empty > _EMPTY_PAGES:
                raise errors.endless(self.host)
            followed.add(hash(here))

    def _own(self, address: str, base: str = "") -> str:
        """The whole address, which is one of this environment: others don't get the token."""
        whole, same = "", False
        try:
            whole = urljoin(base or self.root, address)
            same = _origin(urlsplit(whole)) == _origin(urlsplit(self.root))
        except ValueError:
            pass
        if not same:
            raise errors.elsewhere(self.host)
        return whole

    def _attempt(self, address: str, decode: Callable[[bytes], T], stop: Event) -> T:
        if stop.is_set():
            raise Stopped
        answer = self._signed(address)
        if answer.status in (408, 429) or (answer.status >= 500 and answer.status != 501):
            raise self._held(answer)
        if answer.status >= 400:
            raise errors.refused(answer, self.host)
        try:
            return _decoded(answer.body, decode)
        except (msgspec.MsgspecError, ValueError):
            if address.endswith("/WhoAmI") and _is_web_page(answer):
                raise errors.not_dataverse(self.host) from None
            raise _Trouble("not_json", errors.no_sense(self.host)) from None

    def _signed(self, address: str) -> Answer:
        """One attempt, and another with a fresh token where the first one was refused."""
        answer = self._sent(address, fresh=False)
        if answer.status == 401:
            answer = self._sent(address, fresh=True)
        if answer.status == 401:
            raise errors.sign_in_refused(self.host)
        return answer

    def _sent(self, address: str, *, fresh: bool) -> Answer:
        tokens = self._access.tokens
        if tokens is None:
            raise errors.not_signed_in()
        try:
            token = tokens.token(fresh=fresh)
        except CredentialsError:
            raise
        except AppError as error:
            found = errors.unreachable(error.message, error.hint)
            raise _Trouble("sign_in", found) from error
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return self._http.request("GET", address, headers=headers, read_timeout=READ_TIMEOUT)
        except NetworkError as error:
            raise _Trouble("network", errors.no_answer(self.host, error.fault)) from None

    def _held(self, answer: Answer) -> Exception:
        wait = _retry_after(answer)
        if wait is not None and wait > max(self._access.patience, _WORTH_WAITING):
            return errors.busy(self.host, wait)
        if answer.status == 429:
            return _Trouble("rate_limited", errors.overrun(self.host), wait)
        return _Trouble("server_error", errors.troubled(self.host, answer.status), wait)

    def _wait(self, state: RetryCallState) -> float:
        """Seconds: what the server says, else longer from try to try."""
        trouble = _trouble_of(state)
        if trouble and trouble.wait is not None:
            return trouble.wait
        return self._pause(state.attempt_number)

    def _tell(self, state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        trouble = _trouble_of(state)
        if seconds >= _TELLING and trouble:
            self._access.tell("source_waits", reason=trouble.reason, seconds=round(seconds))


class _Patience(stop_base):
    """Ends the tries of one request after a silence; waits that the server asked for are none."""

    def __init__(self, patience: float, ticks: Callable[[], float]) -> None:
        self._patience = patience
        self._ticks = ticks
        self._since: float | None = None

    def __call__(self, state: RetryCallState) -> bool:
        now = self._ticks()
        if self._since is None:
            self._since = now
        over = now - self._since > self._patience
        trouble = _trouble_of(state)
        self._since += (trouble.wait or 0.0) if trouble else 0.0
        return over


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None, bool]:
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, "@" in parts.netloc


def _is_web_page(answer: Answer) -> bool:
    """A page of HTML, or the way to one: whatever stands there never becomes Dataverse."""
    return answer.status >= 300 or answer.body.lstrip()[:1] == b"<"


def _decoded(body: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return decode(mended(body))


def _retry_after(answer: Answer) -> float | None:
    header = answer.headers.get("Retry-After", "").strip()
    return float(header) if header.isascii() and header.isdigit() else None


def _trouble_of(state: RetryCallState) -> _Trouble | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, _Trouble) else None
