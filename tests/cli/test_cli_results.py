"""The text of a run's result and of a dry run's: all that happened, in numbers that add up."""

import io
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.command_lines import Cli
from omnisend_tui.cli import output
from omnisend_tui.cli.drawing import LinesDrawing, RedrawnDrawing, drawn_lines, plain_line
from omnisend_tui.cli.output import width
from omnisend_tui.cli.running import Manner, _tell
from omnisend_tui.cli.words import command, result_lines
from omnisend_tui.documents import run_document
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.workspace import Workspace

LOOKS = "looking for what the last run left"
ENDED = Snapshot(
    run_id="1", export_id="1", export="News", status="finished", total=30, read=30, accepted=30,
    to_send=30, sent=30, confirmed=30, batches=1, requests=3,
)  # fmt: skip


def told(run: Snapshot) -> str:
    return "\n".join(result_lines(run_document(run, 0.0), {}, run))


def test_a_result_says_who_got_tags_lost_one_and_was_subscribed() -> None:
    assert "tag" not in told(ENDED)
    assert "subscribed" not in told(ENDED)
    text = told(replace(ENDED, tagged=1, leavers=3, subscribed=1200, left_unsubscribed=2))
    assert "1 contact got its tags, 3 lost a tag" in text
    assert "e-mail status: 1,200 subscribed, 2 left unsubscribed" in text
    assert "25 contacts got their tags" in told(replace(ENDED, tagged=25))


def test_a_result_says_what_was_not_sent() -> None:
    stopped = replace(ENDED, status="cancelled", accepted=10, sent=10, confirmed=10)
    assert "rejected 0, not sent 20" in told(stopped)
    assert "not confirmed 20" in told(replace(stopped, sent=15))
    assert "not confirmed 20" in told(replace(stopped, status="interrupted"))
    assert "not sent" not in told(ENDED)
    unread = replace(stopped, total=100, tags_owed=8, tagged=2)
    assert "Left: 70 profiles not read, 20 not sent, 6 contacts without" in told(unread)
    assert "Left: 20 not confirmed. A new" in told(replace(stopped, batches_lost=1, total=30))
    assert "Left:" not in told(replace(unread, status="interrupted"))


@pytest.fixture
def tagged(ready: Cli, people: Path) -> Cli:
    """Its export tags and subscribes; one of its people is to lose the tag."""
    people.write_text(
        "Email;Segments;Agreed\nanna@example.com;Club;yes\nbert@example.org;Club;no\n"
        "cecilia@example.org;Club;no\n"
    )
    for arguments in (
        ["source", "edit", "People", "--segment", "Paid=Segments = 'Club'"],
        ["export", "add", "--name", "Club", "--connection", "Shop", "--source", "People",
         "--segment", "Club", "--map", "email=Email", "--tag", "club",
         "--email-status", "subscribed", "--consent-column", "Agreed",
         "--consent-source", "the form", "--max-leavers", "100"],
    ):  # fmt: skip
        answer = ready(*arguments)
        assert answer.code == 0 or arguments[0] == "source", answer.err
    return ready


def test_a_dry_run_and_a_run_tell_tags_leavers_and_subscribed(tagged: Cli, people: Path) -> None:
    dry = tagged("run", "Club", "--dry-run")
    assert "3 would get tags" in dry.out, dry.out + dry.err
    assert "at most 1 would be subscribed to e-mail" in dry.out
    assert tagged("run", "Club", "--dry-run", "--json").json["would_subscribe"] == 1
    ran = tagged("run", "Club")
    assert "3 contacts got their tags" in ran.out, ran.out
    assert "e-mail status: 1 subscribed" in ran.out
    people.write_text(
        "Email;Segments;Agreed\nanna@example.com;Club;yes\nbert@example.org;Club;no\n"
    )
    assert "1 would lose a tag" in tagged("run", "Club", "--dry-run").out
    assert "1 lost a tag" in tagged("run", "Club").out


def test_the_price_adds_up(ready: Cli) -> None:
    for said in (ready("run", "News", "--dry-run").out, ready("run", "News").err):
        found = re.search(
            r"(\d+) requests \((\d+) for contacts, (\d+) for tags, (\d+) to confirm\)", said
        )
        assert found, said
        whole, *parts = map(int, found.groups())
        assert whole == sum(parts)


def test_looking_back_is_told_once_in_lines_and_in_the_redrawn_line() -> None:
    looks = Snapshot(
        run_id="1", export_id="1", export="News", status="running", waiting_for="recovery"
    )
    assert plain_line(looks) == f"News: {LOOKS}"
    assert drawn_lines([looks], "#-", 79)[0].endswith(LOOKS)
    assert width(drawn_lines([looks], "#-", 20)[0]) <= 20
    stream = io.StringIO()
    drawing = LinesDrawing(stream, lambda: 1.0)
    for snapshot in (looks, looks, replace(looks, waiting_for="")):
        drawing.draw([snapshot])
    assert len(stream.getvalue().splitlines()) == 2
    assert LOOKS not in plain_line(replace(looks, waiting_for="", status="cancelled"))


