"""What a run would do, without sending anything: its counts, and what it would cost.

It reads and compares as a run does, on a copy of the ledger: what it notes matters to nobody.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from omnisend_tui.engine import leavers
from omnisend_tui.engine.compare import Comparer, Plan
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.divide import Divided, divided
from omnisend_tui.engine.job import Job
from omnisend_tui.engine.ledger import Ledger
from omnisend_tui.engine.ledger.database import unusable
from omnisend_tui.engine.ledger.files import copy
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.engine.outbox import Outbox
from omnisend_tui.engine.price import Limits, Price, batch_requests, price, tag_requests
from omnisend_tui.engine.read import counted, opened, too_many_new, too_many_read
from omnisend_tui.engine.send import origin_of
from omnisend_tui.errors import AppError
from omnisend_tui.mapping.contacts import with_status
from omnisend_tui.mapping.convert import Converted, compile_mapping, mask
from omnisend_tui.omnisend.budget import open_budget, open_tag_budget
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.omnisend.models import BATCH_ITEMS
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.records import LogLine

_SAMPLED = 3 * BATCH_ITEMS  # contacts that are kept as a sample
Tell = Callable[[Snapshot], None]
Hear = Callable[[LogLine], None]


@dataclass(slots=True)
class Forecast:
    """Profiles by what would become of them. ``error``: the stopping rule that would end the run.

    ``new`` are at most as many: contacts that no ledger of the workspace has for the brand. Whom
    Omnisend lists as unsubscribed isn't known, so all that is sent is at most. ``subscribed`` are
    contacts that the e-mail status would be sent for. ``items`` are the first contacts that would
    be sent, as JSON with masked identifiers; ``reasons`` say why there are rejects. Nobody is in
    ``empty_segments``, which may be misspelled.
    """

    export: str = ""
    run_id: str = ""
    total: int | None = None
    read: int = 0
    would_send: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    warnings: int = 0
    new: int = 0
    subscribed: int = 0
    would_tag: int = 0
    would_remove: int = 0
    riding: bool = False
    price: Price = field(default_factory=Price)
    items: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    error: RunError | None = None
    empty_segments: tuple[str, ...] = ()
    started_at: float = 0.0
    finished_at: float = 0.0


def sample_requests(forecast: Forecast) -> list[dict[str, Any]]:
    """The first bodies of ``POST /batches``, up to three, with masked identifiers."""
    items = [msgspec.json.decode(item) for item in forecast.items]
    return [
        {
            "method": "POST",
            "endpoint": "contacts",
            "origin": origin_of(forecast.run_id, at // BATCH_ITEMS + 1),
            "items": items[at : at + BATCH_ITEMS],
        }
        for at in range(0, len(items), BATCH_ITEMS)
    ]


def forecast(
    job: Job,
    stop: threading.Event,
    tell: Tell = lambda _snapshot: None,
    hear: Hear = lambda _line: None,
) -> Forecast:
    """Reads the source, compares it and sends nothing. ``tell`` has each chunk's counts.

    ``hear`` has what the log of a run would say, at once and from any thread: nothing of it is
    kept.

    Raises ``AppError`` for a source or a ledger that can't be read. Once ``stop`` is set it ends
    early, with what it has.
    """
    with _copied_ledger(job) as ledger, _room(job, ledger, stop, hear) as context:
        others = Others(job.other_ledgers)
        try:
            found = _Forecaster(context, others, tell).work()
            found.empty_segments = context.counters.snapshot().empty_segments
            return found
        finally:
            others.close()


class _Forecaster:
    def __init__(self, context: Context, others: Others, tell: Tell) -> None:
        job = context.job
        self._context = context
        self._others = others
        self._tell = tell
        self._size = 0  # bytes of what would be sent
        self._gives: Counter[int] = Counter()  # contacts by the set of tags that they get
        self._takes: Counter[frozenset[str]] = Counter()
        self.result = Forecast(
            export=job.export.name,
            run_id=job.run_id,
            riding=context.riding,
            started_at=context.clock(),
        )

    def work(self) -> Forecast:
        context, result = self._context, self.result
        source = opened(context)
        converter = compile_mapping(context.job.export)
        try:
            result.total = counted(context, source)
        except AppError as error:
            if error.code != "too_many_profiles":
                raise
            self._found(error)
            result.finished_at = context.clock()
            return result
        self._tell(context.counters.snapshot())
        comparer = Comparer(context, None, self._others)
        for found in divided(context, source, converter, comparer):
            self._found(too_many_read(context, found))
            self._add(found)
            self._tell(context.counters.snapshot())
        context.unclear = source.unclear
        if not context.stop.is_set():
            self._found(context.too_many_rejects(complete=True))
            self._leavers(comparer)
        self._price()
        result.finished_at = context.clock()
        return result

    def _found(self, finding: AppError | None) -> None:
        """The first one would end the run."""
        if finding is not None and self.result.error is None:
            self.result.error = RunError.of(finding)

    def _add(self, found: Divided) -> None:
        context, result = self._context, self.result
        converted, plan, rejects = found.converted, found.plan, found.rejects()
        result.read += found.read
        result.would_send += len(plan.send)
        result.subscribed += sum(map(bool, plan.statuses))
        result.reasons.update(problem.reason for problem in rejects)
        result.unchanged += len(plan.unchanged)
        result.duplicates += len(plan.duplicates)
        result.rejected += len(rejects)
        result.warnings += len(found.warnings())
        self._found(too_many_new(context, len(plan.strangers)))
        result.new += len(plan.strangers)
        context.counters.set(
            read=result.read, rejected=result.rejected, new=result.new, accepted=result.would_send,
            unchanged=result.unchanged, duplicates=result.duplicates,
        )  # fmt: skip
        self._found(context.too_many_rejects())
        self._gives.update(row.tags for row in plan.owed)
        if not context.riding:
            self._gives.update(adds for adds in plan.adds if adds)
        self._size += sum(map(len, plan.statuses))
        for position, adds in zip(plan.send, plan.adds, strict=True):
            self._size += len(converted.bodies[position]) + len(context.head(adds))
        context.ledger.leaving.note(plan.leaving)
        result.items += _sampled(context, plan, converted, _SAMPLED - len(result.items))

    def _leavers(self, comparer: Comparer) -> None:
        """As a run would find them; whom another export wants to keep a tag keeps it."""
        context = self._context
        if context.job.partial or context.unreadable or context.unclear or not comparer.seen:
            return
        ledger = context.ledger
        leavers.find(context, comparer.seen)
        for rows in ledger.leaving.noted():
            losing = {row.sealed: ledger.tags(row.tags) for row in rows}
            for tag in frozenset().union(*losing.values()):
                for address in self._others.wanting(list(losing), tag):
                    losing[address] -= {tag}
            self._takes.update(tags for tags in losing.values() if tags)
        self._found(leavers.too_many(context))

    def _price(self) -> None:
        context, result = self._context, self.result
        result.would_tag = sum(self._gives.values())
        result.would_remove = sum(self._takes.values())
        result.price = price(
            batch_requests(result.would_send, self._size),
            tag_requests([*self._gives.values(), *self._takes.values()]),
            Limits.of(context.job.connection),
        )


def _sampled(context: Context, plan: Plan, converted: Converted, most: int) -> Iterator[str]:
    """Bodies as they would be sent, with masked addresses and phone numbers."""
    for place, position in enumerate(plan.send[: max(0, most)]):
        body = converted.bodies[position]
        if plan.statuses:
            body = with_status(body, plan.statuses[place])
        yield masked(context.head(plan.adds[place]) + body[1:])


def masked(body: bytes) -> str:
    """An encoded contact in which no identifier can be read, wherever it stands."""
    contact = msgspec.json.decode(body)
    text = msgspec.json.encode(contact).decode()
    for identifier in contact.get("identifiers", ()):
        value = str(identifier.get("id", ""))
        if not value:
            continue
        hidden = mask(value) if identifier.get("type") == "email" else f"***{value[-2:]}"
        text = re.sub(re.escape(value), hidden.replace("\\", r"\\"), text, flags=re.IGNORECASE)
    return text


@contextmanager
def _copied_ledger(job: Job) -> Iterator[Ledger]:
    """The export's ledger as it stands, in a folder that is gone afterwards."""
    try:
        job.temp_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = TemporaryDirectory(prefix="ledger-", dir=job.temp_dir)
    except OSError as error:
        raise unusable(error) from error
    with folder as name:
        path = Path(name) / "ledger.sqlite"
        copy(job.ledger_path, path)
        ledger = Ledger(path, job.ledger_key)
        try:
            # As a run of its own, which nobody has begun before.
            ledger.begin(job.run_id)
            yield ledger
        finally:
            ledger.close()


@contextmanager
def _room(job: Job, ledger: Ledger, stop: threading.Event, hear: Hear) -> Iterator[Context]:
    """A context whose client is never asked for anything."""
    first = Snapshot(
        run_id=job.run_id,
        export_id=job.export.id,
        export=job.export.name,
        status="running",
        started_at=time.time(),
    )
    of_run = (job.budget_path, job.connection, job.brand.id, job.run_id)
    with open_budget(*of_run) as budget, open_tag_budget(*of_run) as tag_budget:
        client = OmnisendClient(job.connection.base_url, job.api_key, budget, 1)
        try:
            yield Context(
                job=job,
                counters=Counters(first, time.time),
                client=client,
                tag_budget=tag_budget,
                ledger=ledger,
                outbox=Outbox(stop),
                stop=stop,
                abandon=stop,
                clock=time.time,
                hear=hear,
            )
        finally:
            client.close()
