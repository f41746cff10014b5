"""Connect: does this key reach Omnisend, may it do what an export needs, and whose brand is it?"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Literal

import msgspec

from omnisend_tui.http import Answer, Http, NetworkError
from omnisend_tui.omnisend.budget import Budget
from omnisend_tui.omnisend.client import Stopped, decode, headers
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


def connect(
    base_url: str, api_key: str, budget: Budget, told: Told | None = None,
    stop: threading.Event | None = None,
) -> Brand:  # fmt: skip
    """Reads one contact, then the brand where the key may (contracts/omnisend.md).

    ``told`` hears what passed and how many seconds its request took; 'brand' only where the key
    may read it. Raises ``Refusal`` (exit code 5 for 401 and 403), ``Unreachable``, ``NotOmnisend``,
    or ``Stopped`` where ``stop`` is set while a request waits for its slot.
    """
    host = host_of(base_url)
    told = told or _nobody
    http = Http(base_url.rstrip("/"), headers(api_key), connections=1)
    ask = partial(_timed, http, budget, stop or threading.Event())
    try:
        answer, seconds = ask("/contacts", {"limit": 1})
        told("reached", seconds)
        if answer.status in _ITS_OWN and answer.body.lstrip().startswith(b"<"):
            raise NotOmnisend(host)
        decode(answer, _Contacts, host)
        told("accepted", seconds)
        answer, seconds = ask("/brands/current", {})
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


def _timed(
    http: Http, budget: Budget, stop: threading.Event, path: str, parameters: dict[str, str | int]
) -> tuple[Answer, float]:
    slot = budget.take("other", stop)
    if slot is None:
        raise Stopped
    started = time.monotonic()
    try:
        answer = http.request("GET", path, parameters=parameters)
    finally:
        budget.done(slot)
    return answer, time.monotonic() - started
