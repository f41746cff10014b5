"""``run --dry-run``, and the price that is told before a first run."""

from pathlib import Path

import pytest

from cli.command_lines import Cli
from omnisend_tui.sandbox.server import RunningSandbox

KEYS = {
    "export", "run_id", "status", "read", "would_send", "unchanged", "duplicates", "rejected",
    "would_remove", "would_subscribe", "new", "requests_needed", "seconds_needed", "started_at",
    "finished_at", "seconds", "warnings", "error", "sample",
}  # fmt: skip


def test_the_object_of_a_dry_run(ready: Cli, sandbox: RunningSandbox) -> None:
    before = sandbox.statistics()["requests_with_key"]
    answer = ready("run", "News", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    found = answer.json
    assert set(found) == KEYS
    assert (found["export"], found["status"], found["error"]) == ("News", "dry_run", None)
    assert (found["read"], found["would_send"], found["unchanged"]) == (5, 2, 0)
    assert (found["duplicates"], found["rejected"], found["warnings"]) == (1, 2, 1)
    assert (found["new"], found["would_remove"]) == (2, 0)
    assert found["requests_needed"] >= 2
    assert found["started_at"] <= found["finished_at"]
    assert [item["identifiers"][0]["id"] for item in found["sample"][0]["items"]] == [
        "a***@example.com", "b***@example.org",
    ]  # fmt: skip
    assert "anna@" not in answer.out
    assert "0401234567" not in answer.out
    assert "401234567" not in answer.out
    assert sandbox.statistics()["requests_with_key"] == before
    assert ready("runs", "--json").json == []


def test_a_run_after_it_sends_the_same_and_then_nothing_is_left(ready: Cli) -> None:
    ready("run", "News", "--dry-run")
    run = ready("run", "News", "--json").json
    assert run["read"] - run["duplicates"] - run["rejected"] == 2
    again = ready("run", "News", "--dry-run", "--json").json
    assert (again["would_send"], again["unchanged"], again["requests_needed"]) == (0, 2, 0)
    assert again["sample"] == []
    full = ready("run", "News", "--dry-run", "--full", "--json").json
    assert (full["would_send"], full["new"]) == (2, 0)
    assert ready("run", "News", "--dry-run", "--limit", "1", "--json").json["read"] == 1


def test_the_text_of_a_dry_run(ready: Cli) -> None:
    answer = ready("run", "News", "--dry-run")
    assert answer.code == 0
    assert answer.out.startswith("News: dry run, nothing was sent\n  read 5: would send 2,")
    assert "at most 2 new contacts" in answer.out
    assert "less than a minute" in answer.out
    assert "rejected: 1 not an e-mail address, 1 missing e-mail" in answer.out
    assert "anna@" not in answer.out


def test_a_stop_that_would_be_met_is_the_error_and_ends_with_1(ready: Cli, people: Path) -> None:
    assert ready("connection", "edit", "Shop", "--max-new", "1").code == 0
    answer = ready("run", "News", "--dry-run", "--json")
    assert answer.code == 1
    assert answer.json["status"] == "dry_run"
    assert answer.json["error"]["code"] == "too_many_new"
    assert answer.json["would_send"] == 2
    text = ready("run", "News", "--dry-run")
    assert text.code == 1
    assert "A run would stop:" in text.err
    assert ready("run", "News", "--dry-run", "--allow-new").code == 0
    people.unlink()
    gone = ready("run", "News", "--dry-run", "--json")
    assert (gone.code, gone.json["status"]) == (1, "failed")


def test_it_needs_no_key(ready: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMNISEND_TUI_API_KEY")
    assert ready("run", "News").code == 5
    assert ready("run", "News", "--dry-run", "--json").json["would_send"] == 2


def test_wrong_use(ready: Cli) -> None:
    assert ready("run", "Nobody", "--dry-run").code == 2
    assert ready("run", "News", "--dry-run", "--resume").code == 2
    assert ready("run", "News", "--dry-run", "--discard").code == 2


def test_several_give_one_line_each(ready: Cli) -> None:
    added = ready(
        "export", "add", "--name", "Other", "--connection", "Shop", "--source", "People",
        "--segment", "Club", "--auto-map", "--max-rejects", "100",
    )  # fmt: skip
    assert added.code == 0, added.err
    answer = ready("run", "--all", "--dry-run", "--json")
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 2


def test_a_first_run_says_its_price_once(ready: Cli) -> None:
    first = ready("run", "News", "--json")
    assert "News: at most 5 new contacts, " in first.err
    assert "about less" not in first.err
    assert first.json["status"] == "finished_with_rejects"
    assert "new contacts" not in ready("run", "News", "--json").err
