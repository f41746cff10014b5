"""The behaviour check against the sandbox, which can play each answer, over real HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.omnisend.behaviour import TAGS, Step, check_behaviour
from omnisend_tui.omnisend.budget import Budget
from omnisend_tui.omnisend.client import OmnisendClient, Stopped
from omnisend_tui.omnisend.errors import Refusal
from omnisend_tui.records import Behaviour
from omnisend_tui.sandbox.faults import Action, AnswerFault, Faults
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox

ADDRESS = "owner+check@example.com"


@dataclass
class Brand:
    """A sandbox and a client of it."""

    sandbox: RunningSandbox
    client: OmnisendClient
    stop: threading.Event = field(default_factory=threading.Event)
    steps: list[Step] = field(default_factory=list)

    def check(self, address: str = ADDRESS, **options: Any) -> Behaviour:
        settings: dict[str, Any] = {"told": self.steps.append, "wait": 5.0, "poll": 0.01} | options
        return check_behaviour(self.client, address, self.stop, **settings)

    def contact(self, address: str = ADDRESS) -> dict[str, Any]:
        contacts = self.sandbox.brand.contacts
        return contacts.get(contacts.find(address))

    def left(self) -> bool:
        """Whether the contact is unsubscribed and without the check's tags."""
        contact = self.contact()
        channel = contact["identifiers"][0]["channels"]["email"]
        return channel["status"] == "unsubscribed" and not contact.get("tags")


@pytest.fixture
def brand(tmp_path: Path) -> Iterator[Callable[..., Brand]]:
    with ExitStack() as stack:

        def make(*answers: AnswerFault, **faults: Any) -> Brand:
            options = SandboxOptions(
                requests_per_minute=100_000,
                tag_requests_per_minute=100_000,
                faults=Faults(answers=answers, **faults),
            )
            sandbox = stack.enter_context(running_sandbox(options))
            budget = Budget(tmp_path / "budget.sqlite", "test", 100_000)
            stack.callback(budget.close)
            client = OmnisendClient(sandbox.url, sandbox.api_key, budget, 1)
            stack.callback(client.close)
            return Brand(sandbox, client)

        yield make


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("revive", [False, True])
def test_each_answer_is_found_and_the_contact_left_unsubscribed(
    brand: Callable[..., Brand], replace: bool, revive: bool
) -> None:
    shop = brand(tags_replace=replace, revive_unsubscribed=revive)
    assert shop.check(f"  {ADDRESS.upper()} ", clock=lambda: 1_800_000_000.0) == Behaviour(
        at=1_800_000_000.0,
        tags="replace" if replace else "add",
        unsubscribed="revived" if revive else "kept",
    )
    assert shop.steps == ["unknown", "created", "tagged", "measured", "left_unsubscribed"]
    assert shop.left()
    identifier = shop.contact()["identifiers"][0]
    assert identifier["sendWelcomeMessage"] is False
    assert identifier["channels"]["email"]["statusChangedAt"] == "2027-01-15T08:00:00Z"
    assert shop.client.budget.used() == sum(shop.sandbox.statistics()["requests"].values())


def test_a_known_address_is_refused_and_untouched(brand: Callable[..., Brand]) -> None:
    shop = brand(revive_unsubscribed=True)
    body = {"identifiers": [{"type": "email", "id": ADDRESS.title()}], "tags": ["own"]}
    shop.sandbox.brand.contacts.upsert(msgspec.json.encode(body))
    before = shop.contact()
    with pytest.raises(UsageError) as caught:
        shop.check()
    assert caught.value.code == "address_known"
    assert (shop.contact(), shop.steps) == (before, [])


@pytest.mark.parametrize("address", ["", "owner", "a@b", "äiti@example.com", "a@x.com b@x.com"])
def test_an_invalid_address_makes_no_request(brand: Callable[..., Brand], address: str) -> None:
    shop = brand()
    with pytest.raises(UsageError) as caught:
        shop.check(address)
    assert caught.value.code == "address_invalid"
    assert not shop.sandbox.statistics()["requests"]


def test_a_stop_before_the_check_makes_no_request(brand: Callable[..., Brand]) -> None:
    shop = brand()
    shop.stop.set()
    with pytest.raises(Stopped):
        shop.check()
    assert not shop.sandbox.statistics()["requests"]


@pytest.mark.parametrize("step", ["unknown", "created", "tagged"])
def test_a_stop_within_leaves_nobody_subscribed(brand: Callable[..., Brand], step: Step) -> None:
    shop = brand(revive_unsubscribed=True)

    def told(done: Step) -> None:
        if done == step:
            shop.stop.set()

    with pytest.raises(Stopped):
        shop.check(told=told)
    assert shop.left() if step != "unknown" else not len(shop.sandbox.brand.contacts)


def spoiled(action: Action, nth: int, method: str = "*", **options: Any) -> AnswerFault:
    return AnswerFault(action=action, method=method, path="/contacts", nth=(nth,), **options)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("action", "processed"),
    [("cut", True), ("cut", False), ("server_error", True), ("rate_limit", False)],
)
def test_a_lost_upsert_is_sent_again(
    brand: Callable[..., Brand], nth: int, action: Action, processed: bool
) -> None:
    shop = brand(spoiled(action, nth, "POST", processed=processed), revive_unsubscribed=True)
    assert shop.check().unsubscribed == "revived"
    assert shop.left()


