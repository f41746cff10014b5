"""What is told of a run, at every moment of it: its state, its bars, its time, its hints."""

import re
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from omnisend_tui.config.models import Export
from omnisend_tui.engine.folding import Folding
from omnisend_tui.errors import AppError
from omnisend_tui.formats import percent, short_duration
from omnisend_tui.i18n import use_language
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.tui.live import Row
from omnisend_tui.tui.screens import export_pane, run_facts
from omnisend_tui.tui.screens.export_rows import export_row
from omnisend_tui.tui.screens.run_lines import later_stages, stages
from omnisend_tui.tui.widgets.identity import accounts, as_columns
from omnisend_tui.tui.widgets.paint import Line, length, plain
from omnisend_tui.tui.words import event, hint_of
from tui.rooms import AT, NOW, running

LOOKS = "looking for what the last run left"
CANCELLED = running(
    "News", status="cancelled", total=10_000, read=10_000, accepted=5_500, duplicates=0, rejected=0,
    to_send=10_000, sent=5_500, confirmed=5_500, batches_open=0, finished_at=AT,
)  # fmt: skip


def row_of(run: Snapshot) -> Row:
    return Row(Export(name=run.export, id=run.export_id, connection="Acme Store"), run)


def progress_cell(run: Snapshot) -> str:
    return plain([export_row(row_of(run), NOW).cells[2]])


@pytest.mark.parametrize("seconds", [0, 63, 3_599, 3_600, 3_796, 35_999, 36_000, 360_000, 3.5e7])
@pytest.mark.parametrize("done", [0, 412, 6_700, 41_199, 41_200])
def test_progress_and_time_left_stay_apart_in_their_cell(seconds: float, done: int) -> None:
    run = running("News", accepted=done, duplicates=0, rejected=0, seconds_left=seconds)
    cell = progress_cell(run)
    assert len(cell) == 28
    figures = cell[15:]
    share, rest = percent(done, 41_200, ended=False), short_duration(seconds)
    assert figures.startswith(" ")
    assert figures.strip().startswith(f"{share} ")
    assert figures.endswith(f" {rest}")


def test_an_hour_left_doesnt_touch_the_percentage() -> None:
    run = running("News", accepted=6_700, duplicates=0, rejected=0, seconds_left=3_796.0)
    assert progress_cell(run).endswith(" 16 % 1:03:16")


def test_the_bar_starts_at_one_place_in_every_state() -> None:
    states: list[dict[str, object]] = [
        {}, {"stage": "leaving"}, {"status": "paused"}, {"waiting_for": "network"},
        {"cancelling": True}, {"status": "cancelled", "finished_at": AT},
    ]  # fmt: skip
    for language in ("en", "fi"):
        use_language(language)
        starts = {plain(run_lines(running("A", **each), 78)).index("█") for each in states}
        assert starts == {21}


def test_only_the_end_is_all() -> None:
    tagging = running(
        "News", stage="tagging", accepted=41_200, duplicates=0, rejected=0, seconds_left=120.0
    )
    ended = replace(tagging, status="finished", finished_at=AT, seconds_left=None)
    for width in (80, 120):
        assert "99 %" in plain(run_lines(tagging, width))
        assert "2:00 left" in plain(run_lines(tagging, width))
        assert "100 %" in plain(run_lines(ended, width))
    dead = replace(ended, status="interrupted")
    assert "99 %" in plain(run_lines(dead, 80))
    assert "99 %" in progress_cell(dead)
    assert "99 %" in plain(export_pane.at_right(row_of(dead), (), NOW, 40))
    assert "99 %" in progress_cell(tagging)
    assert "99 %" in plain(export_pane.at_right(row_of(tagging), (), NOW, 40))


def run_lines(run: Snapshot, width: int) -> list[Line]:
    if width >= 120:
        return run_facts.wide(run, NOW, width)
    return run_facts.narrow(run, NOW, width)


def test_recovery_says_what_it_looks_for() -> None:
    run = running(
        "News", stage="reading", waiting_for="recovery", total=None, read=0, accepted=0,
        duplicates=0, rejected=0, reading_done_at=None, seconds_left=None,
    )  # fmt: skip
    for width in (80, 120):
        lines = run_lines(run, width)
        assert LOOKS in plain(lines)
        assert max(map(length, lines)) <= width
    assert plain([export_row(row_of(run), NOW).cells[1]]) == "● looking back"
    assert "looking back" in plain(export_pane.at_right(row_of(run), (), NOW, 40))
    assert LOOKS not in plain(run_lines(replace(run, status="cancelled"), 80))


def test_what_was_never_sent_isnt_on_its_way_once_the_run_has_ended() -> None:
    told = plain(as_columns(CANCELLED, 80))
    assert "Not sent" in told
    assert "On their way" not in told
    assert "4,500" in told
    refused = replace(CANCELLED, accepted=5_490, rejected=10, confirmed=5_490)
    assert "Not sent" in plain(as_columns(refused, 80))
    open_still = replace(CANCELLED, sent=5_700)
    assert "Not confirmed" in plain(as_columns(open_still, 80))
    assert "Not confirmed" in plain(as_columns(replace(CANCELLED, status="interrupted"), 80))
    goes_on = replace(CANCELLED, status="running", finished_at=None)
    assert "On their way" in plain(as_columns(goes_on, 80))


