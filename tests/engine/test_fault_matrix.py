"""Each fault that passes at each stage: contacts and counts as if nothing had happened."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.generations import (
    KINDS,
    PASSING,
    UNCLEAR,
    WHERE,
    MakeGenerations,
    fault_at,
    short_timeouts,
)
from omnisend_tui.engine import run as engine

# Where a fault makes something else of a batch.
MORE = (
    ("sending", "riding, no origin", UNCLEAR),
    ("sending", "stops, no origin", UNCLEAR),
    ("items", "refuses", ("cut", "truncated")),
)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_disturbs(make_generations: MakeGenerations, kind: str) -> None:
    shop = make_generations(kind)
    shop.expect_equal(shop.disturb())


def passing() -> Iterator[Any]:
    for stage, kind in WHERE.items():
        for name in PASSING:
            if stage in ("sending", "confirming") or not name.startswith("slow"):
                yield pytest.param(kind, stage, name, id=f"{stage}: {name}")
    for stage, kind, names in MORE:
        for name in names:
            yield pytest.param(kind, stage, name, id=f"{stage}, {kind}: {name}")


@pytest.mark.parametrize(("kind", "stage", "name"), passing())
def test_a_fault_that_passes(
    make_generations: MakeGenerations,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    stage: str,
    name: str,
) -> None:
    shop = make_generations(kind)
    if kind == "stops, no origin":
        # Nobody can recognise a lost batch that is stopped at once; of several senders it would be
        # chance whose that is.
        monkeypatch.setattr(engine, "SENDERS", 1)
    if name.startswith("too slow"):
        short_timeouts(monkeypatch)
    before = shop.batches()
    end = shop.disturb(fault_at(stage, PASSING[name]))
    # The status alone says that tags are being changed.
    harmless = name.startswith("slow") or (stage in ("tagging", "leaving") and name == "truncated")
    assert (end.retries > 0) is not harmless, "the fault was met"
    if PASSING[name].get("processed") or name == "truncated":
        assert shop.batches() - before == end.batches, "what was accepted is not sent again"
    shop.expect_equal(end)
