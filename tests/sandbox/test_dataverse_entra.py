"""The Entra of the sandbox, and Dataverse's door: over real HTTP, and by MSAL itself."""

import base64
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import httpx
import msal  # type: ignore[import-untyped]
import pytest

from dataverse_api import HEADERS, PROFILES, Api, Client, Clock
from omnisend_tui.errors import AppError
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.process import DataverseProcess
from omnisend_tui.sandbox.dataverse.server import running_dataverse
from omnisend_tui.sandbox.faults import AnswerFault, Faults

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
PERSON = "aino.korhonen@example.com"


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def api(clock: Clock) -> Iterator[Api]:
    """A sandbox in which somebody has to approve, by a clock that stands still."""
    options = DataverseOptions(people=(Person(),), device_seconds=None, interval=5)
    with running_dataverse(options, clock) as sandbox, Api(sandbox) as client:
        yield client


def ask(api: Api, **form: str) -> httpx.Response:
    scope = f"{api.sandbox.url}/user_impersonation offline_access openid profile"
    fields = {"client_id": api.sandbox.client_id, "scope": scope} | form
    return api.entra("devicecode", **fields)


def poll(api: Api, asked: dict[str, Any], **form: str) -> httpx.Response:
    fields = {"grant_type": DEVICE, "client_id": api.sandbox.client_id, "client_info": "1"}
    return api.entra("token", **(fields | {"device_code": asked["device_code"]} | form))


def refresh(api: Api, token: str, **form: str) -> httpx.Response:
    fields = {"grant_type": "refresh_token", "client_id": api.sandbox.client_id}
    return api.entra("token", **(fields | {"refresh_token": token} | form))