@pytest.mark.parametrize("tall", [False, True])
@pytest.mark.parametrize("total", [999_999, 9_999_999, 99_999_999])
def test_figures_are_never_cut(total: int, tall: bool) -> None:
    run = replace(
        CANCELLED, total=total, read=total, accepted=total // 9, unchanged=total // 9 * 5,
        duplicates=total // 99, rejected=total // 50,
    )  # fmt: skip
    counts = [count for _label, count, _ink in accounts(run)]
    for language in ("en", "fi"):
        use_language(language)
        for width in (58, 60, 68, 78, 118):
            lines = as_columns(run, width, tall=tall)
            assert max(map(length, lines)) <= width
            figures = re.split("[=+]", "".join(text for text, _ink in lines[-1]))
            assert [int(re.sub(r"\D", "", figure)) for figure in figures] == counts


def test_bars_are_full_once_all_is_done_that_could_be() -> None:
    ended = running(
        "News", status="finished_with_rejects", total=100, read=100, accepted=80, duplicates=6,
        rejected=14, to_send=90, sent=90, confirmed=80, tags_owed=80, tagged=80, finished_at=AT,
    )  # fmt: skip
    assert ended.refused == 10
    confirmed = stages(ended)[2]
    tagged = later_stages(ended)[0]
    assert confirmed[1:3] == (80, 80)
    assert tagged[1:3] == (80, 80)
    goes_on = replace(ended, status="running", confirmed=70, accepted=70, tagged=70)
    assert stages(goes_on)[2][1:3] == (70, 80)
    assert later_stages(goes_on)[0][1:3] == (70, 80)


def test_the_brands_name_doesnt_touch_its_bar() -> None:
    run = running("News", connection="Acme Store Oy International")
    line = next(
        line for line in plain(run_facts.narrow(run, NOW, 80)).splitlines() if "Acme" in line
    )
    assert line.startswith("Acme Store… ")


@pytest.mark.parametrize("width", [60, 80])
def test_an_exports_name_comes_before_its_route(width: int) -> None:
    name = "Every customer of the shops in Helsinki, Espoo and Vantaa"
    row = Row(Export(name=name, id="long", connection="Acme", source="CI", segments=("All",) * 20))
    first = export_pane.below(row, NOW, width)[0]
    assert plain([first]).startswith(name)
    assert length(first) == width


@pytest.mark.parametrize("width", [20, 60, 80, 120])
@pytest.mark.parametrize("name", ["E", "Every customer " * 7])
def test_the_heading_fits_whatever_the_names(width: int, name: str) -> None:
    export = Export(name=name, id="long", connection="Acme " * 20, source="CI", segments=("A",))
    assert length(export_pane.below(Row(export), NOW, width)[0]) == width


@pytest.mark.parametrize(
    ("code", "parameters", "one", "two"),
    [
        ("batch_errors", {"errors": 0, "batch": 1}, "refused 1 contact of batch 1.",
         "refused 2 contacts of batch 1."),
        ("recovering", {"batches": 0}, "left 1 batch open; it is looked for",
         "left 2 batches open; they are looked for"),
        ("source_counted", {"total": 0}, "hold 1 profile.", "hold 2 profiles."),
        ("status_withheld", {"count": 0}, "1 person agreed", "2 people agreed"),
        ("leavers_unclear", {"rows": 0}, "1 row can't", "2 rows can't"),
        ("retry", {"seconds": 0, "status": 503}, "in 1 second.", "in 2 seconds."),
        ("rate_limited", {"seconds": 0}, "wait 1 second;", "wait 2 seconds;"),
        ("opt_ins_found", {"count": 0}, "1 person agreed and is", "2 people agreed and are"),
        ("unsubscribed_left_alone", {"count": 0}, "1 profile is", "2 profiles are"),
    ],
)  # fmt: skip
def test_log_sentences_count(
    code: str, parameters: dict[str, str | int], one: str, two: str
) -> None:
    counted = next(iter(parameters))
    for count, told in ((1, one), (2, two)):
        line = LogLine(at=0.0, code=code, parameters=parameters | {counted: count})
        assert told in event(line)


def test_repeated_events_are_told_as_one() -> None:
    folding = Folding()
    seen = [folding.see("retry 503", at) for at in (0.0, 1.0, 9.9, 10.0, 11.0, 30.0)]
    assert seen == [0, None, None, 2, None, 1]
    assert folding.see("retry 500", 30.0) == 0
    parameters: dict[str, str | int] = {"status": 503, "seconds": 0, "trace": "", "more": 2}
    told = event(LogLine(at=0.0, code="retry", parameters=parameters))
    assert told == "Omnisend answered 503; it is asked again at once. 2 more came just before it."


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("too_many_leavers", "Look at the source; `run --allow-leavers` removes the tag."),
        ("too_many_new", "`run --allow-new` goes on."),
        ("too_many_rejects", "`run --allow-rejects` goes on."),
        ("interrupted", "`run --resume` goes on with it, `run --discard` gives it up."),
        ("anything", "Give --email-status."),
    ],
)
def test_the_app_never_tells_options_of_commands(code: str, hint: str) -> None:
    for error in (AppError(code, "It stopped.", hint), RunError(code, "It stopped.", hint)):
        assert "--" not in hint_of(error)
    run = running("News", status="failed", error=RunError(code, "It stopped.", hint))
    for lines in (
        run_lines(run, 80),
        run_lines(run, 120),
        export_pane.below(row_of(run), NOW, 80),
        export_pane.at_right(row_of(run), (), NOW, 40),
    ):
        assert "It stopped." in plain(lines)
        assert "--" not in plain(lines)


def test_other_hints_stay() -> None:
    hint = "Free some space – then run it -- again, e-mail-wise."
    assert hint_of(AppError("disk_full", "The disk is full.", hint)) == hint


def test_durations_of_ten_hours_and_more_are_whole_hours() -> None:
    assert short_duration(35_999) == "9:59:59"
    assert short_duration(36_000) == "10 h"
    assert short_duration(None) == "–"
    assert datetime.fromtimestamp(AT, UTC) == NOW
