"""The tables of the Dataverse sandbox over real HTTP: pages, filters, metadata, refusals."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import httpx
import pytest
from msgspec import structs

from dataverse_api import MEMBERSHIPS, METADATA, PROFILES, Api, Clock
from omnisend_tui.sandbox.dataverse.filters import like
from omnisend_tui.sandbox.dataverse.generated import SEGMENTS, Generated
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.query import page_size
from omnisend_tui.sandbox.dataverse.server import running_dataverse
from omnisend_tui.sandbox.faults import AnswerFault, Faults

PEOPLE = (
    Person(customer_id="b" * 32, email="liisa@example.com", segments=("Club", 'The "best"')),
    Person(customer_id="A" * 32, first_name="Aino", last_name="O'Brien", values={"points": 7}),
    Person(customer_id="c" * 32, segments=("clubs", "Back\\slash"), values={"shop": "Ärlä 🌞"}),
)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    options = DataverseOptions(profiles=600, requests_per_5_minutes=100_000)
    with running_dataverse(options) as sandbox, Api(sandbox) as client:
        yield client


@pytest.fixture(scope="module")
def few() -> Iterator[Api]:
    """A sandbox of listed people."""
    with running_dataverse(DataverseOptions(people=PEOPLE)) as sandbox, Api(sandbox) as client:
        yield client


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["error"]["code"])


def test_pages_hold_everybody_once_in_order(api: Api) -> None:
    rows = api.rows(PROFILES, size=250, select="msdynci_customerid,msdynci_emailaddress1")
    ids = [row["msdynci_customerid"] for row in rows]
    assert len(ids) == 600
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    assert set(rows[0]) == {
        "@odata.etag",
        "msdynci_customerid",
        "msdynci_emailaddress1",
        "msdynci_customerprofileid",
    }
    assert rows == api.rows(PROFILES, select="msdynci_customerid,msdynci_emailaddress1")


def test_a_page_is_as_large_as_preferred(api: Api) -> None:
    answer = api.get(PROFILES, headers={"Prefer": "odata.maxpagesize=7"})
    assert len(answer.json()["value"]) == 7
    assert answer.headers["preference-applied"] == "odata.maxpagesize=7"
    assert answer.headers["odata-version"] == "4.0"
    assert answer.json()["@odata.nextLink"].startswith(str(api.base_url))
    sizes = [page_size(f"odata.maxpagesize={n}") for n in (0, -1, 1, 5000, 5001)]
    assert [*sizes, page_size("")] == [5000, 5000, 1, 5000, 5000, 5000]


def test_the_last_page_is_full_without_a_link(api: Api) -> None:
    answer = api.get(PROFILES, headers={"Prefer": "odata.maxpagesize=600"}).json()
    assert len(answer["value"]) == 600
    assert "@odata.nextLink" not in answer


def test_without_select_all_columns_come(api: Api) -> None:
    (row,) = api.rows(PROFILES, top="1")
    kinds = {
        line["LogicalName"]: line["AttributeType"]
        for line in api.rows("EntityDefinitions(LogicalName='msdynci_customerprofile')/Attributes")
    }
    cannot = {name for name, kind in kinds.items() if kind in ("Lookup", "Virtual", "Owner")}
    assert "msdynci_contactid" in cannot
    assert set(row) - {"@odata.etag"} == set(kinds) - cannot
    assert row["msdynci_birthdate"].endswith("T00:00:00Z")
    assert isinstance(row["msdynci_loyaltypoints"], int)
    assert isinstance(row["msdynci_marketingconsent"], bool)


@pytest.mark.parametrize("name", ["msdynci_contactid", "Msdynci_CustomerId", "nothing", ""])
def test_a_column_that_cannot_be_selected_is_refused(api: Api, name: str) -> None:
    answer = api.get(PROFILES, params={"$select": f"msdynci_customerid,{name}"})
    assert error_of(answer) == (400, "0x0")
    assert f"'{name}'" in answer.json()["error"]["message"]


def test_top_and_count(api: Api, few: Api) -> None:
    params = {"$top": "2", "$count": "true", "$select": "msdynci_customerid"}
    answer = api.get(PROFILES, params=params).json()
    assert (len(answer["value"]), answer["@odata.count"]) == (2, 600)
    assert "@odata.nextLink" not in answer
    assert few.get(MEMBERSHIPS, params=params).json()["@odata.count"] == 2


def test_count_is_capped() -> None:
    with running_dataverse(DataverseOptions(profiles=5001)) as sandbox, Api(sandbox) as client:
        params = {"$top": "1", "$count": "true"}
        assert client.get(PROFILES, params=params).json()["@odata.count"] == 5000
        assert len(client.rows(MEMBERSHIPS, select="msdynci_customerid")) == 5001


@pytest.mark.parametrize(
    "query",
    [
        "$skip=5",
        "$top=x",
        "$top=-1",
        "$count=maybe",
        "$expand=ownerid",
        "page=2",
        "$filter=",
        "$filter=msdynci_customerid",
        "$filter=msdynci_customerid like 'a'",
        "$filter=msdynci_customerid eq 'a",
        "$filter=msdynci_customerid eq 'a' or",
        "$filter=msdynci_customerid eq 'a')",
        "$filter=nothing eq 'a'",
        "$filter=contains(nothing,'a')",
        pytest.param("$filter=" + "(" * 3000, id="nested"),
        "$orderby=nothing desc",
        "$top=1&$top=2",
        "$skiptoken=made-up",
        "$skiptoken=PGNvb2tpZSBsYXN0PSIzIj4=",
    ],
)
def test_a_query_that_dataverse_does_not_take(api: Api, query: str) -> None:
    assert api.get(f"{PROFILES}?{query}").status_code == 400


def test_a_token_of_another_query_is_refused(api: Api) -> None:
    first = api.get(
        PROFILES,
        params={"$select": "msdynci_customerid"},
        headers={"Prefer": "odata.maxpagesize=5"},
    )
    link = first.json()["@odata.nextLink"]
    assert api.get(link).status_code == 200
    other = link.replace("$select=msdynci_customerid", "$select=msdynci_firstname")
    assert other != link
    assert api.get(other).status_code == 400
    assert api.get(link.replace(PROFILES, MEMBERSHIPS)).status_code == 400


@pytest.mark.parametrize("name", SEGMENTS)
def test_members_of_a_segment_are_those_with_its_name(api: Api, name: str) -> None:
    rows = api.rows(MEMBERSHIPS, select="msdynci_customerid,msdynci_segments")
    ids = [row["msdynci_customerid"] for row in rows if name in json.loads(row["msdynci_segments"])]
    escaped = json.dumps(name, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
    literal = re.sub(r"[\[%_]", r"[\g<0>]", escaped).replace("'", "''")
    assert api.members(literal) == ids
    facts = {row["mscipriv_name"]: row for row in api.rows(METADATA)}[name]
    assert facts["mscipriv_membercount"] == len(ids) > 0
    assert facts["mscipriv_friendlyname"] == SEGMENTS[name][0]


def test_shares_of_segments(api: Api) -> None:
    counts = {row["mscipriv_name"]: row["mscipriv_membercount"] for row in api.rows(METADATA)}
    assert (counts["Newsletter"], counts["VIP"], counts["VIP lapsed"]) == (600, 150, 50)


def test_contains_knows_wildcards_and_no_case(api: Api) -> None:
    assert set(api.members('\\"50% club\\"')) > set(api.members('\\"50[%] club\\"'))
    assert set(api.members('\\"A_B\\"')) > set(api.members('\\"A[_]B\\"'))
    assert set(api.members('\\"A_B\\"')) >= set(api.members('\\"AxB\\"'))
    assert api.members('\\"VIP') != api.members('\\"VIP\\"')
    assert api.members('\\"vip\\"') == api.members('\\"VIP\\"')
    assert api.members('\\"Shop [Turku]\\"') == []


@pytest.mark.parametrize(
    ("needle", "text", "found"),
    [
        ("a[b-d]e", "xACEx", True),
        ("a[b-d]e", "a-e", False),
        ("a[^b-d]e", "aze", True),
        ("a[^b-d]e", "ace", False),
        ("a[", "a[", False),
        ("a[]b", "a[]b", False),
        ("[z-a]", "z-a", False),
        ("[[]a]", "[a]", True),
        ("a.*", "abc", False),
        ("%", "", True),
    ],
)
def test_like(needle: str, text: str, found: bool) -> None:
    assert bool(like(needle).search(text)) is found


def test_names_are_escaped_in_the_text_that_contains_looks_for(few: Api) -> None:
    assert few.members('\\"Club\\"') == ["b" * 32]
    assert few.members('\\"club') == ["b" * 32, "c" * 32]
    assert few.members('\\"The \\\\\\"best\\\\\\"\\"') == ["b" * 32]
    assert few.members('\\"Back\\\\\\\\slash\\"') == ["c" * 32]
    for wrong in ('"Club"', '\\"Back\\slash\\"', "\\", '\\\\"'):
        where = f"contains(msdynci_segments,'{wrong}')"
        assert error_of(few.get(MEMBERSHIPS, params={"$filter": where})) == (400, "0x80060888")


def test_listed_people_come_as_they_are(few: Api) -> None:
    rows = few.rows(PROFILES)
    assert [row["msdynci_customerid"] for row in rows] == ["A" * 32, "b" * 32, "c" * 32]
    assert [row["points"] for row in rows] == [7, None, None]
    assert [row["shop"] for row in rows] == [None, None, "Ärlä 🌞"]
    assert rows[0]["msdynci_fullname"] == "Aino O'Brien"
    assert len(few.rows(MEMBERSHIPS)) == 2  # who is in no segment has no row
    assert len(few.rows(MEMBERSHIPS, orderby="modifiedon desc", top="1")) == 1


def test_filters_by_id(few: Api) -> None:
    def found(where: str) -> str:
        rows = few.rows(PROFILES, filter=where, select="msdynci_customerid")
        return "".join(row["msdynci_customerid"][0] for row in rows)

    a, b, c = (f"'{sign * 32}'" for sign in "aBc")
    name = "msdynci_customerid"
    assert found(f"{name} eq {c} or {name} eq {a} or {name} eq 'none' or {name} eq {c}") == "Ac"
    assert found(f"{name} lt {b}") == "A"
    assert found(f"{name} le {b}") == "Ab"
    assert found(f"{name} gt {b}") == "c"
    assert found(f"{name} ge 'B'") == "bc"
    assert found(f"{name} ge {a} and ({name} lt {b} or {name} eq {c})") == "Ac"
    where = f"{name} gt {b} and contains(msdynci_segments,'lub') and contains(msdynci_segments,'B')"
    assert len(few.rows(MEMBERSHIPS, filter=where)) == 1


def test_hundreds_of_ids_are_found_wherever_they_lie() -> None:
    with running_dataverse(DataverseOptions(profiles=40_000)) as sandbox, Api(sandbox) as client:
        first = client.rows(
            PROFILES, select="msdynci_customerid", filter="msdynci_customerid lt '01'"
        )
        assert 100 < len(first) < 220
        ids = [row["msdynci_customerid"] for row in first[:100]]
        where = " or ".join(f"msdynci_customerid eq '{one}'" for one in reversed(ids))
        rows = client.rows(PROFILES, select="msdynci_customerid", filter=where, size=30)
        assert [row["msdynci_customerid"] for row in rows] == ids
        assert sandbox.statistics()["requests"]["profiles_by_id"] == 4
        where = f"{where} or {where}"
        assert client.get(PROFILES, params={"$filter": where}).status_code == 414


def test_a_refresh_changes_some_profiles_and_the_times() -> None:
    with running_dataverse(DataverseOptions(profiles=200)) as sandbox, Api(sandbox) as client:

        def newest() -> str:
            (row,) = client.rows(PROFILES, orderby="modifiedon desc", top="1", select="modifiedon")
            return str(row["modifiedon"])

        before, time = client.rows(PROFILES), newest()
        refreshed = client.rows(METADATA)[0]["mscipriv_lastrefreshdate"]
        sandbox.refresh_data()
        after = client.rows(PROFILES)
        changed = [row for old, row in zip(before, after, strict=True) if row != old]
        assert len(changed) == 4
        assert newest() == changed[0]["modifiedon"] > time
        assert client.rows(METADATA)[0]["mscipriv_lastrefreshdate"] > refreshed
        versions = client.rows(MEMBERSHIPS, orderby="versionnumber desc", select="versionnumber")
        numbers = [row["versionnumber"] for row in versions]
        assert numbers == sorted(numbers, reverse=True)
        assert len(numbers) == 200


def test_people_can_be_replaced() -> None:
    with running_dataverse(DataverseOptions(people=PEOPLE)) as sandbox, Api(sandbox) as client:
        sandbox.change((Person(segments=("New",)), Person(segments_text="no JSON")))
        assert [row["mscipriv_name"] for row in client.rows(METADATA)] == ["New"]
        texts = sorted(row["msdynci_segments"] for row in client.rows(MEMBERSHIPS))
        assert texts == ['["New"]', "no JSON"]


def test_metadata_of_columns(api: Api) -> None:
    path = "EntityDefinitions(LogicalName='msdynci_customerprofile')/Attributes"
    rows = api.rows(path, select="LogicalName,AttributeType,DisplayName")
    labels = {
        row["LogicalName"]: (row["DisplayName"]["UserLocalizedLabel"] or {}).get("Label")
        for row in rows
    }
    assert labels["msdynci_firstname"] == "First name"
    assert labels["statecodename"] is None
    assert error_of(api.get(path, params={"$select": "Label"})) == (400, "0x80060888")
    assert api.get(path.replace("customerprofile", "nothing")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "segments", "columns"),
    [("full", 200, 200), ("no_segments", 403, 200), ("no_table", 404, 200), ("none", 403, 403)],
)
def test_metadata_may_be_forbidden(
    kind: Literal["full", "no_segments", "no_table", "none"], segments: int, columns: int
) -> None:
    options = DataverseOptions(people=PEOPLE, metadata=kind, refreshed=False)
    with running_dataverse(options) as sandbox, Api(sandbox) as client:
        answer = client.get(METADATA)
        assert answer.status_code == segments
        if segments == 200:
            assert "mscipriv_lastrefreshdate" not in answer.json()["value"][0]
            select = {"$select": "mscipriv_lastrefreshdate"}
            assert client.get(METADATA, params=select).status_code == 400
        path = "EntityDefinitions(LogicalName='mscipriv_segmentmetadata')/Attributes"
        assert client.get(path).status_code == columns


def test_who_am_i(api: Api) -> None:
    answer = api.get("WhoAmI").json()
    assert {"UserId", "BusinessUnitId", "OrganizationId"} < set(answer)
    assert answer == api.get("WhoAmI").json()


@pytest.mark.parametrize("path", ["contacts", "MSDYNCI_CUSTOMERPROFILES", "../v9.1/WhoAmI"])
def test_unknown_resources(api: Api, path: str) -> None:
    assert error_of(api.get(path)) == (404, "0x8006088a")


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT", "HEAD"])
def test_nothing_can_be_written(api: Api, method: str) -> None:
    assert api.request(method, PROFILES).status_code == 405


@pytest.mark.parametrize("name", ["OData-Version", "OData-MaxVersion", "Accept"])
def test_headers_are_needed(api: Api, name: str) -> None:
    assert api.get("WhoAmI", headers={name: ""}).status_code in (400, 406)


def test_more_requests_than_allowed_have_to_wait() -> None:
    clock = Clock()
    options = DataverseOptions(people=PEOPLE, requests_per_5_minutes=2, token_seconds=9999)
    with running_dataverse(options, clock) as sandbox, Api(sandbox) as client:
        assert client.get("WhoAmI").status_code == 200
        clock.now += 100.5
        assert client.get("WhoAmI").status_code == 200
        answer = client.get("WhoAmI")
        assert error_of(answer) == (429, "0x80072322")
        assert answer.headers["retry-after"] == "200"
        clock.now += 200
        assert client.get("WhoAmI").status_code == 200
        assert sandbox.statistics()["throttled"] == 1


def test_more_requests_at_once_than_allowed_are_refused() -> None:
    options = DataverseOptions(people=PEOPLE, requests_at_once=0)
    with running_dataverse(options) as sandbox, Api(sandbox) as client:
        assert error_of(client.get("WhoAmI")) == (429, "0x80072326")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (AnswerFault(action="rate_limit", retry_after=7), 429, "application/json"),
        (AnswerFault(action="server_error", status=503), 503, "text/html"),
        (AnswerFault(action="html"), 200, "text/html"),
        (AnswerFault(action="truncate"), 200, "application/json"),
        (AnswerFault(action="cut"), 0, ""),
    ],
)
def test_faults(few: Api, fault: AnswerFault, status: int, kind: str) -> None:
    rule = structs.replace(fault, path="/msdynci_customerprofiles", nth=(2,))
    few.sandbox.misbehave(Faults(answers=(rule,)))
    assert len(few.rows(PROFILES)) == 3
    if status:
        answer = few.get(PROFILES)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
        if status == 429:
            assert answer.json()["error"]["code"] == "0x80072322"
        else:
            with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
                answer.json()
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            few.get(PROFILES)
    assert len(few.rows(PROFILES)) == 3
    assert few.sandbox.statistics()["answers"][str(status)] >= 1


def test_statistics_tell_what_was_asked(few: Api) -> None:
    before = few.sandbox.statistics()
    few.rows(PROFILES, size=2)
    few.get("WhoAmI")
    few.get("nothing")
    after = few.sandbox.statistics()
    more = {
        kind: number - before["requests"].get(kind, 0) for kind, number in after["requests"].items()
    }
    assert {kind: number for kind, number in more.items() if number} == {
        "profiles": 2,
        "whoami": 1,
        "other": 1,
    }
    assert after["rows"][PROFILES] - before["rows"].get(PROFILES, 0) == 3


def test_a_million_are_the_same_for_one_seed_and_take_no_memory() -> None:
    first = datetime(2026, 11, 20)
    crowd = Generated(1_000_000, 1, "", first)
    ids = [crowd.customer_id(rank) for rank in range(0, 1_000_000, 5000)]
    assert ids == sorted(ids)
    assert [crowd.rank(one) for one in ids] == [*range(0, 1_000_000, 5000)]
    rows = crowd.profiles(range(500_000, 500_010), ("msdynci_emailaddress1",), 0)
    assert rows == Generated(1_000_000, 1, "", first).profiles(
        range(500_000, 500_010), ("msdynci_emailaddress1",), 0
    )
    other = Generated(1_000_000, 2, "", first)
    assert other.customer_id(7) != crowd.customer_id(7)
