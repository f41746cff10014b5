"""The variable of a client secret, whose name nobody guesses, stands where it is needed."""

from collections.abc import Iterator

import pytest

from cli.command_lines import Cli
from keyrings import MemoryKeyring, memory
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse

__all__ = ["memory"]

NAME, VARIABLE = "Lähde Åbo 2", "OMNISEND_TUI_CLIENT_SECRET_L_HDE_BO_2"


@pytest.fixture
def with_keyring(cli: Cli, memory: MemoryKeyring) -> Cli:
    """After the keyring that the command lines come without."""
    return cli


@pytest.fixture(scope="module")
def dataverse() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=5)) as running:
        yield running


def test_who_adds_a_source_and_doctor_name_the_variable(
    with_keyring: Cli, dataverse: RunningDataverse, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = with_keyring
    added = cli(
        "source", "add", "dataverse", "--name", NAME, "--url", dataverse.url, "--client-id",
        dataverse.client_id, "--authority", dataverse.authority,
    )  # fmt: skip
    assert added.code == 0, added.err
    assert f"{VARIABLE}." in added.err
    checks = {each["check"]: each for each in cli("doctor", "--json").json["checks"]}
    assert checks[f"{NAME}: sign-in"]["detail"] == "nobody is signed in"
    assert VARIABLE in checks[f"{NAME}: sign-in"]["hint"]
    monkeypatch.setenv(VARIABLE, dataverse.client_secret)
    assert cli("source", "segments", NAME).code == 0
