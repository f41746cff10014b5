"""``export edit``, ``duplicate``, ``detach``, ``remove``; ``source edit`` and ``remove``."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.command_lines import Cli
from omnisend_tui.sandbox.options import SandboxOptions
from omnisend_tui.sandbox.server import RunningSandbox, running_sandbox
from omnisend_tui.workspace import Workspace

HOSTILE = ("a [/b] c", '"q\'u"', "😀 עברית", "x" * 100, "..", "a/b", "{name}", "%s", "-x", "--json")


def shown(cli: Cli, name: str = "News") -> dict[str, Any]:
    document: dict[str, Any] = cli("export", "show", "--json", "--", name).json
    return document


def fields(document: dict[str, Any]) -> dict[str, str]:
    return {row["field"]: row["column"] or f"={row['value']}" for row in document["mapping"]}


def config(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "config.toml"


def test_only_what_is_given_changes(ready: Cli) -> None:
    before = shown(ready)
    answer = ready("export", "edit", "News", "--max-leavers", "5", "--json")
    assert answer.code == 0, answer.err
    assert answer.json == before | {"max_leavers": 5} == shown(ready)


def test_every_option_can_be_changed_and_taken_back(ready: Cli) -> None:
    before = shown(ready)
    answer = ready(
        "export", "edit", "News", "--segment", "Club", "--except-segment", "News", "--tag", " vip ",
        "--tag", "vip", "--segment-tag", "in {segment}", "--send-welcome", "--max-profiles", "9",
        "--max-rejects", "8", "--max-leavers", "7", "--max-leavers-people", "6", "--country", "se",
        "--date-format",
        "DD.MM.YYYY", "--email-status", "subscribed", "--consent-column", "City",
        "--consent-source", "shop", "--schedule", "every 2 hours", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "is subscribed in Omnisend, once" in answer.err
    changed = {
        "segments": ["Club"], "except_segments": ["News"], "tags": ["vip"],
        "segment_tag": "in {segment}", "send_welcome": True, "max_profiles": 9, "max_rejects": 8,
        "max_leavers": 7, "max_leavers_people": 6, "country": "SE", "date_format": "DD.MM.YYYY",
        "email_status": "subscribed", "consent_column": "City", "consent_source": "shop",
        "schedule": "every 2 hours",
    }  # fmt: skip
    assert answer.json == before | changed
    answer = ready(
        "export", "edit", "News", "--segment", "All profiles", "--except-segment", "", "--tag", "",
        "--segment-tag", "segment: {segment}", "--no-send-welcome", "--max-profiles", "1000000",
        "--max-rejects", "100", "--max-leavers", "20", "--max-leavers-people", "50",
        "--country", "FI", "--date-format", "",
        "--email-status", "none", "--schedule", "off", "--json",
    )  # fmt: skip
    assert answer.json == before


def test_help_has_the_options_in_the_order_of_the_wizard(cli: Cli) -> None:
    told = re.findall(r"^  --([a-z-]+)", cli("export", "add", "--help").out, re.M)
    assert told == [
        "name", "connection", "source", "segment", "except-segment", "map", "auto-map", "set",
        "default", "type", "case", "date-format-of", "date-format", "country", "tag",
        "segment-tag", "no-segment-tag", "schedule", "email-status", "consent-column",
        "consent-source", "send-welcome", "max-profiles", "max-rejects", "max-leavers",
        "max-leavers-people", "json",
    ]  # fmt: skip


def test_fields_are_changed_one_by_one(ready: Cli) -> None:
    ready("export", "edit", "News", "--default", "city=Espoo")
    answer = ready(
        "export", "edit", "News", "--map", "city=First name", "--set", "country=FI",
        "--unmap", "phone", "--map", "custom:n=Phone", "--type", "custom:n=number", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert fields(answer.json) == {
        "email": "Email", "first_name": "First name", "city": "First name", "country": "=FI",
        "custom:n": "Phone",
    }  # fmt: skip
    rows = {row["field"]: row for row in answer.json["mapping"]}
    assert rows["city"]["default"] == "Espoo"
    assert rows["custom:n"]["type"] == "number"
    answer = ready("export", "edit", "News", "--map", "country=City", "--default", "city=")
    assert answer.code == 0, answer.err
    assert fields(shown(ready))["country"] == "City"


def test_proposals_are_for_fields_that_nothing_is_matched_to(ready: Cli) -> None:
    ready("export", "edit", "News", "--unmap", "first_name", "--map", "city=Segments")
    answer = ready("export", "edit", "News", "--unmap", "phone", "--auto-map", "--json")
    assert answer.code == 0, answer.err
    assert fields(answer.json) == {
        "email": "Email", "first_name": "First name", "city": "Segments",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "at least one option"),
        (("--map", "city="), "--unmap city"),
        (("--map", "city=Town"), "Town"),
        (("--unmap", "gender"), "gender"),
        (("--unmap", "email"), "e-mail"),
        (("--map", "city=City", "--set", "city=Espoo"), "city"),
        (("--segment", "Nobody"), "Nobody"),
        (("--segment", ""), "no segment"),
        (("--source", "Nowhere"), "Nowhere"),
        (("--connection", "Nowhere"), "Nowhere"),
        (("--connection", ""), "export detach"),
        (("--segment-tag", "a\nb"), "line breaks"),
        (("--tag", "a\x1b[31mb"), "control characters"),
        (("--name", ""), "empty"),
        (("--name", "other"), "taken"),
        (("--email-status", "subscribed"), "--consent-column"),
        (("--consent-source", "shop"), "--email-status"),
        (("--country", "XX"), "XX"),
        (("--schedule", "hourly"), "hourly"),
        (("--max-profiles", "0"), "0"),
    ],
)
def test_wrong_use_changes_nothing(
    ready: Cli, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    assert ready("export", "duplicate", "News", "Other").code == 0
    before = config(tmp_path).read_bytes()
    answer = ready("export", "edit", "News", *options)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert config(tmp_path).read_bytes() == before


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_every_kind(ready: Cli, name: str) -> None:
    assert ready("export", "duplicate", "--", "News", name).code == 0
    answer = ready("export", "edit", "--max-rejects", "3", "--json", "--", name)
    assert answer.code == 0, answer.err
    assert answer.json["name"] == name
    assert ready("export", "detach", "--", name).code == 0
    assert shown(ready, name)["connection"] is None
    assert ready("export", "remove", "--", name).code == 0
    assert ready("source", "edit", "People", f"--name={name}").code == 0
    assert shown(ready)["source"] == name
    assert [row["name"] for row in ready("export", "list", "--json").json] == ["News"]


def test_comments_stay(ready: Cli, tmp_path: Path) -> None:
    path = config(tmp_path)
    path.write_text("# of Ada\n" + path.read_text() + "\n# the end\n")
    for command in (
        ("export", "edit", "News", "--name", "Letter", "--tag", "vip", "--unmap", "city"),
        ("source", "edit", "People", "--name", "Folk", "--segment", "Turku=City = 'Turku'"),
        ("export", "duplicate", "Letter", "Second"),
        ("export", "remove", "Second"),
    ):
        answer = ready(*command)
        assert answer.code == 0, answer.err
    assert path.read_text().startswith("# of Ada\n")
    assert path.read_text().endswith("# the end\n")


def test_a_new_name_keeps_ledger_and_history(ready: Cli) -> None:
    assert ready("run", "News", "--no-progress").code == 3
    assert ready("export", "edit", "News", "--name", "Letter").code == 0
    answer = ready("run", "Letter", "--no-progress", "--json")
    assert answer.json["unchanged"] == 2
    assert answer.json["created"] == 0
    assert ready("export", "duplicate", "Letter", "Copy").code == 0
    answer = ready("run", "Copy", "--no-progress", "--json")
    assert answer.json["unchanged"] == 0


def test_detached_and_attached_again(ready: Cli) -> None:
    assert ready("export", "detach", "News", "--json").json["connection"] is None
    answer = ready("run", "News")
    assert answer.code == 2
    assert "export edit" in answer.err
    assert ready("export", "edit", "News", "--connection", "Shop").code == 0
    assert shown(ready)["connection"] == "Shop"


def test_removal_says_what_stays(ready: Cli) -> None:
    answer = ready("export", "remove", "News")
    assert answer.code == 0
    assert "tags that it gave stay in Omnisend" in answer.err
    assert ready("export", "list", "--json").json == []
    assert ready("export", "remove", "News").code == 2


def test_an_export_whose_source_is_unreachable_can_be_edited(ready: Cli, people: Path) -> None:
    people.unlink()
    assert ready("export", "edit", "News", "--max-rejects", "4", "--tag", "vip").code == 0
    answer = ready("export", "edit", "News", "--map", "city=City")
    assert answer.code == 1
    assert str(people) in answer.err


def test_another_source_must_have_the_columns(ready: Cli, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("Email,City\na@example.com,Espoo\n")
    ready("source", "add", "files", "--name", "Few", "--path", str(tmp_path / "few.csv"))
    answer = ready("export", "edit", "News", "--source", "Few")
    assert answer.code == 2
    assert "First name" in answer.err
    moved = ready(
        "export", "edit", "News", "--source", "Few", "--unmap", "first_name", "--unmap", "phone"
    )
    assert moved.code == 0, moved.err


def test_a_source_changes_and_says_which_exports_stop(
    ready: Cli, tmp_path: Path, people: Path
) -> None:
    few = tmp_path / "few.csv"
    few.write_text("Email,First name,Phone,Segments\na@example.com,A,,\n")
    answer = ready("source", "edit", "People", "--path", str(few), "--json")
    assert answer.code == 0, answer.err
    assert answer.json["path"] == str(few)
    assert answer.json["segments_column"] == "Segments"
    assert "News" in answer.err
    assert "City" in answer.err
    assert "Phone" not in answer.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "at least one option"),
        (("--key", "ID"), "--key"),
        (("--segments-column", "Groups"), "--segments-column"),
        (("--remove-segment", "Nobody"), "Nobody"),
        (("--segment", "All profiles=true"), "All profiles"),
        (("--segment", "A=1) OR (1=1"), "condition of segment A"),
        (("--segment", "A=nosuch = 1"), "nosuch"),
        (("--path", ""), "path"),
        (("--path", "/nowhere/x.csv"), "/nowhere/x.csv"),
        (("--name", ""), "empty"),
    ],
)
def test_wrong_edits_of_a_source_change_nothing(
    ready: Cli, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    before = config(tmp_path).read_bytes()
    answer = ready("source", "edit", "People", *options)
    assert answer.code in (1, 2)
    assert said in answer.err
    assert config(tmp_path).read_bytes() == before


def test_segments_by_condition_come_and_go(ready: Cli) -> None:
    turku, oulu = "Turku=City = 'Turku'", "Oulu=City = 'Oulu'"
    assert ready("source", "edit", "People", "--segment", turku, "--segment", oulu).code == 0
    answer = ready(
        "source", "edit", "People", "--remove-segment", "Oulu", "--key", "Email", "--json"
    )
    assert answer.json["segments"] == {"Turku": "City = 'Turku'"}
    assert ready("source", "edit", "People", "--key", "", "--json").json["key"] is None


def test_a_wrong_condition_written_by_hand_hinders_no_other_segment(
    ready: Cli, tmp_path: Path
) -> None:
    with config(tmp_path).open("a") as file:
        file.write('[sources.People.segments]\nBad = "nosuch = 1"\n')
    answer = ready("source", "segments", "People", "--json")
    assert {row["name"]: row["profiles"] for row in answer.json} == {
        "All profiles": 5, "Bad": None, "Club": 3, "News": 3,
    }  # fmt: skip
    assert "Bad: The condition" in answer.err
    answer = ready("export", "edit", "News", "--segment", "Bad")
    assert (answer.code, "nosuch" in answer.err) == (1, True)
    assert ready("export", "edit", "News", "--segment", "Club").code == 0


def test_a_source_in_use_is_not_removed(ready: Cli) -> None:
    answer = ready("source", "remove", "People")
    assert answer.code == 2
    assert "“News”" in answer.err
    assert ready("export", "remove", "News").code == 0
    assert ready("source", "remove", "People", "--json").json["name"] == "People"
    assert ready("source", "list", "--json").json == []


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        ("column", 1, ("Phone", "Match the data again")),
        ("file", 1, ("people.csv", "path of the source")),
        ("segment", 1, ("Turku", "segments of the source")),
        ("source", 2, ("People", "export edit")),
        ("connection", 2, ("Shop", "export edit")),
        ("mapping", 2, ("e-mail", "--map email=COLUMN")),
    ],
)
def test_an_export_with_a_trouble_sends_nothing(
    ready: Cli, people: Path, tmp_path: Path, sandbox: RunningSandbox,
    trouble: str, code: int, said: tuple[str, str],
) -> None:  # fmt: skip
    path = config(tmp_path)
    if trouble == "column":
        people.write_text(people.read_text().replace("Phone", "Fax", 1))
    elif trouble == "file":
        people.unlink()
    elif trouble == "segment":
        ready("source", "edit", "People", "--segment", "Turku=City = 'Turku'")
        ready("export", "edit", "News", "--segment", "Turku")
        ready("source", "edit", "People", "--remove-segment", "Turku", "--segments-column", "")
    elif trouble in ("source", "connection"):
        text = path.read_text()
        name = "People" if trouble == "source" else "Shop"
        path.write_text(text.replace(f"[{trouble}s.{name}]", f"[{trouble}s.Another]"))
    else:
        path.write_text(path.read_text().replace('"email"', '"gender"'))
    before = sandbox.statistics()["requests"]
    answer = ready("run", "News", "--no-progress")
    assert answer.code == code
    assert all(word in answer.err + answer.out for word in said)
    told = ready("export", "show", "News").out
    assert "Can't run" in told
    assert said[0] in told.partition("Can't run")[2]
    after = sandbox.statistics()["requests"]
    assert after.get("POST /batches", 0) == before.get("POST /batches", 0)
    assert after.get("POST /contacts/tags", 0) == before.get("POST /contacts/tags", 0)


@pytest.fixture
def slow(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """A workspace like ``ready``, whose run takes its time."""
    with running_sandbox(SandboxOptions(requests_per_minute=100_000, latency_ms=100)) as sandbox:
        monkeypatch.setenv("OMNISEND_TUI_API_KEY", sandbox.api_key)
        rows = "".join(f"person{number}@example.com\n" for number in range(20_000))
        (tmp_path / "people.csv").write_text("mail\n" + rows)
        for command in (
            ["connection", "add", "--name", "Shop", "--agree-to-data-privacy", "--base-url",
             sandbox.url, "--api-key-from-environment", "--requests-per-minute", "100000"],
            ["source", "add", "files", "--name", "People", "--path", str(tmp_path / "people.csv")],
            ["export", "add", "--name", "News", "--connection", "Shop", "--source", "People",
             "--segment", "All profiles", "--map", "email=mail"],
        ):  # fmt: skip
            answer = cli(*command)
            assert answer.code == 0, answer.err
        yield sandbox


def test_edited_and_removed_while_another_process_runs_it(
    cli: Cli, slow: RunningSandbox, tmp_path: Path
) -> None:
    with Workspace.open(tmp_path / "workspace") as workspace:
        export_id = workspace.export("News").id
        with subprocess.Popen(
            [sys.executable, "-m", "omnisend_tui", "--workspace", str(tmp_path / "workspace"),
             "run", "News", "--json", "--plain"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
        ) as process:  # fmt: skip
            try:
                assert process.stderr is not None
                for line in process.stderr:
                    if "sending" in line:
                        break
                edited = cli("export", "edit", "News", "--name", "Letter", "--tag", "late")
                assert "goes on as it began" in edited.err
                removed = cli("export", "remove", "Letter", "--json")
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
        assert removed.code == 0, removed.err
        assert removed.json == {"name": "Letter", "id": export_id, "cancelled_run": True}
        assert process.returncode == 130, err
        result = json.loads(out)
        assert (result["export"], result["status"]) == ("News", "cancelled")
        assert 0 < slow.statistics()["requests"]["POST /batches"] < 200
        assert [run.status for run in workspace.state.runs(export_id)] == ["cancelled"]
        assert not list(workspace.ledger_path(export_id, "").parent.glob(f"{export_id}-*"))
    assert cli("export", "list", "--json").json == []
