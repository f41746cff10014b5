"""``GET /contacts``: filters, order and pages with opaque cursors."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from omnisend_tui.sandbox.answers import Refusal
from omnisend_tui.sandbox.contacts import Contacts, email_status
from omnisend_tui.sandbox.parameters import Parameters

_KNOWN = ("limit", "after", "before", "sort", "direction", "email", "phone", "status",
          "segmentID", "tag", "updatedAtFrom")  # fmt: skip
_NOT_WITH_UPDATED = ("email", "phone", "status", "segmentID", "tag")
_STATUSES = ("subscribed", "nonSubscribed", "unsubscribed")
_decode = msgspec.json.Decoder().decode


def page(contacts: Contacts, query: Mapping[str, str]) -> dict[str, Any]:
    """One page of contacts as Omnisend answers it. Raises Refusal (400)."""
    given = Parameters(query, _KNOWN)
    limit = given.whole("limit", 100, 1, 250)
    tag, status = given.text("tag"), given.text("status", _STATUSES)
    _check_together(given)
    after, before = _cursor(given, "after"), _cursor(given, "before")
    numbers = _numbers(contacts, given)
    cursor = after if after >= 0 else before
    if cursor >= 0 and cursor not in numbers:
        # The contact that the cursor names has left the list: the page starts anew.
        after = before = -1
    if before >= 0:
        candidates = numbers[: numbers.index(before)][::-1]
    else:
        candidates = numbers[numbers.index(after) + 1 :] if after >= 0 else numbers
    matching = (number for number in candidates if _matches(contacts, number, tag, status))
    found = list(islice(matching, limit + 1))
    more, found = len(found) > limit, found[:limit]
    if before >= 0:
        found.reverse()
    onward, back = (True, more) if before >= 0 else (more, after >= 0)
    cursors = {
        "after": _as_cursor(found[-1]) if found and onward else None,
        "before": _as_cursor(found[0]) if found and back else None,
    }
    paging = {"cursors": cursors, "hasMore": more, "limit": limit}
    return {"contacts": [contacts.get(number) for number in found], "paging": paging}


def _check_together(given: Parameters) -> None:
    if given.text("tag") and given.text("status"):
        raise Refusal.of_field("status", "invalid", "Not together with tag.")
    if given.text("after") and given.text("before"):
        raise Refusal.of_field("before", "invalid", "Not together with after.")
    if given.text("updatedAtFrom") and any(given.text(name) for name in _NOT_WITH_UPDATED):
        raise Refusal.of_field("updatedAtFrom", "invalid", "Not together with other filters.")


def _numbers(contacts: Contacts, given: Parameters) -> range | list[int]:
    by_update = given.text("sort", ("createdAt", "updatedAt")) == "updatedAt"
    descending = given.text("direction", ("asc", "desc")) == "desc"
    since = _moment(given.text("updatedAtFrom"))
    if given.text("segmentID"):
        return []  # a sandbox has no segments
    if given.text("email") or given.text("phone"):
        found = contacts.find(given.text("email"), given.text("phone"))
        return [found] if found >= 0 else []
    return contacts.numbers(by_update=by_update, descending=descending, since=since)


def _matches(contacts: Contacts, number: int, tag: str, status: str) -> bool:
    if not tag and not status:
        return True
    raw = contacts.raw(number)
    if status not in ("", "nonSubscribed") and status.encode() not in raw:
        return False
    contact = _decode(raw)
    if tag:
        return tag in contact.get("tags", [])
    return status == (email_status(contact) or "nonSubscribed")


def _moment(text: str) -> float:
    if not text:
        return 0.0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise Refusal.of_field("updatedAtFrom", "invalid", "A moment as of RFC 3339.")
    return moment.timestamp()


def _as_cursor(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def _cursor(given: Parameters, name: str) -> int:
    text = given.text(name)
    try:
        return int(base64.urlsafe_b64decode(text)) if text else -1
    except (ValueError, binascii.Error):
        raise Refusal.of_field(name, "invalid", "Not a cursor of this list.") from None
