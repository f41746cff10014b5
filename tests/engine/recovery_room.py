"""Runs that died with batches open."""

import threading
import time
from collections.abc import Sequence

import msgspec

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.job import Job, Patience
from omnisend_tui.engine.ledger import Item, Ledger, content_hash
from omnisend_tui.engine.outbox import Outbox, Outgoing
from omnisend_tui.engine.send import origin_of
from omnisend_tui.omnisend.budget import Budget, open_tag_budget
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.omnisend.connect import brand_of_key
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Brand
from shops import QUICK, Shop

RUN = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-abcdef"


def body(n: int) -> bytes:
    """As the mapping encodes the shop's person ``n``."""
    identifier = {"type": "email", "id": f"person{n}@example.com"}
    return msgspec.json.encode({"identifiers": [identifier], "firstName": f"Person {n}"})


def open_context(shop: Shop, run_id: str = RUN, patience: Patience = QUICK) -> Context:
    """What a run has just before it reads."""
    workspace = shop.workspace
    connection, export = workspace.connection("Shop"), workspace.export("E")
    brand = Brand(id=brand_of_key(shop.sandbox.api_key))
    job = Job(
        run_id=run_id,
        export=export,
        connection=connection,
        source=workspace.source("People"),
        brand=brand,
        started_by="test",
        api_key=shop.sandbox.api_key,
        ledger_key=workspace.ledger_key(),
        ledger_path=workspace.ledger_path(export.id, brand.id),
        lock_path=workspace.lock_path(export.id),
        budget_path=workspace.budget_path,
        temp_dir=workspace.temp_dir,
        state=workspace.state,
        patience=patience,
    )
    snapshot = Snapshot(
        run_id=run_id, export_id=export.id, export="E", brand_id=brand.id,
        status="running", started_at=time.time(), updated_at=time.time(),
    )  # fmt: skip
    workspace.state.save_snapshot(snapshot)
    stop = threading.Event()
    context = Context(
        job=job,
        counters=Counters(snapshot, time.time),
        client=OmnisendClient(
            connection.base_url, job.api_key, Budget(job.budget_path, brand.id, 10_000), 2
        ),
        tag_budget=open_tag_budget(job.budget_path, connection, brand.id, run_id),
        ledger=Ledger(job.ledger_path, job.ledger_key),
        outbox=Outbox(stop),
        stop=stop,
        abandon=threading.Event(),
        clock=time.time,
    )
    context.numbers = context.ledger.begin(run_id)
    return context


def record(context: Context, numbers: Sequence[int], *, riding: bool = False) -> Outgoing:
    """One batch of the people ``numbers`` in the ledger, not sent."""
    bodies = [body(n) for n in numbers]
    sealed = [context.ledger.seal(f"person{n}@example.com") for n in numbers]
    tags = [context.ledger.tag_set(["vip"]) if riding else 0] * len(bodies)
    keys = [f"C{n}" for n in numbers]
    batch = Outgoing(context.next_number(), bodies, keys, sealed, tags, tags)
    items = [
        Item(seal, content_hash(one), tag, tag)
        for seal, one, tag in zip(sealed, bodies, tags, strict=True)
    ]
    context.ledger.record([(batch.number, items)], riding=riding)
    return batch


def post(context: Context, batch: Outgoing) -> str:
    origin = origin_of(context.job.run_id, batch.number)
    return context.client.post_batch(origin, batch.bodies, context.stop, 1)


def die(context: Context) -> None:
    """As after kill -9: nothing is merged, nothing told."""
    context.ledger.close()
    context.client.close()
    context.client.budget.close()
