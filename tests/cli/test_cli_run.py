"""``run`` and what is told of it afterwards."""

import csv
import json
import stat
import time
from pathlib import Path

from cli.command_lines import Cli
from omnisend_tui.state import State

COUNTS = ("created", "updated", "accepted", "unchanged", "duplicates", "rejected")


def test_a_run_with_rejects(ready: Cli) -> None:
    answer = ready("run", "News", "--json")
    assert answer.code == 3, answer.err
    run = answer.json
    assert run["status"] == "finished_with_rejects"
    assert run["error"] is None
    assert (run["read"], run["duplicates"], run["rejected"]) == (5, 1, 2)
    assert run["read"] == sum(run[count] for count in COUNTS)
    assert run["started_at"].endswith("Z")
    assert run["started_at"] <= run["finished_at"]
    assert ready("runs", "News", "--json").json == [run]


def test_progress_goes_to_stderr_and_results_to_stdout(ready: Cli, tmp_path: Path) -> None:
    answer = ready("run", "News")
    assert answer.out.startswith("News: finished with rejects\n  read 5:")
    assert "rejected: 1 not an e-mail address, 1 missing e-mail" in answer.out
    assert "News: finished with rejects" in answer.err
    quiet = ready("run", "News", "--no-progress").err
    workspace = tmp_path / "workspace"
    assert quiet == f"Who, and why: omnisend-tui --workspace {workspace} rejects News\n"


def test_status_afterwards(ready: Cli) -> None:
    before = ready("status", "--json").json
    assert before["exports"][0]["last_run"] is None
    ready("run", "News")
    status = ready("status", "--json").json
    assert status["exports"][0]["status"] == "finished_with_rejects"
    assert status["exports"][0]["done"] == status["exports"][0]["total"] == 5
    assert status["brands"][0]["limit"] == 360
    assert status["brands"][0]["requests_last_60s"] >= 2
    told = ready("status")
    assert told.code == ready("runs").code == 0
    assert "\nShop (Sandbox shop): " in told.out  # several brands may have one name


def test_rejects_and_warnings(ready: Cli) -> None:
    ready("run", "News")
    rejects = ready("rejects", "News", "--json").json
    assert sorted(row["reason"] for row in rejects) == ["invalid_email", "missing_email"]
    assert set(rejects[0]) == {"key", "email_masked", "field", "reason", "message"}
    warnings = ready("rejects", "News", "--warnings", "--json").json
    assert [row["reason"] for row in warnings] == ["invalid_phone"]
    assert "bert" not in ready("rejects", "News", "--warnings").out.lower()


def test_reveal_reads_the_source_again_and_shows_nobody_else(ready: Cli, people: Path) -> None:
    ready("run", "News")
    revealed = ready("rejects", "News", "--reveal", "--json").json
    assert {row["reason"]: row["email"] for row in revealed} == {
        "invalid_email": "not-an-address",
        "missing_email": None,
    }
    lines = people.read_text().splitlines()
    people.write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    moved = ready("rejects", "News", "--reveal", "--json").json
    assert [row["email"] for row in moved] == [None, None]


def test_csv_is_private_and_holds_no_formula(ready: Cli, people: Path, tmp_path: Path) -> None:
    people.write_text(people.read_text() + "=HYPERLINK(1);Eve;Oulu;;Club\n")
    ready("run", "News")
    target = tmp_path / "rejects.csv"
    answer = ready("rejects", "News", "--csv", str(target), "--reveal")
    assert answer.code == 0
    assert "It replaces" not in answer.err
    assert "It replaces" in ready("rejects", "News", "--csv", str(target), "--reveal").err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["email"] for row in rows] == ["not-an-address", "", "'=HYPERLINK(1)"]


