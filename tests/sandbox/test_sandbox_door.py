"""Key, version, permissions, paths, parameters, limits and sizes, over real HTTP."""

import httpx
import pytest

from sandbox.omnisend_api import Api, MakeApi, People


def test_absent_and_wrong_key_answer_the_same_bare_401(api: Api) -> None:
    bare = {
        "type": "https://problems.omnisend.com/unauthorized",
        "title": "Unauthorized",
        "status": 401,
    }
    for headers in ({}, {"Authorization": "Omnisend-API-Key wrong"}, {"X-API-KEY": "old"}):
        answer = httpx.get(f"{api.base_url}contacts", headers=headers)
        assert (answer.status_code, answer.json()) == (401, bare)
        assert answer.headers["content-type"] == "application/problem+json"


def test_unknown_path_is_404_even_without_key(api: Api) -> None:
    assert httpx.get(f"{api.base_url}nothing").status_code == 404
    assert api.get("/nothing").status_code == 404


@pytest.mark.parametrize("version", ["", "2025-01-01"])
def test_the_dated_version_is_required(api: Api, version: str) -> None:
    answer = api.get("/contacts", headers={"Omnisend-Version": version})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Omnisend-Version"


def test_problem_names_the_request(api: Api) -> None:
    problem = api.get("/contacts/000000000000000000000009").json()
    assert problem["status"] == 404
    assert problem["instance"].startswith("urn:omnisend:request:")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/contacts?colour=red"),
        ("GET", "/contacts?limit=0"),
        ("GET", "/contacts?limit=251"),
        ("GET", "/contacts?tag=a&status=subscribed"),
        ("GET", "/contacts?updatedAtFrom=2026-01-01T00:00:00Z&email=a@example.com"),
        ("GET", "/contacts?after=nonsense"),
        ("GET", "/contacts?sort=name"),
        ("GET", "/batches?limit=251"),
        ("GET", "/batches?status=done"),
        ("GET", "/batches?dateFrom=yesterday"),
        ("GET", "/batches?origin=x"),
        ("GET", "/brands/current?x=1"),
    ],
)
def test_wrong_parameters_are_400(api: Api, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_missing_permission_is_403(make_api: MakeApi) -> None:
    api = make_api(permissions=("contacts.read",))
    assert api.get("/contacts").status_code == 200
    assert api.get("/brands/current").status_code == 403
    assert api.post("/contacts", json={}).status_code == 403


def test_brand_belongs_to_the_key(make_api: MakeApi) -> None:
    api = make_api(api_key="0123456789abcdef01234567-secret")
    assert api.get("/brands/current").json()["brandID"] == "0123456789abcdef01234567"


def test_made_up_key_has_the_form_of_omnisends(api: Api) -> None:
    brand, _, secret = api.headers["Authorization"].split()[1].partition("-")
    assert len(brand) == 24
    assert int(brand, 16) >= 0
    assert secret


def test_over_the_limit_is_429_with_seconds(make_api: MakeApi) -> None:
    api = make_api(requests_per_minute=3)
    assert [api.get("/contacts").status_code for _ in range(4)] == [200, 200, 200, 429]
    problem = api.get("/contacts").json()
    assert 1 <= problem["retryAfter"] <= 60
    assert problem["type"] == "https://problems.omnisend.com/rate-limit-exceeded"


def test_tags_have_a_stricter_limit_for_both_methods(make_api: MakeApi) -> None:
    api = make_api(tag_requests_per_minute=2)
    body = {"tags": ["a"], "emails": ["aino@example.com"]}
    assert api.post("/contacts/tags", json=body).status_code == 202
    assert api.request("DELETE", "/contacts/tags", json=body).status_code == 202
    assert api.post("/contacts/tags", json=body).status_code == 429
    assert api.get("/contacts").status_code == 200


def test_bodies_over_1_mb_or_of_another_type_are_refused(api: Api, people: People) -> None:
    assert api.post("/contacts", json=people(address="x" * 1_000_001)).status_code == 413
    assert api.post("/contacts", content=b"{}").status_code == 415
    wrong = api.post("/contacts", content=b"{", headers={"Content-Type": "application/json"})
    assert wrong.status_code == 400


def test_statistics_count_requests_and_answers(api: Api) -> None:
    api.get("/contacts")
    api.get("/batches/none")
    found = api.statistics()
    assert found["requests"] == {"GET /contacts": 1, "GET /batches/{batch_id}": 1}
    assert found["answers"] == {"200": 1, "404": 1}
    assert found["max_requests_60s"] == 2


def test_requests_refused_for_another_reason_count_for_the_limit(make_api: MakeApi) -> None:
    api = make_api(requests_per_minute=3, permissions=("contacts.read",))
    assert api.get("/contacts", headers={"Omnisend-Version": "2025-01-01"}).status_code == 400
    assert api.post("/contacts", json={}).status_code == 403
    assert api.get("/contacts?colour=red").status_code == 400
    assert api.get("/contacts").status_code == 429


def test_a_wrong_key_spends_nothing_of_the_brand(make_api: MakeApi) -> None:
    api = make_api(requests_per_minute=1)
    wrong = {"Authorization": "Omnisend-API-Key wrong"}
    assert [api.get("/contacts", headers=wrong).status_code for _ in range(3)] == [401] * 3
    assert api.get("/contacts").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/jsonx", ""])
def test_only_json_is_taken(api: Api, kind: str) -> None:
    answer = api.post("/batches", content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415
    good = api.post(
        "/contacts/tags", content=b"{}", headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert good.status_code == 400


def test_integrations_name_themselves_shortly(api: Api) -> None:
    assert api.get("/contacts", headers={"X-INTEGRATION-NAME": "x" * 50}).status_code == 200
    assert api.get("/contacts", headers={"X-INTEGRATION-VERSION": "x" * 51}).status_code == 400
