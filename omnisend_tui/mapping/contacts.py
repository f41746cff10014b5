"""The body of one contact as Omnisend wants it (contracts/omnisend.md, Contacts).

No body ever has a ``channels`` key: people who unsubscribed must stay unsubscribed. A status that
the user asked for is put into the body right before it is sent (``with_status``).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import msgspec

Values = Iterable[Any]

# FIELDS -> Omnisend's names, in the order of the body; e-mail and phone are identifiers.
_NAMES = {
    "first_name": "firstName",
    "last_name": "lastName",
    "address": "address",
    "country": "country",
    "country_code": "countryCode",
    "state": "state",
    "city": "city",
    "postal_code": "postalCode",
    "birthdate": "birthdate",
    "gender": "gender",
}


_OPENING = b'{"identifiers":[{'  # of every body; the address comes first


def with_status(body: bytes, members: bytes) -> bytes:
    """A body whose first identifier, the address, has ``members`` (``OptIns.read``) too."""
    if not members:
        return body
    if not body.startswith(_OPENING):
        raise ValueError("no contact's body")
    return b"".join((_OPENING, members, b",", body[len(_OPENING) :]))


class _Email(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="email"):
    id: str
    send_welcome: bool = msgspec.field(name="sendWelcomeMessage")


class _Phone(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="phone"):
    id: str
    send_welcome: bool = msgspec.field(name="sendWelcomeMessage")


class BodyMaker:
    """Encodes contacts of one mapping; the order of the fields never depends on the mapping's.

    ``standard`` are the mapped standard fields ('country_code' among them), ``custom`` the names of
    the custom properties.
    """

    def __init__(self, standard: Iterable[str], custom: Sequence[str], send_welcome: bool) -> None:
        mapped = set(standard)
        self._fields = [field for field in _NAMES if field in mapped]
        self._custom = sorted(custom)
        self._send_welcome = send_welcome
        self._encode = msgspec.json.Encoder().encode
        names = {field: _NAMES[field] for field in self._fields}
        if custom:
            names["custom"] = "customProperties"
        self._contact = _record("Contact", names, identifiers=True)
        # A property's name may be no identifier of Python (1st, class), hence p0, p1, ...
        properties = {f"p{number}": name for number, name in enumerate(self._custom)}
        self._properties = _record("Properties", properties, identifiers=False)

    def bodies(self, emails: list[str], columns: dict[str, list[Any]]) -> list[bytes]:
        """One JSON object an address. ``columns`` holds values (None: left out) by field."""
        values: list[Values] = [self._identifiers(emails, columns.get("phone"))]
        values += [columns[field] for field in self._fields]
        if self._custom:
            values.append(self._custom_properties(columns))
        return list(map(self._encode, map(self._contact, *values)))

    def _identifiers(self, emails: list[str], phones: list[str | None] | None) -> Values:
        welcome = self._send_welcome
        first = map(_Email, emails, repeat(welcome))
        if phones is None:
            return zip(first)
        return (
            (email, _Phone(phone, welcome)) if phone else (email,)
            for email, phone in zip(first, phones, strict=True)
        )

    def _custom_properties(self, columns: dict[str, list[Any]]) -> Iterator[msgspec.Struct | None]:
        count = len(self._custom)
        rows = zip(*[columns["custom:" + name] for name in self._custom], strict=True)
        return (self._properties(*row) if row.count(None) < count else None for row in rows)


def _record(name: str, names: dict[str, str], identifiers: bool) -> type[msgspec.Struct]:
    fields: list[Any] = [("identifiers", tuple)] if identifiers else []
    fields += [(field, Any, None) for field in names]
    return msgspec.defstruct(name, fields, rename=names, omit_defaults=True, gc=False)
