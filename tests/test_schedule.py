"""Schedules: how they are written, the next times across clock changes, lines for cron."""

import shlex
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnisend_tui.crontab import cron_line
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import use_language
from omnisend_tui.schedule import Schedule
from omnisend_tui.typed_schedule import parse
from omnisend_tui.zones import local_zone

HELSINKI, NEW_YORK = "Europe/Helsinki", "America/New_York"
NOW = datetime(2026, 11, 25, 14, 22, 54, tzinfo=ZoneInfo(HELSINKI))
# Both changes of 2027: the day, and the hour that is jumped over or comes twice.
CHANGES = [
    (HELSINKI, date(2027, 3, 28), 3), (HELSINKI, date(2027, 10, 31), 3),
    (NEW_YORK, date(2027, 3, 14), 2), (NEW_YORK, date(2027, 11, 7), 1),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_helsinki(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", HELSINKI)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("off", "off"), ("  OFF ", "off"), ("", "off"),
        ("every 15 minutes", "every 15 minutes"), ("Every  15 Min", "every 15 minutes"),
        ("every 15m", "every 15 minutes"), ("every minute", "every 1 minute"),
        ("every 1440 minutes", "every 24 hours"), ("every 120 minutes", "every 2 hours"),
        ("every 2 hours", "every 2 hours"), ("EVERY HOUR", "every 1 hour"),
        ("daily 03:30 Europe/Helsinki", "daily 03:30 Europe/Helsinki"),
        ("daily at 3.30", "daily 03:30 Europe/Helsinki"),
        ("daily 03:30 america/new york", "daily 03:30 America/New_York"),
        ("daily 03:30 tokyo", "daily 03:30 Asia/Tokyo"), ("daily 03:30 utc", "daily 03:30 UTC"),
        ("weekly mon,thu 03:30 Europe/Helsinki", "weekly mon,thu 03:30 Europe/Helsinki"),
        ("weekly Thursday, Monday  and thu 03:30", "weekly mon,thu 03:30 Europe/Helsinki"),
        ("weekly sat-mon 03:30 UTC", "weekly mon,sat,sun 03:30 UTC"),
        ("weekly mon-sun 03:30 UTC", "daily 03:30 UTC"),
        ('cron "30 3 * * *" Europe/Helsinki', 'cron "30 3 * * *" Europe/Helsinki'),
        ("cron 30  3 * * mon-fri", 'cron "30 3 * * MON-FRI" Europe/Helsinki'),
        ("Cron '30 3 * * *' UTC", 'cron "30 3 * * *" UTC'),
        ("on refresh", "on refresh"), (" On  REFRESH", "on refresh"),
    ],
)  # fmt: skip
def test_one_normal_form(written: str, text: str) -> None:
    assert parse(written).text == text
    assert parse(text) == parse(written)


