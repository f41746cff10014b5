"""Asynchronous batches over real HTTP."""

import pytest

from sandbox.omnisend_api import Api, MakeApi, People


def test_batch_is_processed_item_by_item(api: Api, people: People) -> None:
    api.post("/contacts", json=people("old@example.com"))
    batch_id = api.batch(
        people("new@example.com"), people("old@example.com"), people("broken"), origin="a/b/1"
    )
    ended = api.ended(batch_id)
    assert ended["status"] == "finished"
    assert (ended["totalCount"], ended["finishedCount"], ended["errorsCount"]) == (3, 3, 1)
    assert (ended["origin"], ended["method"], ended["endpoint"]) == ("a/b/1", "POST", "contacts")
    codes = {
        item["request"]["identifiers"][0]["id"]: (item["responseCode"], item["status"])
        for item in ended["responses"] + ended["errors"]
    }
    assert codes == {
        "new@example.com": (201, "success"),
        "old@example.com": (200, "success"),
        "broken": (400, "error"),
    }
    assert ended["errors"][0]["response"]["errors"][0]["field"] == "identifiers[0].id"


def test_an_item_that_is_no_contact_is_an_error_of_its_own(api: Api, people: People) -> None:
    ended = api.ended(api.batch(people(), {"unheardOf": 1}, 7))
    assert (ended["errorsCount"], len(ended["responses"])) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [{"items": []}, {"items": [{}] * 101}, {"endpoint": "orders"}, {"method": "PUT"}, {"more": 1}],
)
def test_wrong_batches_are_400_and_not_accepted(api: Api, change: dict[str, object]) -> None:
    body = {"method": "POST", "endpoint": "contacts", "items": [{}]} | change
    assert api.post("/batches", json=body).status_code == 400
    assert api.statistics()["batches"] == 0


def test_unknown_batches_are_404(api: Api) -> None:
    assert api.get("/batches/nothing").status_code == 404
    assert api.get("/batches/nothing/items").status_code == 404


def test_a_slow_batch_is_accepted_before_it_is_processed(make_api: MakeApi, people: People) -> None:
    api = make_api(batch_seconds=60.0)
    first, second = api.batch(people()), api.batch(people())
    states = {api.get(f"/batches/{first}").json()["status"]}
    assert states <= {"pending", "inProgress"}
    assert api.get(f"/batches/{second}").json()["status"] == "pending"
    assert api.statistics()["contacts"] == 0


@pytest.mark.parametrize("oldest_first", [False, True])
def test_list_pages_newest_first_unless_asked(
    make_api: MakeApi, people: People, oldest_first: bool
) -> None:
    api = make_api(oldest_first=oldest_first)
    ids = [api.batch(people()) for _ in range(5)]
    order = ids if oldest_first else ids[::-1]
    first = api.get("/batches", params={"limit": 3}).json()
    rest = api.get("/batches", params={"limit": 3, "offset": 3}).json()
    assert [batch["batchID"] for batch in first["batches"] + rest["batches"]] == order
    assert first["paging"]["next"]
    assert first["paging"]["previous"] is None
    assert rest["paging"]["next"] is None
    assert rest["paging"]["previous"]


def test_list_filters_by_state_day_and_endpoint(api: Api, people: People) -> None:
    batch_id = api.batch(people())
    day = api.ended(batch_id)["createdAt"][:10]
    for params, count in (
        ({"status": "finished"}, 1),
        ({"status": "pending"}, 0),
        ({"dateFrom": day, "dateTo": day}, 1),
        ({"dateFrom": "2999-01-01"}, 0),
        ({"dateTo": "2000-01-01"}, 0),
        ({"endpoint": "contacts"}, 1),
        ({"endpoint": "orders"}, 0),
    ):
        assert len(api.get("/batches", params=params).json()["batches"]) == count, params


def test_errors_name_their_item_whatever_their_order(api: Api, people: People) -> None:
    emails = [f"p{n}@example.com" if n % 3 else f"broken{n}" for n in range(100)]
    ended = api.ended(api.batch(*(people(email) for email in emails)))
    refused = [error["request"]["identifiers"][0]["id"] for error in ended["errors"]]
    assert sorted(refused) == sorted(email for email in emails if "@" not in email)
    assert refused != [email for email in emails if "@" not in email]
    assert all(error["response"]["status"] == 400 for error in ended["errors"])
    ids = [item["itemID"] for item in ended["errors"] + ended["responses"]]
    assert len(set(ids)) == 100


def test_one_address_twice_in_a_batch_is_created_once(api: Api, people: People) -> None:
    ended = api.ended(api.batch(people(city="Oulu"), people(firstName="Aino")))
    assert [item["responseCode"] for item in ended["responses"]] == [201, 200]
    contact = ended["responses"][0]["response"]["contactID"]
    assert ended["responses"][1]["response"]["contactID"] == contact
    found = api.get(f"/contacts/{contact}").json()
    assert (found["city"], found["firstName"]) == ("Oulu", "Aino")


def test_a_batch_that_waits_has_no_items_yet(make_api: MakeApi, people: People) -> None:
    api = make_api(batch_seconds=60.0)
    items = api.get(f"/batches/{api.batch(people())}/items").json()
    assert (items["errors"], items["responses"], items["finishedCount"]) == ([], [], 0)


def test_links_to_other_pages_keep_the_filters(api: Api, people: People) -> None:
    for _ in range(3):
        api.ended(api.batch(people()))
    params: dict[str, str | int] = {"status": "finished", "limit": 1, "offset": 1}
    paging = api.get("/batches", params=params).json()["paging"]
    root = str(api.base_url).removesuffix("/api/")
    for name, offset in (("next", 2), ("previous", 0)):
        page = api.get(root + paging[name]).json()
        assert (page["paging"]["offset"], page["paging"]["limit"]) == (offset, 1)
        assert "status=finished" in paging[name]
