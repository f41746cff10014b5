"""A run, from top to bottom: read, map, batch, record, send, confirm, merge, close with counts.

It works in threads of its own: one reads, a few send, one confirms, one keeps the snapshot fresh.
Measured against one event loop with an async client, blocking clients in threads cost half the CPU.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from omnisend_tui.engine import leavers
from omnisend_tui.engine.confirm import Confirmer
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.counters import Counters
from omnisend_tui.engine.ending import guarded, in_thread, verdict
from omnisend_tui.engine.fresh import TICK, Fresh
from omnisend_tui.engine.job import Job
from omnisend_tui.engine.later import give_later_tags
from omnisend_tui.engine.ledger import Ledger
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.engine.lock import ExportLock
from omnisend_tui.engine.outbox import SENDERS, Outbox
from omnisend_tui.engine.read import read
from omnisend_tui.engine.recovery import recover
from omnisend_tui.engine.send import send, take_back
from omnisend_tui.engine.tags import Tagger
from omnisend_tui.engine.turns import take_short_turns
from omnisend_tui.errors import AppError
from omnisend_tui.omnisend.budget import open_budget, open_tag_budget
from omnisend_tui.omnisend.client import OmnisendClient
from omnisend_tui.progress import RunError, Snapshot
from omnisend_tui.state import Wish


class Run:
    """A run under way in this process; every method may be called from any thread."""

    def __init__(
        self,
        job: Job,
        lock: ExportLock,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        on_end: Callable[[Snapshot, threading.Event], None] = lambda _end, _enough: None,
    ) -> None:
        """``on_end`` is called with the final snapshot once the lock is let go.

        It may take its time, in the run's thread, but for when its event is set.
        """
        self.job = job
        self._lock = lock
        self._clock = clock
        self._ticks = ticks
        self._stop = threading.Event()
        self._abandon = threading.Event()
        self._ended = threading.Event()
        self._on_end = on_end
        self._enough = threading.Event()
        self._followed = threading.Event()
        self._cancelled = False
        self._thread: threading.Thread | None = None
        self._outbox = Outbox(self._stop)
        self._counters = Counters(job.first_snapshot(clock()), clock)

    def start(self, allowed: Callable[[], None] = lambda: None) -> None:
        """Opens the ledger and goes on in threads, which let the lock go at the end.

        ``allowed`` is called once other processes can see the run, and raises ``AppError`` where
        it may not go on: what it runs with may have been removed in between. Raises ``StateError``
        and ``CredentialsError`` (the ledger's key) too; then the lock is still held.
        """
        job = self.job
        with ExitStack() as opened:
            context = self._open(opened)
            # A resumed run counts anew, and what its dead process was asked for is over.
            job.state.take_wish(job.run_id)
            job.state.forget_problems(job.run_id)
            job.state.save_snapshot(self._counters.set(status="running"))
            self._ask(allowed)
            if job.resumed:
                context.log("run_resumed", user=job.user, by=job.started_by)
            else:
                context.log("run_started")
            work = partial(self._work, context, opened.pop_all())
        self._thread = threading.Thread(target=work, name=f"run {job.run_id}")
        self._thread.start()

    @property
    def started(self) -> bool:
        """Whether it goes on by itself, and lets the lock go."""
        return self._thread is not None

    def snapshot(self) -> Snapshot:
        return self._counters.snapshot()

    def pause(self) -> None:
        """Nothing more is sent until ``resume``; what is in flight is confirmed."""
        if not self._stop.is_set():
            self._outbox.pause(True)
            self._counters.steer("paused")

    def resume(self) -> None:
        if self._outbox.halt.paused:
            self._outbox.pause(False)
            self._counters.steer("running")

    def cancel(self) -> None:
        """Stops sending at once; what is in flight is still confirmed, for a limited time."""
        if self._ended.is_set():
            return
        self._cancelled = True
        self._stop.set()  # before a pause ends, so that nothing slips out
        self.resume()
        self._counters.cancel()

    def abandon(self) -> None:
        """Cancels, and what is in flight isn't confirmed either: the next run looks for it."""
        self.cancel()
        self._abandon.set()

    def wait(self, timeout: float | None = None) -> Snapshot | None:
        """The final snapshot; None when the run goes on after ``timeout`` seconds."""
        return self.snapshot() if self._ended.wait(timeout) else None

    def follow(self, timeout: float | None = None) -> bool:
        """Waits for what follows the end, too; False when it goes on after ``timeout`` seconds."""
        # Not by ``join``: Ctrl+C in the middle of it counts the thread as ended.
        return self._followed.wait(timeout)

    def hurry(self) -> None:
        """What follows the end is given up."""
        self._enough.set()

    def _ask(self, allowed: Callable[[], None]) -> None:
        try:
            allowed()
        except AppError as error:
            self.job.state.save_snapshot(self._counters.end("failed", RunError.of(error)))
            raise

    def _open(self, opened: ExitStack) -> Context:
        job = self.job
        ledger = Ledger(job.ledger_path, job.ledger_key)
        opened.callback(ledger.close)
        of_run = (job.budget_path, job.connection, job.brand.id, job.run_id)
        budget = opened.enter_context(open_budget(*of_run))
        self._counters.set(budget_limit=budget.limit)
        client = OmnisendClient(job.connection.base_url, job.api_key, budget, SENDERS + 1)
        opened.callback(client.close)
        return Context(
            job=job,
            counters=self._counters,
            client=client,
            tag_budget=opened.enter_context(open_tag_budget(*of_run)),
            ledger=ledger,
            outbox=self._outbox,
            stop=self._stop,
            abandon=self._abandon,
            clock=self._clock,
            ticks=self._ticks,
        )

    def _work(self, context: Context, opened: ExitStack) -> None:
        take_short_turns()
        try:
            guarded(context, partial(self._pipeline, context))
            self._end(context)
        finally:
            opened.close()
            self._lock.release()
            self._ended.set()
            try:
                self._on_end(self.snapshot(), self._enough)
            finally:
                self._followed.set()

    def _pipeline(self, context: Context) -> None:
        context.numbers = context.ledger.begin(self.job.run_id)
        left = context.ledger.left
        self._counters.set(leavers=left, leavers_found=left)
        confirmer, tagger = Confirmer(context), Tagger(context)
        senders_done, all_confirmed, ticking = (threading.Event() for _n in range(3))
        ticker = in_thread(context, partial(self._keep_fresh, context, ticking))
        threads: list[threading.Thread] = []
        others = Others(self.job.other_ledgers)
        try:
            guarded(context, partial(recover, context))
            senders = [
                in_thread(context, partial(send, context, confirmer)) for _ in range(SENDERS)
            ]
            confirming = in_thread(context, partial(confirmer.work, senders_done))
            tagging = in_thread(context, partial(tagger.work, all_confirmed))
            threads = [*senders, confirming, tagging]
            guarded(context, partial(read, context, others))
            self._outbox.complete()
            self._stages(context, senders)
            senders_done.set()
            self._await(confirming)
            all_confirmed.set()
            self._tell_confirmed(context)
            self._await_tags(context, tagging)
            guarded(context, partial(give_later_tags, context))
            guarded(context, partial(self._leavers, context, others))
        finally:
            self._stop.set()
            self._abandon.set()
            for thread in threads:
                thread.join()
            ticking.set()
            ticker.join()
            others.close()
        take_back(context)
        owed = context.ledger.tag_log.owed
        context.counters.set(tags_owed=context.counters.snapshot().tagged + owed)
        context.ledger.merge()

    def _tell_sent(self, context: Context) -> bool:
        now = context.counters.snapshot()
        if not 0 < now.to_send <= now.sent or self._stop.is_set():
            return False
        context.log("all_sent", sent=now.sent)
        return True

    def _tell_confirmed(self, context: Context) -> None:
        confirmed = context.counters.snapshot().confirmed
        if confirmed and not self._stop.is_set():
            context.log("all_confirmed", confirmed=confirmed)

    def _await_tags(self, context: Context, tagging: threading.Thread) -> None:
        """What is confirmed gets its tags; a cancelled run leaves them owed."""
        if tagging.is_alive() and not self._stop.is_set():
            context.counters.enter("tagging")
        tagging.join()
        if tagged := context.counters.snapshot().tagged:
            context.log("tags_given", tagged=tagged)

    def _leavers(self, context: Context, others: Others) -> None:
        """Only a source that was read to its end, and isn't empty, says who left."""
        seen = leavers.still_there(context)
        if seen is None or self._stop.is_set():
            return
        # What was confirmed and given must be known before anything is taken.
        context.ledger.merge()
        leavers.find(context, seen)
        if leavers.judge(context):
            context.counters.enter("leaving")
            leavers.remove(context, others)
            if gone := context.counters.snapshot().leavers:
                context.log("leavers_removed", leavers=gone)

    def _stages(self, context: Context, senders: list[threading.Thread]) -> None:
        """Waits for the senders; once nothing waits for them, the rest is confirming."""
        told = False
        for sender in senders:
            while sender.is_alive():
                sender.join(0.1)
                if not context.outbox.waiting:
                    context.counters.enter("confirming")
                told = told or self._tell_sent(context)

    def _await(self, confirming: threading.Thread) -> None:
        """A cancelled or failed run confirms what is in flight for a limited time."""
        while confirming.is_alive() and not self._stop.is_set():
            confirming.join(0.1)
        confirming.join(self.job.patience.cancel)

    def _keep_fresh(self, context: Context, done: threading.Event) -> None:
        fresh = Fresh(context)
        while not done.wait(TICK):
            self.job.state.save_snapshot(fresh.tick())
            self._obey(self.job.state.take_wish(self.job.run_id))

    def _obey(self, wish: Wish | None) -> None:
        """Does what another process asked for."""
        if wish == "cancel":
            self.cancel()
        elif wish == "pause":
            self.pause()
        elif wish == "resume":
            self.resume()

    def _end(self, context: Context) -> None:
        status, error = verdict(context, cancelled=self._cancelled)
        final = context.counters.end(status, error)
        try:
            self.job.state.save_snapshot(final)
            context.log("run_ended", status=status, why=error.message if error else "")
        except AppError as failure:
            context.counters.end("failed", RunError.of(failure))
