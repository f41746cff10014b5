"""The way of MSAL to the network: its `http_client` over `omnisend_tui.http`."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from omnisend_tui.http import Http
from omnisend_tui.sources.entra_errors import Busy, elsewhere

_FORM = "application/x-www-form-urlencoded"
_SECONDS = 30.0  # for an answer with all its bytes
_MOST_BYTES = 1 << 20
# Microsoft's own, which stand for each other: learn.microsoft.com/entra/identity-platform/
# authentication-national-cloud, and the aliases that its discovery documents name.
_MICROSOFT = frozenset(
    """
    login.microsoftonline.com login.microsoft.com login.windows.net sts.windows.net
    login.microsoftonline.us login.usgovcloudapi.net login-us.microsoftonline.com
    login.partner.microsoftonline.cn login.chinacloudapi.cn
    """.split()  # noqa: SIM905
)


def secure(authority: str) -> str:
    """As MSAL wants it: it refuses plain http, which is for loopback alone."""
    return "https://" + authority.split("://", 1)[-1]


def quiet_logs() -> None:
    """Keeps what MSAL logs to itself: it quotes whole answers, and would write over the screen."""
    logger = logging.getLogger("msal")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """An answer in the shape that MSAL looks for."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ValueError(self.status_code)


class Door:
    """Calls the server behind ``authority``; raises ``NetworkError``, and ``Busy`` by status.

    Where its own papers lead to another server, ``CredentialsError``
    'sign_in_elsewhere': the client secret and the refresh token stay here.

    An authority on loopback may speak plain http, though MSAL knows it by https. ``refusal`` is
    what the server said to the last request that it refused in its own form.
    """

    def __init__(self, authority: str) -> None:
        parts = urlsplit(authority)
        self._authority = authority
        host = _host(authority)
        self._hosts = _MICROSOFT if host in _MICROSOFT else frozenset((host,))
        self._plain = parts.netloc if parts.scheme == "http" else ""
        self.refusal: Mapping[str, Any] = {}

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_options: object,
    ) -> Heard:
        heard = self._ask("GET", url, params, headers, None)
        if not self._plain:
            return heard
        text = heard.text.replace(f"http://{self._plain}", f"https://{self._plain}")
        return Heard(heard.status_code, text, heard.headers)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        **_options: object,
    ) -> Heard:
        form = data if isinstance(data, str) else urlencode(data or {})
        return self._ask("POST", url, params, headers, form.encode())

    def close(self) -> None:
        """Nothing stays open: a token is asked for once an hour."""

    def _ask(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
    ) -> Heard:
        if _host(url) not in self._hosts:
            raise elsewhere(self._authority, url)
        address = url
        if self._plain and urlsplit(url).netloc == self._plain:
            address = "http://" + url.split("://", 1)[-1]
        elif not url.startswith("https://"):
            raise ValueError("a plain address")
        kind = {"Content-Type": _FORM} if content is not None else {}
        self.refusal = {}
        http = Http(self._authority, {}, connections=1)
        try:
            answer = http.request(
                method,
                address,
                parameters=parameters,
                content=content,
                headers={**kind, **(headers or {})},
                seconds=_SECONDS,
                most=_MOST_BYTES,
            )
        finally:
            http.close()
        if answer.status == 429 or answer.status >= 500:
            # Raised here, MSAL can't keep it for a minute and give it to whoever asks again.
            raise Busy(answer.status)
        heard = Heard(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)
        if answer.status >= 400:
            self.refusal = _refusal(heard.text)
        return heard


def _host(url: str) -> str:
    """With the port and whatever else stands before or behind it."""
    return urlsplit(url).netloc.lower().removesuffix(":443")


def _refusal(text: str) -> Mapping[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and isinstance(said.get("error"), str) else {}
