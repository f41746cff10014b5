"""Connect: does this key reach Omnisend, may it do what an export needs, and whose brand is it?"""

import msgspec

from omnisend_tui.http import Http, NetworkError
from omnisend_tui.omnisend.client import decode, headers
from omnisend_tui.omnisend.errors import NotOmnisend, Refusal, Unreachable, host_of
from omnisend_tui.omnisend.models import BrandAnswer
from omnisend_tui.records import Brand


class _Contacts(msgspec.Struct):
    contacts: list[msgspec.Raw]


def connect(base_url: str, api_key: str) -> Brand:
    """Reads one contact, then the brand where the key may (contracts/omnisend.md).

    Raises ``Refusal`` (exit code 5 for 401 and 403), ``Unreachable`` or ``NotOmnisend``.
    """
    host = host_of(base_url)
    http = Http(base_url.rstrip("/"), headers(api_key), connections=1)
    try:
        answer = http.request("GET", "/contacts", parameters={"limit": 1})
        decode(answer, _Contacts, host)
        try:
            brand = decode(http.request("GET", "/brands/current"), BrandAnswer, host)
        except (Refusal, NotOmnisend):
            return Brand(id=brand_of_key(api_key))
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
