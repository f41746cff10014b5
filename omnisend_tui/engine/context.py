"""What the rooms of one run share: its job, counters, client, ledger and the two ways to stop."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.job import Job
from omnisend_tui.engine.ledger import Item, Ledger, content_hash
from omnisend_tui.engine.outbox import Outbox, Outgoing
from omnisend_tui.engine.seen import Seen
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.omnisend.models import BATCH_ITEMS
from omnisend_tui.problems import Problem
from omnisend_tui.records import LogLine


@dataclass(slots=True)
class Context:
    """``stop`` ends reading and sending; ``abandon`` ends confirming too.

    ``seen`` has everybody in the source once it was read to its end. ``numbers`` is the last number
    of a batch.
    """

    job: Job
    counters: Counters
    client: OmnisendClient
    ledger: Ledger
    outbox: Outbox
    stop: threading.Event
    abandon: threading.Event
    clock: Callable[[], float]
    last_answer: float
    failure: AppError | None = None
    seen: Seen | None = None
    numbers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _heads: dict[int, bytes] = field(default_factory=dict)

    @property
    def riding(self) -> bool:
        """Whether tags travel in the contacts: only where the brand was seen to add them."""
        behaviour = self.job.behaviour
        return behaviour is not None and behaviour.tags == "add"

    def head(self, adds: int) -> bytes:
        """How a contact's body begins that carries the tags that it lacks (a set's number)."""
        if not adds or not self.riding:
            return b"{"
        if adds not in self._heads:
            tags = msgspec.json.encode(sorted(self.ledger.tags(adds)))
            self._heads[adds] = b'{"tags":' + tags + b","
        return self._heads[adds]

    def answered(self) -> None:
        """Omnisend answered: an outage, if there was one, is over."""
        self.last_answer = self.clock()
        if self.counters.snapshot().waiting_for:
            self.counters.set(waiting_for="")

    def fail(self, error: AppError, *, abandon: bool = False) -> None:
        """Ends the run; the first failure is the one that is told."""
        with self._lock:
            self.failure = self.failure or error
        self.stop.set()
        if abandon:
            self.abandon.set()

    def log(self, code: str, **parameters: str | int) -> None:
        line = LogLine(at=self.clock(), code=code, parameters=parameters)
        self.job.state.add_log(self.job.run_id, line)

    def posts_left(self) -> int:
        """Batch requests that are still to be made, as far as is known."""
        now = self.counters.snapshot()
        if now.total is None:
            return self.outbox.waiting + 1000
        unread = max(0, now.total - now.read)
        return self.outbox.waiting + -(-unread // BATCH_ITEMS)

    def next_number(self) -> int:
        with self._lock:
            self.numbers += 1
            return self.numbers

    def record(self, batches: Sequence[Outgoing]) -> None:
        """Batches are in the ledger before they are sent."""
        if not batches:
            return
        self.ledger.record(
            (
                (
                    batch.number,
                    [
                        Item(sealed, content_hash(body), adds, result)
                        for sealed, body, adds, result in zip(
                            batch.sealed, batch.bodies, batch.adds, batch.results, strict=True
                        )
                    ],
                )
                for batch in batches
            ),
            riding=self.riding,
        )
        self.counters.add(batches=len(batches))

    def reject(self, problems: Sequence[Problem]) -> None:
        if problems:
            self.job.state.add_problems(self.job.run_id, "reject", problems)
            self.counters.add(rejected=len(problems))

    def judge_rejects(self, *, complete: bool = False) -> bool:
        """Whether sending may go on by the stopping rule (spec.md); judged from 1,000 read on."""
        now = self.counters.snapshot()
        limit = self.job.export.max_rejects
        if self.job.options.allow_rejects or limit >= 100 or (now.read < 1000 and not complete):
            return True
        if now.rejected <= 20 or now.rejected * 100 <= limit * now.read:
            return True
        self.fail(
            AppError(
                "too_many_rejects",
                _("{rejected} of {read} profiles read are rejects, more than {limit} %.").format(
                    rejected=now.rejected, read=now.read, limit=limit
                ),
                _("Look at the rejects; `run --allow-rejects` goes on in spite of them."),
            )
        )
        return False
