"""A Dataverse Web API: signed requests, tried again where that helps, and pages to their end."""

import random
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception_type, sleep_using_event

from omnisend_tui.errors import AppError, CredentialsError
from omnisend_tui.http import MOST_BYTES, Answer, Http, NetworkError
from omnisend_tui.sources import odata_errors as errors
from omnisend_tui.sources.ahead import alone
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.odata_cells import mended
from omnisend_tui.sources.odata_errors import Stopped
from omnisend_tui.sources.odata_tries import WORTH_WAITING, Patience, Trouble, trouble_of

_WHOLE = 2.0  # silences, for an answer with all its bytes
_SMALL = 1 << 20  # bytes of an answer that says who is signed in
PAGE = 5000  # rows; the most that Dataverse gives at once (contracts/dataverse.md)
_SHORTEST, _LONGEST = 0.5, 30.0  # seconds between tries
_DAY = 86_400.0
_TELLING = 1.0  # seconds; shorter waits aren't worth a line in a log
_EMPTY_PAGES = 50  # in a row, after which no row is expected any more
_HEADERS = {
    "Accept": "application/json",
    "OData-Version": "4.0",
    "OData-MaxVersion": "4.0",
    "Prefer": f"odata.maxpagesize={PAGE}",
}

# What bodies raise that aren't what was asked for; numbers may be too large even for Decimal.
_SENSELESS = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)

T = TypeVar("T")


class Paged(Protocol):
    """A decoded page: how many rows it has, and the address of the next one."""

    @property
    def next(self) -> str | None: ...

    def __len__(self) -> int: ...


P = TypeVar("P", bound=Paged)


