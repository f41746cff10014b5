"""Exports of Customer Insights by command lines: segments by name or by what people call them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.command_lines import Answer, Cli
from omnisend_tui.cli.words import sign_in_hint
from omnisend_tui.errors import CredentialsError
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.sandbox.server import RunningSandbox
from omnisend_tui.sources import odata


@pytest.fixture(scope="module")
def dataverse() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=40)) as running:
        yield running


@pytest.fixture
def shop(cli: Cli, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", sandbox.api_key)
    added = cli(
        "connection", "add", "--name", "Shop", "--agree-to-data-privacy", "--base-url",
        sandbox.url, "--api-key-from-environment",
    )  # fmt: skip
    assert added.code == 0, added.err
    return cli


def source_of(cli: Cli, monkeypatch: pytest.MonkeyPatch, dataverse: RunningDataverse) -> None:
    monkeypatch.setenv("OMNISEND_TUI_CLIENT_SECRET_CI", dataverse.client_secret)
    added = cli(
        "source", "add", "dataverse", "--name", "CI", "--url", dataverse.url, "--client-id",
        dataverse.client_id, "--authority", dataverse.authority,
    )  # fmt: skip
    assert added.code == 0, added.err


def add(cli: Cli, *segments: str) -> Answer:
    options = [part for segment in segments for part in ("--segment", segment)]
    return cli(
        "export", "add", "--name", "E", "--connection", "Shop", "--source", "CI", "--auto-map",
        *options, "--json",
    )  # fmt: skip


def stored(cli: Cli) -> list[str]:
    segments: list[str] = cli("export", "show", "E", "--json").json["segments"]
    return segments


def test_a_label_is_stored_as_the_name(
    shop: Cli, monkeypatch: pytest.MonkeyPatch, dataverse: RunningDataverse
) -> None:
    source_of(shop, monkeypatch, dataverse)
    unknown = add(shop, "Very important person")
    assert unknown.code == 2
    assert "VIP (Very important people)" in unknown.err
    added = add(shop, "Very important people", "VIP", "O'Brien fans")
    assert added.code == 0, added.err
    assert stored(shop) == ["VIP", "O'Brien fans"]
    edited = shop("export", "edit", "E", "--except-segment", "Loyalty: gold")
    assert edited.code == 0, edited.err
    document = shop("export", "show", "E", "--json").json
    assert (document["segments"], document["except_segments"]) == (
        ["VIP", "O'Brien fans"], ["Loyalty gold"],
    )  # fmt: skip
    assert "birthdate" in {each["field"] for each in document["mapping"]}
    assert shop("export", "edit", "E", "--schedule", "on refresh").code == 0
    # Nothing of it is wrong, so it would run.
    shown = shop("export", "show", "E")
    assert "Customer Insights' time of the last refresh" in shown.out
    assert "Can't run" not in shown.out
    assert "Very important people (VIP), " in shown.out
    assert "Loyalty: gold (Loyalty gold)" in shown.out
    ended = shop("run", "E", "--json", "--plain")
    assert ended.code in (0, 3), ended.err
    assert ended.json["read"] == 9


def test_a_label_of_several_segments_says_which(shop: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        twins = stack.enter_context(running_dataverse(DataverseOptions(profiles=5)))
        segments = twins._environment.population.segments()
        same = [type(each)(each.name, "The best", each.members) for each in segments[:2]]
        monkeypatch.setattr(twins._environment.population, "segments", lambda: same)
        source_of(shop, monkeypatch, twins)
        refused = add(shop, "The best")
        assert refused.code == 2
        assert f"Take the name of one: {same[1].name}, {same[0].name}." in refused.err or (
            f"Take the name of one: {same[0].name}, {same[1].name}." in refused.err
        )
        assert add(shop, same[0].name).code == 0


def test_where_segments_are_not_listed_a_typed_name_is_taken(
    shop: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = (Person(email="a@example.com", segments=("vip",)), Person(email="b@example.com"))
    options = DataverseOptions(people=people, metadata="no_segments")
    with running_dataverse(options) as closed:
        source_of(shop, monkeypatch, closed)
        added = add(shop, "vip", "nobody is in it yet")
        assert added.code == 0, added.err
        assert "whether “nobody is in it yet” is one, a run finds" in added.err
        assert "vip" not in added.err
        assert "Can't run" not in shop("export", "show", "E").out
        nobody = "E: Nobody is in the segment “nobody is in it yet”; look at its spelling."
        monkeypatch.setattr(odata, "_TELLING", 0.0)
        monkeypatch.setattr(odata, "_SHORTEST", 0.01)
        for words in (["--dry-run"], ["--json", "--plain"]):
            closed.misbehave(
                Faults(answers=(AnswerFault(action="server_error", path="*", nth=(1,)),))
            )
            ended = shop("run", "E", *words)
            assert ended.code == 0, ended.err
            assert ended.err.count(nobody) == 1
            assert ended.err.startswith("The sign-in can't be reached; next try in 0 s.")
        assert ended.json["read"] == 1
        closed.misbehave(Faults())
        quiet = shop("run", "E", "--dry-run", "--no-progress")
        assert quiet.err == f"{nobody}\n"


def test_the_hint_to_sign_in_names_the_workspace() -> None:
    error = CredentialsError("sign_in_needed", "Nobody is signed in.", "Sign in.")
    assert sign_in_hint(error, "Our CI", None).startswith(
        "Sign in: omnisend-tui source sign-in 'Our CI', or"
    )
    assert "omnisend-tui --workspace /w source sign-in CI" in sign_in_hint(error, "CI", Path("/w"))
    other = CredentialsError("key_refused", "Omnisend refuses the key.", "Look at it.")
    assert sign_in_hint(other, "CI", Path("/w")) == "Look at it."


def test_a_sign_in_that_is_missing_is_told(
    shop: Cli, monkeypatch: pytest.MonkeyPatch, dataverse: RunningDataverse
) -> None:
    source_of(shop, monkeypatch, dataverse)
    assert add(shop, "VIP").code == 0
    monkeypatch.delenv("OMNISEND_TUI_CLIENT_SECRET_CI")
    ended = shop("run", "E", "--plain")
    assert ended.code == 5
    assert "OMNISEND_TUI_CLIENT_SECRET_CI" in ended.err
    shown = shop("export", "show", "E")
    assert shown.code == 0, shown.err
    assert "Can't run" in shown.out