@pytest.mark.parametrize("action", ["cut", "html", "truncate", "server_error"])
def test_a_spoiled_reading_is_repeated(brand: Callable[..., Brand], action: Action) -> None:
    shop = brand(spoiled(action, 3, "GET"))
    assert shop.check().unsubscribed == "kept"


def test_an_error_for_good_still_leaves_the_contact_unsubscribed(
    brand: Callable[..., Brand],
) -> None:
    fault = spoiled("server_error", 2, "POST", status=400, processed=True)
    shop = brand(fault, revive_unsubscribed=True)
    with pytest.raises(Refusal):
        shop.check()
    assert shop.left()
    assert shop.steps == ["unknown", "created", "left_unsubscribed"]


def mislay(shop: Brand, nth: int) -> None:
    """The nth upsert is answered as done, and changes another contact."""
    contacts, numbers = shop.sandbox.brand.contacts, count(1)
    upsert = contacts.upsert

    def mislaid(body: bytes) -> tuple[int, bool]:
        return upsert(body.replace(b"owner", b"other") if next(numbers) == nth else body)

    contacts.upsert = mislaid  # type: ignore[method-assign]


def test_an_upsert_that_never_shows_is_no_answer(brand: Callable[..., Brand]) -> None:
    shop = brand(revive_unsubscribed=True)
    mislay(shop, 2)
    with pytest.raises(AppError) as caught:
        shop.check(wait=0.1)
    assert caught.value.code == "check_unclear"
    assert ADDRESS not in caught.value.message + caught.value.hint
    assert shop.left()


def test_a_contact_that_never_shows_is_no_answer(brand: Callable[..., Brand]) -> None:
    shop = brand()
    mislay(shop, 1)
    with pytest.raises(AppError) as caught:
        shop.check(wait=0.1)
    assert caught.value.code == "check_unclear"


@pytest.mark.parametrize("nth", [1, 2])
def test_a_page_instead_of_an_answer_is_tried_again(brand: Callable[..., Brand], nth: int) -> None:
    assert brand(spoiled("html", nth, "POST")).check().tags == "add"


def test_a_cleaning_that_fails_hides_no_answer(brand: Callable[..., Brand]) -> None:
    shop = brand(AnswerFault(action="server_error", method="DELETE"))
    assert shop.check(wait=0.2).tags == "add"
    assert shop.steps[-1] == "measured"


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"identifiers": None, "tags": None},
        {"identifiers": [{"type": "email", "id": ADDRESS}], "tags": list(TAGS)},
        {"identifiers": [{"type": "email", "id": ADDRESS, "channels": {"email": None}}]},
        {"identifiers": [
            {"type": "email", "id": ADDRESS, "channels": {"email": {"status": "gone"}}}
        ], "tags": list(TAGS)},
    ],
)  # fmt: skip
def test_a_contact_without_a_readable_status_is_no_answer(
    brand: Callable[..., Brand], monkeypatch: pytest.MonkeyPatch, shape: dict[str, Any]
) -> None:
    shop = brand()
    contacts = shop.sandbox.brand.contacts
    whole = contacts.get
    monkeypatch.setattr(contacts, "get", lambda _number: {"new": 1} | shape)
    with pytest.raises(AppError) as caught:
        shop.check(wait=0.1)
    assert caught.value.code == "check_unclear"
    monkeypatch.setattr(contacts, "get", whole)
    assert shop.left()


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("revive", [False, True])
def test_changes_that_show_late_and_in_parts_are_awaited(
    brand: Callable[..., Brand], monkeypatch: pytest.MonkeyPatch, replace: bool, revive: bool
) -> None:
    shop = brand(tags_replace=replace, revive_unsubscribed=revive)
    shown = show_late(shop, monkeypatch)
    seen: dict[Step, bool] = {}
    found = shop.check(told=lambda step: seen.update({step: all(shown.values())}))
    assert (seen["unknown"], seen["created"]) == (False, True)
    assert found.tags == ("replace" if replace else "add")
    assert found.unsubscribed == ("revived" if revive else "kept")
    monkeypatch.undo()
    assert shop.left()


def show_late(shop: Brand, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Tags show at the second reading after a change, identifiers at the third.

    Returns what shows.
    """
    contacts = shop.sandbox.brand.contacts
    whole, upsert = contacts.get, contacts.upsert
    waiting = {"tags": 0, "identifiers": 0}
    shown: dict[str, Any] = {"tags": [], "identifiers": []}

    def late(number: int) -> dict[str, Any]:
        for name in waiting:
            waiting[name] -= 1
            if waiting[name] <= 0:
                shown[name] = whole(number).get(name, [])
        return dict(shown)

    def changed(body: bytes) -> tuple[int, bool]:
        # The answer to the upsert asks for the contact too.
        waiting.update(tags=3, identifiers=4)
        return upsert(body)

    monkeypatch.setattr(contacts, "get", late)
    monkeypatch.setattr(contacts, "upsert", changed)
    return shown
