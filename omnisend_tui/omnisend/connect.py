"""Connect: does this key reach Omnisend, may it do what an export needs, and whose brand is it?"""

import time
from collections.abc import Callable
from typing import Literal

import msgspec

from omnisend_tui.http import Answer, Http, NetworkError
from omnisend_tui.omnisend.client import decode, headers
from omnisend_tui.omnisend.errors import NotOmnisend, Refusal, Unreachable, host_of
from omnisend_tui.omnisend.models import BrandAnswer
from omnisend_tui.records import Brand

Passed = Literal["reached", "accepted", "brand"]
Told = Callable[[Passed, float], None]

# Omnisend answers these with a problem document; a page is somebody else's.
_ITS_OWN = (401, 403, 404, 410)


class _Contacts(msgspec.Struct):
    contacts: list[msgspec.Raw]


def _nobody(_passed: Passed, _seconds: float) -> None:
    return


def connect(base_url: str, api_key: str, told: Told = _nobody) -> Brand:
    """Reads one contact, then the brand where the key may (contracts/omnisend.md).

    ``told`` hears what passed and how many seconds its request took; 'brand' only where the key
    may read it. Raises ``Refusal`` (exit code 5 for 401 and 403), ``Unreachable`` or
    ``NotOmnisend``.
    """
    host = host_of(base_url)
    http = Http(base_url.rstrip("/"), headers(api_key), connections=1)
    try:
        answer, seconds = _timed(http, "/contacts", {"limit": 1})
        told("reached", seconds)
        if answer.status in _ITS_OWN and answer.body.lstrip().startswith(b"<"):
            raise NotOmnisend(host)
        decode(answer, _Contacts, host)
        told("accepted", seconds)
        answer, seconds = _timed(http, "/brands/current", {})
        try:
            brand = decode(answer, BrandAnswer, host)
        except (Refusal, NotOmnisend):
            return Brand(id=brand_of_key(api_key))
        told("brand", seconds)
        return Brand(
            id=brand.brand_id, name=brand.name, website=brand.website, currency=brand.currency
        )
    except NetworkError as error:
        raise Unreachable(host, error) from None
    finally:
        http.close()


def brand_of_key(api_key: str) -> str:
    """The part before ``-`` names the brand; keys without one share a budget."""
    brand, dash, _secret = api_key.partition("-")
    return brand if dash else "unnamed"


def _timed(http: Http, path: str, parameters: dict[str, str | int]) -> tuple[Answer, float]:
    started = time.monotonic()
    answer = http.request("GET", path, parameters=parameters)
    return answer, time.monotonic() - started
