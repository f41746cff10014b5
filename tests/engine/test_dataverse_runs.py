"""Runs of exports that read Customer Insights, over real HTTP at both ends."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from msgspec import structs

from engine.dataverse_shop import (
    Environment,
    at_page,
    environment_in,
    fault,
    person,
    sign_in_person,
    small_pages,
)
from omnisend_tui import rejects, saved, sign_in
from omnisend_tui.engine.apart import examine_apart
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.examine import examine
from omnisend_tui.engine.preview import read_rows
from omnisend_tui.launch import dry_run, estimate
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.sandbox.dataverse.options import DataverseOptions, Person
from omnisend_tui.sandbox.dataverse.server import RunningDataverse, running_dataverse
from omnisend_tui.sandbox.faults import Faults
from omnisend_tui.sources import dataverse_read, odata
from omnisend_tui.sources.base import Selection, Tokens
from omnisend_tui.sources.dataverse import DataverseSource
from omnisend_tui.sources.odata_cells import Rows
from omnisend_tui.tui.exporting.looking import count_several
from omnisend_tui.tui.words import event
from shops import QUICK


class Open(Protocol):
    def __call__(self, people: list[Person], **options: Any) -> Environment: ...


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningDataverse]:
    with running_dataverse(DataverseOptions(people=(), device_seconds=None)) as running:
        yield running


@pytest.fixture
def opened(tmp_path: Path, sandbox: RunningDataverse) -> Iterator[Open]:
    with ExitStack() as stack:
        count = iter(range(10))

        def open_(people: list[Person], **options: Any) -> Environment:
            folder = tmp_path / str(next(count))
            folder.mkdir()
            return stack.enter_context(environment_in(folder, sandbox, people, **options))

        yield open_


def test_by_ids_and_in_full_the_same_contacts_arrive(opened: Open) -> None:
    people = [person(n, "vip" if n % 4 == 0 else "other") for n in range(320)]
    by_ids = opened(people, segments=("vip",), segment_tag="{segment}")
    run = by_ids.shop.run()
    assert (run.status, run.read, run.created + run.accepted) == ("finished", 80, 80)
    (way,) = by_ids.told(run.run_id, "source_way")
    assert (way["way"], way["members"], way["requests"]) == ("ids", 80, 1)
    people = [person(n, *(("vip",) if n % 4 == 0 else ()), "all of us") for n in range(320)]
    in_full = opened(people, segments=("all of us", "vip"), segment_tag="{segment}")
    run = in_full.shop.run()
    assert (run.status, run.read) == ("finished", 320)
    (way,) = in_full.told(run.run_id, "source_way")
    assert (way["way"], way["members"], way["requests"]) == ("full", 320, 1)
    expected = {
        f"person{n}@example.com": {"firstName": f"Person {n}", "tags": ["vip"]}
        for n in range(0, 320, 4)
    }
    assert by_ids.contacts() == expected
    both = in_full.contacts()
    assert len(both) == 320
    for email, contact in expected.items():
        assert both[email] == contact | {"tags": ["all of us", "vip"]}


def test_the_log_says_how_and_when_it_was_read(opened: Open) -> None:
    place = opened([person(n, "vip") for n in range(3)], segments=("vip",))
    run = place.shop.run()
    lines = place.shop.workspace.state.log(run.run_id)
    by_code = {line.code: line for line in lines}
    assert event(by_code["source_way"]) == "Read by ids: 1 request."
    assert run.started_at is not None
    assert run.started_at <= by_code["source_way"].at <= by_code["reading_done"].at
    assert run.reading_done_at is not None


def test_several_segments_and_one_that_is_left_out(opened: Open) -> None:
    people = [
        person(1, "a"), person(2, "a", "b"), person(3, "b", "out"), person(4, "out"),
        person(5, 'quo"te', "a"), person(6), person(7, "O'Brien", "a"), person(8, "out", "b"),
    ]  # fmt: skip
    place = opened(
        people, segments=("a", "b", 'quo"te', "O'Brien"), except_segments=("out",), segment_tag="s"
    )
    assert place.shop.run().status == "finished"
    assert set(place.contacts()) == {f"person{n}@example.com" for n in (1, 2, 5, 7)}
    # Who left a segment loses its tag; all are told apart by what is in Customer Insights now.
    place.shop.change_export(segment_tag="in {segment}", segments=("a", "b"))
    assert place.shop.run().status == "finished"
    assert place.contacts()["person2@example.com"]["tags"] == ["in a", "in b"]
    place.sandbox.change([person(1, "a"), person(2, "a"), person(5, "a", "out"), people[-1]])
    run = place.shop.run(allow_leavers=True)
    assert (run.status, run.leavers) == ("finished", 3)
    tags = {email: contact["tags"] for email, contact in place.contacts().items()}
    assert tags["person2@example.com"] == ["in a"]
    assert tags["person5@example.com"] == tags["person7@example.com"] == []


def test_a_read_that_lacks_many_makes_nobody_a_leaver(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(n, "vip") for n in range(200)]
    place = opened(people, segments=("vip",), segment_tag="{segment}")
    assert place.shop.run().status == "finished"
    with monkeypatch.context() as patch:
        patch.setattr(dataverse_read, "everything", lacking(30))
        run = place.shop.run(allow_leavers=True)
        assert dry_run(place.shop.workspace, "E").would_remove == 0
    assert (run.status, run.read, run.leavers) == ("finished", 170, 0)
    assert place.told(run.run_id, "source_unclear") == [{"profiles": 30}]
    place.sandbox.change(people[30:])
    run = place.shop.run(allow_leavers=True)
    assert (run.status, run.read, run.leavers) == ("finished", 170, 30)


def lacking(rows: int) -> Callable[..., Any]:
    """A full read without the last ``rows``."""
    everything = dataverse_read.everything

    def pages(*given: Any) -> Any:
        def cut(halt: threading.Event) -> Iterator[Rows]:
            whole = [row for page in everything(*given)(halt) for row in page.rows]
            yield Rows(whole[:-rows], None)

        return cut

    return pages


def test_a_count_that_was_too_low_does_not_raise_the_limit(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened([person(n, "vip") for n in range(130)], segments=("vip",), max_profiles=120)
    monkeypatch.setattr(DataverseSource, "count", lambda *_given, **_options: 3)
    run = place.shop.run()
    assert run.error is not None
    assert (run.status, run.error.code) == ("failed", "too_many_profiles")
    assert place.contacts() == {}
    found = dry_run(place.shop.workspace, "E").error
    assert found is not None
    assert found.code == "too_many_profiles"


def test_a_total_grows_with_what_is_read() -> None:
    counters = Counters(Snapshot(run_id="r", export_id="e", export="E"), time.time)
    assert counters.add(read=5).total is None
    counters.set(total=7)
    assert [counters.add(read=2).total for _n in range(3)] == [7, 9, 11]


def test_a_refresh_sends_only_what_changed(opened: Open) -> None:
    people = [person(n, "vip") for n in range(20)]
    place = opened(people, segments=("vip",))
    assert place.shop.run().status == "finished"
    people[3] = person(3, "vip", first_name="Another")
    place.sandbox.change(people)
    place.sandbox.refresh_data()
    run = place.shop.run()
    assert (run.status, run.unchanged, run.sent) == ("finished", 19, 1)
    assert place.contacts()["person3@example.com"]["firstName"] == "Another"


def test_who_is_in_several_segments_is_told_without_a_profile(opened: Open) -> None:
    people = [person(n, "a", *(["b"] * (n % 3 == 0))) for n in range(200)]
    place = opened([*people, person(300, "b", "out"), person(301)], segments=("a", "b"))
    source = place.shop.workspace.open_source(place.source)
    selection = Selection(("a", "b"), ("out",))
    before = place.asked().get("profiles_by_id", 0), place.asked().get("profiles", 0)
    assert source.count(selection) == 200
    assert count_several(source, selection, threading.Event()) == 67
    assert (place.asked().get("profiles_by_id", 0), place.asked().get("profiles", 0)) == before
    stopped = threading.Event()
    stopped.set()
    assert count_several(source, selection, stopped) == 0


def test_the_version_changes_with_a_refresh_and_only_then(opened: Open) -> None:
    place = opened([person(n, "vip") for n in range(5)], segments=("vip",))
    source = place.shop.workspace.open_source(place.source)
    for selection in (Selection(("vip",)), Selection(("All profiles",), ("vip",))):
        before = source.version(selection)
        assert before
        assert place.shop.workspace.open_source(place.source).version(selection) == before
        place.sandbox.refresh_data()
        after = source.version(selection)
        assert after != before
        assert source.version(selection) == after


@pytest.mark.parametrize("sign_in_as", ["application", "person"])
def test_a_token_that_runs_out_in_the_middle_is_renewed(
    opened: Open, monkeypatch: pytest.MonkeyPatch, sign_in_as: str
) -> None:
    people = [person(n, "vip") for n in range(300)]
    place = opened(people, segments=("vip",), sign_in_as=sign_in_as)
    small_pages(monkeypatch, 60)
    before = place.asked()
    at_page(monkeypatch, 3, place.sandbox.expire_tokens)
    run = place.shop.run()
    assert (run.status, run.read) == ("finished", 300)
    assert len(place.contacts()) == 300
    refused = place.asked().get("401", 0) - before.get("401", 0)
    assert 1 <= refused <= 2  # of the page being asked for, and maybe of the next


def test_a_run_goes_on_while_its_source_is_edited(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened([person(n) for n in range(60)], sign_in_as="person")
    workspace, source = place.shop.workspace, place.source

    def edit() -> None:
        moved = structs.replace(source, client_id="11111111-2222-3333-4444-555555555555")
        saved.edit_source(workspace, source, moved)
        place.sandbox.expire_tokens()

    small_pages(monkeypatch, 20)
    at_page(monkeypatch, 2, edit)
    run = place.shop.run()
    assert (run.status, run.read) == ("finished", 60)
    assert not sign_in.signed_in(workspace, place.source)


def test_a_sign_in_that_ends_in_the_middle_ends_the_run(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(n, "vip") for n in range(300)]
    place = opened(people, segments=("vip",), sign_in_as="person")
    small_pages(monkeypatch, 60)
    at_page(monkeypatch, 3, place.sandbox.revoke)
    run = place.shop.run()
    assert run.status == "failed"
    assert run.error is not None
    assert run.error.code == "sign_in_needed"
    assert "omnisend-tui source sign-in CI" in run.error.hint
    # Once somebody has signed in, it goes as ever.
    sign_in_person(place.shop.workspace, place.sandbox)
    lines = place.shop.workspace.state.log(run.run_id)
    assert event(lines[-1]) == f"The run ended: failed – {run.error.message}"
    assert place.shop.run().status == "finished"
    assert len(place.contacts()) == 300


def test_it_waits_as_long_as_dataverse_asks(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    place = opened([person(n, "vip") for n in range(300)], segments=("vip",))
    small_pages(monkeypatch, 60)
    place.sandbox.misbehave(fault("rate_limit", 4, retry_after_header=1))
    run = place.shop.run()
    assert (run.status, run.read) == ("finished", 300)
    (line,) = place.told(run.run_id, "source_waits")
    assert (line["reason"], line["seconds"]) == ("rate_limited", 1)
    assert run.retries == 1
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.finished_at - run.started_at >= 1.0


def test_a_dry_run_tells_what_keeps_it_waiting_and_who_is_nobody_and_keeps_nothing(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened([person(1, "vip")], segments=("Ei ole",))
    sources = place.shop.workspace.config.sources
    monkeypatch.setitem(sources, "CI", structs.replace(place.source, segments={"Ei ole": ""}))
    monkeypatch.setattr(odata, "_TELLING", 0.0)
    place.sandbox.misbehave(fault("server_error", 1, path="*"))
    heard: list[LogLine] = []
    found = dry_run(place.shop.workspace, "E", hear=heard.append)
    assert (found.read, found.empty_segments) == (0, ("Ei ole",))
    assert [line.code for line in heard].count("source_waits") == 1
    assert place.told(found.run_id, "source_waits") == []
    assert place.told(found.run_id, "source_segment_empty") == []
    place.sandbox.misbehave(fault("server_error", 1, path="*"))
    heard.clear()
    assert estimate(place.shop.workspace, "E", None, hear=heard.append) is not None
    assert heard[0].code == "source_waits"
    assert event(heard[0]).startswith("The source can't answer now")
    run = place.shop.run()
    assert (run.status, run.empty_segments) == ("finished", ("Ei ole",))


def test_a_network_that_breaks_goes_on_at_its_page(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = opened([person(n, "vip") for n in range(300)], segments=("vip",))
    small_pages(monkeypatch, 60)
    place.sandbox.misbehave(fault("cut", 4, 6))
    before = place.asked()
    run = place.shop.run()
    assert (run.status, run.read, run.duplicates) == ("finished", 300, 0)
    after = place.asked()
    pages = after["profiles"] - before.get("profiles", 0)
    assert after["0"] - before.get("0", 0) == 2
    # Five pages, two of them twice, and what says how many profiles there are.
    assert pages <= 5 + 2 + 3


def test_a_source_that_stays_away_interrupts_and_a_resumed_run_reads_anew(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [person(n, "vip") for n in range(2600)]
    place = opened(people, segments=("vip",))
    small_pages(monkeypatch, 500)

    def break_off() -> None:
        ends = time.monotonic() + 20
        while _batches(place) < 20 and time.monotonic() < ends:  # all of the first chunk
            time.sleep(0.01)
        place.sandbox.misbehave(fault("cut"))

    at_page(monkeypatch, 6, break_off)
    run = place.shop.run(replace(QUICK, outage=0.3))
    assert run.status == "interrupted"
    assert run.error is not None
    assert run.error.code == "outage"
    place.sandbox.misbehave(Faults())
    again = place.shop.run(resume=True)
    assert (again.status, again.run_id, again.read) == ("finished", run.run_id, 2600)
    assert len(place.shop.sandbox.brand.contacts) == 2600
    assert again.created + again.accepted == 2600
    # What was confirmed isn't sent again.
    assert _batches(place) == 26


def _batches(place: Environment) -> int:
    requests: dict[str, int] = place.shop.sandbox.statistics()["requests"]
    return requests.get("POST /batches", 0)


def test_a_trial_and_the_rejects_alone(opened: Open) -> None:
    people = [person(n, "vip", email="no address" if n < 2 else f"person{n}@example.com")
              for n in range(30)]  # fmt: skip
    place = opened(people, segments=("vip",))
    trial = place.shop.run(limit=10)
    assert (trial.status, trial.read) == ("finished", 10)
    run = place.shop.run()
    assert (run.status, run.read, run.rejected) == ("finished_with_rejects", 30, 2)
    problems = place.shop.workspace.state.problems(run.run_id, "reject")
    assert {problem.key for problem in problems} == {people[n].customer_id for n in (0, 1)}
    people[1] = person(1, "vip")
    place.sandbox.change(people)
    export = place.shop.workspace.export("E")
    found = rejects.reveal(place.shop.workspace, export, run, problems, threading.Event())
    assert set(found) == {"no address", "person1@example.com"}
    again = place.shop.run(only_rejects=True)
    assert (again.status, again.read, again.rejected) == ("finished_with_rejects", 2, 1)


class RunOut:
    """The first token has run out."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.asked: list[bool] = []

    def token(self, *, fresh: bool = False) -> str:
        self.asked.append(fresh)
        return self._tokens.token(fresh=fresh) if any(self.asked) else "run-out"