def test_rejects_that_are_no_longer_kept_are_told(ready: Cli, tmp_path: Path) -> None:
    ready("run", "News")
    state = State.open(tmp_path / "workspace" / "state.sqlite")
    state.forget_details(time.time() + 1)
    state.close()
    for more in ((), ("--csv", str(tmp_path / "rejects.csv"))):
        answer = ready("rejects", "News", *more)
        assert answer.code == 0
        assert "2 of this run are too old to be kept in detail." in answer.err
        assert "every profile" not in answer.err
    ready("source", "edit", "People", "--key", "First name")
    refused = ready("run", "News", "--only-rejects")
    assert (refused.code, "older than the days" in refused.err) == (2, True)


def test_only_the_rejects(ready: Cli, people: Path) -> None:
    ready("run", "News")
    refused = ready("run", "News", "--only-rejects")
    assert refused.code == 2
    assert "no key column" in refused.err
    assert ready("run", "News", "--only-rejects", "--limit", "3").code == 2
    ready("source", "edit", "People", "--key", "First name")
    ready("run", "News")
    people.write_text(people.read_text().replace("not-an-address", "cecilia@example.com"))
    answer = ready("run", "News", "--only-rejects", "--json")
    assert (answer.code, answer.json["read"], answer.json["rejected"]) == (3, 2, 1)
    assert "Only 2 profiles" in answer.err
    people.write_text("\n".join(people.read_text().splitlines()[:-1]) + "\n")
    assert "aren't" not in (gone := ready("run", "News", "--only-rejects")).err
    assert (gone.code, "isn't in the source's segments" in gone.err) == (0, True)
    assert "Nothing to do" in ready("run", "News", "--only-rejects").err


def test_one_unknown_name_starts_nothing(ready: Cli) -> None:
    assert ready("run", "News", "Nothing").code == 2
    assert ready("runs", "--json").json == []
    assert ready("run").code == ready("run", "News", "--all").code == 2
    assert ready("rejects", "News", "--run", "nope").code == 2


def test_several_runs_give_one_line_each_and_the_worst_code(ready: Cli, people: Path) -> None:
    gone = people.with_name("gone.csv")
    gone.write_text("Email\nfay@example.net\n")
    ready("source", "add", "files", "--name", "Gone", "--path", str(gone))
    ready(
        "export", "add", "--name", "Broken", "--connection", "Shop", "--source", "Gone",
        "--segment", "All profiles", "--auto-map",
    )  # fmt: skip
    gone.unlink()
    answer = ready("run", "--all", "--json")
    runs = {run["export"]: run for run in map(json.loads, answer.out.splitlines())}
    assert answer.code == 1
    assert runs["News"]["status"] == "finished_with_rejects"
    assert runs["Broken"]["status"] == "failed"
    assert runs["Broken"]["error"]["message"]


def test_run_all_says_that_every_export_is_detached(cli: Cli, ready: Cli) -> None:
    assert ready("export", "detach", "News").code == 0
    answer = ready("run", "--all")
    assert answer.code == 2
    assert answer.err.startswith("No export has a connection, so none runs.\n")
    assert ready("export", "remove", "News").code == 0
    assert ready("run", "--all").err.startswith("There is no export to run.\n")


def test_without_consent_nothing_runs(ready: Cli, tmp_path: Path) -> None:
    config = tmp_path / "workspace" / "config.toml"
    config.write_text(config.read_text().replace("127.0.0.1", "localhost"))
    answer = ready("run", "News", "--json")
    assert answer.code == 4
    assert answer.json["status"] == "failed"
    assert answer.json["error"]["code"] == "consent_outdated"


def test_a_broken_config_is_told_with_its_line(ready: Cli, tmp_path: Path) -> None:
    config = tmp_path / "workspace" / "config.toml"
    config.write_text("[settings\n" + config.read_text())
    answer = ready("status")
    assert answer.code == 2
    assert "Traceback" not in answer.err
    assert "1" in answer.err


def test_doctor(ready: Cli, tmp_path: Path) -> None:
    answer = ready("doctor", "--json")
    assert answer.code == 0, answer.out
    assert answer.json["healthy"]
    config = tmp_path / "workspace" / "config.toml"
    config.write_text(config.read_text().replace('source = "People"', 'source = "Nobody"'))
    assert ready("doctor").code == 1
