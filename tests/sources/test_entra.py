"""Signing in at Entra, by MSAL over real HTTP against the sandbox."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, Event, Timer

import pytest
from msgspec.structs import replace as changed

from omnisend_tui.config.models import Source
from omnisend_tui.errors import AppError, CredentialsError, Exit
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sandbox.faults import Action, AnswerFault, Faults
from omnisend_tui.sources.entra import DeviceCode, Entra, MemoryStore, Registration
from omnisend_tui.sources.entra_errors import refused

PERSON = "aino.korhonen@example.com"
OPTIONS = DataverseOptions(profiles=1, device_seconds=None)
Start = Callable[..., RunningDataverse]


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningDataverse]:
    with running_dataverse(OPTIONS) as sandbox:
        yield sandbox


@pytest.fixture
def start(shared: RunningDataverse) -> Iterator[Start]:
    """Starts a sandbox with these options, or gives one that tests share; nobody approves there."""
    with ExitStack() as stack:

        def begin(**options: object) -> RunningDataverse:
            if not options:
                return shared
            return stack.enter_context(running_dataverse(changed(OPTIONS, **options)))

        yield begin


class Impatient(Event):
    """Nobody waits between two polls."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def registration(sandbox: RunningDataverse, **other: str) -> Registration:
    known = {"authority": sandbox.authority, "client_id": sandbox.client_id}
    return Registration(**{**known, "resource": sandbox.url, **other})


def signed_in(sandbox: RunningDataverse) -> tuple[Entra, MemoryStore]:
    store = MemoryStore()
    entra = Entra(registration(sandbox), store)
    code = entra.begin()
    assert sandbox.approve(code.code)
    assert entra.wait(code, Event()) == PERSON
    return entra, store


def error_of(call: Callable[[], object]) -> AppError:
    with pytest.raises(AppError) as caught:
        call()
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def grants(sandbox: RunningDataverse) -> Counter[str]:
    return Counter(sandbox.statistics()["grants"])


def test_a_person_signs_in_and_stays(start: Start) -> None:
    sandbox = start()
    before, counted = time.time(), grants(sandbox)
    entra, store = signed_in(sandbox)
    assert entra.account() == PERSON
    token = entra.token()
    assert entra.token() == token
    # Another process, later: no request for a token that is still good.
    other = Entra(registration(sandbox), MemoryStore(store.load()))
    assert (other.account(), other.token()) == (PERSON, token)
    assert grants(sandbox) - counted == {"device_code": 1}
    code = entra.begin()
    assert code.address == f"{sandbox.url}/devicelogin"
    assert code.seconds == 900
    assert before + 900 <= code.expires_at <= time.time() + 900


def test_the_place_to_sign_in_at() -> None:
    source = Source(name="CI", type="dataverse", url="https://a.crm4.dynamics.com/", tenant="b.com")
    assert Registration.of(source) == Registration(
        "https://login.microsoftonline.com/b.com", "", "https://a.crm4.dynamics.com"
    )
    private = changed(source, authority="https://login.example.com/b/")
    assert Registration.of(private).authority == "https://login.example.com/b"


def test_a_declined_code(start: Start) -> None:
    sandbox = start()
    entra = Entra(registration(sandbox), MemoryStore())
    code = entra.begin()
    sandbox.decline(code.code)
    error = error_of(lambda: entra.wait(code, Event()))
    assert (error.code, error.exit_code) == ("sign_in_declined", Exit.CREDENTIALS)
    assert entra.account() == ""


def test_a_code_that_nobody_enters_runs_out(start: Start) -> None:
    sandbox = start()
    now = [1000.0]
    entra = Entra(registration(sandbox), MemoryStore(), clock=lambda: now[0])
    code = entra.begin()
    assert code.expires_at == 1900.0
    now[0] = 1900.0
    assert error_of(lambda: entra.wait(code, Event())).code == "sign_in_expired"


def test_the_server_says_that_a_code_ran_out(start: Start) -> None:
    sandbox = start(code_seconds=0)
    entra = Entra(registration(sandbox), MemoryStore())
    assert error_of(lambda: entra.wait(entra.begin(), Event())).code == "sign_in_expired"


def test_a_stopped_wait_ends_soon_and_keeps_nothing(start: Start) -> None:
    sandbox = start(interval=60)
    store = MemoryStore()
    entra = Entra(registration(sandbox), store)
    stop = Event()
    timer = Timer(0.05, stop.set)
    timer.start()
    began = time.monotonic()
    assert entra.wait(entra.begin(), stop) is None
    assert time.monotonic() - began < 0.5
    assert store.load() == ""
    assert error_of(entra.token).code == "sign_in_needed"


