"""A source that changes between two runs, and what Omnisend and the counts must be afterwards.

What is expected is worked out from the source alone; undisturbed runs are held to it too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from omnisend_tui.engine import retry
from omnisend_tui.engine.job import Patience
from omnisend_tui.omnisend import client as clients
from omnisend_tui.omnisend.budget import Budget, budget_brand
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour
from omnisend_tui.sandbox.contacts import email_status
from omnisend_tui.sandbox.faults import AnswerFault, BatchStop, Faults, ItemFault
from shop_copies import copied
from shops import QUICK, MakeShop, Shop, shops_in

# The people of a source that changes between two runs.
CHANGED, UNCHANGED, LEAVERS, NEW = range(190), range(190, 230), range(230, 250), range(250, 280)
BEFORE = [*CHANGED, *UNCHANGED, *LEAVERS]
AFTER = [*CHANGED, *UNCHANGED, *NEW]
OWN_TAG = (0, 200, 240, 260)  # the shop gave it to these
UNSUBSCRIBED = (7, 207, 237)
REFUSED = 3  # where a kind has ``refuses``

PATIENT = replace(QUICK, outage=30.0, standstill=10.0)
IMPATIENT = replace(QUICK, outage=0.3, standstill=10.0)
POSTS: dict[str, Any] = {"method": "POST", "path": "/batches"}
TIMEOUT = 0.15  # seconds


@dataclass(frozen=True)
class Kind:
    """How the brand behaves, disturbed or not."""

    riding: bool = False
    revives: bool = False
    echo: bool = True
    stops: bool = False
    refuses: bool = False

    @property
    def seen(self) -> Behaviour | None:
        """What the runs know of the brand beforehand."""
        if not self.riding:
            return None
        return Behaviour(at=1.0, tags="add", unsubscribed="revived" if self.revives else "kept")

    def plan(self, *answers: AnswerFault) -> Faults:
        refused = (ItemFault(email=address(REFUSED)),) if self.refuses else ()
        stops = (BatchStop(after=0, nth=(2,)), BatchStop(after=40, nth=(1,))) if self.stops else ()
        return Faults(
            echo_origin=self.echo,
            revive_unsubscribed=self.revives,
            items=refused,
            stops=stops,
            answers=answers,
        )


KINDS = {
    "plain": Kind(),
    "riding": Kind(riding=True),
    "revives": Kind(riding=True, revives=True),
    "no origin": Kind(echo=False),
    "riding, no origin": Kind(riding=True, echo=False),
    "stops": Kind(stops=True),
    "stops, no origin": Kind(stops=True, echo=False),
    "refuses": Kind(refuses=True),
}


def address(n: int) -> str:
    return f"person{n}@example.com"


def told(n: int, name: str, **channel: str) -> bytes:
    identifier: dict[str, Any] = {"type": "email", "id": address(n)}
    if channel:
        identifier["channels"] = {"email": channel}
    return msgspec.json.encode({"identifiers": [identifier], "firstName": name})


class Generations:
    """A shop whose first run is done, and whose source changed since."""

    def __init__(self, shop: Shop, kind: Kind) -> None:
        self.kind = kind
        self.shop = shop
        self.plan = shop.sandbox.brand.plan
        self.contacts = shop.sandbox.brand.contacts
        self.plan.change(kind.plan())

    def disturb(
        self, *answers: AnswerFault, patience: Patience = PATIENT, resume: bool = False, **more: Any
    ) -> Snapshot:
        """A run with these faults; a kind's own go on."""
        self.plan.change(msgspec.structs.replace(self.kind.plan(*answers), **more))
        return self.shop.run(patience, resume=resume)

    def lift(self) -> None:
        """The faults end; what the brand is like stays."""
        self.plan.change(replace(self.kind, stops=False).plan())

    def go_on(self, ended: Snapshot) -> Snapshot:
        """The run after one that a fault ended."""
        self.lift()
        return self.shop.run(PATIENT, resume=ended.status == "interrupted")

    def budget(self, clock: Callable[[], float] = time.time) -> Budget:
        """That of the brand's batches, as another process opens it."""
        connection = self.shop.workspace.connection("Shop")
        brand = budget_brand(connection.base_url, brand_of_key(self.shop.sandbox.api_key))
        limit = connection.requests_per_minute
        return Budget(self.shop.workspace.budget_path, brand, limit, clock)

    def expect_equal(self, end: Snapshot, *, before: Snapshot | None = None) -> None:
        """Everything is as after an undisturbed run, in which ``before`` may have ended early."""
        self.lift()
        assert end.error is None
        assert end.status == "finished_with_rejects"
        self.expect_contacts()
        self.expect_counts(end, before)
        self.expect_silence()

    def expect_contacts(self) -> None:
        found = {}
        for number in range(len(self.contacts)):
            contact = self.contacts.get(number)
            (identifier,) = contact["identifiers"]
            found[identifier["id"]] = (
                contact["firstName"], sorted(contact.get("tags", [])), email_status(contact)
            )  # fmt: skip
        assert found == {address(n): self.expected(n) for n in {*BEFORE, *AFTER}}

    def expected(self, n: int) -> tuple[str, list[str], str]:
        """First name, tags and status of a person in Omnisend."""
        left_alone = self.kind.revives and n in UNSUBSCRIBED
        refused = self.kind.refuses and n == REFUSED
        changed = n in CHANGED and not left_alone and not refused
        tags = ["VIP"] * (n not in LEAVERS) + ["own"] * (n in OWN_TAG)
        status = "unsubscribed" if n in UNSUBSCRIBED else ""
        return f"{'Changed' if changed else 'Person'} {n}", tags, status

    def expect_counts(self, end: Snapshot, before: Snapshot | None) -> None:
        alone = len([n for n in UNSUBSCRIBED if n in CHANGED]) if self.kind.revives else 0
        refused = int(self.kind.refuses)
        exported = len(CHANGED) + len(NEW) - alone - refused
        unchanged = len(UNCHANGED) + alone
        assert (end.read, end.duplicates, end.rejected) == (len(AFTER) + 2, 1, 1 + refused)
        sent = end.created + end.updated + end.accepted
        assert sent + end.unchanged == exported + unchanged
        if before is None or before.run_id == end.run_id:
            assert (sent, end.unchanged) == (exported, unchanged)
        if before is None:
            assert (end.leavers, end.leavers_found) == (len(LEAVERS), len(LEAVERS))
            assert end.tagged == end.tags_owed == (0 if self.kind.riding else len(NEW))
            assert (end.sent, end.confirmed) == (exported + refused, exported)
            assert end.batches_open == 0

    def expect_silence(self) -> None:
        """Everything is known: another run sends nothing but who was refused."""
        was = self.asked()
        end = self.shop.run()
        refused = int(self.kind.refuses)
        assert (end.status, end.leavers, end.tags_owed) == ("finished_with_rejects", 0, 0)
        assert (end.read, end.duplicates, end.rejected) == (len(AFTER) + 2, 1, 1 + refused)
        assert end.unchanged == len(AFTER) - refused
        posts = self.asked()
        assert {name: posts[name] - was[name] for name in posts} == {
            "POST /batches": refused, "POST /contacts/tags": 0, "DELETE /contacts/tags": 0,
        }  # fmt: skip

    def batches(self) -> int:
        """How many Omnisend accepted so far."""
        return int(self.shop.sandbox.statistics()["batches"])

    def asked(self) -> dict[str, int]:
        requests = self.shop.sandbox.statistics()["requests"]
        names = ("POST /batches", "POST /contacts/tags", "DELETE /contacts/tags")
        return {name: requests.get(name, 0) for name in names}


