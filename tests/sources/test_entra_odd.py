"""Servers to sign in at that lead elsewhere, or give codes that nobody can enter."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from environments import Scripted, scripted
from omnisend_tui.errors import AppError, CredentialsError, Exit
from omnisend_tui.http import Answer
from omnisend_tui.sources import entra_door
from omnisend_tui.sources.entra import Entra, MemoryStore, Registration
from omnisend_tui.sources.entra_code import device_code
from omnisend_tui.sources.entra_door import Door


def error_of(call: Callable[[], object]) -> AppError:
    with pytest.raises(AppError) as caught:
        call()
    assert caught.value.hint
    return caught.value


@contextmanager
def papers(**given: object) -> Iterator[Scripted]:
    """A server whose discovery document says ``given`` too; {url} is its own address."""
    known = {f"{each}_endpoint": "{url}/t/" + each for each in ("authorization", "token")}
    known["device_authorization_endpoint"] = "{url}/t/device"
    told = json.dumps({**known, "issuer": "{url}/t", **given})
    with scripted(lambda _path: (200, {}, told.replace("{url}", server.url).encode())) as server:
        yield server


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("https://evil.example.com/t", "evil.example.com"),
        ("https://login.microsoftonline.com/t", "login.microsoftonline.com"),
        ("https://127.0.0.1:1/t", "127.0.0.1:1"),
        ("https://who@127.0.0.1:{port}/t", "127.0.0.1:"),
        ("https://ev\x1bil.example.com/t", "ev?il.example.com"),
    ],
)
def test_a_secret_stays_at_its_authority(place: str, named: str) -> None:
    endpoint = place.replace("{port}", "9")
    with papers(token_endpoint=endpoint, device_authorization_endpoint=endpoint) as server:
        at = Registration(f"{server.url}/t", server.client_id, server.url)
        for call in (
            Entra(at, MemoryStore(), secret="s3cret").token,
            Entra(at, MemoryStore()).begin,
        ):
            error = error_of(call)
            assert (error.code, error.exit_code) == ("sign_in_elsewhere", Exit.CREDENTIALS)
            assert f"on to {named}" in error.message


def test_microsofts_own_hosts_stand_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Recorded:
        def __init__(self, *_values: object, **_options: object) -> None: ...

        def request(self, _method: str, url: str, **_options: object) -> Answer:
            asked.append(url)
            return Answer(200, {}, b"{}")

        def close(self) -> None: ...

    monkeypatch.setattr(entra_door, "Http", Recorded)
    door = Door("https://login.microsoftonline.com/contoso.example.com")
    places = ["https://LOGIN.microsoftonline.com:443/t", "https://login.windows.net/t"]
    for place in places:
        door.post(place)
    assert asked == places
    with pytest.raises(CredentialsError):
        door.get("https://login.microsoftonline.com.evil.example.com/t")
    assert asked == places


FLOW = {
    "user_code": "ABCD 1234",
    "verification_uri": "https://microsoft.com/devicelogin",
    "interval": 5,
    "expires_in": 900,
}


@pytest.mark.parametrize(
    "odd",
    [
        {"user_code": "A" * 65},
        {"user_code": "\x1b[31mX"},
        {"user_code": "Ä"},
        {"user_code": " "},
        {"user_code": ["a"]},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "https:///devicelogin"},
        {"verification_uri": "https://example.com/\x07"},
        {"verification_uri": "https://example.com/" + "a" * 300},
        {"verification_uri": {}},
        {"expires_in": math.inf},
        {"expires_in": None},
    ],
)
def test_a_code_that_nobody_can_enter_is_none(odd: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        device_code(FLOW | odd, None, 1000.0)


def test_odd_times_of_a_code_are_bounded() -> None:
    times = {"interval": 10**30, "expires_in": 10**30}
    code = device_code(FLOW | times, None, 1000.0)
    assert (code.seconds, code.expires_at, code._flow["interval"]) == (86_400, 87_400.0, 60)
    assert device_code(FLOW | {"expires_in": -5, "interval": 0}, None, 1000.0).seconds == 0


@pytest.mark.parametrize("told", [{"expires_in": math.inf}, {"verification_uri": "file:///x"}])
def test_an_odd_code_is_a_sentence(told: dict[str, object]) -> None:
    with papers(**{**FLOW, "device_code": "x", **told}) as server:
        entra = Entra(Registration(f"{server.url}/t", server.client_id, ""), MemoryStore())
        assert error_of(entra.begin).code == "not_an_authority"
