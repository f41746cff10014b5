"""Reads of Customer Insights that are disturbed, stopped or given up, and odd answers."""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from threading import Event
from typing import Any

import pytest

from environments import (
    Reply,
    SandboxTokens,
    StaticTokens,
    Told,
    open_environment,
    page,
    record,
    scripted,
)
from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.errors import SourceError
from omnisend_tui.profiles import Chunk
from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import running_dataverse
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from omnisend_tui.sources.ahead import ahead
from omnisend_tui.sources.base import Access, Selection
from omnisend_tui.sources.dataverse import DataverseSource

ALL = Selection((ALL_PROFILES,))
PROFILES = "/msdynci_customerprofiles"


def readers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "source-ahead"]


def soon(true: Callable[[], bool]) -> bool:
    """Whether it comes true within two seconds."""
    ends = time.monotonic() + 2.0
    while not true() and time.monotonic() < ends:
        time.sleep(0.002)
    return true()


def rows_of(chunks: Iterator[Chunk]) -> list[Any]:
    return [row for chunk in chunks for row in chunk.rows]


@pytest.mark.parametrize(
    "fault",
    [
        AnswerFault(action="rate_limit", path=PROFILES, nth=(2,), retry_after_header=0),
        AnswerFault(action="server_error", path=PROFILES, nth=(2, 3)),
        AnswerFault(action="cut", path=PROFILES, nth=(2,)),
        AnswerFault(action="truncate", path=PROFILES, nth=(2,)),
        AnswerFault(action="html", path=PROFILES, nth=(2,)),
    ],
)
def test_a_disturbed_read_goes_on_at_its_page(fault: AnswerFault) -> None:
    options = DataverseOptions(profiles=7000, faults=Faults(answers=(fault,)))
    with running_dataverse(options) as sandbox:
        rows = rows_of(open_environment(sandbox).read(ALL, [], Event()))
        assert len(rows) == len(set(rows)) == 7000
        assert sandbox.statistics()["requests"]["profiles"] == 3 + (len(fault.nth) > 1)


def test_a_token_that_expires_in_the_middle_is_renewed() -> None:
    with running_dataverse(DataverseOptions(profiles=10_001)) as sandbox:
        tokens = SandboxTokens(sandbox)
        source = DataverseSource(record(sandbox), Access(tokens=tokens))
        found = source.read(ALL, [], Event(), 5000)
        rows = len(next(found).rows)
        sandbox.expire_tokens()  # before the third page, which is asked for with the second
        rows += len(rows_of(found))
        assert rows == 10_001
        assert tokens.fresh == 1


def test_estimates_are_near_the_truth_and_exact_near_a_limit() -> None:
    for profiles, most in ((4999, 0.0), (5001, 0.0), (40_000, 0.03)):
        with running_dataverse(DataverseOptions(profiles=profiles)) as sandbox:
            source = open_environment(sandbox)
            assert abs(source.count(ALL) - profiles) <= most * profiles
            asked = sandbox.statistics()["requests"]["profiles"]
            assert asked <= 6
            assert abs(source.count(ALL, limit=2 * profiles) - profiles) <= most * profiles
            assert sandbox.statistics()["requests"]["profiles"] == asked
            assert source.count(ALL, limit=profiles) == profiles
            assert source.count(Selection((ALL_PROFILES,), ("Newsletter",))) == 0


def test_a_stop_in_the_middle_ends_at_once() -> None:
    slow = AnswerFault(action="delay", path=PROFILES, nth=(2,), seconds=0.6)
    options = DataverseOptions(profiles=7000, faults=Faults(answers=(slow,)))
    with running_dataverse(options) as sandbox:
        stop = Event()
        found = open_environment(sandbox).read(ALL, [], stop, 5000)
        assert len(next(found).rows) == 5000
        timer = threading.Timer(0.02, stop.set)
        timer.start()
        assert list(found) == []
        assert readers()  # nobody waited for the page that is under way
        timer.join()


def test_whoever_stopped_counts_nothing() -> None:
    stop = Event()
    stop.set()
    with running_dataverse(DataverseOptions(profiles=10)) as sandbox:
        source = open_environment(sandbox)
        for selection in (ALL, Selection(("VIP",))):
            assert source.count(selection, stop) == 0
            assert source.version(selection, stop) == ""
            assert list(source.read(selection, [], stop)) == []
        assert "profiles" not in sandbox.statistics()["requests"]