def row(n: int, changed: bool = False) -> str:
    return f"C{n},{address(n)},{'Changed' if changed else 'Person'} {n}"


def first_run(make_shop: MakeShop, seen: Behaviour | None) -> Shop:
    """Runs once; then some unsubscribe and the source changes. ``seen`` is known of the brand."""
    shop = make_shop(people=0, segment_tag="VIP", tag_requests_per_minute=1000)
    contacts = shop.sandbox.brand.contacts
    if seen:
        shop.workspace.state.save_behaviour(shop.workspace.connection("Shop").id, seen)
    for n in OWN_TAG:
        contacts.tag(contacts.upsert(told(n, "Shop's"))[0], ["own"], remove=False)
    shop.write([row(n) for n in BEFORE])
    assert shop.run().status == "finished"
    for n in UNSUBSCRIBED:
        contacts.upsert(told(n, f"Person {n}", status="unsubscribed"))
    shop.write(
        [
            *(row(n, n in CHANGED) for n in AFTER),
            "I1,not an address,Nobody",
            f"D1, {address(0).upper()} ,Twice",
        ]
    )
    return shop


MakeGenerations = Callable[[str], Generations]


@pytest.fixture(scope="module")
def after_first_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Shop]:
    """What a kind's shop is copied from: the first run knows of riding and reviving alone."""

    @cache
    def ended(seen: Behaviour | None) -> Shop:
        with shops_in(tmp_path_factory.mktemp("first")) as make_shop:
            return first_run(make_shop, seen)

    return lambda kind: ended(kind.seen)


