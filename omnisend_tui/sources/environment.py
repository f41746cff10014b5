"""Whether an environment of Customer Insights can be where somebody says, before any sign-in."""

import re
from urllib.parse import urlsplit

from omnisend_tui.http import Answer, Http, NetworkError
from omnisend_tui.sources.odata_errors import no_answer, not_dataverse

_WHO = "/api/data/v9.2/WhoAmI"  # contracts/dataverse.md
_SECONDS = 20.0  # for an answer; an environment that slept takes its time
_WHOLE = 30.0  # seconds for all of its bytes
_MOST_BYTES = 1 << 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def organization_url(typed: str) -> str:
    """The address as it is stored: its scheme and host, of whatever page it was copied from."""
    text = typed.strip()
    if text and not _SCHEME.match(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    # What can't be an address stays as it was typed, for the check to tell.
    whole = parts.netloc and text.isprintable() and "\\" not in text
    return f"{parts.scheme}://{parts.netloc}" if whole else text


def check_environment(url: str) -> None:
    """Asks ``WhoAmI`` without a token, which Dataverse answers with 401.

    Raises ``SourceError`` 'source_unreachable' or 'not_dataverse'.
    """
    host = urlsplit(url).hostname or url
    http = Http(url, {"Accept": "application/json", "OData-Version": "4.0"})
    try:
        answer = http.request("GET", _WHO, read_timeout=_SECONDS, seconds=_WHOLE, most=_MOST_BYTES)
    except NetworkError as error:
        raise no_answer(host, error.fault) from None
    finally:
        http.close()
    if not _asks_for_a_token(answer):
        raise not_dataverse(host)


def _asks_for_a_token(answer: Answer) -> bool:
    if answer.status == 429:
        return "Retry-After" in answer.headers  # it protects itself, and says so
    ways = answer.headers.get("WWW-Authenticate", "bearer").lower()
    return answer.status == 401 and "bearer" in ways
