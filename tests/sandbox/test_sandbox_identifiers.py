"""Whose an address or a number is, and what a contact keeps, over real HTTP."""

from typing import Any

import pytest

from sandbox.omnisend_api import Api, People


def phone(number: str = "+358401234567") -> dict[str, object]:
    return {"type": "phone", "id": number, "sendWelcomeMessage": False}


def with_phone(people: People, email: str, number: str = "+358401234567") -> dict[str, Any]:
    body = people(email)
    return {"identifiers": [*body["identifiers"], phone(number)]}


def kinds(contact: dict[str, Any]) -> dict[str, str]:
    return {item["type"]: item["id"] for item in contact["identifiers"]}


def test_a_number_of_another_contact_is_ignored(api: Api, people: People) -> None:
    first = api.post("/contacts", json=with_phone(people, "a@example.com"))
    second = api.post("/contacts", json=with_phone(people, "b@example.com"))
    assert [answer.status_code for answer in (first, second)] == [201, 201]
    assert kinds(second.json()) == {"email": "b@example.com"}
    again = api.post("/contacts", json=with_phone(people, "b@example.com"))
    assert (again.status_code, kinds(again.json())) == (200, {"email": "b@example.com"})
    found = api.get("/contacts", params={"phone": "+358401234567"}).json()["contacts"]
    assert [kinds(contact)["email"] for contact in found] == ["a@example.com"]


def test_a_number_alone_of_a_known_contact_creates_nothing(api: Api, people: People) -> None:
    api.post("/contacts", json=with_phone(people, "a@example.com"))
    answer = api.post("/contacts", json={"identifiers": [phone()], "city": "Oulu"})
    assert answer.status_code == 200
    assert api.statistics()["contacts"] == 1


def test_a_changed_number_is_free_again(api: Api, people: People) -> None:
    api.post("/contacts", json=with_phone(people, "a@example.com", "+358401111111"))
    api.post("/contacts", json=with_phone(people, "a@example.com", "+358402222222"))
    other = api.post("/contacts", json=with_phone(people, "b@example.com", "+358401111111"))
    assert kinds(other.json())["phone"] == "+358401111111"


def test_a_changed_address_is_free_again(api: Api, people: People) -> None:
    contact = api.post("/contacts", json=people("a@example.com")).json()["contactID"]
    assert api.patch(f"/contacts/{contact}", json=people("b@example.com")).status_code == 200
    assert api.post("/contacts", json=people("a@example.com")).status_code == 201
    assert api.post("/contacts", json=people("b@example.com")).status_code == 200


def test_patch_names_one_contact(api: Api, people: People) -> None:
    api.post("/contacts", json=with_phone(people, "a@example.com"))
    assert api.patch("/contacts", json={"city": "Oulu"}).status_code == 400
    params = {"phone": "+358401234567"}
    assert api.patch("/contacts", params=params, json={"city": "Oulu"}).status_code == 200
    nobody = {"email": "nobody@example.com"}
    assert api.patch("/contacts", params=nobody, json={"city": "Oulu"}).status_code == 404


def test_a_status_stays_where_the_new_channels_are_silent(api: Api, people: People) -> None:
    left = people()
    left["identifiers"][0]["channels"] = {"email": {"status": "unsubscribed"}}
    api.post("/contacts", json=left)
    silent = people()
    silent["identifiers"][0]["channels"] = {}
    api.post("/contacts", json=silent)
    listed = api.get("/contacts", params={"status": "unsubscribed"}).json()["contacts"]
    assert len(listed) == 1


@pytest.mark.parametrize("known", [False, True])
def test_created_at_becomes_a_custom_property(api: Api, people: People, known: bool) -> None:
    if known:
        api.post("/contacts", json=people(customProperties={"a": 1}))
    body = people(createdAt="2020-01-02T03:04:05Z")
    found = api.post("/contacts", json=body).json()
    assert found["customProperties"]["externalCreated"] == "2020-01-02T03:04:05Z"
    assert found["createdAt"] > "2026"


def test_addresses_are_the_same_in_any_case_and_at_most_one_of_a_kind(
    api: Api, people: People
) -> None:
    api.post("/contacts", json=people("A@example.com"))
    assert api.post("/contacts", json=people("a@EXAMPLE.com")).status_code == 200
    two = {"identifiers": people("b@example.com")["identifiers"] * 2}
    assert api.post("/contacts", json=two).status_code == 400


def test_tags_reach_contacts_by_address_number_and_id(api: Api, people: People) -> None:
    api.post("/contacts", json=people("a@example.com"))
    api.post("/contacts", json={"identifiers": [phone()]})
    third = api.post("/contacts", json=people("c@example.com")).json()["contactID"]
    change = {
        "tags": ["t"], "emails": ["A@example.com"], "phones": ["+358401234567"],
        "contactIDs": [third, "none", "f" * 24],
    }  # fmt: skip
    assert api.post("/contacts/tags", json=change).status_code == 202
    assert len(api.get("/contacts", params={"tag": "t"}).json()["contacts"]) == 3
    assert api.post("/contacts/tags", json={"tags": ["t"]}).status_code == 400
