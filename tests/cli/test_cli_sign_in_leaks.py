"""No client secret, token or code is in a file, an output, a log or an error."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.command_lines import Cli
from keyrings import MemoryKeyring
from omnisend_tui.keeping import KeyringKeeper, get_long
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sandbox.server import RunningSandbox
from test_no_key_leaks import leaks_of

SECRET = "sbx8QXq7LeakTellTaleZ9w4Vb2"


@pytest.fixture(scope="module")
def dataverse() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(profiles=30, client_secret=SECRET)) as running:
        yield running


def kept_secrets(memory: MemoryKeyring) -> set[str]:
    """Everything in the keyring that opens something."""
    found = {SECRET}
    for _service, name in list(memory.kept):
        if name.startswith("source.tokens.") and name.count(".") == 2:
            cache = json.loads(get_long(KeyringKeeper(), name))
            for kind in ("AccessToken", "RefreshToken", "IdToken"):
                found |= {each["secret"] for each in cache[kind].values()}
    return found


def test_nothing_tells_what_signs_in(
    cli: Cli,
    memory: MemoryKeyring,
    dataverse: RunningDataverse,
    sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", sandbox.api_key)
    monkeypatch.delenv("OMNISEND_TUI_CLIENT_SECRET_CI", raising=False)
    said: list[str] = []
    hidden: set[str] = set()

    def command(code: int, *arguments: str, stdin: str = "") -> None:
        answer = cli(*arguments, stdin=stdin)
        said.extend((answer.out, answer.err))
        assert answer.code == code, (arguments, answer.err)
        hidden.update(kept_secrets(memory))

    add = (
        "source", "add", "dataverse", "--name", "CI", "--url", dataverse.url,
        "--client-id", dataverse.client_id, "--authority", dataverse.authority,
    )  # fmt: skip
    stdin = "--client-secret-stdin"
    command(5, *add, stdin, stdin=f"{SECRET}x")
    command(5, *add, stdin, stdin=f"{SECRET} x")
    command(2, *add, "--url", "ftp://nonsense", stdin, stdin=SECRET)
    command(0, *add, stdin, "--json", stdin=SECRET)
    command(0, "source", "list", "--json")
    command(0, "doctor", "--json")
    command(0, "source", "edit", "CI", stdin, stdin=SECRET)
    command(0, "source", "sign-in", "CI", "--json")
    command(0, "source", "fields", "CI")
    command(0, "connection", "add", "--name", "Shop", "--agree-to-data-privacy",
            "--api-key-from-environment", "--base-url", sandbox.url)  # fmt: skip
    command(0, "export", "add", "--name", "News", "--connection", "Shop", "--source", "CI",
            "--segment", "All profiles", "--auto-map", "--max-rejects", "100")  # fmt: skip
    dataverse.expire_tokens()
    assert cli("run", "News", "--json").code in (0, 3)
    hidden |= kept_secrets(memory)
    dataverse.revoke()
    failed = cli("run", "News", "--full", "--json")
    said += [failed.out, failed.err]
    assert (failed.code, "sign_in_needed" in failed.out) == (5, True)
    command(1, "doctor", "--json")
    assert len(hidden) > 4
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"config.toml", "state.sqlite"} <= {path.name for path in files}
    for secret in hidden:
        assert [path for path in files if leaks_of(path.read_bytes(), secret)] == []
        assert not leaks_of("".join(said).encode(), secret)
        assert not leaks_of(caplog.text.encode(), secret)
