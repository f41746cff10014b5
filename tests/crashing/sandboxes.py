"""The sandbox of a case: what it has, what happens in it, and what it was sent."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from crashing.workspaces import KEY, UNLIMITED, point_at
from omnisend_tui.sandbox.contacts import email_status
from omnisend_tui.sandbox.faults import Faults, ItemFault
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.sandbox.statistics import Statistics

Document = dict[str, Any]

FAULTS = Faults(items=(ItemFault(email="person*@example.com", share=0.02),))
_STATUSES = ("unsubscribed", "subscribed", "nonSubscribed")
# The shop's own contacts, known to no ledger.
OWN = tuple(
    msgspec.json.encode(
        {
            "identifiers": [
                {
                    "type": "email",
                    "id": f"person{n}@example.com",
                    "channels": {"email": {"status": _STATUSES[n % 3]}},
                }
            ],
            "tags": ["own", "segment: Club"][: 1 + n % 2],
            "city": "Espoo",
        }
    )
    for n in range(1, 800, 7)
)
SUBSCRIBED = frozenset(
    f"person{n}@example.com" for n in range(1, 800, 7) if _STATUSES[n % 3] == "subscribed"
)


class Fuse(Statistics):
    """Counts what happens in a sandbox by name, and calls ``burn`` when the one awaited happens."""

    def __init__(self, brand: Any) -> None:
        super().__init__()
        self.happened: Counter[str] = Counter()
        self._awaited = ("", 0)
        self._burn: Callable[[], None] = lambda: None
        brand.counts = self
        brand.batches.accept = self._counted("accepted", brand.batches.accept)
        brand.contacts.tag = self._counted("tagged", brand.contacts.tag)

    def arm(self, name: str, number: int, burn: Callable[[], None]) -> None:
        """``number`` is counted from now on."""
        self._awaited, self._burn = (name, self.happened[name] + number), burn

    def arrived(self, method: str, path: str) -> None:
        super().arrived(method, path)
        self._happen(f"{method} {path}")

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            answer = function(*arguments, **named)
            self._happen(name)
            return answer

        return counted

    def _happen(self, name: str) -> None:
        self.happened[name] += 1
        if (name, self.happened[name]) == self._awaited:
            self._burn()


@contextmanager
def serve(
    folder: Path, contacts: Sequence[bytes], faults: Faults
) -> Iterator[tuple[RunningSandbox, Fuse]]:
    """A sandbox that has ``contacts`` (encoded), and the workspace in ``folder`` pointed at it."""
    options = SandboxOptions(
        api_key=KEY, latency_ms=3, batch_seconds=0.01, requests_per_minute=UNLIMITED,
        tag_requests_per_minute=UNLIMITED, faults=faults,
    )  # fmt: skip
    with running_sandbox(options) as sandbox:
        upsert = msgspec.structs.replace(faults, items=())
        sandbox.brand.contacts._plan.faults = upsert
        for body in contacts:
            sandbox.brand.contacts.upsert(body)
        sandbox.brand.contacts._plan.faults = faults
        point_at(folder, sandbox.url)
        yield sandbox, Fuse(sandbox.brand)


def settle(sandbox: RunningSandbox) -> None:
    """Waits until the sandbox has done what it was asked before the kill."""
    patience = time.monotonic() + 20
    brand = sandbox.brand
    while brand.connections or any(batch.ended_at is None for batch in brand.batches._all):
        assert time.monotonic() < patience, "the sandbox doesn't come to rest"
        time.sleep(0.01)


def raw_contacts(sandbox: RunningSandbox) -> list[bytes]:
    contacts = sandbox.brand.contacts
    return [contacts.raw(number) for number in range(len(contacts))]


def by_address(contacts: Sequence[bytes]) -> dict[str, Document]:
    """Contacts by their address, tags in order; ids and times are no part of them."""
    found = {}
    for raw in contacts:
        document: Document = msgspec.json.decode(raw)
        document["tags"] = sorted(document.get("tags", []))
        found[_address(document)] = document
    return found


def unsubscribe(sandbox: RunningSandbox, who: Callable[[str], bool]) -> set[str]:
    """Those of the subscribed whom ``who`` chooses unsubscribe, as by a link in a mail."""
    contacts = sandbox.brand.contacts
    subscribed = _with_status(by_address(raw_contacts(sandbox)), "subscribed")
    left = {address for address in sorted(subscribed) if who(address)}
    for address in left:
        status = {"channels": {"email": {"status": "unsubscribed"}}}
        body = {"identifiers": [{"type": "email", "id": address, **status}]}
        contacts.patch(contacts.find(address), msgspec.json.encode(body))
    return left


def unsubscribed(contacts: Mapping[str, Document]) -> set[str]:
    return _with_status(contacts, "unsubscribed")


def _with_status(contacts: Mapping[str, Document], status: str) -> set[str]:
    return {address for address, one in contacts.items() if email_status(one) == status}


def processed(sandbox: RunningSandbox, since: int = 0) -> Counter[str]:
    """How often each address was processed in batches from number ``since`` on."""
    batches = sandbox.brand.batches
    return Counter(
        _address(msgspec.json.decode(item["request"]))
        for batch in batches._all[since:]
        for kind in ("errors", "responses")
        for item in batches.items(batch)[kind]  # type: ignore[attr-defined]
    )


def tag_requests(sandbox: RunningSandbox) -> int:
    requests = sandbox.statistics()["requests"]
    return sum(count for name, count in requests.items() if name.endswith("/tags"))


def _address(document: Document) -> str:
    return str(document["identifiers"][0]["id"])