def test_nothing_is_all_before_its_end() -> None:
    tagging = replace(ENDED, status="running", stage="tagging")
    assert "99 %" in plain_line(tagging)
    assert "99 %" in drawn_lines([tagging], "#-", 119)[0]
    assert "100 %" in plain_line(ENDED)
    assert "99 %" in plain_line(replace(ENDED, status="interrupted"))
    assert "1 reject" in plain_line(replace(ENDED, rejected=1)).split(", ")


class BrokenStream(io.StringIO):
    """Ctrl+C comes with the second line."""

    def write(self, text: str) -> int:
        if "Second" in text:
            raise KeyboardInterrupt
        return super().write(text)


def test_ctrl_c_in_the_middle_of_drawing_leaves_nothing_behind() -> None:
    stream = BrokenStream()
    drawing = RedrawnDrawing(stream, lambda: (80, 24))
    first = replace(ENDED, status="running")
    with pytest.raises(KeyboardInterrupt):
        drawing.draw([first, replace(first, export="Second")])
    drawing.clear()
    assert stream.getvalue().endswith("\r\x1b[2A\x1b[J")


@pytest.mark.parametrize("name", ["--help", "-x"])
def test_an_export_named_like_an_option(name: str) -> None:
    assert command("run", name=name) == f"omnisend-tui run -- {name}"
    assert command("run", name="News 1") == "omnisend-tui run 'News 1'"


def test_a_command_names_a_workspace_that_isnt_the_users_own() -> None:
    told = command("run", "--resume", name="News 1", workspace=Path("/srv/two shops"))
    assert told == "omnisend-tui --workspace '/srv/two shops' run --resume 'News 1'"


def test_the_hints_for_such_an_export_work(ready: Cli, tmp_path: Path) -> None:
    here = f"omnisend-tui --workspace {tmp_path / 'workspace'}"
    added = ready(
        "export", "add", "--name=--help", "--connection", "Shop", "--source", "People",
        "--segment", "All profiles", "--map", "email=Email", "--max-rejects", "100",
    )  # fmt: skip
    assert f"{here} run -- --help\n" in added.err
    ran = ready("run", "--", "--help")
    assert ran.code == 3
    assert f"{here} rejects -- --help\n" in ran.err
    assert "missing_email" in ready("rejects", "--", "--help").out


def test_a_refusal_to_start_is_headed_so(ready: Cli, people: Path) -> None:
    people.unlink()
    dry = ready("run", "News", "--dry-run")
    assert dry.err.startswith("News: not started\n")
    assert ready("run", "News", "--dry-run", "--json").json["status"] == "failed"


@pytest.mark.parametrize(
    ("status", "again"),
    [("interrupted", "run --resume News"), ("failed", "run News")],
)
def test_a_full_disk_names_the_way_to_go_on(
    tmp_path: Path, status: str, again: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = RunError("disk_full", "The disk is full.", "Make room.")
    with Workspace.open(tmp_path / "ws", {}, tmp_path / "budget.sqlite") as workspace:
        ended = replace(ENDED, status=status, error=error)
        _tell(workspace, ended, Manner())
    assert f"omnisend-tui --workspace {tmp_path / 'ws'} {again}\n" in capsys.readouterr().err


def test_segments_with_long_names_are_cut_for_people(
    ready: Cli, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.write_text("Email;Segments\nanna@example.com;" + "Long name " * 30 + "\n")
    assert "Long name " * 29 in ready("source", "segments", "People").out
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    lines = ready("source", "segments", "People").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("…" in line and line.endswith(" 1") for line in lines)


def test_doctor_names_the_ledgers_and_says_which_one_cant_be_opened(
    ready: Cli, tmp_path: Path
) -> None:
    fresh = ready("doctor")
    assert "0 ledgers" in fresh.out
    assert not (tmp_path / "workspace" / "ledger.key").exists()
    assert "1 connection, 1 source, 1 export" in fresh.out
    ready("run", "News")
    ledgers = tmp_path / "workspace" / "ledgers"
    (ledger,) = ledgers.glob("*.sqlite")
    before = ledger.read_bytes()
    healthy = ready("doctor")
    assert healthy.code == 0, healthy.out
    assert f"{ledgers}: 1 ledger" in healthy.out
    assert str(tmp_path / "workspace" / "ledger.key") in healthy.out
    assert ledger.read_bytes() == before
    assert not list((tmp_path / "workspace" / "temp").glob("*/*"))
    (tmp_path / "workspace" / "ledger.key").write_text("ab" * 64)
    other_key = ready("doctor")
    assert other_key.code == 1
    assert f"{ledger}: " in other_key.out
    (ledger).write_bytes(b"not a ledger" * 500)
    damaged = ready("doctor")
    assert damaged.code == 1
    assert f"{ledger}: " in damaged.out
    (tmp_path / "workspace" / "ledger.key").unlink()
    assert "ledger.key is missing" in ready("doctor").out
