"""A client of a sandbox of Omnisend, and the contacts that it sends."""

from collections.abc import Callable
from typing import Any

import httpx


class Api(httpx.Client):
    """A client of one sandbox."""

    def batch(self, *items: object, origin: str = "test/1") -> str:
        """Posts a batch of contacts: its id."""
        body = {"method": "POST", "endpoint": "contacts", "origin": origin, "items": items}
        answer = self.post("/batches", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["batchID"])

    def ended(self, batch_id: str) -> dict[str, Any]:
        """The batch with its items, as soon as it has ended."""
        for _ in range(2000):
            found: dict[str, Any] = self.get(f"/batches/{batch_id}").json()
            if found["status"] in ("finished", "stopped"):
                items: dict[str, Any] = self.get(f"/batches/{batch_id}/items").json()
                return items
        raise AssertionError("the batch doesn't end")

    def statistics(self) -> dict[str, Any]:
        """What the sandbox has counted."""
        url = str(self.base_url).split("/api")[0] + "/sandbox/statistics"
        found: dict[str, Any] = httpx.get(url).json()
        return found


MakeApi = Callable[..., Api]  # takes the options of a sandbox
People = Callable[..., dict[str, Any]]  # takes an address and other fields of a contact


def person(email: str = "aino@example.com", **fields: object) -> dict[str, Any]:
    """The body of one contact."""
    identifier = {"type": "email", "id": email, "sendWelcomeMessage": False}
    return {"identifiers": [identifier], **fields}