def test_what_a_run_would_do_and_cost(opened: Open) -> None:
    people = [person(n, "vip", email="@example.com" if n == 7 else f"person{n}@example.com")
              for n in range(250)]  # fmt: skip
    place = opened(people, segments=("vip",))
    workspace, source = place.shop.workspace, place.source
    costs = estimate(workspace, "E", None)
    assert costs is not None
    assert costs.profiles == 250
    forecast = dry_run(workspace, "E")
    assert (forecast.read, forecast.would_send) == (250, 249)
    export, access = workspace.export("E"), workspace.access(source)
    stop, selection = threading.Event(), Selection(("vip",))
    rows = read_rows(source, selection, workspace.temp_dir, stop, access)
    assert len(rows.chunk.rows) == 200
    assert {column.name: column.label for column in rows.columns}["msdynci_firstname"] == (
        "First name"
    )
    here = examine(source, export, workspace.temp_dir, stop, access=access)
    assert access.tokens is not None
    ended = RunOut(access.tokens)
    access = replace(access, tokens=ended)
    apart = examine_apart(source, export, workspace.temp_dir, stop, access=access)
    assert ended.asked[:2] == [False, True]
    assert (apart.valid, apart.invalid, apart.total, apart.done) == (249, 1, 250, True)
    assert replace(here, seconds=0.0) == replace(apart, seconds=0.0)
    assert place.contacts() == {}


def test_nothing_secret_and_nobody_stands_where_it_is_kept(
    opened: Open, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    people = [person(n, "vip", email=f"wrong{n}@@example.com") for n in range(2)]
    people += [person(n, "vip") for n in range(2, 20)]
    place = opened(people, segments=("vip",), sign_in_as="person")
    workspace = place.shop.workspace
    run = place.shop.run()
    assert run.rejected == 2
    tokens = workspace.access(place.source).tokens
    assert tokens is not None
    token = tokens.token()
    place.sandbox.revoke()
    failed = place.shop.run()
    assert failed.error is not None
    assert failed.error.code == "sign_in_needed"
    kept = b"".join(
        path.read_bytes() for path in workspace.config_path.parent.rglob("*") if path.is_file()
    )
    told = (caplog.text + "".join(capfd.readouterr())).encode()
    for secret in (token, workspace.secrets.tokens(place.source), "person5@example.com",
                   "wrong1@@example.com", "Person 5"):  # fmt: skip
        assert secret
        assert secret.encode() not in kept
        assert secret.encode() not in told
