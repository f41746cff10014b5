"""How runs end and go on: options of a resumed run, cancelling, a standstill, the run's id."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from engine.interruptions import change, interrupted, reach
from omnisend_tui.config import store
from omnisend_tui.engine import outbox
from omnisend_tui.engine.lock import ExportLock
from omnisend_tui.errors import BusyError, UsageError
from omnisend_tui.launch import dry_run
from omnisend_tui.omnisend import client
from omnisend_tui.progress import Snapshot
from omnisend_tui.sandbox.faults import AnswerFault
from shops import QUICK, MakeShop, Shop


def batches(shop: Shop) -> dict[str, int]:
    """How many batches the ledger has in each state."""
    run = shop.workspace.state.runs(shop.workspace.export("E").id, 1)[0]
    path = shop.workspace.ledger_path(run.export_id, run.brand_id)
    with closing(sqlite3.connect(path)) as ledger:
        return dict(ledger.execute("SELECT state, count(*) FROM batch GROUP BY state"))


def test_a_resumed_trial_stays_a_trial(make_shop: MakeShop) -> None:
    shop = make_shop(people=1500)
    interrupted(shop, limit=350)
    end = shop.run(resume=True)
    assert (end.status, end.read) == ("finished", 350)
    assert shop.sandbox.statistics()["contacts"] == 350


def test_a_resumed_full_run_sends_all(make_shop: MakeShop) -> None:
    shop = make_shop(people=1200)
    assert shop.run().status == "finished"
    interrupted(shop, full=True)
    end = shop.run(resume=True)
    assert (end.accepted, end.unchanged) == (1200, 0)


def test_what_was_allowed_stays_allowed(make_shop: MakeShop) -> None:
    shop = make_shop(people=400, segment_tag="VIP")
    assert shop.run().status == "finished"
    shop.people(100)
    gone = AnswerFault(action="server_error", status=503, method="DELETE", nth=(*range(2, 9999),))
    change(shop, gone)
    assert shop.run(allow_leavers=True).status == "interrupted"
    change(shop)
    end = shop.run(resume=True)
    assert (end.status, end.leavers) == ("finished", 300)


def test_a_new_run_starts_without_the_options_of_another(make_shop: MakeShop) -> None:
    shop = make_shop(people=500)
    interrupted(shop, limit=150)
    assert shop.run(discard=True).read == 500


def test_whoever_resumes_second_starts_anew(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one ended between the second's start and its lock."""
    shop = make_shop(people=500)
    first = interrupted(shop)
    real = ExportLock.__init__
    ends: list[Snapshot] = []

    def late(lock: ExportLock, *arguments: Any) -> None:
        monkeypatch.setattr(ExportLock, "__init__", real)
        ends.append(shop.run(resume=True))
        real(lock, *arguments)

    monkeypatch.setattr(ExportLock, "__init__", late)
    second = shop.run(resume=True)
    assert ends[0].run_id == first.run_id != second.run_id
    assert second.unchanged == 500


def test_a_refused_start_frees_the_export(make_shop: MakeShop) -> None:
    shop = make_shop(people=500)
    interrupted(shop)
    with pytest.raises(UsageError):
        shop.run()
    assert shop.run(resume=True).status == "finished"


def test_cancelling_while_omnisend_hangs_is_a_cancelled_run(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "READ_TIMEOUT", 0.3)
    shop = make_shop(people=500)
    change(shop, AnswerFault(action="delay", seconds=20, method="GET", path="/batches"))
    run = shop.launch(replace(QUICK, cancel=0.2, outage=60, standstill=60))
    reach(run, lambda now: now.sent == 500)
    run.cancel()
    end = run.wait(30)
    assert end is not None
    assert end.status == "cancelled"
    change(shop)
    assert shop.run().status == "finished"


def test_what_a_cancelled_run_never_sent_is_not_looked_for(make_shop: MakeShop) -> None:
    shop = make_shop(people=20_000, requests_per_minute=60)
    run = shop.launch()
    reach(run, lambda now: now.sent >= 500)
    run.cancel()
    end = run.wait(60)
    assert end is not None
    assert end.status == "cancelled"
    assert batches(shop).keys() == {"confirmed", "dropped"}


def test_what_too_many_new_ones_stopped_is_not_looked_for(make_shop: MakeShop) -> None:
    shop = make_shop(people=5000)
    before = shop.workspace.connection("Shop")
    store.edit_connection(shop.workspace.config_path, before, structs.replace(before, max_new=4500))
    shop.workspace.reload_config()
    assert shop.run().status == "failed"
    assert batches(shop).keys() <= {"confirmed", "dropped"}


def test_a_standstill_with_profiles_left_says_so(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "OPEN_BATCHES", 10)
    shop = make_shop(people=3000, batch_seconds=1000.0)
    end = shop.run()
    assert end.error is not None
    assert (end.status, end.error.code) == ("failed", "standstill")


def test_a_dry_run_is_in_no_runs_way(make_shop: MakeShop) -> None:
    shop = make_shop(people=300)
    seen: list[str] = []

    def tell(_snapshot: Snapshot) -> None:
        if not seen:
            seen.append(shop.run().status)

    assert dry_run(shop.workspace, "E", tell=tell).would_send == 300
    assert seen == ["finished"]


def test_a_dry_run_of_a_running_export_says_who_runs_it(make_shop: MakeShop) -> None:
    shop = make_shop(people=300, batch_seconds=5.0)
    run = shop.launch()
    reach(run, lambda now: now.sent == 300)
    with pytest.raises(BusyError, match=f"{shop.workspace.actor.name} started a run"):
        dry_run(shop.workspace, "E")
    run.cancel()
    run.wait(30)


def test_a_key_that_is_an_address_is_masked(make_shop: MakeShop) -> None:
    shop = make_shop(people=1)
    before = shop.workspace.source("People")
    store.edit_source(shop.workspace.config_path, before, structs.replace(before, key="mail"))
    shop.workspace.reload_config()
    shop.write(["1,jane.doe@@example.com,B", "2,y@example.com,A"])
    assert shop.run().rejected == 1
    written = [path for path in shop.workspace.state_dir.rglob("*") if path.is_file()]
    assert not [path for path in written if b"jane.doe" in path.read_bytes()]
