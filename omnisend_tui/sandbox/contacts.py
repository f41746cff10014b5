"""The brand's contacts: upserts by address, kept in little memory."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from omnisend_tui.sandbox.answers import Refusal
from omnisend_tui.sandbox.checks import check, require_identifier
from omnisend_tui.sandbox.compact import Arena, KeyIndex
from omnisend_tui.sandbox.models import Contact

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_decode_contact = msgspec.json.Decoder(Contact).decode

_LISTED = ("identifiers", "customProperties", "tags")


class Contacts:
    """Contacts by number; each one's latest form is a JSON document in an arena."""

    def __init__(self) -> None:
        self._arena = Arena()
        self._places: list[tuple[int, int]] = []
        self._by_email = KeyIndex()
        self._by_phone = KeyIndex()
        self.upserts = 0

    def __len__(self) -> int:
        return len(self._places)

    def upsert(self, body: bytes | msgspec.Raw) -> tuple[int, bool]:
        """Creates or updates one contact: its number and whether it is new.

        Raises Refusal (400) for what Omnisend would refuse, msgspec errors for what is no contact.
        """
        contact = _decode_contact(body)
        email, phone = check(contact)
        require_identifier(email, phone)
        number = self._by_email.get(email) if email else -1
        if number < 0 and phone and not email:
            number = self._by_phone.get(phone)
        self.upserts += 1
        if number < 0:
            number = len(self._places)
            self._places.append(self._keep(bytes(body)))
            self._index(number, email, phone)
            return number, True
        self._merge(number, _decode(body), email, phone)
        return number, False

    def get(self, number: int) -> dict[str, Any]:
        """A contact as Omnisend answers it."""
        document: dict[str, Any] = _decode(self._arena.read(*self._places[number]))
        return {"contactID": f"{number:024x}", **document}

    def find(self, email: str = "", phone: str = "") -> int:
        """The number of a contact, or -1."""
        return self._by_email.get(email.lower()) if email else self._by_phone.get(phone)

    def patch(self, number: int, body: bytes) -> None:
        """Changes what the body names. Raises Refusal (400, 409)."""
        email, phone = check(_decode_contact(body))
        for index, key in ((self._by_email, email), (self._by_phone, phone)):
            if key and index.get(key) not in (-1, number):
                raise Refusal(409, "The identifier belongs to another contact.")
        self._merge(number, _decode(body), email, phone)

    def tag(self, number: int, tags: list[str], *, remove: bool) -> None:
        document: dict[str, Any] = _decode(self._arena.read(*self._places[number]))
        old = document.get("tags", [])
        if remove:
            document["tags"] = [tag for tag in old if tag not in tags]
        else:
            document["tags"] = [*old, *(tag for tag in tags if tag not in old)]
        self._places[number] = self._keep(_encode(document))

    def close(self) -> None:
        self._arena.close()

    def _index(self, number: int, email: str, phone: str) -> None:
        if email:
            self._by_email.set(email, number)
        # An identifier that belongs to another contact is ignored (contracts/omnisend.md).
        if phone and self._by_phone.get(phone) < 0:
            self._by_phone.set(phone, number)

    def _merge(self, number: int, new: dict[str, Any], email: str, phone: str) -> None:
        document: dict[str, Any] = _decode(self._arena.read(*self._places[number]))
        for name, value in new.items():
            if name == "customProperties":
                document[name] = document.get(name, {}) | value
            elif name == "identifiers":
                document[name] = _merged_identifiers(document.get(name, []), value)
            else:
                document[name] = value
        document["updatedAt"] = datetime.now(UTC).isoformat()
        self._places[number] = self._keep(_encode(document))
        self._index(number, email, phone)

    def _keep(self, document: bytes) -> tuple[int, int]:
        return self._arena.append(document), len(document)


def _merged_identifiers(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A channel's status stays where the new identifier has none."""
    merged = {item["type"]: item for item in old}
    for item in new:
        merged[item["type"]] = merged.get(item["type"], {}) | item
    return list(merged.values())
