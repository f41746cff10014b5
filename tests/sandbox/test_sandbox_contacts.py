"""Contacts and tags over real HTTP."""

import pytest

from sandbox.omnisend_api import Api, People


def test_upsert_creates_then_updates_by_address(api: Api, people: People) -> None:
    first = api.post("/contacts", json=people("Aino@Example.com", firstName="Aino", city="Turku"))
    again = api.post("/contacts", json=people("aino@example.com", city="Oulu"))
    assert (first.status_code, again.status_code) == (201, 200)
    found = api.get(f"/contacts/{first.json()['contactID']}").json()
    assert (found["firstName"], found["city"]) == ("Aino", "Oulu")
    assert api.statistics()["contacts"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"countryCode": "UK"},
        {"countryCode": "fi"},
        {"birthdate": "31.12.1980"},
        {"birthdate": "1980-02-30"},
        {"gender": "female"},
        {"customProperties": {"loyalty points": 1}},
        {"customProperties": {"x": {"nested": 1}}},
        {"customProperties": {"x" * 129: 1}},
        {"tags": ["t"] * 101},
        {"firstName": None},
        {"unheardOf": 1},
        {"createdAt": "2026-01-01"},
        {"identifiers": []},
        {"identifiers": [{"type": "phone", "id": "040 123"}]},
        {"identifiers": [{"type": "email", "id": "a@example.com", "channels": {"fax": {}}}]},
        {"identifiers": [{"type": "email", "id": "a@example.com",
                          "channels": {"email": {"status": "yes"}}}]},
    ],
)  # fmt: skip
def test_what_omnisend_refuses_is_400_and_creates_nothing(
    api: Api, people: People, fields: dict[str, object]
) -> None:
    answer = api.post("/contacts", json=people() | fields)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert api.statistics()["contacts"] == 0


@pytest.mark.parametrize(
    "email",
    ["", "aino", "aino@", "@example.com", "a@@example.com", " aino@example.com", "a b@example.com",
     "a..b@example.com", "aino@example", "aino@-x.com", "x" * 65 + "@example.com",
     "aino@example.com\n", "äiti@example.com"],
)  # fmt: skip
def test_invalid_addresses_are_refused(api: Api, people: People, email: str) -> None:
    assert api.post("/contacts", json=people(email)).status_code == 400


@pytest.mark.parametrize("email", ["o'brien@example.com", "a+b.c_d@sub.example.org"])
def test_valid_addresses_are_accepted(api: Api, people: People, email: str) -> None:
    assert api.post("/contacts", json=people(email)).status_code == 201


def test_custom_properties_are_merged(api: Api, people: People) -> None:
    api.post("/contacts", json=people(customProperties={"a": 1, "b": ["x"]}))
    again = api.post("/contacts", json=people(customProperties={"a": 2, "c": True}))
    assert again.json()["customProperties"] == {"a": 2, "b": ["x"], "c": True}


def test_upsert_without_channels_leaves_an_unsubscribed_contact_alone(
    api: Api, people: People
) -> None:
    left = people()
    left["identifiers"][0]["channels"] = {"email": {"status": "unsubscribed"}}
    api.post("/contacts", json=left)
    api.post("/contacts", json=people(firstName="Aino"))
    listed = api.get("/contacts", params={"status": "unsubscribed"}).json()["contacts"]
    assert [contact["firstName"] for contact in listed] == ["Aino"]


def test_patch_by_address_and_id(api: Api, people: People) -> None:
    contact_id = api.post("/contacts", json=people()).json()["contactID"]
    params = {"email": "aino@example.com"}
    assert api.patch("/contacts", params=params, json={"city": "Oulu"}).status_code == 200
    assert api.patch(f"/contacts/{contact_id}", json={"lastName": "Laine"}).status_code == 200
    found = api.get(f"/contacts/{contact_id}").json()
    assert (found["city"], found["lastName"]) == ("Oulu", "Laine")
    assert api.patch("/contacts/0", json={"city": "Oulu"}).status_code == 404


def test_patch_to_an_address_of_another_contact_is_409(api: Api, people: People) -> None:
    api.post("/contacts", json=people("aino@example.com"))
    other = api.post("/contacts", json=people("eino@example.com")).json()["contactID"]
    assert api.patch(f"/contacts/{other}", json=people("aino@example.com")).status_code == 409


def test_list_pages_with_a_cursor(api: Api, people: People) -> None:
    for number in range(5):
        api.post("/contacts", json=people(f"p{number}@example.com"))
    seen, after = [], None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        answer = api.get("/contacts", params=params).json()
        seen += [contact["contactID"] for contact in answer["contacts"]]
        after = answer["paging"]["cursors"]["after"]
        assert answer["paging"]["hasMore"] == (after is not None)
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5


def test_find_by_address(api: Api, people: People) -> None:
    api.post("/contacts", json=people())
    assert len(api.get("/contacts", params={"email": "AINO@example.com"}).json()["contacts"]) == 1
    assert api.get("/contacts", params={"email": "no@example.com"}).json()["contacts"] == []


def test_tags_are_added_and_removed_and_unknown_addresses_ignored(api: Api, people: People) -> None:
    api.post("/contacts", json=people(tags=["own"]))
    change = {"tags": ["new"], "emails": ["aino@example.com", "nobody@example.com"]}
    assert api.post("/contacts/tags", json=change).status_code == 202
    listed = api.get("/contacts", params={"tag": "new"}).json()["contacts"]
    assert [sorted(contact["tags"]) for contact in listed] == [["new", "own"]]
    assert api.request("DELETE", "/contacts/tags", json=change).status_code == 202
    assert api.get("/contacts", params={"tag": "new"}).json()["contacts"] == []
    assert len(api.get("/contacts", params={"tag": "own"}).json()["contacts"]) == 1


@pytest.mark.parametrize(
    "body", [{"tags": []}, {"tags": ["t"] * 101}, {"tags": ["t"], "emails": ["a"] * 251}]
)
def test_tag_requests_have_sizes(api: Api, body: dict[str, object]) -> None:
    assert api.post("/contacts/tags", json=body).status_code == 400