def test_what_was_kept_stays_until_another_person_has_signed_in(start: Start) -> None:
    sandbox = start()
    entra, store = signed_in(sandbox)
    kept, token = store.load(), entra.token()
    code = entra.begin()
    sandbox.decline(code.code)
    error_of(lambda: entra.wait(code, Event()))
    assert (store.load(), entra.token()) == (kept, token)
    code = entra.begin()
    sandbox.approve(code.code)
    entra.wait(code, Event())
    assert store.load() != kept
    assert entra.token() != token


def test_a_refused_token_is_refreshed_once_for_all_threads(start: Start) -> None:
    sandbox = start(latency_ms=20)
    entra, store = signed_in(sandbox)
    old, kept = entra.token(), store.load()
    sandbox.expire_tokens()
    gate = Barrier(6)

    def ask(_number: int) -> str:
        gate.wait()
        return entra.token(fresh=True)

    with ThreadPoolExecutor(6) as pool:
        tokens = set(pool.map(ask, range(6)))
    assert len(tokens) == 1
    assert tokens != {old}
    assert grants(sandbox) == {"device_code": 1, "refresh_token": 1}
    assert store.load() != kept
    assert entra.token() in tokens
    assert entra.token(fresh=True) not in tokens


def test_many_threads_make_one_request_of_an_application(start: Start) -> None:
    sandbox = start(latency_ms=20)
    entra = Entra(registration(sandbox), MemoryStore(), secret=sandbox.client_secret)
    with ThreadPoolExecutor(6) as pool:
        first = set(pool.map(lambda _number: entra.token(), range(6)))
    assert len(first) == 1
    assert grants(sandbox) == {"client_credentials": 1}
    second = entra.token(fresh=True)
    assert second not in first
    assert entra.token() == second
    assert grants(sandbox) == {"client_credentials": 2}


def test_a_void_refresh_token_asks_for_a_person(start: Start) -> None:
    sandbox = start()
    entra, store = signed_in(sandbox)
    named = Entra(registration(sandbox, name="Our CI"), MemoryStore(store.load()))
    sandbox.revoke()
    error = error_of(lambda: entra.token(fresh=True))
    assert (error.code, error.exit_code) == ("sign_in_needed", Exit.CREDENTIALS)
    told = error_of(lambda: named.token(fresh=True)).hint
    assert "omnisend-tui source sign-in 'Our CI'" in told
    # Another process signs in, and this one goes on with that.
    store.save(signed_in(sandbox)[1].load())
    assert entra.token(fresh=True)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"Account": {}}'])
def test_without_anything_of_use_somebody_has_to_sign_in(text: str) -> None:
    entra = Entra(
        Registration("https://login.example.com/t", "c", "https://e.example.com"),
        MemoryStore(text),
    )
    assert entra.account() == ""
    error = error_of(entra.token)  # and no server is asked
    assert error.code == "sign_in_needed"
    assert "e.example.com" in error.message


def test_a_store_that_fails_takes_no_token_away(start: Start) -> None:
    sandbox = start()

    class Locked(MemoryStore):
        def save(self, text: str) -> None:
            raise CredentialsError("keyring_locked", "Locked.", "Unlock it.")

    _entra, store = signed_in(sandbox)
    entra = Entra(registration(sandbox), Locked(store.load()))
    assert entra.token(fresh=True)
    code = entra.begin()
    sandbox.approve(code.code)
    assert error_of(lambda: entra.wait(code, Event())).code == "keyring_locked"


def test_a_wrong_secret_and_then_the_right_one(start: Start) -> None:
    sandbox = start()
    wrong = Entra(registration(sandbox), MemoryStore(), secret="not-the-secret")
    error = error_of(wrong.token)
    assert (error.code, error.exit_code) == ("client_secret_refused", Exit.CREDENTIALS)
    assert "AADSTS7000215" in error.message
    assert "not-the-secret" not in error.message + error.hint
    assert Entra(registration(sandbox), MemoryStore(), secret=sandbox.client_secret).token()


def test_what_entra_refuses(start: Start) -> None:
    sandbox = start()
    unknown = registration(sandbox, client_id="0" * 8)
    error = error_of(Entra(unknown, MemoryStore()).begin)
    assert (error.code, error.exit_code) == ("sign_in_refused", Exit.CREDENTIALS)
    assert "AADSTS700016" in error.message
    assert "client id" in error.hint
    error = error_of(Entra(unknown, MemoryStore(), secret="s").token)
    assert (error.code, "AADSTS700016" in error.message) == ("sign_in_refused", True)
    tenant = registration(sandbox, authority=f"{sandbox.url}/other.example.com")
    error = error_of(Entra(tenant, MemoryStore()).begin)
    assert (error.code, "AADSTS90002" in error.message) == ("sign_in_refused", True)
    elsewhere = registration(sandbox, resource="https://other.example.com")
    error = error_of(Entra(elsewhere, MemoryStore()).begin)
    assert (error.code, "address of the environment" in error.hint) == ("sign_in_refused", True)


