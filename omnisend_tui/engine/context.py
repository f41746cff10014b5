"""What the rooms of one run share: its job, counters, client, ledger and the two ways to stop."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Literal

import msgspec

from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.folding import Folding
from omnisend_tui.engine.job import Job
from omnisend_tui.engine.ledger import Item, Ledger, content_hash
from omnisend_tui.engine.outbox import Outbox, Outgoing
from omnisend_tui.engine.seen import Seen
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.omnisend.budget import Budget
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.omnisend.models import BATCH_ITEMS, TAGGED
from omnisend_tui.problems import Problem
from omnisend_tui.records import LogLine, tags_ride


@dataclass(slots=True)
class Context:
    """``stop`` ends reading and sending; ``abandon`` ends confirming too.

    ``seen`` has everybody in the source once it was read to its end, save whom its ``unreadable``
    rows hide, and so many as it is ``unclear`` about; ``leavers_expected`` are about how many
    weren't met then. ``newcomers_expected`` are those who have to be among the profiles that
    weren't read yet, since so few are known. ``gone``
    are the keys of ``job.again`` that the source had no more. ``hear`` has the lines of the log
    where nothing is kept. ``later_tags`` are those of later
    rows of an address, by its sealed form, whose first row may be on its way already. ``numbers``
    is the last number of a batch.

    ``unsubscribed`` are those whom Omnisend listed so, by the SIV of their sealed addresses; None
    where nobody asked. It counts as right until ``fresh_until``, while no pause ended since:
    ``fresh_in`` is how many had ended by then.

    ``trouble`` is why the last request had no answer, '' once one had; ``silent_for`` tells since
    when. ``source_at`` is when a source that can't go on is asked again, ``lost_at`` when the
    answer to a batch was lost last.

    ``clock`` gives seconds since the epoch, for times that are shown or compared with Omnisend's;
    it may be set. ``ticks`` never runs back and measures all waits: ``last_answer``,
    ``troubled_at``, ``source_at``, ``lost_at`` and ``fresh_until`` are its seconds.
    """

    job: Job
    counters: Counters
    client: OmnisendClient
    tag_budget: Budget
    ledger: Ledger
    outbox: Outbox
    stop: threading.Event
    abandon: threading.Event
    clock: Callable[[], float]
    ticks: Callable[[], float] = time.monotonic
    hear: Callable[[LogLine], None] | None = None
    last_answer: float = -math.inf
    failure: AppError | None = None
    trouble: Literal["", "network", "retry"] = ""
    troubled_at: float = -math.inf
    source_at: float = -math.inf
    lost_at: float = -math.inf
    seen: Seen | None = None
    unreadable: int = 0
    unclear: int = 0
    gone: int = 0
    leavers_expected: int = 0
    newcomers_expected: int = 0
    later_tags: dict[bytes, frozenset[str]] = field(default_factory=dict)
    standstill: bool = False
    recovering: bool = False
    numbers: int = 0
    unsubscribed: Seen | None = None
    fresh_until: float = -math.inf
    fresh_in: int = 0
    listing: threading.Lock = field(default_factory=threading.Lock)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _folding: Folding = field(default_factory=Folding)
    _heads: dict[int, bytes] = field(default_factory=dict)

    @property
    def riding(self) -> bool:
        """Whether tags travel in the contacts."""
        return tags_ride(self.job.behaviour)

    @property
    def gives_tags(self) -> bool:
        """Whether newcomers get tags by requests of their own."""
        export = self.job.export
        return bool(export.tags or export.segment_tag) and not self.riding

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
        self.last_answer = self.ticks()
        self.trouble = ""

    def unanswered(self, trouble: Literal["network", "retry"]) -> None:
        """A request had no usable answer; it is tried again."""
        if not self.trouble:
            self.troubled_at = self.ticks()
        self.trouble = trouble

    def hear_source(self, event: str, **fields: str | int) -> None:
        """What a source tells while it is read (``Access.tell``)."""
        if event == "source_segment_empty":
            self.counters.note_empty(str(fields["name"]))
        if event != "source_waits":
            self.log(event, **fields)
            return
        self.source_at = self.ticks() + int(fields["seconds"])
        if self.hear is None:
            self.log_folded(event, **fields)
        else:  # somebody looks at it, for whom each wait is news
            self.log(event, **fields)

    @property
    def silent_for(self) -> float:
        """Seconds since the first request without an answer, 0 where the last one had one.

        Before that nothing may have been asked for long.
        """
        return self.ticks() - self.troubled_at if self.trouble else 0.0

    def fail(self, error: AppError, *, abandon: bool = False) -> None:
        """Ends the run; the first failure is the one that is told."""
        with self._lock:
            self.failure = self.failure or error
        self.stop.set()
        if abandon:
            self.abandon.set()

    def log(self, code: str, **parameters: str | int) -> None:
        line = LogLine(at=self.clock(), code=code, parameters=parameters)
        if self.hear is None:
            self.job.state.add_log(self.job.run_id, line)
        else:
            self.hear(line)

    def log_folded(self, code: str, **parameters: str | int) -> None:
        """As ``log``, seldom for what repeats; ``more`` is how often it came without a line."""
        kind = f"{code} {parameters.get('status', '')}"
        more = self._folding.see(kind, self.ticks())
        if more is not None:
            self.log(code, **parameters, more=more)

    def posts_left(self) -> int:
        """Batch requests that are still to be made, as far as is known; none while the run pauses,
        or once it stops.
        """
        if self.outbox.halt.is_set():
            return 0
        now = self.counters.snapshot()
        unread = max(0, (now.total or 0) - now.read)
        expected = unread * now.to_send // now.read if now.read else unread
        return self.outbox.unsent + -(-expected // BATCH_ITEMS)

    def tag_requests_left(self) -> int:
        """As ``posts_left``, of requests for tags."""
        if self.outbox.halt.is_set():
            return 0
        now = self.counters.snapshot()
        unread = max(0, (now.total or 0) - now.read)
        expected = unread * now.tags_owed // now.read if now.read else 0
        waiting = (now.tags_owed + expected - now.tagged, self.leavers_left())
        return sum(-(-max(0, count) // TAGGED) for count in waiting)

    def leavers_left(self) -> int:
        """Who is yet to lose tags: as many as are expected, until they were found."""
        now = self.counters.snapshot()
        found = now.leavers_found
        if now.stage != "leaving":
            found = max(found, self.leavers_expected)
        return max(0, found - now.leavers)

    def next_number(self) -> int:
        with self._lock:
            self.numbers += 1
            return self.numbers

    def record(self, batches: Sequence[Outgoing], *, instead: int = 0) -> None:
        """Batches are in the ledger before they are sent; some come ``instead`` of others."""
        if batches:
            items = ((batch.number, _items(batch)) for batch in batches)
            self.ledger.record(items, riding=self.riding)
        self.counters.add(batches=len(batches) - instead)

    def forgo_tags(self, batch: Outgoing, positions: Iterable[int]) -> None:
        """Contacts of a batch aren't sent, or were refused, so that they get no tags."""
        if not self.riding:
            self.counters.add(tags_owed=-sum(bool(batch.adds[i]) for i in positions))

    def reject(self, problems: Sequence[Problem]) -> None:
        if problems:
            self.job.state.add_problems(self.job.run_id, "reject", problems)
            self.counters.add(rejected=len(problems))

    def judge_rejects(self, *, complete: bool = False) -> bool:
        """Whether sending may go on by the stopping rule (spec.md); judged from 1,000 read on."""
        finding = self.too_many_rejects(complete=complete)
        if finding is not None:
            self.fail(finding)
        return finding is None

    def too_many_rejects(self, *, complete: bool = False) -> AppError | None:
        """What the stopping rule finds, None where sending may go on.

        Of profiles that were rejects before, any share may be.
        """
        now = self.counters.snapshot()
        limit = self.job.export.max_rejects
        allowed = self.job.options.allow_rejects or self.job.again is not None
        if allowed or limit >= 100 or (now.read < 1000 and not complete):
            return None
        if now.rejected <= 20 or now.rejected * 100 <= limit * now.read:
            return None
        return AppError(
            "too_many_rejects",
            _("{rejected} of {read} profiles read are rejects, more than {limit} %.").format(
                rejected=now.rejected, read=now.read, limit=limit
            ),
            _("Look at the rejects; `run --allow-rejects` goes on in spite of them."),
        )


def _items(batch: Outgoing) -> list[Item]:
    sending = batch.sending or repeat(0, batch.size)
    return [
        Item(sealed, content_hash(body), adds, result, status)
        for sealed, body, adds, result, status in zip(
            batch.sealed, batch.bodies, batch.adds, batch.results, sending, strict=True
        )
    ]
