"""What an environment tells of its segments, where it tells odd things, or nothing for long."""

import threading
import time
from collections.abc import Iterator
from threading import Event

import pytest

from environments import Reply, StaticTokens, page, record, scripted
from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.sources.base import Access, Selection
from omnisend_tui.sources.dataverse import DataverseSource
from omnisend_tui.sources.dataverse_metadata import listed_segments
from omnisend_tui.sources.odata import ODataClient

ALL = Selection((ALL_PROFILES,))
FORBIDDEN: Reply = (403, {}, b"{}")


@pytest.mark.parametrize(
    ("written", "time_"),
    [
        ("2026-03-01T10:00:00Z", 1772359200.0),
        ("2026-03-01T10:00:00", 1772359200.0),
        ("9999-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1969-12-31T23:59:59Z", None),
        ("yesterday", None),
        (5, None),
    ],
)
def test_odd_dates_are_none(written: object, time_: float | None) -> None:
    rows: list[dict[str, object]] = [{"m_name": "A", "m_refreshed": "2026-03-01T10:00:00Z"}]
    rows.append({"m_name": "B", "m_refreshed": written})
    with scripted(lambda _path: page(*rows)) as server:
        client = ODataClient(server.url, Access(tokens=StaticTokens()))
        found = listed_segments(client, Event())
    assert found is not None
    assert [each.refreshed for each in found] == [1772359200.0, time_]


@pytest.fixture
def gone() -> Iterator[Event]:
    gone = Event()
    yield gone
    gone.set()


@pytest.mark.parametrize("at", ["EntityDefinitions", "$count", "mscipriv", "orderby"])
def test_whoever_stops_does_not_wait_for_a_single_answer(at: str, gone: Event) -> None:
    stop = Event()

    def reply(path: str) -> Reply:
        if at in path:
            stop.set()
            gone.wait(10)
        return page() if "orderby" in path else FORBIDDEN

    with scripted(reply) as server:
        source = DataverseSource(record(server), Access(tokens=StaticTokens()))
        began = time.monotonic()
        if at == "EntityDefinitions":
            assert list(source.read(ALL, ["a"], stop)) == []
        elif at == "$count":
            assert source.count(ALL, stop) == 0
        else:
            assert source.version(ALL, stop) == ""
        assert time.monotonic() - began < 2.0
        assert stop.is_set()
        gone.set()
    for each in threading.enumerate():
        if each.name == "source-ahead":
            each.join(2.0)
