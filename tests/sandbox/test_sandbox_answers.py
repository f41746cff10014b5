"""The two answers that the sandbox can give to what Omnisend doesn't document."""

from collections.abc import Callable
from typing import Any

import pytest

from omnisend_tui.sandbox.faults import Faults
from sandbox.omnisend_api import Api, MakeApi, People


def by_post(api: Api, contact: dict[str, Any]) -> None:
    api.post("/contacts", json=contact)


def by_batch(api: Api, contact: dict[str, Any]) -> None:
    assert not api.ended(api.batch(contact))["errors"]


Upsert = Callable[[Api, dict[str, Any]], None]
both_ways = pytest.mark.parametrize("upsert", [by_post, by_batch])


def unsubscribed(people: People) -> dict[str, Any]:
    contact = people(tags=["own"])
    contact["identifiers"][0]["channels"] = {"email": {"status": "unsubscribed"}}
    return contact


@both_ways
@pytest.mark.parametrize(("replace", "tags"), [(False, ["own", "new"]), (True, ["new"])])
def test_tags_of_an_upsert(
    make_api: MakeApi, people: People, upsert: Upsert, replace: bool, tags: list[str]
) -> None:
    api = make_api(faults=Faults(tags_replace=replace))
    by_post(api, people(tags=["own"]))
    for _ in range(2):
        upsert(api, people(tags=["new"]))
    by_post(api, people(city="Oulu"))
    assert api.get("/contacts").json()["contacts"][0]["tags"] == tags


@both_ways
@pytest.mark.parametrize(("revive", "status"), [(False, "unsubscribed"), (True, "subscribed")])
def test_an_upsert_without_a_channel(
    make_api: MakeApi, people: People, upsert: Upsert, revive: bool, status: str
) -> None:
    api = make_api(faults=Faults(revive_unsubscribed=revive))
    by_post(api, unsubscribed(people))
    upsert(api, people(city="Oulu"))
    found = api.get("/contacts", params={"status": status}).json()["contacts"]
    assert [contact["city"] for contact in found] == ["Oulu"]


@both_ways
@pytest.mark.parametrize("told", ["unsubscribed", "nonSubscribed"])
def test_an_upsert_with_a_status_revives_nobody(
    make_api: MakeApi, people: People, upsert: Upsert, told: str
) -> None:
    api = make_api(faults=Faults(revive_unsubscribed=True))
    by_post(api, unsubscribed(people))
    contact = people(city="Oulu")
    contact["identifiers"][0]["channels"] = {"email": {"status": told}}
    upsert(api, contact)
    assert len(api.get("/contacts", params={"status": told}).json()["contacts"]) == 1


@pytest.mark.parametrize("status", ["subscribed", "nonSubscribed"])
def test_an_upsert_revives_only_the_unsubscribed(
    make_api: MakeApi, people: People, status: str
) -> None:
    api = make_api(faults=Faults(revive_unsubscribed=True))
    contact = people()
    contact["identifiers"][0]["channels"] = {"email": {"status": status}}
    by_post(api, contact)
    by_post(api, people(city="Oulu"))
    assert len(api.get("/contacts", params={"status": status}).json()["contacts"]) == 1


def test_a_status_is_that_of_the_email_channel(api: Api, people: People) -> None:
    contact = people()
    phone = {
        "type": "phone",
        "id": "+358401234567",
        "channels": {"sms": {"status": "unsubscribed"}},
    }
    contact["identifiers"].append(phone)
    by_post(api, contact)
    assert api.get("/contacts", params={"status": "unsubscribed"}).json()["contacts"] == []


def test_the_unsubscribed_come_in_pages(api: Api, people: People) -> None:
    for number in range(7):
        contact = people(f"p{number}@example.com")
        if number != 3:
            contact["identifiers"][0]["channels"] = {"email": {"status": "unsubscribed"}}
        by_post(api, contact)
    query: dict[str, str | int] = {"status": "unsubscribed", "limit": 2}
    seen: list[str] = []
    while True:
        page = api.get("/contacts", params=query).json()
        seen += [contact["identifiers"][0]["id"] for contact in page["contacts"]]
        if not page["paging"]["hasMore"]:
            break
        query["after"] = page["paging"]["cursors"]["after"]
    assert seen == [f"p{number}@example.com" for number in (0, 1, 2, 4, 5, 6)]
