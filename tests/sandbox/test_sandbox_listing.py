"""``GET /contacts``: order, pages in both directions and filters, over real HTTP."""

import httpx
import pytest

from sandbox.omnisend_api import Api, People


@pytest.fixture
def five(api: Api, people: People) -> Api:
    """A sandbox with five contacts, p0 to p4 by age."""
    for number in range(5):
        api.post("/contacts", json=people(f"p{number}@example.com"))
    return api


def names(answer: httpx.Response) -> list[str]:
    return [contact["identifiers"][0]["id"][:2] for contact in answer.json()["contacts"]]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["createdAt", "updatedAt"])
def test_pages_forth_and_back(five: Api, sort: str, direction: str) -> None:
    order: dict[str, str | int] = {"sort": sort, "direction": direction, "limit": 2}
    expected = [f"p{n}" for n in range(5)][:: 1 if direction == "asc" else -1]
    first = five.get("/contacts", params=order)
    assert (names(first), first.json()["paging"]["hasMore"]) == (expected[:2], True)
    assert first.json()["paging"]["cursors"]["before"] is None
    after = first.json()["paging"]["cursors"]["after"]
    second = five.get("/contacts", params=order | {"after": after})
    assert names(second) == expected[2:4]
    before = second.json()["paging"]["cursors"]["before"]
    back = five.get("/contacts", params=order | {"before": before})
    assert names(back) == expected[:2]
    cursors = back.json()["paging"]["cursors"]
    assert (cursors["before"], cursors["after"]) == (None, after)


def test_an_exact_last_page_says_that_nothing_follows(five: Api) -> None:
    assert five.get("/contacts", params={"limit": 5}).json()["paging"] == {
        "cursors": {"after": None, "before": None},
        "hasMore": False,
        "limit": 5,
    }


def test_an_update_moves_to_the_end_by_update(five: Api, people: People) -> None:
    five.post("/contacts", json=people("p1@example.com", city="Oulu"))
    found = five.get("/contacts", params={"sort": "updatedAt"})
    assert names(found) == ["p0", "p2", "p3", "p4", "p1"]
    moment = found.json()["contacts"][-1]["updatedAt"]
    assert found.json()["contacts"][-1]["createdAt"] <= moment
    assert "p1" in names(five.get("/contacts", params={"updatedAtFrom": moment}))
    later = five.get("/contacts", params={"updatedAtFrom": "2999-01-01T00:00:00Z"})
    assert names(later) == []


def test_filters_look_past_the_page_for_more(five: Api) -> None:
    change = {"tags": ["vip"], "emails": ["p0@example.com", "p4@example.com"]}
    five.post("/contacts/tags", json=change)
    first = five.get("/contacts", params={"tag": "vip", "limit": 1})
    after = first.json()["paging"]["cursors"]["after"]
    rest = five.get("/contacts", params={"tag": "vip", "limit": 1, "after": after})
    assert (names(first), names(rest)) == (["p0"], ["p4"])
    assert [a.json()["paging"]["hasMore"] for a in (first, rest)] == [True, False]


def test_status_filter(five: Api, people: People) -> None:
    left = people("p2@example.com")
    left["identifiers"][0]["channels"] = {"email": {"status": "unsubscribed"}}
    five.post("/contacts", json=left)
    for status, expected in (
        ("unsubscribed", ["p2"]),
        ("nonSubscribed", ["p0", "p1", "p3", "p4"]),
        ("subscribed", []),
    ):
        assert names(five.get("/contacts", params={"status": status})) == expected


def test_a_sandbox_has_no_segments(five: Api) -> None:
    assert names(five.get("/contacts", params={"segmentID": "x"})) == []


@pytest.mark.parametrize(
    "query",
    ["after=MQ==&before=MQ==", "before=nonsense", "updatedAtFrom=yesterday",
     "updatedAtFrom=2026-01-01T00:00:00", "status=gone", "direction=up", "limit=%C2%B2",
     "updatedAtFrom=2026-01-01T00:00:00Z&tag=vip"],
)  # fmt: skip
def test_wrong_lists_are_400(api: Api, query: str) -> None:
    assert api.get(f"/contacts?{query}").status_code == 400
