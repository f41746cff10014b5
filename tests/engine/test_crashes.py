"""Runs that end in their middle, by whatever: the next one ends as if nothing had happened.

The long form is ``tests/bench/crash.py``.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crashing.cases import Case, Moment, draw
from crashing.comparison import Report, compare
from crashing.kills import crash
from crashing.processes import finish, kill, run, start
from crashing.references import End, Shop, another, counts
from crashing.sandboxes import FAULTS, Document, Fuse, by_address, raw_contacts, serve, settle
from crashing.workspaces import Kind, rows, write_people
from omnisend_tui.sandbox import server
from omnisend_tui.sandbox.server import RunningSandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")

PEOPLE = 1400
SEEDS = (3, 7, 8, 16)  # six kills, in both generations
FIRST, SECOND = Kind(1, subscribes=True), Kind(2, subscribes=True)
# Of a run that failed and isn't resumed: what its successor finds in the source is the same.
FOUND = ("read", "rejected", "duplicates", "status", "reasons")
Scene = tuple[Path, RunningSandbox, Fuse, End]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"), PEOPLE)


@pytest.fixture
def first(shop: Shop) -> Iterator[Scene]:
    """A workspace before its first run, its sandbox, and how an undisturbed run ends."""
    begin, end = shop.start(FIRST), shop.end(FIRST)
    with shop.case(begin) as folder, serve(folder, begin.contacts, FAULTS) as (sandbox, fuse):
        yield folder, sandbox, fuse, end


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_run_ends_as_if_nothing_had_happened(shop: Shop, seed: int) -> None:
    assert crash(shop, draw(seed)).differences == []


@pytest.mark.parametrize("share", [0.99, 0.0])
def test_leavers_of_before_the_kill_count(shop: Shop, share: float) -> None:
    moments = (Moment("DELETE /contacts/tags", share),)
    report = crash(shop, Case(SECOND, moments))
    assert report.stages == ["leaving"]
    assert report.differences == []


def test_a_kill_of_the_command_line(shop: Shop) -> None:
    report = crash(shop, Case(FIRST, (Moment("accepted", 0.5),), cli=True))
    assert report.stages != ["ended before"]
    assert report.differences == []


@pytest.mark.parametrize("most_bytes", [200_000, 400_000])
def test_a_full_disk(first: Scene, most_bytes: int) -> None:
    folder, sandbox, _fuse, end = first
    told = run(folder, "--most-bytes", str(most_bytes))
    assert told.get("status", "failed") == "failed", told
    settle(sandbox)
    ends_alike(folder, sandbox, end)


@pytest.mark.parametrize("event", ["POST /batches", "POST /contacts/tags"])
def test_a_key_that_is_revoked_and_given_again(first: Scene, event: str) -> None:
    folder, sandbox, fuse, end = first
    plan = sandbox.brand.plan

    def revoke() -> None:
        plan.faults = msgspec.structs.replace(FAULTS, revoke_key_after=0)

    fuse.arm(event, 2, revoke)
    told = run(folder)
    assert (told["status"], told["error"]["code"]) == ("failed", "key_refused")
    plan.faults = FAULTS
    settle(sandbox)
    ends_alike(folder, sandbox, end)


def test_a_machine_that_sleeps_and_wakes(first: Scene) -> None:
    folder, sandbox, fuse, end = first
    process = start(folder, "--outage", "0.5")
    waking = threading.Timer(1.5, os.killpg, (process.pid, signal.SIGCONT))

    def sleep() -> None:
        os.killpg(process.pid, signal.SIGSTOP)
        waking.start()
        for connection in list(sandbox.brand.connections.values()):
            connection.abort()

    fuse.arm("accepted", 3, sleep)
    told = finish(process)
    assert waking.finished.is_set()
    if told["status"] == "interrupted":
        told = run(folder, "--resume")
    report = Report()
    compare(report, folder, sandbox, told, end)
    assert report.differences == []


def test_a_network_that_goes_and_comes_back(first: Scene) -> None:
    folder, sandbox, fuse, end = first
    fuse.arm("accepted", 5, lambda: setattr(sandbox._server, "should_exit", True))
    told = run(folder, "--outage", "0.5")
    assert (told["status"], told["error"]["code"]) == ("interrupted", "outage")
    sandbox.stop()
    again = RunningSandbox(rested(sandbox.brand), listening_again(sandbox))
    try:
        resumed = run(folder, "--resume")
        assert resumed["run_id"] == told["run_id"]
        report = Report()
        compare(report, folder, again, resumed, end)
        assert report.differences == []
    finally:
        again.stop()


def test_a_child_that_has_barely_begun_is_killed_too(tmp_path: Path) -> None:
    process = start(tmp_path)
    kill(process)
    assert "stage" in finish(process)


def test_without_its_key_a_ledger_stays_as_it_is(first: Scene) -> None:
    folder, sandbox, fuse, end = first
    process = start(folder)
    fuse.arm("accepted", 5, lambda: kill(process))
    assert "run_id" not in finish(process)
    settle(sandbox)
    key = folder / "workspace" / "ledger.key"
    kept = key.read_bytes()
    for content in (None, b"short", kept[:-9]):
        key.unlink() if content is None else key.write_bytes(content)
        before, asked = ledgers(folder), sandbox.brand.counts.with_key
        assert run(folder, "--resume")["exit_code"] == 5
        assert ledgers(folder) == before
        assert sandbox.brand.counts.with_key == asked
        assert (key.read_bytes() if key.exists() else None) == content
    key.write_bytes(kept)
    report = Report()
    compare(report, folder, sandbox, run(folder, "--resume"), end)
    assert report.differences == []


def test_a_source_that_changed_meanwhile(first: Scene, shop: Shop) -> None:
    folder, sandbox, fuse, _end = first
    process = start(folder)
    fuse.arm("accepted", 5, lambda: kill(process))
    assert "run_id" not in finish(process)
    settle(sandbox)
    write_people(folder / "people.csv", PEOPLE, 2)
    resumed = run(folder, "--resume")
    counts(folder, resumed)
    run(folder)  # brings what changed of those who were confirmed before the kill
    expected, found = shop.end(SECOND).contacts, by_address(raw_contacts(sandbox))
    cells = [row.split(",") for row in rows(PEOPLE, 2)]
    there = {
        mail.strip().lower() for _key, mail, _name, _phone, segments, _yes in cells if segments
    }
    assert without_statuses(found, there) == without_statuses(expected, there)
    assert not any("segment: News" in found[gone]["tags"] for gone in found.keys() - there)
    _again, posted = another(folder, sandbox)
    assert posted == shop.end(SECOND).posted_again


def without_statuses(contacts: dict[str, Document], of: set[str]) -> dict[str, Document]:
    return {each: contacts[each] | {"identifiers": []} for each in of & contacts.keys()}


def ends_alike(folder: Path, sandbox: RunningSandbox, end: End) -> None:
    """The next run, whether there is something to resume or not."""
    report = Report()
    compare(report, folder, sandbox, run(folder, "--resume"), end, FOUND)
    assert report.differences == []


def ledgers(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "workspace/ledgers").iterdir()}


def rested(brand: Any) -> Any:
    """Its batches wait for a new loop."""
    brand.batches._queue = asyncio.Queue()
    for batch in brand.batches._all:
        if batch.ended_at is None:
            brand.batches._queue.put_nowait(batch)
    return brand


def listening_again(sandbox: RunningSandbox) -> Any:
    """On the port that it had."""
    return server.listen(int(sandbox.url.rpartition(":")[2].removesuffix("/api")))
