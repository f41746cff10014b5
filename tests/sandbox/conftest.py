"""A sandbox over real HTTP on loopback, and a client that has its key."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import running_sandbox

VERSION = "2026-03-15"


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


def person(email: str = "aino@example.com", **fields: object) -> dict[str, object]:
    """The body of one contact."""
    identifier = {"type": "email", "id": email, "sendWelcomeMessage": False}
    return {"identifiers": [identifier], **fields}


MakeApi = Callable[..., Api]


@pytest.fixture
def make_api() -> Iterator[MakeApi]:
    """Starts a sandbox with the given options, many requests a minute by default."""
    with ExitStack() as stack:

        def make(**options: Any) -> Api:
            chosen = SandboxOptions(**({"requests_per_minute": 100_000} | options))
            sandbox = stack.enter_context(running_sandbox(chosen))
            headers = {
                "Authorization": f"Omnisend-API-Key {sandbox.api_key}",
                "Omnisend-Version": VERSION,
            }
            # Without TLS no certificates need to be read, which takes longer than most tests.
            return stack.enter_context(
                Api(base_url=sandbox.url, headers=headers, timeout=10, verify=False)
            )

        yield make


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """A client of a sandbox that behaves."""
    return make_api()


@pytest.fixture
def people() -> Callable[..., dict[str, object]]:
    """Builds contact bodies."""
    return person