@dataclass(frozen=True, slots=True)
class _Question(Generic[T]):
    """``most``: bytes of an answer; ``strange`` is the error, if any, for one that isn't JSON.

    ``hurried``: who asks waits for it as long as ``Access.hurry`` says.
    """

    address: str
    decode: Callable[[bytes], T]
    most: int = MOST_BYTES
    strange: Callable[[Answer], AppError | None] = lambda _answer: None
    hurried: bool = False


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

        ``decode`` raises ``ValueError`` for a body that can't be what was asked for. ``stop`` ends
        it soon, even while a request is under way.
        """
        question = _Question(self._own(address), decode)
        return alone(lambda halt: self._answered(question, halt), stop)

    def who_am_i(self, type_: type[T]) -> T:
        """The answer to ``WhoAmI``; 'not_dataverse' where what answers is something else."""
        foreign = errors.not_dataverse(self.host)
        decode = msgspec.json.Decoder(type_).decode
        question = _Question(
            self._own("WhoAmI"), decode, _SMALL,
            lambda each: foreign if _is_web(each) else None, hurried=True,
        )  # fmt: skip
        try:
            return self._answered(question, Event())
        except errors.Refused as error:
            if error.status == 404:
                raise foreign from None
            raise

    def pages(self, address: str, decode: Callable[[bytes], P], stop: Event) -> Iterator[P]:
        """The pages from ``address`` on, each asked for when it is wanted.

        A page that is under way is waited for: they belong into a thread (``sources/ahead.py``).
        """
        return self._pages(
            address, lambda here: self._answered(_Question(self._own(here), decode), stop)
        )

    def stoppable_pages(
        self, address: str, decode: Callable[[bytes], P], stop: Event
    ) -> Iterator[P]:
        """As ``pages``, and ``Stopped`` comes even while a page is under way."""
        return self._pages(address, lambda here: self.get(here, decode, stop))

    def lists(self, address: str, decode: Callable[[bytes], P], stop: Event) -> Iterator[P]:
        """As ``stoppable_pages``, for what the environment lists of itself."""

        def get(here: str) -> P:
            question = _Question(self._own(here), decode, hurried=True)
            return alone(lambda halt: self._answered(question, halt), stop)

        return self._pages(address, get)

    def _pages(self, address: str, get: Callable[[str], P]) -> Iterator[P]:
        followed: set[int] = set()
        here, empty = self._own(address), 0
        while True:
            page = get(here)
            yield page
            if not page.next:
                return
            empty = 0 if len(page) else empty + 1
            here = self._own(page.next, here)
            if hash(here) in followed or empty > _EMPTY_PAGES:
                raise errors.endless(self.host)
            followed.add(hash(here))

    def _answered(self, question: _Question[T], stop: Event) -> T:
        """Asks until an answer comes that can be used, or the patience ends."""
        retrying = Retrying(
            retry=retry_if_exception_type(Trouble),
            wait=self._wait,
            stop=Patience(self._access.patience, self._ticks),
            sleep=sleep_using_event(stop),
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            found: T = retrying(self._attempt, question, stop)
            return found
        except Trouble as trouble:
            raise trouble.error from None

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

    def _attempt(self, question: _Question[T], stop: Event) -> T:
        if stop.is_set():
            raise Stopped
        answer = self._signed(question)
        if answer.status in (408, 429) or (answer.status >= 500 and answer.status != 501):
            raise self._held(answer)
        if answer.status >= 400:
            raise errors.refused(answer, self.host)
        if answer.status == 200:
            with suppress(*_SENSELESS):
                return _decoded(answer.body, question.decode)
        if error := question.strange(answer):
            raise error
        # What stands in between, and its page, may be gone soon.
        raise Trouble("not_json", errors.no_sense(self.host), few=not _is_web(answer))

    def _signed(self, question: _Question[Any]) -> Answer:
        """One attempt, and another with a fresh token where the first one was refused."""
        answer = self._sent(question, fresh=False)
        if answer.status == 401:
            answer = self._sent(question, fresh=True)
        if answer.status == 401:
            raise errors.sign_in_refused(self.host)
        return answer

    def _sent(self, question: _Question[Any], *, fresh: bool) -> Answer:
        headers = {"Authorization": f"Bearer {self._token(fresh)}"}
        silence = self._access.hurry if question.hurried else self._access.silence
        try:
            return self._http.request(
                "GET",
                question.address,
                headers=headers,
                read_timeout=silence,
                seconds=_WHOLE * silence,
                most=question.most,
            )
        except NetworkError as error:
            found = errors.no_answer(self.host, error.fault)
            raise Trouble("network", found, few=error.fault == "large") from None

    def _token(self, fresh: bool) -> str:
        tokens = self._access.tokens
        if tokens is None:
            raise errors.not_signed_in()
        try:
            token = tokens.token(fresh=fresh)
        except CredentialsError:
            raise
        except AppError as error:
            found = errors.unreachable(error.message, error.hint)
            raise Trouble("sign_in", found) from error
        if not (token.isascii() and token.isprintable()):
            raise errors.no_token()
        return token

    def _held(self, answer: Answer) -> Exception:
        wait = _retry_after(answer)
        if wait is not None and wait > max(self._access.patience, WORTH_WAITING):
            return errors.busy(self.host, wait)
        if answer.status == 429:
            return Trouble("rate_limited", errors.overrun(self.host), wait)
        return Trouble("server_error", errors.troubled(self.host, answer.status), wait)

    def _wait(self, state: RetryCallState) -> float:
        """Seconds: longer from try to try, and as long as the server says at least."""
        trouble = trouble_of(state)
        asked = trouble.wait if trouble and trouble.wait is not None else 0.0
        return max(asked, self._pause(state.attempt_number))

    def _tell(self, state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        trouble = trouble_of(state)
        self._access.repeated()
        if seconds >= _TELLING and trouble:
            self._access.tell("source_waits", reason=trouble.reason, seconds=round(seconds))


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None, bool]:
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, "@" in parts.netloc


def _is_web(answer: Answer) -> bool:
    """A page of HTML, or the way to one."""
    return answer.status >= 300 or answer.body.lstrip()[:1] == b"<"


def _decoded(body: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return decode(mended(body))


def _retry_after(answer: Answer) -> float | None:
    header = answer.headers.get("Retry-After", "").strip()
    return min(float(header), _DAY) if header.isascii() and header.isdigit() else None
