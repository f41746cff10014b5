"""``--schedule``: what is stored, what is said, what ``export show`` shows."""

import re
from pathlib import Path

import pytest

from cli.command_lines import Cli

ADD = (
    "export", "add", "--name", "Night shift", "--connection", "Shop", "--source", "People",
    "--segment", "Club", "--map", "email=Email",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _in_helsinki(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Helsinki")


def shown(ready: Cli) -> str:
    return str(ready("export", "show", "Night shift", "--json").json["schedule"])


def test_the_normal_form_is_stored_and_the_line_for_cron_told(ready: Cli, tmp_path: Path) -> None:
    answer = ready(*ADD, "--schedule", " Weekly Thu,mon 3.30", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["schedule"] == shown(ready) == "weekly mon,thu 03:30 Europe/Helsinki"
    assert "Nothing carries out schedules until the agent is built." in answer.err
    command = f"omnisend-tui --workspace {tmp_path / 'workspace'} run 'Night shift' --no-progress"
    assert f"30 3 * * 1,4 {command}" in answer.err.splitlines()
    assert "CRON_TZ" not in answer.err


def test_another_zone_is_told_to_cron(ready: Cli) -> None:
    told = ready(*ADD, "--schedule", "daily 03:30 America/New_York").err.splitlines()
    at = told.index("CRON_TZ=America/New_York")
    assert told[at + 1].startswith("30 3 * * * omnisend-tui ")
    assert "doesn't know CRON_TZ" in told[at + 2]


def test_what_cron_cannot_say_is_said(ready: Cli) -> None:
    answer = ready(*ADD, "--schedule", "on refresh")
    assert shown(ready) == "on refresh"
    assert "no line of cron says this" in answer.err
    assert "Next times" not in ready("export", "show", "Night shift").out


@pytest.mark.parametrize("options", [(), ("--schedule", "off"), ("--schedule", "")])
def test_off_says_nothing(ready: Cli, options: tuple[str, ...]) -> None:
    answer = ready(*ADD, *options)
    assert answer.code == 0, answer.err
    assert "schedule" not in answer.err.lower()
    assert shown(ready) == "off"
    assert re.search(r"^Schedule +off$", ready("export", "show", "Night shift").out, re.M)


def test_show_has_the_next_three_times(ready: Cli) -> None:
    ready(*ADD, "--schedule", "weekly mon 03:30")
    told = ready("export", "show", "Night shift").out
    assert re.search(r"^Schedule +weekly mon 03:30 Europe/Helsinki$", told, re.M)
    line = next(line for line in told.splitlines() if line.startswith("Next times"))
    assert len(re.findall(r"Mon \d+ [A-Z][a-z]{2}( \d{4})? 03:30", line)) == 3
    ready("export", "detach", "Night shift")
    told = ready("export", "show", "Night shift").out
    assert re.search(r"^Next times +none, because the export is detached$", told, re.M)
    timed = ready("export", "edit", "Night shift", "--schedule", "every 2 hours")
    assert "doesn't run before it has a connection" in timed.err


def test_a_schedule_written_wrongly_by_hand_is_shown_with_what_is_wrong(
    ready: Cli, tmp_path: Path
) -> None:
    ready(*ADD, "--schedule", "every 2 hours")
    file = tmp_path / "workspace" / "config.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"every 2 hours"', '"hourly"'), encoding="utf-8")
    answer = ready("export", "show", "Night shift")
    assert answer.code == 0
    assert "“hourly” isn't a schedule." in answer.out


def test_edit_takes_and_drops_a_schedule(ready: Cli) -> None:
    ready(*ADD)
    answer = ready("export", "edit", "Night shift", "--schedule", "every 120 minutes")
    assert answer.code == 0, answer.err
    assert shown(ready) == "every 2 hours"
    assert "CRON_TZ=UTC" in answer.err.splitlines()
    wrong = ready("export", "edit", "Night shift", "--schedule", "every 25 hours")
    assert wrong.code == 2
    assert "Every 25 hours can't be." in wrong.err
    assert shown(ready) == "every 2 hours"
    assert ready("export", "edit", "Night shift", "--country", "FI").code == 0
    assert shown(ready) == "every 2 hours"
    assert ready("export", "edit", "Night shift", "--schedule", "off").code == 0
    assert shown(ready) == "off"