def test_a_reader_that_is_let_go_leaves_no_thread() -> None:
    with running_dataverse(DataverseOptions(profiles=12_000)) as sandbox:
        found = open_environment(sandbox).read(ALL, [], Event(), 100)
        assert isinstance(found, Generator)
        next(found)
        assert readers()
        found.close()
        assert soon(lambda: not readers())
        asked = sandbox.statistics()["requests"]["profiles"]
        assert asked <= 2


def test_one_is_made_ahead_and_no_more() -> None:
    made: list[int] = []

    def make(_halt: Event) -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    found = ahead(make, Event())
    assert next(found) == 0
    assert soon(lambda: len(made) > 1)
    assert next(found) == 1
    assert soon(lambda: len(made) > 2)
    assert made == [0, 1, 2]
    assert list(found) == [2, 3, 4]
    assert soon(lambda: not readers())


def test_what_fails_ahead_fails_where_it_is_read() -> None:
    def make(_halt: Event) -> Iterator[int]:
        yield 1
        raise SourceError("source_refused", "It failed.")

    found = ahead(make, Event())
    assert next(found) == 1
    with pytest.raises(SourceError, match="It failed"):
        next(found)
    assert soon(lambda: not readers())


def test_an_error_after_the_first_page_reaches_the_reader() -> None:
    fault = AnswerFault(action="server_error", path=PROFILES, nth=(2,), status=501)
    options = DataverseOptions(profiles=7000, faults=Faults(answers=(fault,)))
    with running_dataverse(options) as sandbox:
        found = open_environment(sandbox).read(ALL, [], Event())
        with pytest.raises(SourceError) as caught:
            rows_of(found)
        assert caught.value.code == "source_refused"


def environment(**tables: Reply) -> Any:
    """Answers by the start of an address; what isn't given is forbidden."""

    def reply(path: str) -> Reply:
        for name, answer in tables.items():
            if name in path.partition("?")[0]:
                return answer
        return 403, {}, b"{}"

    return reply


def open_scripted(server: Any, told: Told | None = None) -> DataverseSource:
    access = Access(tokens=StaticTokens(), tell=told or Told())
    return DataverseSource(record(server), access, pause=lambda _try: 0.001)


def test_profiles_without_an_id_cannot_be_read() -> None:
    rows = [{"msdynci_customerid": each, "a": "x"} for each in ("1", None, "2", "")]
    with scripted(environment(customerprofiles=page(*rows))) as server:
        found = list(open_scripted(server).read(ALL, ["a"], Event(), 3, memberships=True))
    assert [row for chunk in found for row in chunk.rows] == [("x", "1"), ("x", "2")]
    assert [mask for chunk in found for mask in chunk.memberships] == [1, 1]
    assert [bad.key for chunk in found for bad in chunk.unreadable] == ["row 2", "row 4"]
    assert all(len(chunk.rows) + len(chunk.unreadable) <= 3 for chunk in found)


def test_members_of_odd_ids_are_read_once() -> None:
    ids = ["it's", "AB" * 16, "0" * 32, "ü"]
    members = [{"msdynci_customerid": each, "msdynci_segments": '["VIP"]'} for each in ids * 2]
    unread = {"msdynci_customerid": "z", "msdynci_segments": "VIP"}
    profiles = [{"msdynci_customerid": each, "a": "x"} for each in (*ids, "other", *ids)]
    told = Told()
    tables = {"customerprofiles": page(*profiles), "memberships": page(*members, unread)}
    with scripted(environment(**tables)) as server:
        source = open_scripted(server, told)
        assert source.count(Selection(("VIP",))) == 4
        rows = rows_of(source.read(Selection(("VIP",)), ["a"], Event()))
    assert sorted(key for _cell, key in rows) == sorted(ids)
    assert told.of("source_names_unread") == [{"rows": 1}]
    by_id = [each for each in server.asked if "eq '" in each]
    assert len(by_id) == 1
    assert "msdynci_customerid eq 'it''s'" in by_id[0]
    assert f"msdynci_customerid eq '{'AB' * 16}'" in by_id[0]


@pytest.mark.parametrize("refused", [True, False])
def test_ids_that_do_not_lie_evenly_are_counted_one_by_one(refused: bool) -> None:
    def reply(path: str) -> Reply:
        if "$count" in path:
            if refused:
                return 501, {}, b"{}"
            return 200, {}, json.dumps({"@odata.count": 4000 if " lt " in path else 1}).encode()
        return page(*[{"msdynci_customerid": str(n)} for n in range(7)])

    with scripted(reply) as server:
        assert open_scripted(server).count(ALL) == 7
        assert len(server.asked) == (2 if refused else 3)


