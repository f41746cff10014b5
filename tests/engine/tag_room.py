"""Contexts, tags and ledgers for the tests of tags and leavers."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import msgspec

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.job import Job
from omnisend_tui.engine.ledger import Closed, Item, Ledger, TagRow
from omnisend_tui.engine.outbox import Outbox
from omnisend_tui.engine.tags import Tagger, tag_lock
from omnisend_tui.omnisend.budget import Budget, budget_brand, open_tag_budget
from omnisend_tui.omnisend.client import OmnisendClient, Stopped
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Brand, RunOptions
from shops import QUICK, Shop

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
