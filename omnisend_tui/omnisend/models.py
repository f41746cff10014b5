"""Omnisend's answers (contracts/omnisend.md); unknown fields are ignored."""

from typing import Any

import msgspec

VERSION = "2026-03-15"
BATCH_ITEMS = 100
BATCH_BYTES = 1_000_000
LISTED_BATCHES = 250


class Answer(msgspec.Struct, rename="camel", frozen=True):
    """What Omnisend sends; names in camelCase there."""


class ProblemDocument(Answer, frozen=True):
    """The body of a 4xx or 5xx; each field may be missing."""

    type: str = ""
    title: str = ""
    status: int = 0
    detail: str = ""
    instance: str = ""
    retry_after: float | None = None
    errors: list[dict[str, Any]] = []


class BatchAccepted(Answer, frozen=True):
    batch_id: str = msgspec.field(name="batchID")


class Batch(Answer, frozen=True):
    batch_id: str = msgspec.field(name="batchID")
    status: str
    total_count: int = 0
    finished_count: int = 0
    errors_count: int = 0
    created_at: str = ""
    origin: str = ""

    @property
    def ended(self) -> bool:
        return self.status in ("finished", "stopped")


class BatchList(Answer, frozen=True):
    batches: list[Batch]


class ItemOutcome(Answer, frozen=True):
    """What became of one item; ``request`` names the contact, the order of items means nothing."""

    request: dict[str, Any] = {}
    response: Any = None
    response_code: int = 0

    @property
    def email(self) -> str:
        """The address of the item's contact, '' where the request isn't echoed."""
        identifiers = self.request.get("identifiers")
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
