"""The brand's contacts: upserts by address, kept in little memory."""

import time
from datetime import UTC, datetime
from typing import Any

import msgspec

from omnisend_tui.sandbox.answers import Refusal
from omnisend_tui.sandbox.checks import check, require_identifier
from omnisend_tui.sandbox.compact import Arena, KeyIndex, Records
from omnisend_tui.sandbox.faults import FaultPlan
from omnisend_tui.sandbox.models import Contact

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_decode_contact = msgspec.json.Decoder(Contact).decode

Document = dict[str, Any]


class Contacts:
    """Contacts by number; each one's latest form is a JSON document in an arena."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._arena = Arena()
        self._records = Records(self._arena)
        self._by_email = KeyIndex()
        self._by_phone = KeyIndex()
        self.upserts = 0

    def __len__(self) -> int:
        return len(self._records)

    def upsert(self, body: bytes) -> tuple[int, bool]:
        """Creates or updates one contact: its number and whether it is new.

        Raises Refusal (400, or what the fault plan says) for what Omnisend would refuse, msgspec
        errors for what is no contact.
        """
        contact = _decode_contact(body)
        email, phone = check(contact)
        require_identifier(email, phone)
        self._refuse(email)
        number = self._by_email.get(email) if email else -1
        owner = self._by_phone.get(phone) if phone else -1
        if number < 0 and not email:
            number = owner
        self.upserts += 1
        if number >= 0:
            self._update(number, body, phone if owner in (-1, number) else "", upsert=True)
            return number, False
        # An identifier that belongs to another contact is ignored (contracts/omnisend.md).
        own_phone = phone if owner < 0 else ""
        if phone != own_phone or contact.created_at is not msgspec.UNSET:
            body = _encode(_merged({}, _decode(body), own_phone))
        number = self._records.add(body, time.time())
        if email:
            self._by_email.set(email, number)
        if own_phone:
            self._by_phone.set(own_phone, number)
        return number, True

    def get(self, number: int) -> Document:
        """A contact as Omnisend answers it."""
        document: Document = _decode(self._records.read(number))
        moments = {
            "createdAt": _rfc3339(self._records.created[number]),
            "updatedAt": _rfc3339(self._records.updated[number]),
        }
        return {"contactID": f"{number:024x}", **document, **moments}

    def find(self, email: str = "", phone: str = "") -> int:
        """The number of a contact, or -1."""
        return self._by_email.get(email.lower()) if email else self._by_phone.get(phone)

    def raw(self, number: int) -> bytes:
        """The latest form of a contact, encoded, without its id and moments."""
        return self._records.read(number)

    def numbers(self, *, by_update: bool, descending: bool, since: float) -> range | list[int]:
        """All contacts that changed at ``since`` or later, in the order of a listing."""
        numbers: range | list[int] = range(len(self))
        updated = self._records.updated
        if since:
            numbers = [number for number in numbers if updated[number] >= since]
        if by_update:
            numbers = sorted(numbers, key=lambda number: updated[number])
        return numbers[::-1] if descending else numbers

    def patch(self, number: int, body: bytes) -> None:
        """Changes what the body names. Raises Refusal (400, 409)."""
        email, phone = check(_decode_contact(body))
        for index, key in ((self._by_email, email), (self._by_phone, phone)):
            if key and index.get(key) not in (-1, number):
                raise Refusal(409, "The identifier belongs to another contact.")
        self._update(number, body, phone, email)

    def tag(self, number: int, tags: list[str], *, remove: bool) -> None:
        """Adds or removes tags; the contact's others stay."""
        document: Document = _decode(self._records.read(number))
        old = document.get("tags", [])
        if remove:
            document["tags"] = [tag for tag in old if tag not in tags]
        else:
            document["tags"] = [*old, *(tag for tag in tags if tag not in old)]
        self._records.replace(number, _encode(document))
        self._records.updated[number] = time.time()

    def close(self) -> None:
        self._arena.close()

    def _refuse(self, email: str) -> None:
        if self._plan.faults.items and (rule := self._plan.refused(email)):
            raise Refusal(rule.status, rule.message)

    def _play(self, document: Document, new: Document) -> None:
        """Gives an upsert the answers of the plan to what Omnisend doesn't document."""
        faults = self._plan.faults
        if "tags" in new and not faults.tags_replace:
            old = document.get("tags", [])
            new["tags"] = [*old, *(tag for tag in new["tags"] if tag not in old)]
        if faults.revive_unsubscribed and not email_status(new):
            for identifier in document.get("identifiers", []):
                channel = identifier.get("channels", {}).get("email", {})
                if channel.get("status") == "unsubscribed":
                    channel["status"] = "subscribed"

    def _update(
        self, number: int, body: bytes, phone: str, email: str = "", *, upsert: bool = False
    ) -> None:
        self._records.updated[number] = time.time()
        old = self._records.read(number)
        if old == body:
            return
        document: Document = _decode(old)
        before = _keys(document)
        new: Document = _decode(body)
        if upsert:
            self._play(document, new)
        merged = _merged(document, new, phone)
        self._records.replace(number, _encode(merged))
        for index, kind, key in (
            (self._by_email, "email", email),
            (self._by_phone, "phone", phone),
        ):
            if key and before.get(kind) != key:
                index.release(before.get(kind, ""))
                index.set(key, number)


def email_status(document: Document) -> str:
    """The status of a contact's e-mail channel, '' where it has none."""
    for identifier in document.get("identifiers", []):
        if status := identifier.get("channels", {}).get("email", {}).get("status"):
            return str(status)
    return ""


def _keys(document: Document) -> dict[str, str]:
    found = {item["type"]: item["id"] for item in document.get("identifiers", [])}
    return found | ({"email": found["email"].lower()} if "email" in found else {})


def _merged(document: Document, new: Document, phone: str) -> Document:
    """What is left out stays; a phone other than ``phone`` is ignored."""
    for name, value in new.items():
        if name == "customProperties":
            document[name] = document.get(name, {}) | value
        elif name == "createdAt":
            properties = document.get("customProperties", {})
            document["customProperties"] = properties | {"externalCreated": value}
        elif name == "identifiers":
            own = [item for item in value if item["type"] == "email" or item["id"] == phone]
            document[name] = _merged_identifiers(document.get(name, []), own)
        else:
            document[name] = value
    return document


def _merged_identifiers(old: list[Document], new: list[Document]) -> list[Document]:
    """A channel's status stays where the new identifier has none."""
    merged = {item["type"]: item for item in old}
    for item in new:
        known = merged.get(item["type"], {})
        channels = known.get("channels", {}) | item.get("channels", {})
        merged[item["type"]] = known | item | ({"channels": channels} if channels else {})
    return list(merged.values())


def _rfc3339(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