def test_a_registration_that_is_no_public_client(start: Start) -> None:
    sandbox = start(public_client=False)
    entra = Entra(registration(sandbox), MemoryStore())
    code = entra.begin()
    sandbox.approve(code.code)
    error = error_of(lambda: entra.wait(code, Event()))
    assert error.code == "sign_in_refused"
    assert "public client flows" in error.hint


def faults(*each: AnswerFault) -> Faults:
    return Faults(answers=each)


def test_what_is_no_authority(start: Start) -> None:
    page = AnswerFault(action="html", path="/v2.0/.well-known/*")
    sandbox = start(faults=faults(page))
    entra = Entra(registration(sandbox), MemoryStore())
    assert error_of(entra.begin).code == "not_an_authority"
    # An answer of 404, though in a form like Entra's.
    table = registration(start(), authority=f"{start().url}/api/data/v9.2")
    assert error_of(Entra(table, MemoryStore()).begin).code == "not_an_authority"


def test_a_page_of_a_proxy_is_no_token(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = AnswerFault(action="html", path="/oauth2/v2.0/token", times=1)
    sandbox = start(faults=faults(page))
    entra = Entra(registration(sandbox), MemoryStore(), secret=sandbox.client_secret)
    error = error_of(entra.token)
    assert (error.code, error.exit_code) == ("not_an_authority", Exit.FAILED)
    assert "html" not in (error.message + error.hint).lower()
    token = entra.token()  # nothing of it is remembered
    assert [r.name for r in caplog.records if r.name.startswith("msal")] == []
    assert token not in caplog.text


@pytest.mark.parametrize("action", ["server_error", "rate_limit", "cut"])
def test_an_authority_that_does_not_answer(start: Start, action: Action) -> None:
    fault = AnswerFault(action=action, path="/oauth2/v2.0/token", times=1)
    sandbox = start(faults=faults(fault))
    entra = Entra(registration(sandbox), MemoryStore(), secret=sandbox.client_secret)
    error = error_of(entra.token)
    assert (error.code, error.exit_code) == ("sign_in_unreachable", Exit.FAILED)
    assert entra.token()


def test_nobody_listens(start: Start) -> None:
    sandbox = start(profiles=2)
    entra, _store = signed_in(sandbox)
    old = entra.token()
    sandbox.stop()
    assert entra.token() == old
    assert error_of(lambda: entra.token(fresh=True)).code == "sign_in_unreachable"
    assert error_of(entra.begin).code == "sign_in_unreachable"


def test_a_wait_outlives_a_network_that_fails(start: Start) -> None:
    fault = AnswerFault(action="server_error", path="/oauth2/v2.0/token", times=2)
    sandbox = start(faults=faults(fault), device_seconds=0.0)
    entra = Entra(registration(sandbox), MemoryStore())
    told: list[bool] = []
    assert entra.wait(entra.begin(), Impatient(), told.append) == PERSON
    assert told == [False]


def test_the_words_of_a_server_are_masked_and_cut() -> None:
    token = "eyJ0" + "a1-_." * 30
    told = (
        f"AADSTS50020: User account ada.lovelace@example.com with {token} and hush! is unknown."
        + " word" * 200
        + " Trace ID: 1 Correlation ID: 2"
    )
    answer = {"error": "invalid_request", "error_description": told}
    message = refused("https://login.example.com/t", answer, ["hush!", ""]).message
    assert "AADSTS50020" in message
    assert "a***@example.com" in message
    assert not any(each in message for each in ("ada.", token[:20], "hush", "Trace", "Correl"))
    assert len(message) < 400
    bare = refused("https://login.example.com/t", {"error_codes": [50020]}, []).message
    assert "AADSTS50020" in bare
    strange = {"error": {"code": 1}, "error_description": None, "error_codes": "x"}
    assert refused("https://login.example.com/t", strange, []).code == "sign_in_refused"


def test_nothing_shows_a_token_a_code_or_a_secret(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox = start()
    entra, store = signed_in(sandbox)
    code = entra.begin()
    application = Entra(registration(sandbox), store, secret=sandbox.client_secret)
    tokens = [entra.token(fresh=True), application.token()]
    shown = f"{entra!r} {code!r} {application!r} {store!r} {caplog.text}"
    assert isinstance(code, DeviceCode)
    hidden = [*tokens, code.code, code._flow["device_code"], sandbox.client_secret]
    assert [each for each in hidden if each in shown] == []