@pytest.mark.parametrize(
    ("written", "said", "hint"),
    [
        ("hourly", "“hourly”", "every 15 minutes"),
        ("off now", "“off now”", "daily 03:30"),
        ("every 0 minutes", "0 minutes", "1 to 1,440"),
        ("every 1441 minutes", "1,441", "1 to 1,440"),
        ("every 25 hours", "25 hours", "1 to 24"),
        ("every day", "“every”", "every 2 hours"),
        ("every 99999999999999999999 hours", "“every”", "every 2 hours"),
        ("daily", "time of day is missing", "daily 03:30"),
        ("daily 24:00", "“24:00”", "23:59"),
        ("daily ٠٣:٣٠", "“٠٣:٣٠”", "23:59"),
        ("daily 03:30 Europe/Helsinky", "“europe/helsinky”", "Europe/Helsinki"),
        ("daily 03:30 Louisville", "“louisville”", "America/Kentucky/Louisville"),
        ("daily 03:30 ../../etc/passwd", "“../../etc/passwd”", "UTC"),
        ("weekly 03:30", "the days", "mon,thu"),
        ("weekly mon,foo 03:30", "“foo”", "mon, tue"),
        ("weekly mo 03:30", "“mo”", "mon, tue"),
        ("weekly mon", "time of day is missing", "weekly mon,thu 03:30"),
        ('cron "60 3 * * *"', "“60” can't be the minute", "*/10"),
        ('cron "0 24 * * *"', "“24” can't be the hour", "*/10"),
        ('cron "0 0 31 2 *"', "“31” can't be the day of the month", "*/10"),
        ('cron "0 0 1 13 *"', "“13” can't be the month", "*/10"),
        ('cron "0 0 * * mo"', "“MO” can't be the weekday", "*/10"),
        ('cron "* * * *"', "five parts; this one has 4", "Minute, hour"),
        ('cron "* * * * * *"', "five parts; this one has 6", "Minute, hour"),
        ("cron", "five parts; this one has 0", "Minute, hour"),
        ("x" * 10_000, "isn't that long", "every 15 minutes"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_a_hint(written: str, said: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(written)
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


_WORDS = st.sampled_from([
    "off", "every", "daily", "weekly", "cron", "on", "refresh", "at", "and", "15", "0", "1440",
    "2", "minutes", "hours", "h", "03:30", "3.30", "24:00", "mon", "mon,thu", "sat-mon", "-,",
    ",", "-", "Europe/Helsinki", "utc", "new", "york", '"', "'", "“", "*", "*/0", "*/5", "1-3",
    "L", "LW", "5L", "mon#2", "1#1/2", "1/1/1", "29", "30", "31", "60", "jul", "\0", "½", "ſun",
    "².",
])  # fmt: skip
_TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(_WORDS, max_size=10).map(" ".join),
    st.lists(_WORDS, max_size=6).map(lambda parts: "cron " + " ".join(parts)),
    st.lists(_WORDS, max_size=6).map(lambda parts: f'cron "{" ".join(parts)}" utc'),
)


@given(_TEXTS, st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1)))
@settings(max_examples=600, deadline=None)
def test_any_text_is_a_schedule_or_a_usage_error(text: str, at: datetime) -> None:
    try:
        schedule = parse(text)
    except UsageError:
        return
    assert parse(schedule.text) == schedule
    assert schedule.words()
    check_times(schedule, at.replace(tzinfo=UTC))
    line = cron_line(schedule, "name")
    assert not line or line.endswith("omnisend-tui run name --no-progress")


def check_times(schedule: Schedule, after: datetime) -> None:
    times = schedule.next_times(after, 5)
    instants = [each.astimezone(UTC) for each in times]
    assert len(times) == (0 if schedule.kind in ("off", "refresh") else 5)
    assert all(each.utcoffset() is not None for each in times)
    assert all(a < b for a, b in zip([after, *instants], instants, strict=False))
    # Each is a time that the clock shows.
    assert all(a == b.astimezone(a.tzinfo) for a, b in zip(times, instants, strict=True))


@given(
    st.sampled_from(CHANGES), st.integers(0, 23), st.integers(0, 59),
    st.integers(0, 72 * 3600), st.booleans(),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_a_daily_run_comes_once_a_local_day_from_wherever_one_looks(
    change: tuple[str, date, int], hour: int, minute: int, seconds: int, weekly: bool
) -> None:
    zone, day, _hour = change
    form = "weekly sat,sun,mon,tue" if weekly else "daily"
    schedule = parse(f"{form} {hour:02}:{minute:02} {zone}")
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) - timedelta(days=1)
    every = schedule.next_times(start - timedelta(seconds=1), 4)
    assert [each.date() for each in every] == [start.date() + timedelta(n) for n in range(4)]
    # An agent that looks again at any second misses none and sees none twice.
    looked = start.astimezone(UTC) + timedelta(seconds=seconds)
    later = [each for each in every if each.astimezone(UTC) > looked]
    assert schedule.next_times(looked, len(later)) == later


@pytest.mark.parametrize(("zone", "day", "hour"), CHANGES)
def test_a_time_in_the_changed_hour(zone: str, day: date, hour: int) -> None:
    before = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    at = parse(f"daily {hour:02}:30 {zone}").next_times(before, 1)[0]
    spring = day.month == 3
    assert f"{at:%H:%M}" == (f"{hour + 1:02}:00" if spring else f"{hour:02}:30")
    # In autumn it is the first of the two.
    assert at.astimezone(UTC) - before.astimezone(UTC) == timedelta(
        hours=hour, minutes=0 if spring else 30
    )


@pytest.mark.parametrize(("zone", "day", "hour"), CHANGES)
def test_an_hourly_line_comes_every_real_hour(zone: str, day: date, hour: int) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    times = parse(f'cron "0 * * * *" {zone}').next_times(start, 8)
    instants = [each.astimezone(UTC) for each in times]
    assert instants == [start.astimezone(UTC) + timedelta(hours=n) for n in range(1, 9)]


@pytest.mark.parametrize("count", [1, 7, 15, 45, 60, 90, 420, 1000, 1440])
def test_every_n_minutes_begins_anew_at_midnight_utc(count: int) -> None:
    times = parse(f"every {count} minutes").next_times(datetime(2027, 3, 27, 23, 59, tzinfo=UTC),
                                                       2 * -(-1440 // count))  # fmt: skip
    minutes = [each.hour * 60 + each.minute for each in times]
    assert minutes == [*range(0, 1440, count)] * 2
    assert set(Counter(each.date() for each in times).values()) == {-(-1440 // count)}


def test_words() -> None:
    told = {
        "off": "off", "every 1 minute": "every minute", "every 2 hours": "every 2 hours",
        "every 90 minutes": "every 90 minutes",
        "every 7 hours": "every 7 hours from midnight UTC, where it begins anew",
        "daily 03:30 UTC": "every day at 03:30, UTC",
        "weekly mon,thu 03:30 Europe/Helsinki":
            "every Monday and Thursday at 03:30, Helsinki time",
        "weekly fri 03:30 America/New_York": "every Friday at 03:30, New York time",
        'cron "0 3 1 * *" UTC': "by the cron line 0 3 1 * *, UTC",
        "on refresh": "when the source was refreshed",
    }  # fmt: skip
    assert {text: parse(text).words() for text in told} == told


def test_what_is_stored_is_read_in_any_language() -> None:
    text = parse("weekly mon,tue,wed,thu,fri,sat 03:30 UTC").text
    use_language("fi")
    try:
        assert parse(text).text == text
        assert parse("weekly ma,su 03:30 UTC").text == "weekly mon,sun 03:30 UTC"
    finally:
        use_language("en")


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("off", ""), ("on refresh", ""), ("every 7 minutes", ""), ("every 90 minutes", ""),
        ('cron "0 3 L * *" UTC', ""), ('cron "0 3 * * mon#2" UTC', ""),
        ("every 15 minutes", "*/15 * * * *"), ("every 20 minutes", "CRON_TZ=UTC\n*/20 * * * *"),
        ("every 7 hours", "CRON_TZ=UTC\n0 */7 * * *"), ("every 24 hours", "CRON_TZ=UTC\n0 0 * * *"),
        ("daily 03:30 Europe/Helsinki", "30 3 * * *"),
        ("daily 03:30 UTC", "CRON_TZ=UTC\n30 3 * * *"),
        ("weekly mon,sun 03:30 Europe/Helsinki", "30 3 * * 1,0"),
        ('cron "5/15 3 * jan-mar mon,fri"', "5-59/15 3 * 1-3 1,5"),
        ('cron "0 0 1 jul,aug *"', "0 0 1 7,8 *"),
    ],
)  # fmt: skip
def test_lines_for_cron(written: str, line: str) -> None:
    told = cron_line(parse(written), "VIP", HELSINKI)
    assert told == (f"{line} omnisend-tui run VIP --no-progress" if line else "")


@pytest.mark.parametrize("name", ["VIP customers", "it's; rm -rf /", "-x", "50 % off", "$(id)"])
def test_a_name_reaches_the_command_whole(name: str) -> None:
    line = cron_line(parse("daily 03:30 UTC"), name, "UTC")
    command = line.removeprefix("30 3 * * * ")
    # cron takes the backslashes before percent signs away.
    words = shlex.split(command.replace(r"\%", "%"))
    assert "%" not in command.replace(r"\%", "")
    assert words[:2] == ["omnisend-tui", "run"]
    assert sorted(words[2:]) == sorted([name, "--no-progress", *(["--"] if name == "-x" else [])])
    assert "\n" not in cron_line(parse("daily 03:30 UTC"), "a\nb", "UTC")


@pytest.mark.parametrize("folder", ["/srv/acme", "/srv/it's 50 % off", "/srv/$(id); x", "/ä/-x"])
def test_a_workspace_is_named_whole(folder: str) -> None:
    line = cron_line(parse("daily 03:30 UTC"), "VIP", "UTC", Path(folder))
    command = line.removeprefix("30 3 * * * ")
    assert "%" not in command.replace(r"\%", "")
    assert shlex.split(command.replace(r"\%", "%")) == [
        "omnisend-tui", "--workspace", folder, "run", "VIP", "--no-progress",
    ]  # fmt: skip


def test_a_folder_that_no_line_can_hold() -> None:
    assert cron_line(parse("daily 03:30 UTC"), "VIP", "UTC", Path("/srv/a\nb")) == ""


def test_the_zone_of_this_machine(tmp_path: Path) -> None:
    assert local_zone({}, tmp_path) == ""
    (tmp_path / "timezone").write_text("Asia/Tokyo\n", encoding="utf-8")
    assert local_zone({}, tmp_path) == "Asia/Tokyo"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Helsinki")
    assert local_zone({}, tmp_path) == "Europe/Helsinki"
    assert local_zone({"TZ": ":America/New_York"}, tmp_path) == "America/New_York"
    assert local_zone({"TZ": "EET-2EEST"}, tmp_path) == ""


def test_without_a_known_zone_it_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EET-2EEST")
    assert parse("daily 03:30").text == "daily 03:30 UTC"


def test_the_last_year_ends_quietly() -> None:
    last = datetime(9999, 12, 31, 23, 58, tzinfo=UTC)
    assert len(parse("every 1 minute").next_times(last, 9)) == 1
    assert parse("daily 03:30 UTC").next_times(last, 3) == []


@pytest.mark.parametrize("minute", [0, 10, 29, 30, 59])
def test_looked_at_in_the_hour_that_comes_again_a_run_is_over(minute: int) -> None:
    again = datetime(2027, 10, 31, 3, minute, fold=1, tzinfo=ZoneInfo(HELSINKI))
    (at,) = parse(f"daily 03:30 {HELSINKI}").next_times(again.astimezone(UTC), 1)
    assert f"{at:%d %b %H:%M}" == "01 Nov 03:30"
