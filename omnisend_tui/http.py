"""Builds and drives every HTTP client; the only module that knows httpx.

Moving to another HTTP library, or another certificate store, is a change of this file.
"""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import httpx

from omnisend_tui import __version__

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 10.0  # what Omnisend advises (contracts/omnisend.md)

Fault = Literal["dns", "refused", "tls", "proxy", "timeout", "cut"]


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


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


class Http:
    """A client of one server; its connections are shared by threads. Headers hold the secret."""

    def __init__(self, base_url: str, headers: Mapping[str, str], connections: int = 8) -> None:
        self._client = _client(
            base_url,
            headers,
            httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT),
            httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float = READ_TIMEOUT,
    ) -> Answer:
        """One attempt; raises ``NetworkError``. ``content`` is JSON unless ``headers`` say else.

        ``path`` may be a whole address; whoever follows one from a server looks where it leads.
        """
        kind = {"Content-Type": "application/json"} if content is not None else {}
        try:
            answer = self._client.request(
                method,
                path,
                params=parameters,
                content=content,
                headers={**kind, **(headers or {})},
                timeout=httpx.Timeout(read_timeout, connect=CONNECT_TIMEOUT),
            )
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise _network_error(error) from None
        return Answer(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        self._client.close()


def post(url: str, content: bytes, seconds: float) -> int:
    """Posts JSON once and returns the status; raises ``NetworkError``.

    No redirect is followed and no body read. All of it together ends after about ``seconds``, but
    for the look-up of the name, which nothing can end.
    """
    limit = httpx.Timeout(seconds, connect=min(seconds, CONNECT_TIMEOUT))
    client = _client(url, {"Content-Type": "application/json"}, limit, httpx.Limits())
    # A server that answers a byte at a time keeps within every limit of httpx.
    ends = threading.Timer(seconds, client.close)
    ends.daemon = True
    ends.start()
    try:
        with client.stream("POST", url, content=content) as answer:
            return answer.status_code
    except Exception as error:
        if client.is_closed:  # what is raised then depends on where it stood
            raise NetworkError("timeout", arrived=True) from None
        if isinstance(error, httpx.RequestError | httpx.InvalidURL):
            raise _network_error(error) from None
        raise
    finally:
        ends.cancel()
        client.close()


def _client(
    base_url: str, headers: Mapping[str, str], timeout: httpx.Timeout, limits: httpx.Limits
) -> httpx.Client:
    trust_env = not is_loopback(base_url)
    return httpx.Client(
        base_url=base_url,
        headers={"User-Agent": f"omnisend-tui/{__version__}", **headers},
        timeout=timeout,
        limits=limits,
        trust_env=trust_env,
        verify=_certificates(trust_env),
    )


@cache
def _certificates(trust_env: bool) -> ssl.SSLContext:
    """Reading them takes longer than all else that a client needs."""
    return httpx.create_ssl_context(trust_env=trust_env)


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
