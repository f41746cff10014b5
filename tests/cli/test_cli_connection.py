"""``connection``: the order of its checks, and that a failure stores nothing."""

from pathlib import Path

import pytest

from cli.command_lines import Cli
from omnisend_tui import consent
from omnisend_tui.sandbox.server import RunningSandbox

ADD = ("connection", "add", "--name", "Shop")
AGREED = (*ADD, "--agree-to-data-privacy")


def stored(cli: Cli) -> list[object]:
    return list(cli("connection", "list", "--json").json)


def test_without_consent_the_text_is_printed_and_nothing_stored(cli: Cli) -> None:
    answer = cli(*ADD, "--api-key-stdin", stdin="brand-secret")
    assert answer.code == 4
    assert consent.text("en").strip() in answer.out
    assert stored(cli) == []


def test_a_name_that_is_taken_comes_before_the_consent(ready: Cli) -> None:
    answer = ready(*ADD)
    assert answer.code == 2
    assert "Shop" in answer.err


@pytest.mark.parametrize("key", ["", "  \n"])
def test_without_a_key_it_ends_with_5(cli: Cli, key: str) -> None:
    assert cli(*AGREED, "--api-key-stdin", stdin=key).code == 5
    assert stored(cli) == []


def test_without_a_keyring_it_ends_with_5_before_omnisend_is_asked(cli: Cli) -> None:
    answer = cli(
        *AGREED, "--api-key-stdin", "--base-url", "http://127.0.0.1:9/api", stdin="brand-secret"
    )
    assert answer.code == 5
    assert "keyring" in answer.err
    assert "brand-secret" not in answer.err + answer.out
    assert stored(cli) == []


def test_a_refused_key_ends_with_5_and_stores_nothing(
    cli: Cli, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMNISEND_TUI_API_KEY_SHOP", "brand-wrong")
    answer = cli(*AGREED, "--api-key-from-environment", "--base-url", sandbox.url)
    assert answer.code == 5
    assert "brand-wrong" not in answer.err
    assert stored(cli) == []
    assert not (tmp_path / "workspace" / "config.toml").exists()


def test_an_unreachable_host_ends_with_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNISEND_TUI_API_KEY", "brand-secret")
    answer = cli(*AGREED, "--api-key-from-environment", "--base-url", "http://127.0.0.1:9/api")
    assert answer.code == 1
    assert stored(cli) == []


@pytest.mark.parametrize("url", ["http://api.example.com/api", "ftp://127.0.0.1", "nonsense"])
def test_only_https_beyond_loopback(cli: Cli, url: str) -> None:
    assert cli(*AGREED, "--api-key-stdin", "--base-url", url, stdin="brand-secret").code == 2


@pytest.mark.parametrize(
    "option", [("--requests-per-minute", "0"), ("--budget-share", "101"), ("--max-new", "-1")]
)
def test_values_that_cannot_be_are_wrong_use(cli: Cli, option: tuple[str, str]) -> None:
    assert cli(*AGREED, *option).code == 2


def test_shown_with_brand_and_consent(ready: Cli, sandbox: RunningSandbox) -> None:
    shown = ready("connection", "show", "Shop", "--json").json
    assert shown["base_url"] == sandbox.url
    assert shown["brand"]["id"]
    assert shown["consent"]["sha256"] == consent.sha256("en")
    assert shown["exports"] == ["News"]
    assert ready("connection", "test", "Shop", "--json").json["key_from"] == "environment"
    assert sandbox.api_key not in ready("connection", "show", "Shop").out


def test_agreeing_again_keeps_a_newer_record(ready: Cli) -> None:
    before = ready("connection", "show", "Shop", "--json").json["consent"]
    again = ready("connection", "agree", "Shop", "--json").json
    assert again["at"] >= before["at"]
