"""Each way to misbehave, over real HTTP."""

from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec import structs

from omnisend_tui.errors import UsageError
from omnisend_tui.sandbox.faults import (
    Action,
    AnswerFault,
    BatchStop,
    FaultPlan,
    Faults,
    ItemFault,
    load_faults,
)
from sandbox.omnisend_api import Api, MakeApi, People


def spoiled(action: Action, **options: object) -> Faults:
    """A plan that spoils the first batch post."""
    rule = AnswerFault(action=action, method="POST", path="/batches", nth=(1,))
    return Faults(answers=(structs.replace(rule, **options),))


def post(api: Api, people: People) -> httpx.Response:
    body = {"method": "POST", "endpoint": "contacts", "items": [people()]}
    return api.post("/batches", json=body)


def test_429_with_and_without_seconds(make_api: MakeApi, people: People) -> None:
    answer = post(make_api(faults=spoiled("rate_limit", retry_after=7)), people)
    assert (answer.status_code, answer.json()["retryAfter"]) == (429, 7)
    answer = post(make_api(faults=spoiled("rate_limit", retry_after_header=9)), people)
    assert answer.headers["retry-after"] == "9"
    assert "retryAfter" not in answer.json()


@pytest.mark.parametrize(("action", "status"), [("server_error", 503), ("html", 200)])
def test_web_pages_instead_of_answers(
    make_api: MakeApi, people: People, action: Action, status: int
) -> None:
    api = make_api(faults=spoiled(action, status=503))
    answer = post(api, people)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert api.statistics()["batches"] == 0
    assert post(api, people).status_code == 201


@pytest.mark.parametrize(("processed", "batches"), [(False, 0), (True, 1)])
def test_cut_before_and_after_a_batch_was_accepted(
    make_api: MakeApi, people: People, processed: bool, batches: int
) -> None:
    api = make_api(faults=spoiled("cut", processed=processed))
    with pytest.raises(httpx.TransportError):
        post(api, people)
    assert api.statistics()["batches"] == batches
    assert post(api, people).status_code == 201


def test_truncated_json_of_an_accepted_batch(make_api: MakeApi, people: People) -> None:
    api = make_api(faults=spoiled("truncate"))
    answer = post(api, people)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(answer.content)
    assert (answer.status_code, api.statistics()["batches"]) == (201, 1)


def test_delay_answers_rightly_afterwards(make_api: MakeApi, people: People) -> None:
    api = make_api(faults=spoiled("delay", seconds=0.05))
    answer = post(api, people)
    assert answer.status_code == 201
    assert answer.elapsed.total_seconds() >= 0.05


def test_stopped_batch_leaves_items_out_of_both_lists(make_api: MakeApi, people: People) -> None:
    api = make_api(faults=Faults(stops=(BatchStop(nth=(1,), after=2),)))
    ended = api.ended(api.batch(*(people(f"p{n}@example.com") for n in range(5))))
    assert ended["status"] == "stopped"
    assert (ended["totalCount"], ended["finishedCount"]) == (5, 2)
    assert len(ended["errors"] + ended["responses"]) == 2
    assert api.ended(api.batch(people()))["status"] == "finished"


def test_items_are_refused_by_pattern(make_api: MakeApi, people: People) -> None:
    fault = ItemFault(email="bounced*", message="The address bounced before.")
    api = make_api(faults=Faults(items=(fault,)))
    ended = api.ended(api.batch(people("bounced1@example.com"), people("aino@example.com")))
    assert [e["response"]["detail"] for e in ended["errors"]] == ["The address bounced before."]
    assert len(ended["responses"]) == 1


def test_key_is_revoked_after_some_requests(make_api: MakeApi) -> None:
    api = make_api(faults=Faults(revoke_key_after=2))
    assert [api.get("/contacts").status_code for _ in range(4)] == [200, 200, 401, 401]


def test_retired_version_is_410(make_api: MakeApi) -> None:
    problem = make_api(faults=Faults(retired=True)).get("/contacts").json()
    assert problem["status"] == 410
    assert "2026-03-15" in problem["detail"]


def test_origin_is_not_echoed(make_api: MakeApi, people: People) -> None:
    api = make_api(faults=Faults(echo_origin=False))
    assert "origin" not in api.ended(api.batch(people()))
    assert "origin" not in api.get("/batches").json()["batches"][0]


def test_latency_holds_every_answer(make_api: MakeApi) -> None:
    assert make_api(latency_ms=30).get("/contacts").elapsed.total_seconds() >= 0.03


def test_one_seed_hits_the_same_requests_and_addresses() -> None:
    def hits(seed: int) -> list[bool]:
        rule = AnswerFault(action="cut", probability=0.3)
        plan = FaultPlan(Faults(seed=seed, answers=(rule,), items=(ItemFault(share=0.5),)))
        found = [plan.answer("GET", "/contacts") is not None for _ in range(200)]
        return found + [plan.refused(f"p{n}@example.com") is not None for n in range(200)]

    assert hits(1) == hits(1) != hits(2)
    assert 30 < sum(hits(1)[:200]) < 90
    assert 70 < sum(hits(1)[200:]) < 130


def test_every_and_times() -> None:
    rule = AnswerFault(action="cut", every=2, times=2)
    plan = FaultPlan(Faults(answers=(rule,)))
    assert [plan.answer("GET", "/") is not None for _ in range(8)] == [
        False, True, False, True, False, False, False, False,
    ]  # fmt: skip


def test_plan_is_read_from_toml_and_json(tmp_path: Path) -> None:
    toml, json = tmp_path / "plan.toml", tmp_path / "plan.json"
    toml.write_text('seed = 3\n[[answers]]\naction = "cut"\nnth = [2]\nprocessed = true\n')
    json.write_bytes(msgspec.json.encode(load_faults(toml)))
    assert load_faults(toml) == load_faults(json)
    assert load_faults(toml).answers[0] == AnswerFault(action="cut", nth=(2,), processed=True)


@pytest.mark.parametrize(
    "text", ["seed =", "seed = 'one'", "colour = 1", '[[answers]]\naction = "explode"']
)
def test_a_wrong_plan_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"plan\.toml"):
        load_faults(path)
    with pytest.raises(UsageError):
        load_faults(tmp_path / "absent.toml")


def test_refusals_hold_beside_what_is_no_contact_and_for_single_posts(
    make_api: MakeApi, people: People
) -> None:
    api = make_api(faults=Faults(items=(ItemFault(email="bounced*", status=422),)))
    ended = api.ended(api.batch(7, {"identifiers": [3]}, people("Bounced@example.com"), people()))
    assert sorted(error["responseCode"] for error in ended["errors"]) == [400, 400, 422]
    assert len(ended["responses"]) == 1
    assert api.post("/contacts", json=people("bounced2@example.com")).status_code == 422


def test_a_rule_for_one_path_leaves_others_alone(make_api: MakeApi, people: People) -> None:
    api = make_api(faults=spoiled("server_error", path="/batches/*", method="GET", nth=()))
    batch_id = api.batch(people())
    assert api.get("/batches").status_code == 200
    assert api.get(f"/batches/{batch_id}").status_code == 502
    assert api.get(f"/batches/{batch_id}/items").status_code == 502


def test_cut_of_a_wrong_key_does_not_happen(make_api: MakeApi) -> None:
    api = make_api(faults=spoiled("cut", method="*", path="*", nth=()))
    assert httpx.get(f"{api.base_url}contacts").status_code == 401
