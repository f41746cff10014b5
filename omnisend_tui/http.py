"""Builds and drives every HTTP client; the only module that knows httpx.

Moving to another HTTP library, or another certificate store, is a change of this file.
"""

import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

from omnisend_tui import __version__
from omnisend_tui.config.addresses import is_loopback

# httpx would load its command line too, with rich and pygments: a fifth of what a command takes to
# start. It goes without, as it does where those aren't installed.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx  # noqa: E402

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 10.0  # what Omnisend advises (contracts/omnisend.md)
MOST_BYTES = 64 << 20  # of a body, unpacked; the largest pages have a few
_UNPACKED = 1 << 20  # bytes at once

Fault = Literal["dns", "refused", "tls", "proxy", "timeout", "cut", "large"]


class NetworkError(Exception):
    """A request got no answer. ``arrived``: whether the server may have acted on it."""

    def __init__(self, fault: Fault, *, arrived: bool) -> None:
        super().__init__(fault)
        self.fault = fault
        self.arrived = arrived


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A client of one server; its connections are shared by threads. Headers hold the secret."""

    def __init__(self, base_url: str, headers: Mapping[str, str], connections: int = 8) -> None:
        self._base_url = base_url
        self._headers = headers
        self._connections = connections
        self._lock = threading.Lock()
        self._client = self._made()

    def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float = READ_TIMEOUT,
        seconds: float | None = None,
        most: int = MOST_BYTES,
    ) -> Answer:
        """One attempt; raises ``NetworkError``. ``content`` is JSON unless ``headers`` say else.

        ``path`` may be a whole address; whoever follows one from a server looks where it leads.
        ``read_timeout`` is for the silence between two bytes, ``seconds`` for all of it together,
        ``most`` for the bytes of the body ('large').
        """
        kind = {"Content-Type": "application/json"} if content is not None else {}
        client = self._client
        late = time.monotonic() + seconds if seconds else None
        ends = _alarm(seconds, lambda: self._renew(client)) if seconds else None
        try:
            with client.stream(
                method,
                path,
                params=parameters,
                content=content,
                headers={**kind, **(headers or {})},
                timeout=httpx.Timeout(read_timeout, connect=CONNECT_TIMEOUT),
            ) as answer:
                body = b"".join(_body(answer, most, late))
            return Answer(answer.status_code, answer.headers, body)
        except Exception as error:
            raise _fault_of(error, over=ends is not None and client.is_closed) from None
        finally:
            if ends:
                ends.cancel()

    def close(self) -> None:
        self._client.close()

    def _made(self) -> httpx.Client:
        return _client(
            self._base_url,
            self._headers,
            httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT),
            httpx.Limits(
                max_connections=self._connections, max_keepalive_connections=self._connections
            ),
        )

    def _renew(self, client: httpx.Client) -> None:
        """Ends what ``client`` does: nothing else ends an answer whose headers come bit by bit."""
        with self._lock:
            if self._client is client:
                self._client = self._made()
        client.close()


def post(url: str, content: bytes, seconds: float) -> int:
    """Posts JSON once and returns the status; raises ``NetworkError``.

    No redirect is followed and no body read. All of it together ends after about ``seconds``, but
    for the look-up of the name, which nothing can end.
    """
    limit = httpx.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT))
    client = _client(url, {"Content-Type": "application/json"}, limit, httpx.Limits())
    ends = _alarm(seconds, client.close)
    try:
        with client.stream("POST", url, content=content) as answer:
            return answer.status_code
    except Exception as error:
        raise _fault_of(error, over=client.is_closed) from None
    finally:
        ends.cancel()
        client.close()


def _alarm(seconds: float, act: Callable[[], None]) -> threading.Timer:
    """A server that answers a byte at a time keeps within every limit of httpx."""
    ends = threading.Timer(seconds, act)
    ends.daemon = True
    ends.start()
    return ends


def _body(answer: httpx.Response, most: int, late: float | None) -> Iterator[bytes]:
    """Unpacked here, since httpx unpacks whatever comes, and a few bytes can become gigabytes."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise NetworkError("cut", arrived=True)
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in coding else None
    size, came = 0, False
    for piece in answer.iter_raw():
        came = True
        for part in _unpacked(unpacking, piece) if unpacking else (piece,):
            size += len(part)
            if size > most:
                raise NetworkError("large", arrived=True)
            yield part
        if late is not None and time.monotonic() > late:
            raise NetworkError("timeout", arrived=True)
    if unpacking and came and not unpacking.eof:
        raise NetworkError("cut", arrived=True)


def _unpacked(unpacking: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    try:
        while piece:
            yield unpacking.decompress(piece, _UNPACKED)
            piece = unpacking.unconsumed_tail
    except zlib.error:
        raise NetworkError("cut", arrived=True) from None


def _client(
    base_url: str, headers: Mapping[str, str], timeout: httpx.Timeout, limits: httpx.Limits
) -> httpx.Client:
    trust_env = not is_loopback(urlsplit(base_url).hostname or "")
    return httpx.Client(
        base_url=base_url,
        headers={
            "User-Agent": f"omnisend-tui/{__version__}",
            "Accept-Encoding": "gzip",
            **headers,
        },
        timeout=timeout,
        limits=limits,
        trust_env=trust_env,
        # On loopback most speak without TLS, and reading certificates takes longer than a request.
        verify=(
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts none
            if base_url.startswith("http:") and not trust_env
            else _certificates(trust_env)
        ),
    )


@cache
def _certificates(trust_env: bool) -> ssl.SSLContext:
    """Reading them takes longer than all else that a client needs."""
    return httpx.create_ssl_context(trust_env=trust_env)


def _fault_of(error: Exception, *, over: bool) -> Exception:
    """What ends a request as this module says it; what isn't the network's stays as it is."""
    if over:  # what is raised then depends on where it stood
        return NetworkError("timeout", arrived=True)
    if isinstance(error, httpx.RequestError | httpx.InvalidURL):
        return _network_error(error)
    if isinstance(error, UnicodeError) and getattr(error, "encoding", "idna") == "idna":
        return NetworkError("dns", arrived=False)  # the look-up doesn't take such a name
    return error


def _network_error(error: Exception) -> NetworkError:
    text = str(error).lower()
    if isinstance(error, httpx.ProxyError):
        return NetworkError("proxy", arrived=False)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return NetworkError("timeout", arrived=False)
    if isinstance(error, httpx.ConnectError):
        if "certificate" in text or "ssl" in text or "tls" in text:
            return NetworkError("tls", arrived=False)
        if "name or service" in text or "name resolution" in text or "getaddrinfo" in text:
            return NetworkError("dns", arrived=False)
        return NetworkError("refused", arrived=False)
    if isinstance(error, httpx.TimeoutException):
        return NetworkError("timeout", arrived=True)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
        return NetworkError("dns", arrived=False)
    return NetworkError("cut", arrived=True)
