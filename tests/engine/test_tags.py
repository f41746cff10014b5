"""Giving tags: 250 contacts a request, within the tags' own limit, under the tags' locks."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from ledger_rows import tags_left

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.job import Job
from omnisend_tui.engine.ledger import Closed, Item, Ledger, TagRow
from omnisend_tui.engine.outbox import Outbox
from omnisend_tui.engine.tags import Tagger, tag_lock
from omnisend_tui.omnisend import budget as budgets
from omnisend_tui.omnisend.budget import Budget, budget_brand, open_tag_budget
from omnisend_tui.omnisend.client import OmnisendClient, Stopped
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.omnisend.errors import Refusal, Unreachable
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Brand, RunOptions
from omnisend_tui.sandbox.faults import AnswerFault, Faults
from shops import QUICK, MakeShop, Shop

KEY = bytes(range(64))
HOLDER = """
import sqlite3, sys
lock = sqlite3.connect(sys.argv[1], isolation_level=None)
lock.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def people(count: int, start: int = 0) -> list[str]:
    return [f"person{n}@example.com" for n in range(start, start + count)]


def room(
    shop: Shop, ledger_name: str = "E", run_id: str = "r1", *, allow_leavers: bool = False,
    tag_requests: int = 60, **limits: Any,
) -> Context:  # fmt: skip
    """What the rooms of one run of ``shop``'s export share; the ledger has begun it."""
    workspace, sandbox = shop.workspace, shop.sandbox
    connection = msgspec.structs.replace(
        workspace.connection("Shop"), tag_requests_per_minute=tag_requests
    )
    job = Job(
        run_id=run_id,
        export=msgspec.structs.replace(workspace.config.exports["E"], **limits),
        connection=connection,
        source=workspace.config.sources["People"],
        brand=Brand(id=brand_of_key(sandbox.api_key)),
        started_by="test",
        api_key=sandbox.api_key,
        ledger_key=KEY,
        ledger_path=workspace.ledger_path(ledger_name, "brand"),
        lock_path=workspace.lock_path("E"),
        budget_path=workspace.budget_path,
        temp_dir=workspace.temp_dir,
        state=workspace.state,
        options=RunOptions(allow_leavers=allow_leavers),
        patience=replace(QUICK, outage=30.0),
    )
    brand = budget_brand(connection.base_url, job.brand.id)
    budget = Budget(job.budget_path, brand, connection.requests_per_minute)
    stop = threading.Event()
    context = Context(
        job=job,
        counters=Counters(Snapshot(run_id=run_id, export_id="e", export="E"), time.time),
        client=OmnisendClient(connection.base_url, job.api_key, budget, 2),
        tag_budget=open_tag_budget(job.budget_path, connection, job.brand.id, run_id),
        ledger=Ledger(job.ledger_path, KEY),
        outbox=Outbox(stop),
        stop=stop,
        abandon=threading.Event(),
        clock=time.time,
    )
    context.numbers = context.ledger.begin(run_id)
    return context


def bring(shop: Shop, *emails: str, tags: tuple[str, ...] = ()) -> None:
    """Omnisend has these contacts."""
    for email in emails:
        body = {"identifiers": [{"type": "email", "id": email}], "tags": tags}
        shop.sandbox.brand.contacts.upsert(msgspec.json.encode(body))


def tags_in(shop: Shop, email: str) -> list[str]:
    contacts = shop.sandbox.brand.contacts
    found: list[str] = contacts.get(contacts.find(email)).get("tags", [])
    return sorted(found)


def owe(context: Context, emails: list[str], *tags: str) -> None:
    number = context.ledger.tag_set(tags)
    context.ledger.tag_log.owe(
        [TagRow(context.ledger.seal(email), number, number) for email in emails]
    )


def confirm(context: Context, emails: list[str], *tags: str, riding: bool = False) -> None:
    """A batch of them was confirmed; they are owed ``tags``, or have them by the batch itself."""
    ledger = context.ledger
    number = ledger.tag_set(tags)
    batch = context.next_number()
    items = [Item(ledger.seal(email), b"h", number, number) for email in emails]
    ledger.record([(batch, items)], riding=riding)
    ledger.close_batches([Closed(ledger.row_of(batch), "confirmed")])


def all_came() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def asked(shop: Shop, method: str = "POST") -> int:
    found: int = shop.sandbox.statistics()["requests"].get(f"{method} /contacts/tags", 0)
    return found


@contextmanager
def working(context: Context, no_more: threading.Event) -> Iterator[threading.Thread]:
    def work() -> None:
        with suppress(Stopped):
            Tagger(context).work(no_more)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        context.stop.set()
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def lock_held_elsewhere(context: Context, tag: str) -> Iterator[None]:
    """Another process holds the lock of ``tag``."""
    path = tag_lock(context.job.lock_path.parent, context.job.brand.id, tag)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.stdin.close()


def until(condition: Any) -> None:
    patience = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < patience
        time.sleep(0.005)


def test_tags_arrive_250_a_request(make_shop: MakeShop) -> None:
    shop = make_shop()
    everybody = people(600)
    bring(shop, *everybody, tags=("own",))
    context = room(shop)
    confirm(context, everybody, "VIP", "news")
    Tagger(context).work(all_came())
    assert {tuple(tags_in(shop, email)) for email in everybody} == {("VIP", "news", "own")}
    assert asked(shop) == 3
    assert context.counters.snapshot().tagged == 600
    context.ledger.merge()
    known = context.ledger.lookup([context.ledger.seal(everybody[0])])
    (one,) = known.values()
    assert context.ledger.tags(one.given) == {"VIP", "news"}
    assert one.owed == 0


