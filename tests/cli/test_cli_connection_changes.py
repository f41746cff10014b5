"""``connection add`` with a keyring, ``edit``, ``remove``, ``test --probe``, and ``doctor``."""

import signal
import subprocess
import sys
from pathlib import Path

import keyring.backends.fail
import pytest
from keyring.errors import KeyringLocked

from cli.command_lines import Answer, Cli
from keyrings import MemoryKeyring
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox

ADDRESS = "owner@example.com"
HOSTILE = ("a [/b] c", '"q\'u"', "😀 עברית", "x" * 100, "..", "a/b", "{name}", "%s")


@pytest.fixture
def shop(cli: Cli, sandbox: RunningSandbox, memory: MemoryKeyring, people: Path) -> Cli:
    """A workspace whose connection 'Shop' has its key in the keyring; 'News' exports to it."""
    assert add(cli, sandbox, "Shop").code == 0
    for command in (
        ["source", "add", "files", "--name", "People", "--path", str(people)],
        ["export", "add", "--name", "News", "--connection", "Shop", "--source", "People",
         "--segment", "All profiles", "--map", "email=Email"],
    ):  # fmt: skip
        assert cli(*command).code == 0
    return cli


def add(cli: Cli, sandbox: RunningSandbox, name: str, *options: str, key: str = "") -> Answer:
    return cli(
        "connection", "add", "--agree-to-data-privacy", "--api-key-stdin", f"--name={name}",
        "--base-url", sandbox.url, *options, stdin=f" {key or sandbox.api_key}\n",
    )  # fmt: skip


def shown(cli: Cli, name: str = "Shop") -> dict[str, object]:
    document: dict[str, object] = cli("connection", "show", "--json", "--", name).json
    return document


def findings(cli: Cli) -> list[dict[str, str]]:
    checks: list[dict[str, str]] = cli("doctor", "--json").json["checks"]
    return checks


def test_the_key_is_in_the_keyring_after_connect_and_not_before(
    cli: Cli, sandbox: RunningSandbox, memory: MemoryKeyring
) -> None:
    assert add(cli, sandbox, "Shop", key="brand-wrong").code == 5
    assert memory.kept == {}
    added = add(cli, sandbox, "Shop", "--max-new", "0", "--for-contributors", "--json")
    assert added.code == 0
    assert added.json["max_new"] == 0
    assert added.json["for_contributors"] is True
    assert added.json["behaviour"] is None
    assert memory.kept == {("omnisend-tui", added.json["id"]): sandbox.api_key}


def test_a_locked_keyring_stores_nothing(
    cli: Cli, sandbox: RunningSandbox, memory: MemoryKeyring, tmp_path: Path
) -> None:
    memory.error = KeyringLocked()
    answer = add(cli, sandbox, "Shop")
    assert answer.code == 5
    assert "locked" in answer.err
    assert not (tmp_path / "workspace" / "config.toml").exists()


def test_what_is_not_given_stays(shop: Cli) -> None:
    before = shown(shop)
    edited = shop(
        "connection", "edit", "Shop", "--requests-per-minute", "99", "--max-new", "7",
        "--for-contributors", "--json",
    )  # fmt: skip
    assert edited.code == 0, edited.err
    wanted = {"requests_per_minute": 99, "max_new": 7, "for_contributors": True}
    assert edited.json == before | wanted
    assert shop("connection", "edit", "Shop", "--no-for-contributors").code == 0
    assert shown(shop) == before | wanted | {"for_contributors": False}


def test_exports_follow_a_new_name(shop: Cli) -> None:
    answer = shop("connection", "edit", "Shop", "--name", " Boutique ")
    assert answer.code == 0, answer.err
    assert shown(shop, "Boutique")["exports"] == ["News"]
    assert shop("run", "News", "--no-progress").code == 3
    assert shop("connection", "show", "Shop").code == 2


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--name", ""),
        ("--name", "x" * 101),
        ("--name", "a\nb"),
        ("--name", "OTHER"),
        ("--budget-share", "0"),
        ("--max-new", "-1"),
        ("--base-url", "http://api.example.com"),
        ("--api-key-stdin", "--api-key-from-environment"),
        ("--agree-to-data-privacy",),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing(
    shop: Cli, sandbox: RunningSandbox, options: tuple[str, ...]
) -> None:
    assert add(shop, sandbox, "Other").code == 0
    before = shown(shop)
    answer = shop("connection", "edit", "Shop", *options, stdin=sandbox.api_key)
    assert answer.code == 2
    assert "Traceback" not in answer.err
    assert shown(shop) == before