def test_without_a_time_of_change_memberships_are_compared() -> None:
    rows = [{"msdynci_customerid": "1" * 32, "msdynci_segments": '["VIP"]'}]

    def reply(path: str) -> Reply:
        if "orderby" in path:
            return 400, {}, b"{}"
        return page(*rows) if "memberships" in path else (404, {}, b"{}")

    with scripted(reply) as server:
        source = open_scripted(server)
        selections = (ALL, Selection(("VIP",)))
        before = [source.version(each) for each in selections]
        assert before == [source.version(each) for each in selections]
        rows.append({"msdynci_customerid": "2" * 32, "msdynci_segments": '["VIP"]'})
        after = [source.version(each) for each in selections]
    assert all(now != then for now, then in zip(after, before, strict=True))


@pytest.mark.parametrize("escaped", [True, False])
def test_a_segment_is_found_however_its_name_is_written(escaped: bool) -> None:
    names = json.dumps(["Kesä"], ensure_ascii=escaped)
    written = names[1:-1].replace("\\", "\\\\").replace('"', '\\"')

    def reply(path: str) -> Reply:
        if "memberships" in path:
            return page(*members("1" * 32, names=names)) if written in path else page()
        if "customerprofiles" not in path:
            return 403, {}, b"{}"
        return page({"msdynci_customerid": "1" * 32, "a": "x"}, {"msdynci_customerid": "2" * 32})

    with scripted(reply) as server:
        source = open_scripted(server)
        assert source.count(Selection(("Kesä",))) == 1
        (chunk,) = source.read(Selection((ALL_PROFILES,), ("Kesä",)), ["a"], Event())
    assert [row[-1] for row in chunk.rows] == ["2" * 32]


def members(*ids: str, names: str = '["VIP"]') -> list[dict[str, str]]:
    return [{"msdynci_customerid": each, "msdynci_segments": names} for each in ids]


@pytest.mark.parametrize(("lacking", "unread"), [(0, 0), (20, 0), (21, 0), (0, 2)])
@pytest.mark.parametrize("all_", [True, False])
def test_a_read_tells_how_many_it_cannot_tell_about(lacking: int, unread: int, all_: bool) -> None:
    ids = [f"{n:032x}" for n in range(100)]
    rows = members(*ids) + members(*ids[:unread], names='["VIP", "Tru')

    def reply(path: str) -> Reply:
        if "$count" in path:
            return 200, {}, json.dumps({"@odata.count": 0 if " lt " in path else 100}).encode()
        if "memberships" in path:
            return page(*rows)
        if "customerprofiles" not in path:
            return 403, {}, b"{}"
        return page(*[{"msdynci_customerid": each, "a": "x"} for each in ids[lacking:]])

    with scripted(reply) as server:
        source = open_scripted(server)
        selection = ALL if all_ else Selection(("VIP",))
        assert source.count(selection) == 100
        assert len(rows_of(source.read(selection, ["a"], Event()))) == 100 - lacking
        assert source.unclear == (lacking if lacking > 20 else 0) + (0 if all_ else unread)
        if not all_:  # without columns nobody's profile is asked for
            rows_of(source.read(selection, [], Event()))
            assert source.unclear == unread


def test_a_membership_that_cannot_be_read_lets_nobody_through() -> None:
    rows = members("1" * 32, "2" * 32) + members("1" * 32, names='["Out", "Tru')
    profiles = page(*[{"msdynci_customerid": str(n) * 32, "a": "x"} for n in (1, 2)])
    with scripted(environment(customerprofiles=profiles, memberships=page(*rows))) as server:
        source = open_scripted(server, told := Told())
        with pytest.raises(SourceError) as caught:  # nothing shows that 'Out' exists
            source.count(Selection(("VIP",), ("Out",)))
        assert caught.value.code == "segment_empty"
        rows += members("3" * 32, names='["Out"]')
        server.reply = environment(customerprofiles=profiles, memberships=page(*rows))
        found = rows_of(source.read(Selection(("VIP",), ("Out",)), ["a"], Event()))
    assert found == [("x", "2" * 32)]
    assert told.of("source_names_left_out") == [{"rows": 2}] * 2
    assert source.unclear == 2  # one row, which both queries gave
