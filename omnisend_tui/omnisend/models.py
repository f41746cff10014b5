"""Omnisend's answers (contracts/omnisend.md); unknown fields are ignored."""

from typing import Any

import msgspec

VERSION = "2026-03-15"
BATCH_ITEMS = 100
BATCH_BYTES = 1_000_000
LISTED_BATCHES = 250


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