def test_a_refused_new_key_changes_nothing(
    shop: Cli, sandbox: RunningSandbox, memory: MemoryKeyring
) -> None:
    edit = ("connection", "edit", "Shop", "--max-new", "5", "--api-key-stdin")
    answer = shop(*edit, stdin="brand-wrong")
    assert answer.code == 5
    assert "brand-wrong" not in answer.out + answer.err
    assert memory.keys() == [sandbox.api_key]
    assert shown(shop)["max_new"] is None
    assert shop(*edit, stdin=sandbox.api_key).code == 0
    assert shown(shop)["max_new"] == 5


def test_the_place_of_the_key_changes_to_the_environment_and_back(
    shop: Cli, sandbox: RunningSandbox, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = ("connection", "edit", "Shop", "--api-key-from-environment")
    assert shop(*switch).code == 5
    assert memory.keys() == [sandbox.api_key]
    monkeypatch.setenv("OMNISEND_TUI_API_KEY_SHOP", sandbox.api_key)
    assert shop(*switch).code == 0
    assert memory.keys() == []
    assert "from the environment" in shop("connection", "show", "Shop").out
    monkeypatch.delenv("OMNISEND_TUI_API_KEY_SHOP")
    assert shop("connection", "edit", "Shop", "--api-key-stdin", stdin=sandbox.api_key).code == 0
    assert memory.keys() == [sandbox.api_key]
    assert "in the keyring" in shop("connection", "show", "Shop").out


def test_another_address_is_tried_and_asks_for_consent_again(
    shop: Cli, sandbox: RunningSandbox
) -> None:
    edit = ("connection", "edit", "Shop", "--base-url")
    assert shop(*edit, "http://127.0.0.1:9/api").code == 1
    assert shown(shop)["base_url"] == sandbox.url
    answer = shop(*edit, sandbox.url.replace("127.0.0.1", "localhost"))
    assert answer.code == 0
    assert answer.err.endswith(" connection agree Shop\n")
    assert shop("run", "News", "--no-progress").code == 4
    assert shop("connection", "test", "Shop", "--probe", ADDRESS).code == 4
    assert shop("connection", "agree", "Shop").code == 0
    assert shop("run", "News", "--no-progress").code == 3


def test_a_connection_in_use_is_not_removed_without_a_word(
    shop: Cli, memory: MemoryKeyring
) -> None:
    answer = shop("connection", "remove", "Shop")
    assert answer.code == 2
    assert "News" in answer.err
    assert "--detach-exports" in answer.err
    assert "--remove-exports" in answer.err
    both = shop("connection", "remove", "Shop", "--detach-exports", "--remove-exports")
    assert both.code == 2
    assert shown(shop)["exports"] == ["News"]
    assert len(memory.kept) == 1


def test_removed_with_its_exports_detached(shop: Cli, memory: MemoryKeyring) -> None:
    answer = shop("connection", "remove", "Shop", "--detach-exports")
    assert answer.code == 0, answer.err
    assert len(answer.out.splitlines()) == 1
    assert "News" in answer.out
    assert shop("export", "show", "News", "--json").json["connection"] is None
    assert memory.kept == {}
    assert shop("connection", "remove", "Shop").code == 2


def test_removed_with_its_exports(shop: Cli, memory: MemoryKeyring) -> None:
    answer = shop("connection", "remove", "Shop", "--remove-exports", "--json")
    assert answer.json == {
        "name": "Shop",
        "detached_exports": [],
        "removed_exports": ["News"],
        "still_running": [],
    }
    assert shop("export", "list", "--json").json == []
    assert memory.kept == {}


def test_a_key_that_cannot_be_deleted_is_told_and_found(shop: Cli, memory: MemoryKeyring) -> None:
    secret_id = shown(shop)["id"]
    memory.undeletable = KeyringLocked()
    answer = shop("connection", "remove", "Shop", "--detach-exports")
    assert answer.code == 5
    assert "doctor" in answer.err
    assert shop("connection", "list", "--json").json == []
    left = [each for each in findings(shop) if str(secret_id) in each["detail"]]
    assert [each["state"] for each in left] == ["warning"]
    assert left[0]["hint"].endswith(f"python -m keyring del omnisend-tui {secret_id}")
    memory.kept.clear()
    assert not [each for each in findings(shop) if str(secret_id) in each["detail"]]


def test_hostile_names(cli: Cli, sandbox: RunningSandbox, memory: MemoryKeyring) -> None:
    for name in (*HOSTILE, "-x"):
        assert add(cli, sandbox, name).code == 0
        assert shown(cli, name)["name"] == name
        assert cli("connection", "edit", "--max-new", "3", "--", name).code == 0
    assert cli("connection", "list").code == cli("doctor").code == 0
    for name in ("x" * 101, "a\nb", "\x1b[31mred", "\u202eabc", "  ", "\udcff"):
        refused = add(cli, sandbox, name)
        assert refused.code == 2
        assert len(refused.err.splitlines()) <= 2
    for name in (*HOSTILE, "-x"):
        assert cli("connection", "remove", "--", name).code == 0
    assert memory.kept == {}


def test_the_probe_says_what_it_does_and_is_kept(shop: Cli) -> None:
    answer = shop("connection", "test", "Shop", "--probe", ADDRESS, "--json")
    assert answer.code == 0, answer.err
    first = answer.err.splitlines()[0]
    for word in (ADDRESS, "stays", "unsubscribed", "no delete"):
        assert word in first
    assert len(answer.err.splitlines()) == 6
    behaviour = answer.json["behaviour"]
    assert behaviour.keys() == {"tags", "unsubscribed", "at"}
    assert shown(shop)["behaviour"] == behaviour
    assert shop("connection", "list", "--json").json[0]["behaviour"] == behaviour
    assert behaviour["at"] in shop("connection", "show", "Shop").out
    assert shop("connection", "test", "Shop", "--probe", ADDRESS).code == 2
    assert shop("connection", "test", "Shop", "--probe", "nobody").code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_the_probe(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_sandbox(SandboxOptions(latency_ms=300)) as slow:
        monkeypatch.setenv("OMNISEND_TUI_API_KEY", slow.api_key)
        added = cli(
            "connection", "add", "--name", "Shop", "--agree-to-data-privacy",
            "--api-key-from-environment", "--base-url", slow.url,
        )  # fmt: skip
        assert added.code == 0
        command = [sys.executable, "-m", "omnisend_tui", "--workspace", str(tmp_path / "workspace"),
                   "connection", "test", "Shop", "--probe", ADDRESS, "--json"]  # fmt: skip
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "is created" in line:
                    break
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "left unsubscribed" in err
    assert shown(cli)["behaviour"] is None


def test_doctor_tells_where_each_key_came_from(
    shop: Cli, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def place() -> str:
        return next(each["detail"] for each in findings(shop) if each["check"] == "Shop: API key")

    assert place() == "from: the keyring"
    (tmp_path / "OMNISEND_TUI_API_KEY").write_text(sandbox.api_key)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert place() == "from: the credentials folder"
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", sandbox.api_key)
    assert place() == "from: the environment"
    assert "behaviour check" in shop("doctor").out


def test_doctor_tells_a_locked_keyring_from_none(shop: Cli, memory: MemoryKeyring) -> None:
    memory.error = KeyringLocked()
    locked = shop("doctor", "--json")
    assert locked.code == 1
    assert "The keyring is locked" in locked.out
    memory.error = RuntimeError("no bus")
    assert "did not answer (RuntimeError)" in shop("doctor").out
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert "has no keyring" in shop("doctor").out


def test_doctor_warns_of_names_that_share_a_variable(shop: Cli, tmp_path: Path) -> None:
    config = tmp_path / "workspace" / "config.toml"
    config.write_text(config.read_text() + '[connections."shop-"]\n[connections."Shop:"]\n')
    assert "OMNISEND_TUI_API_KEY_SHOP_ gives the key of all of these: shop-, Shop:" in (
        shop("doctor").out
    )