def error_of(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
    return answer.status_code, body["error"]


def who_am_i(api: Api, token: str) -> httpx.Response:
    url = f"{api.sandbox.url}/api/data/v9.2/WhoAmI"
    headers = HEADERS | {"Authorization": f"Bearer {token}"}
    return httpx.get(url, headers=headers, verify=False)


def test_a_person_approves_a_device_code(api: Api, clock: Clock) -> None:
    asked = ask(api).json()
    assert set(asked) == {
        "user_code",
        "device_code",
        "verification_uri",
        "expires_in",
        "interval",
        "message",
    }
    assert asked["verification_uri"] == f"{api.sandbox.url}/devicelogin"
    assert error_of(poll(api, asked)) == (400, "authorization_pending")
    clock.now += 5
    assert api.sandbox.approve(f" {asked['user_code'].lower()} ")
    answer = poll(api, asked).json()
    claims = answer["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (claims["preferred_username"], claims["aud"]) == (PERSON, api.sandbox.client_id)
    assert answer["scope"] == f"{api.sandbox.url}/user_impersonation"
    assert who_am_i(api, answer["access_token"]).status_code == 200
    assert not api.sandbox.approve(asked["user_code"])
    assert error_of(poll(api, asked)) == (400, "invalid_grant")


def test_a_client_that_polls_too_fast_has_to_slow_down(api: Api, clock: Clock) -> None:
    asked = ask(api).json()
    poll(api, asked)
    clock.now += 4
    assert error_of(poll(api, asked)) == (400, "slow_down")
    clock.now += 9
    assert error_of(poll(api, asked)) == (400, "slow_down")
    clock.now += 15
    assert error_of(poll(api, asked)) == (400, "authorization_pending")


def test_codes_are_declined_and_expire(api: Api, clock: Clock) -> None:
    asked = ask(api).json()
    assert api.sandbox.decline(asked["user_code"])
    assert error_of(poll(api, asked)) == (400, "authorization_declined")
    late = ask(api).json()
    clock.now += late["expires_in"]
    assert not api.sandbox.approve(late["user_code"])
    assert error_of(poll(api, late)) == (400, "expired_token")
    assert error_of(poll(api, {"device_code": "x"})) == (400, "bad_verification_code")


def test_a_refresh_token_outlives_access_tokens(api: Api, clock: Clock) -> None:
    asked = ask(api).json()
    api.sandbox.approve(asked["user_code"])
    first = poll(api, asked).json()
    clock.now += first["expires_in"]
    assert who_am_i(api, first["access_token"]).status_code == 401
    second = refresh(api, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert who_am_i(api, second["access_token"]).status_code == 200
    api.sandbox.expire_tokens()
    assert who_am_i(api, second["access_token"]).status_code == 401
    assert refresh(api, second["refresh_token"]).status_code == 200
    api.sandbox.revoke()
    assert error_of(refresh(api, second["refresh_token"])) == (400, "invalid_grant")
    api.sign_in()


def test_without_offline_access_there_is_no_refresh_token(api: Api) -> None:
    asked = ask(api, scope=f"{api.sandbox.url}/.default").json()
    api.sandbox.approve(asked["user_code"])
    answer = poll(api, asked).json()
    assert "access_token" in answer
    assert not {"refresh_token", "id_token"} & set(answer)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_secret": ""}, (401, "invalid_client")),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, (400, "unauthorized_client")),
        ({"client_id": ""}, (400, "invalid_request")),
        ({"scope": ""}, (400, "invalid_request")),
        ({"scope": "openid"}, (400, "invalid_scope")),
        ({"scope": "https://other.example.com/.default"}, (400, "invalid_resource")),
        ({"scope": "{url}/user_impersonation"}, (400, "invalid_scope")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ],
)
def test_client_credentials_are_checked(
    api: Api, changed: dict[str, str], expected: tuple[int, str]
) -> None:
    form = api.application()
    assert api.entra("token", **form).status_code == 200
    form |= {name: text.format(url=api.sandbox.url) for name, text in changed.items()}
    assert error_of(api.entra("token", **form)) == expected


def test_another_tenant_or_client_is_refused(api: Api) -> None:
    url = f"{api.sandbox.url}/other.example.com"
    answer = api.get(f"{url}/v2.0/.well-known/openid-configuration")
    assert error_of(answer) == (400, "invalid_tenant")
    assert error_of(api.post(f"{url}/oauth2/v2.0/token")) == (400, "invalid_tenant")
    assert error_of(ask(api, client_id="made-up")) == (400, "unauthorized_client")
    assert api.get(f"{api.sandbox.authority}/oauth2/v2.0/token").status_code == 405


def test_a_registration_may_forbid_public_clients_and_an_account_have_no_role() -> None:
    options = DataverseOptions(people=(), public_client=False, member=False)
    with running_dataverse(options) as sandbox, Api(sandbox) as client:
        assert error_of(poll(client, ask(client).json())) == (401, "invalid_client")
        answer = client.get("WhoAmI")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "0x80072560")


def test_the_page_takes_a_code_and_shows_it_as_text(api: Api) -> None:
    asked = ask(api).json()
    page = asked["verification_uri"]
    hostile = api.get(page, params={"user_code": '"><script>{code}'}).text
    assert "<script>" not in hostile
    assert "&quot;&gt;&lt;script&gt;{code}" in hostile
    form = {"user_code": asked["user_code"]}
    assert "You have signed in" in api.post(page, data=form).text
    assert "known, has expired" in api.post(page, data=form).text
    assert poll(api, asked).status_code == 200
    declined = ask(api).json()
    api.post(page, data={"user_code": declined["user_code"], "answer": "decline"})
    assert error_of(poll(api, declined)) == (400, "authorization_declined")


def test_without_a_token_dataverse_says_where_to_get_one(api: Api) -> None:
    url = f"{api.sandbox.url}/api/data/v9.2/WhoAmI"
    answer = httpx.get(url, headers=HEADERS, verify=False)
    assert (answer.status_code, "error" in answer.json()) == (401, True)
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith("Bearer authorization_uri=https://127.0.0.1:")
    assert f"resource_id={api.sandbox.url}/" in challenge
    assert 'error="invalid_token"' in who_am_i(api, "made-up").headers["www-authenticate"]


def test_a_fault_of_the_token_endpoint(api: Api) -> None:
    rule = AnswerFault(action="server_error", path="/oauth2/v2.0/token", times=1)
    api.sandbox.misbehave(Faults(answers=(rule,)))
    assert api.entra("token", **api.application()).status_code == 502
    assert api.entra("token", **api.application()).status_code == 200


App = TypeVar("App")


class Door:
    """MSAL's HTTP client: it asks https of the sandbox, which answers plain http."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, url: str, **options: Any) -> SimpleNamespace:
        return self._sent("GET", url, **options)

    def post(self, url: str, **options: Any) -> SimpleNamespace:
        return self._sent("POST", url, **options)

    def _sent(
        self,
        method: str,
        url: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        **_options: object,
    ) -> SimpleNamespace:
        url = url.replace("https://", "http://")
        answer = self._api.request(method, url, params=params, data=data, headers=headers)
        return SimpleNamespace(
            status_code=answer.status_code,
            text=answer.text,
            headers=dict(answer.headers),
            raise_for_status=answer.raise_for_status,
        )


def msal_app(kind: Callable[..., App], api: Api, **options: str) -> App:
    authority = api.sandbox.authority.replace("http://", "https://")
    return kind(
        api.sandbox.client_id,
        authority=authority,
        instance_discovery=False,
        http_client=Door(api),
        **options,
    )


def test_msal_signs_a_person_in_and_refreshes(api: Api, clock: Clock) -> None:
    app = msal_app(msal.PublicClientApplication, api)
    scopes = [f"{api.sandbox.url}/user_impersonation"]
    flow = app.initiate_device_flow(scopes)
    waiting = app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True)
    assert waiting["error"] == "authorization_pending"
    api.sandbox.approve(flow["user_code"])
    clock.now += flow["interval"]
    first = app.acquire_token_by_device_flow(ask_again(flow), exit_condition=lambda _flow: True)
    assert first["id_token_claims"]["preferred_username"] == PERSON
    (account,) = app.get_accounts()
    assert account["username"] == PERSON
    before = api.sandbox.statistics()["grants"]["refresh_token"]
    same = app.acquire_token_silent(scopes, account)
    assert same["access_token"] == first["access_token"]
    fresh = app.acquire_token_silent(scopes, account, force_refresh=True)
    assert fresh["access_token"] != first["access_token"]
    assert api.sandbox.statistics()["grants"]["refresh_token"] == before + 1
    assert who_am_i(api, fresh["access_token"]).status_code == 200


def ask_again(flow: dict[str, Any]) -> dict[str, Any]:
    """The flow as if its interval had passed by MSAL's own clock."""
    return {name: value for name, value in flow.items() if name != "latest_attempt_at"}


def test_msal_signs_an_application_in(api: Api) -> None:
    secret = api.sandbox.client_secret
    app = msal_app(msal.ConfidentialClientApplication, api, client_credential=secret)
    answer = app.acquire_token_for_client([f"{api.sandbox.url}/.default"])
    assert who_am_i(api, answer["access_token"]).status_code == 200


def test_a_process_serves_until_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is taken from the folder that somebody happens to be in.
    (tmp_path / "msgspec.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    secret = "made-up-secret"
    options = DataverseOptions(profiles=3, tenant="contoso.example.com", client_secret=secret)
    with DataverseProcess(options) as sandbox:
        assert (sandbox.tenant, sandbox.client_secret) == ("contoso.example.com", secret)
        assert sandbox.authority == f"{sandbox.url}/contoso.example.com"
        with Client(sandbox) as client:
            assert len(client.rows(PROFILES)) == 3
            counted = client.get(f"{sandbox.url}/sandbox/statistics").json()
            assert counted["requests"] == {"token": 1, "profiles": 1}
        assert sandbox.stop() == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(sandbox.url, verify=False)


def test_a_process_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(AppError, match="didn't start") as caught:
        DataverseProcess(DataverseOptions()).__enter__()
    assert caught.value.hint.endswith("-P -m omnisend_tui.sandbox.dataverse")
