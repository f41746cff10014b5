"""Omnisend's answers (contracts/omnisend.md); unknown fields are ignored."""

from typing import Any

import msgspec

VERSION = "2026-03-15"
BATCH_ITEMS = 100
BATCH_BYTES = 1_000_000
TAGGED = 250  # contacts of a tag request
LISTED_BATCHES = 250
LISTED_CONTACTS = 250


class Answer(msgspec.Struct, rename="camel", frozen=True):
    """What Omnisend sends, in camelCase; each field may be missing or null (contracts/)."""


class ProblemDocument(Answer, frozen=True):
    """The body of a 4xx or 5xx; each field may be missing."""

    title: str | None = None
    instance: str | None = None
    retry_after: float | None = None


class BatchAccepted(Answer, frozen=True):
    batch_id: str = msgspec.field(name="batchID")


class Batch(Answer, frozen=True):
    batch_id: str = msgspec.field(name="batchID")
    status: str | None = None
    total_count: int | None = None
    finished_count: int | None = None
    errors_count: int | None = None
    created_at: str | None = None
    origin: str | None = None

    @property
    def ended(self) -> bool:
        return self.status in ("finished", "stopped")


class BatchList(Answer, frozen=True):
    batches: list[Batch] | None = None


class ItemOutcome(Answer, frozen=True):
    """What became of one item; ``request`` names the contact, the order of items means nothing."""

    request: Any = None
    response: Any = None
    response_code: int | None = None

    @property
    def code(self) -> int:
        """The HTTP status of the item, 0 where it isn't told."""
        return self.response_code or 0

    @property
    def email(self) -> str:
        """The address of the item's contact, '' where the request isn't echoed."""
        identifiers = self.request.get("identifiers") if isinstance(self.request, dict) else None
        if not isinstance(identifiers, list):
            return ""
        for identifier in identifiers:
            if isinstance(identifier, dict) and identifier.get("type") == "email":
                return str(identifier.get("id", ""))
        return ""

    @property
    def problem(self) -> str:
        """Omnisend's words for an error."""
        if not isinstance(self.response, dict):
            return ""
        errors = self.response.get("errors")
        if isinstance(errors, list) and errors and isinstance(errors[0], dict):
            first = errors[0]
            return f"{first.get('field', '')}: {first.get('message', '')}".strip(": ")
        return str(self.response.get("detail") or self.response.get("title") or "")


class BatchItems(Answer, frozen=True):
    errors: list[ItemOutcome] | None = None
    responses: list[ItemOutcome] | None = None


class BrandAnswer(Answer, frozen=True):
    brand_id: str = msgspec.field(name="brandID")
    name: str = ""
    website: str = ""
    currency: str = ""


class Channel(Answer, frozen=True):
    status: str | None = None


class Channels(Answer, frozen=True):
    email: Channel | None = None


class Identifier(Answer, frozen=True):
    type: str | None = None
    id: str | None = None
    channels: Channels | None = None


class Contact(Answer, frozen=True):
    identifiers: list[Identifier] | None = None
    tags: list[str] | None = None

    @property
    def emails(self) -> list[str]:
        """Its addresses, in lower case."""
        return [identifier.id.lower() for identifier in self._addresses() if identifier.id]

    def email_status(self, email: str) -> str:
        """The status of the e-mail channel of one of its addresses, '' where it isn't told."""
        for identifier in self._addresses():
            channel = identifier.channels.email if identifier.channels else None
            if channel and (identifier.id or "").lower() == email.lower():
                return channel.status or ""
        return ""

    def _addresses(self) -> list[Identifier]:
        return [one for one in self.identifiers or [] if one.type == "email"]


class Cursors(Answer, frozen=True):
    after: str | None = None


class Paging(Answer, frozen=True):
    cursors: Cursors | None = None
    has_more: bool | None = None


class ContactList(Answer, frozen=True):
    contacts: list[Contact] | None = None
    paging: Paging | None = None

    @property
    def after(self) -> str:
        """The cursor of the next page, '' where there is none or it isn't told."""
        cursors = self.paging.cursors if self.paging else None
        return (cursors.after if cursors else None) or ""

    @property
    def has_more(self) -> bool:
        """Whether contacts follow; where it isn't told, a cursor says so."""
        told = self.paging.has_more if self.paging else None
        return bool(self.after) if told is None else told