@pytest.fixture
def make_generations(
    after_first_run: Callable[[Kind], Shop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeGenerations]:
    """Builds one by its kind's name; tries follow each other quickly."""
    monkeypatch.setattr(retry, "_SHORTEST", 0.02)
    with ExitStack() as stack:

        def make(name: str) -> Generations:
            kind = KINDS[name]
            return Generations(stack.enter_context(copied(after_first_run(kind), tmp_path)), kind)

        yield make


# Method and path of a stage's requests.
STAGES = {
    "unsubscribed": ("GET", "/contacts"),
    "sending": ("POST", "/batches"),
    "confirming": ("GET", "/batches"),
    "items": ("GET", "/batches/*/items"),
    "tagging": ("POST", "/contacts/tags"),
    "leaving": ("DELETE", "/contacts/tags"),
}
# The kind in which each stage is disturbed by every fault.
WHERE = {
    "unsubscribed": "revives",
    "sending": "plain",
    "confirming": "plain",
    "items": "stops",
    "tagging": "plain",
    "leaving": "plain",
}
UNCLEAR = (
    "502 although it was done",
    "cut",
    "cut although it was done",
    "truncated",
    "too slow",
    "too slow though done",
)
PASSING: dict[str, dict[str, Any]] = {
    "429 with retryAfter": {"action": "rate_limit", "retry_after": 1, "nth": (1,)},
    "429 with the header": {"action": "rate_limit", "retry_after_header": 1, "nth": (1,)},
    "429 without": {"action": "rate_limit", "nth": (1, 2)},
    "500": {"action": "server_error", "status": 500, "nth": (1,)},
    "502 although it was done": {"action": "server_error", "processed": True, "nth": (1,)},
    "503": {"action": "server_error", "status": 503, "nth": (1, 2)},
    "cut": {"action": "cut", "nth": (1,)},
    "cut although it was done": {"action": "cut", "processed": True, "nth": (1, 3)},
    "truncated": {"action": "truncate", "nth": (1,)},
    "HTML as 200": {"action": "html", "nth": (1,)},
    "HTML as 200 although it was done": {"action": "html", "processed": True, "nth": (1,)},
    "slow": {"action": "delay", "seconds": 0.05},
    "slow after it was done": {"action": "delay", "seconds": 0.05, "processed": True},
    "too slow": {"action": "delay", "seconds": 2 * TIMEOUT, "nth": (1,)},
    "too slow though done": {
        "action": "delay", "seconds": 2 * TIMEOUT, "processed": True, "nth": (1,),
    },
}  # fmt: skip
LASTING: dict[str, dict[str, Any]] = {
    "401": {"action": "server_error", "status": 401},
    "403": {"action": "server_error", "status": 403},
    "410": {"action": "server_error", "status": 410},
    "503 for ever": {"action": "server_error", "status": 503},
    "cut for ever": {"action": "cut"},
    "401 after one": {"action": "server_error", "status": 401, "nth": tuple(range(2, 99))},
}


def fault_at(stage: str, fault: dict[str, Any]) -> AnswerFault:
    method, path = STAGES[stage]
    return AnswerFault(method=method, path=path, **fault)


def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "READ_TIMEOUT", TIMEOUT)
    monkeypatch.setattr(clients, "POST_TIMEOUT", TIMEOUT)
