"""Sources of Customer Insights by command lines, against a real sandbox of Dataverse and Entra."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from cli.command_lines import Cli
from keyrings import MemoryKeyring
from omnisend_tui.config.models import Source
from omnisend_tui.config.store import load
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sandbox.server import RunningSandbox
from omnisend_tui.sources.base import Access
from omnisend_tui.sources.entra_errors import sign_in_needed

SECRET = "OMNISEND_TUI_CLIENT_SECRET_OUR_CI"
GUID = "11111111-2222-3333-4444-555555555555"
ACCOUNT = "aino.korhonen@example.com"


@pytest.fixture(scope="module")
def dataverse() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=40)) as running:
        yield running


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET, raising=False)


def adding(dataverse: RunningDataverse, **other: str) -> list[str]:
    given = {
        "name": "Our CI", "url": dataverse.url, "client-id": dataverse.client_id,
        "authority": dataverse.authority, **other,
    }  # fmt: skip
    options = [part for name, value in given.items() for part in (f"--{name}", value)]
    return ["source", "add", "dataverse", *options]


@pytest.fixture
def kept(cli: Cli, memory: MemoryKeyring) -> MemoryKeyring:
    """The keyring of this machine, after the one that the command lines come without."""
    return memory


@pytest.fixture
def person(cli: Cli, kept: MemoryKeyring, dataverse: RunningDataverse) -> Cli:
    """'Our CI', at which somebody has signed in."""
    assert cli(*adding(dataverse)).code == 0
    signed = cli("source", "sign-in", "Our CI")
    assert signed.code == 0, signed.err
    return cli


def stored(cli: Cli) -> list[dict[str, object]]:
    sources: list[dict[str, object]] = json.loads(cli("source", "list", "--json").out)
    return sources


def test_a_person_adds_signs_in_and_removes(
    cli: Cli, kept: MemoryKeyring, dataverse: RunningDataverse
) -> None:
    added = cli(*adding(dataverse), "--json")
    assert added.code == 0, added.err
    assert "source sign-in 'Our CI'" in added.err
    document = json.loads(added.out)
    assert document == {
        "name": "Our CI", "id": document["id"], "type": "dataverse", "url": dataverse.url,
        "tenant": None, "client_id": dataverse.client_id, "authority": dataverse.authority,
        "sign_in": "person", "key": "msdynci_customerid", "segments": [],
    }  # fmt: skip
    assert kept.kept == {}
    assert cli("source", "fields", "Our CI").code == 5
    signed = cli("source", "sign-in", "Our CI", "--json")
    assert signed.code == 0, signed.err
    assert json.loads(signed.out) == {"name": "Our CI", "id": document["id"], "account": ACCOUNT}
    assert f"Open this page: {dataverse.url}/devicelogin" in signed.err
    assert "It holds for 15 minutes" in signed.err
    assert "takes its place" not in signed.err
    assert ("omnisend-tui", f"source.tokens.{document['id']}") in kept.kept
    assert cli("source", "fields", "Our CI").code == 0
    assert cli("source", "remove", "Our CI").code == 0
    assert kept.kept == {}
    assert stored(cli) == []


def test_fields_and_segments(person: Cli) -> None:
    fields = json.loads(person("source", "fields", "Our CI", "--json").out)
    assert {"msdynci_customerid"} <= {each["name"] for each in fields}
    assert any(each["label"] for each in fields)
    segments = json.loads(person("source", "segments", "Our CI", "--json").out)
    assert segments[0]["name"] == "All profiles"
    assert all(set(each) == {"name", "label", "profiles", "refreshed"} for each in segments)
    assert any(each["label"] for each in segments)
    assert any(each["refreshed"] == "2026-11-20T03:00:00Z" for each in segments)
    table = person("source", "segments", "Our CI")
    assert (table.code, "Called" in table.out) == (0, True)
    listed = person("source", "list").out
    assert "dataverse" in listed
    assert "http://127.0.0.1" in listed


def test_an_application_is_tried_before_it_is_stored(
    cli: Cli, kept: MemoryKeyring, dataverse: RunningDataverse
) -> None:
    command = [*adding(dataverse), "--client-secret-stdin"]
    refused = cli(*command, stdin="wrong")
    assert (refused.code, "AADSTS7000215" in refused.err) == (5, True)
    assert cli(*command, stdin=" \n").code == 5
    assert cli(*command, stdin="two words").code == 5
    assert (stored(cli), kept.kept) == ([], {})
    added = cli(*command, stdin=f"{dataverse.client_secret}\n")
    assert added.code == 0, added.err
    assert "sign-in" not in added.err
    assert stored(cli)[0]["sign_in"] == "application"
    assert kept.keys() == [dataverse.client_secret]
    assert cli("source", "fields", "Our CI").code == 0
    wrong = cli("source", "edit", "Our CI", "--client-secret-stdin", stdin="wrong")
    assert (wrong.code, kept.keys()) == (5, [dataverse.client_secret])
    again = cli("source", "edit", "Our CI", "--client-secret-stdin", stdin=dataverse.client_secret)
    assert again.code == 0
    assert cli("source", "edit", "Our CI", "--name", "New").code == 0
    assert kept.keys() == [dataverse.client_secret]
    assert cli("source", "segments", "New").code == 0
    signed = cli("source", "sign-in", "New")
    assert signed.code == 0, signed.err
    told = signed.err.splitlines()
    assert told[0].startswith("“New” signs in as an application; signing in as yourself")
    assert told[1].startswith("Open this page")
    assert stored(cli)[0]["sign_in"] == "person"
    assert dataverse.client_secret not in kept.kept.values()
    assert cli("source", "remove", "New").code == 0
    assert kept.kept == {}


def test_a_secret_of_the_environment_needs_no_keyring(
    cli: Cli, dataverse: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli(*adding(dataverse), "--client-secret-stdin", stdin="any").code == 5
    assert stored(cli) == []
    monkeypatch.setenv(SECRET, "wrong")
    assert cli(*adding(dataverse)).code == 5
    monkeypatch.setenv(SECRET, dataverse.client_secret)
    added = cli(*adding(dataverse))
    assert (added.code, "sign-in" in added.err) == (0, False), added.err
    assert stored(cli)[0]["sign_in"] == "application"
    assert cli("source", "fields", "Our CI").code == 0
    signed = cli("source", "sign-in", "Our CI")
    assert (signed.code, SECRET in signed.err) == (2, True)
    # Another name is another variable.
    renamed = cli("source", "edit", "Our CI", "--name", "New")
    assert renamed.code == 5
    monkeypatch.delenv(SECRET)
    told = cli("source", "fields", "Our CI")
    assert (told.code, SECRET in told.err) == (5, True)
    assert cli("source", "remove", "Our CI").code == 0


def test_another_registration_ends_the_sign_in(
    person: Cli, kept: MemoryKeyring, dataverse: RunningDataverse
) -> None:
    assert person("source", "edit", "Our CI", "--name", "Other CI").code == 0
    assert person("source", "fields", "Other CI").code == 0
    assert kept.kept != {}
    moved = person("source", "edit", "Other CI", "--client-id", GUID)
    assert (moved.code, kept.kept) == (0, {})
    assert "source sign-in 'Other CI'" in moved.err
    refused = person("source", "sign-in", "Other CI")
    assert (refused.code, "AADSTS700016" in refused.err, kept.kept) == (5, True, {})


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"url": "http://ci.example.com"}, 2),
        ({"url": ""}, 2),
        ({"client-id": "no guid"}, 2),
        ({"authority": "ftp://login.example.com/t"}, 2),
        ({"authority": "", "tenant": ""}, 2),
        ({"tenant": "a b"}, 2),
        ({"url": "https://contoso..crm4.dynamics.com"}, 2),
        ({"url": "http://127.0.0.1:9"}, 1),
        ({"url": "NOT_DATAVERSE"}, 1),
    ],
)
def test_what_is_no_source_is_not_stored(
    cli: Cli,
    dataverse: RunningDataverse,
    sandbox: RunningSandbox,
    other: dict[str, str],
    code: int,
) -> None:
    if other.get("url") == "NOT_DATAVERSE":
        other = {"url": sandbox.url.removesuffix("/api")}
    answer = cli(*adding(dataverse, **other))
    assert answer.code == code, answer.err
    assert answer.err
    if "tenant" in other and not other["tenant"]:
        assert "Give --tenant, or an --authority." in answer.err
    assert stored(cli) == []


def test_two_tenants_are_refused_or_doubted(cli: Cli, dataverse: RunningDataverse) -> None:
    other = cli(*adding(dataverse, tenant=GUID))
    assert (other.code, "name different tenants" in other.err, stored(cli)) == (2, True, [])
    named = cli(*adding(dataverse, tenant="contoso.example.com"))
    assert (named.code, "“contoso.example.com” isn't known" in named.err) == (0, True)
    edited = cli("source", "edit", "Our CI", "--tenant", GUID)
    assert (edited.code, "name different tenants" in edited.err) == (2, True)
    renamed = cli("source", "edit", "Our CI", "--name", "CI")
    assert (renamed.code, "isn't known" in renamed.err) == (0, False)


def test_two_tenants_that_are_stored_hinder_nothing_else(person: Cli, tmp_path: Path) -> None:
    config = next((tmp_path / "workspace").rglob("config.toml"))
    written = config.read_text()
    assert written.count("client_id = ") == 1
    config.write_text(written.replace("client_id = ", f'tenant = "{GUID}"\nclient_id = '))
    renamed = person("source", "edit", "Our CI", "--name", "CI")
    assert renamed.code == 0, renamed.err
    signed = person("source", "sign-in", "CI")
    assert signed.code == 0, signed.err
    other = person("source", "edit", "CI", "--tenant", GUID.replace("1", "2"))
    assert (other.code, "name different tenants" in other.err) == (2, True)
    assert person("source", "edit", "CI", "--tenant", "").code == 0


def test_what_cannot_be_stored_is_told_before_a_code(person: Cli, tmp_path: Path) -> None:
    config = next((tmp_path / "workspace").rglob("config.toml"))
    written = config.read_text()
    other = written[written.index("[sources.") :].replace("Our CI", "our ci")
    config.write_text(written + "\n".join(e for e in other.splitlines() if "id" not in e[:2]))
    signed = person("source", "sign-in", "Our CI")
    assert (signed.code, "is taken" in signed.err, "this code" in signed.err) == (2, True, False)


def test_options_of_the_other_type(cli: Cli, dataverse: RunningDataverse, people: Path) -> None:
    assert cli("source", "add", "files", "--name", "People", "--path", str(people)).code == 0
    assert cli(*adding(dataverse)).code == 0
    for name, options in (
        ("People", ("--url", dataverse.url)),
        ("People", ("--client-secret-stdin",)),
        ("Our CI", ("--path", str(people))),
        ("Our CI", ("--segment", "A=1")),
    ):
        answer = cli("source", "edit", name, *options)
        assert (answer.code, options[0] in answer.err) == (2, True)
    assert cli("source", "sign-in", "People").code == 2
    assert cli("source", "edit", "Our CI").code == 2
    assert cli("source", "edit", "People", "--segment", "A=City = 'Oulu'").code == 0


def test_an_account_without_the_role_is_not_kept(cli: Cli, kept: MemoryKeyring) -> None:
    with running_dataverse(DataverseOptions(profiles=1, member=False)) as other:
        assert cli(*adding(other)).code == 0
        answer = cli("source", "sign-in", "Our CI")
        assert (answer.code, "role" in answer.err, kept.kept) == (5, True, {})


def test_giving_up_a_sign_in(cli: Cli, kept: MemoryKeyring) -> None:
    options = DataverseOptions(profiles=1, device_seconds=None)
    with running_dataverse(options) as waiting:
        assert cli(*adding(waiting)).code == 0

        def interrupt() -> None:
            """Ctrl+C, once the first answer was that nobody has entered the code yet."""
            until = time.monotonic() + 20
            while not waiting.statistics()["grants"] and time.monotonic() < until:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        thread = Thread(target=interrupt)
        thread.start()
        answer = cli("source", "sign-in", "Our CI", "--json")
        thread.join()
        assert (answer.code, answer.out, kept.kept) == (130, "", {})


def test_doctor_tells_who_signs_in(
    person: Cli,
    dataverse: RunningDataverse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def checks() -> dict[str, tuple[str, str]]:
        told = json.loads(person("doctor", "--json").out)
        return {each["check"]: (each["state"], each["detail"]) for each in told["checks"]}

    found = checks()
    assert found["Our CI: sign-in"] == ("ok", ACCOUNT)
    assert found["Our CI: environment"][0] == "ok"
    assert found["msal"][0] == "ok"
    monkeypatch.setenv(SECRET, "wrong")
    found = checks()
    assert "the environment" in found["Our CI: sign-in"][1]
    assert found["Our CI: environment"][0] == "failed"
    monkeypatch.delenv(SECRET)

    def refused(_source: Source, _access: Access) -> None:
        raise sign_in_needed("https://contoso.example.com", "omnisend-tui source sign-in")

    monkeypatch.setattr("omnisend_tui.sources.dataverse.who_am_i", refused)
    found = checks()
    assert found["Our CI: sign-in"] == ("warning", f"kept for {ACCOUNT}")
    assert found["Our CI: environment"][0] == "failed"

    silence = Event()
    monkeypatch.setattr("omnisend_tui.sources.dataverse.who_am_i", lambda *_: silence.wait(60))
    monkeypatch.setattr("omnisend_tui.cli.doctor_sources._SECONDS", 0.05)
    found = checks()
    silence.set()
    assert found["Our CI: sign-in"] == ("ok", f"kept for {ACCOUNT}")
    assert found["Our CI: environment"] == (
        "failed", f"{urlsplit(dataverse.url).netloc} didn't answer in time.",
    )  # fmt: skip
    # A source that somebody took out of config.toml by hand leaves its sign-in.
    config = next((tmp_path / "workspace").rglob("config.toml"))
    assert [each.name for each in load(config).sources.values()] == ["Our CI"]
    config.write_text("")
    orphans = [detail for check, (_state, detail) in checks().items() if check == "keyring"]
    assert any("source.tokens." in each for each in orphans)