def test_full_requests_go_out_before_the_end_and_the_rest_at_it(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(300))
    context, no_more = room(shop), threading.Event()
    with working(context, no_more) as thread:
        owe(context, people(300), "VIP")
        until(lambda: context.counters.snapshot().tagged == 250)
        time.sleep(0.2)
        assert asked(shop) == 1
        no_more.set()
        thread.join(10)
    assert asked(shop) == 2
    assert context.counters.snapshot().tagged == 300


def test_many_kinds_of_tags_do_not_wait_for_the_end(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(1100))
    context = room(shop)
    with working(context, threading.Event()):
        owe(context, people(1), "rare")
        owe(context, people(1099, 1), "VIP")
        until(lambda: context.counters.snapshot().tagged == 1001)
    assert tags_in(shop, people(1)[0]) == ["rare"]


def test_a_cancelled_run_leaves_tags_owed_to_the_next(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(3))
    context = room(shop)
    confirm(context, people(3), "VIP")
    context.stop.set()
    Tagger(context).work(all_came())
    assert asked(shop) == 0
    context.ledger.merge()
    known = context.ledger.lookup([context.ledger.seal(email) for email in people(3)])
    assert {context.ledger.tags(one.owed) for one in known.values()} == {frozenset({"VIP"})}
    assert {one.given for one in known.values()} == {0}


def test_their_own_limit_is_kept(make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "WINDOW", 0.5)
    shop = make_shop()
    context = room(shop, tag_requests=5)
    for n in range(12):
        owe(context, people(1), f"tag {n}")
    began = time.monotonic()
    Tagger(context).work(all_came())
    assert time.monotonic() - began >= 1.0
    assert asked(shop) == 12


def test_a_slot_is_awaited_and_the_wait_ends_with_stop(make_shop: MakeShop) -> None:
    shop = make_shop()
    context = room(shop, tag_requests=5)
    for n in range(7):
        owe(context, people(1), f"tag {n}")
    with working(context, all_came()):
        until(lambda: asked(shop) == 5)
        time.sleep(0.1)
    assert asked(shop) == 5
    assert tags_left(context.ledger, "give") == 2
    assert context.failure is None


@pytest.mark.parametrize(
    "fault",
    [
        AnswerFault(action="cut", path="/contacts/tags", processed=True, nth=(1,)),
        AnswerFault(action="cut", path="/contacts/tags", nth=(1,)),
        AnswerFault(action="server_error", path="/contacts/tags", processed=True, nth=(1,)),
    ],
    ids=["lost", "cut", "500"],
)
def test_a_lost_answer_is_asked_again(make_shop: MakeShop, fault: AnswerFault) -> None:
    shop = make_shop(faults=Faults(answers=(fault,)))
    bring(shop, *people(3))
    context = room(shop)
    owe(context, people(3), "VIP")
    Tagger(context).work(all_came())
    assert asked(shop) == 2
    assert tags_in(shop, people(1)[0]) == ["VIP"]
    now = context.counters.snapshot()
    assert (now.tagged, now.retries) == (3, 1)


def test_a_full_window_of_tags_holds_no_batches(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="rate_limit", path="/contacts/tags", retry_after=1, nth=(1,))
    shop = make_shop(faults=Faults(answers=(fault,)))
    bring(shop, *people(3))
    context = room(shop)
    owe(context, people(3), "VIP")
    with working(context, all_came()) as thread:
        until(lambda: context.counters.snapshot().retries)
        began = time.monotonic()
        context.client.list_batches(0, "2026-01-01", context.stop)
        assert time.monotonic() - began < 0.5
        thread.join(10)
    assert tags_in(shop, people(1)[0]) == ["VIP"]


def test_a_refusal_ends_the_run_but_not_its_confirming(make_shop: MakeShop) -> None:
    fault = AnswerFault(action="server_error", path="/contacts/tags", status=400)
    shop = make_shop(faults=Faults(answers=(fault,)))
    context = room(shop)
    owe(context, people(3), "VIP")
    with pytest.raises(Stopped):
        Tagger(context).work(all_came())
    assert isinstance(context.failure, Refusal)
    assert context.stop.is_set()
    assert not context.abandon.is_set()
    assert tags_left(context.ledger, "give") == 3


def test_an_outage_is_told_when_the_patience_ends(make_shop: MakeShop) -> None:
    shop = make_shop()
    context = room(shop)
    context.job = replace(context.job, patience=replace(QUICK, outage=0.2))
    owe(context, people(3), "VIP")
    shop.sandbox.stop()
    with pytest.raises(Unreachable):
        Tagger(context).work(all_came())
    assert tags_left(context.ledger, "give") == 3


def test_the_wait_for_a_lock_of_another_process_ends_with_stop(make_shop: MakeShop) -> None:
    shop = make_shop()
    context = room(shop)
    owe(context, people(1), "VIP", "news")
    with lock_held_elsewhere(context, "VIP"), working(context, all_came()):
        time.sleep(0.2)
    assert asked(shop) == 0
    assert tags_left(context.ledger, "give") == 1
    assert context.failure is None


def test_tags_come_once_their_lock_is_free(make_shop: MakeShop) -> None:
    shop = make_shop()
    bring(shop, *people(1))
    context = room(shop)
    owe(context, people(1), "free")
    owe(context, people(1), "held")
    with ExitStack() as running:
        with lock_held_elsewhere(context, "held"):
            thread = running.enter_context(working(context, all_came()))
            until(lambda: context.counters.snapshot().tagged == 1)
            time.sleep(0.1)
            assert tags_in(shop, people(1)[0]) == ["free"]
        thread.join(10)
    assert tags_in(shop, people(1)[0]) == ["free", "held"]
