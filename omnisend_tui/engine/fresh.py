"""Keeps a run's snapshot fresh: rate, budget, time left, and what it waits for."""

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.slots import Share, freed
from omnisend_tui.engine.time_left import EVERY, Moment, TimeLeft
from omnisend_tui.engine.waiting import STILL, Network, Waiting, reason
from omnisend_tui.omnisend.share import Use
from omnisend_tui.progress import Snapshot

TICK = 0.25  # seconds between snapshots for other processes


class Fresh:
    """``tick`` is called by one thread; the windows are looked at about once a second."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._began = context.ticks()
        self._looked_at: float | None = None
        self._waiting = Waiting()
        self._time_left = TimeLeft()
        self._network = Network()

    def tick(self) -> Snapshot:
        context = self._context
        now = context.ticks()
        if self._looked_at is None or now - self._looked_at >= EVERY - TICK / 2:
            self._looked_at = now
            self._look(now)
        return context.counters.tick()

    def _look(self, now: float) -> None:
        context = self._context
        budget, tag_budget = context.client.budget, context.tag_budget
        paused = context.outbox.halt.paused
        budget.tell(context.posts_left())
        tag_budget.tell(context.tag_requests_left())
        window, tags = budget.use(), tag_budget.use()
        run = context.counters.snapshot()
        self._tell_outage()
        waits = "" if paused else reason(
            recovering=context.recovering,
            trouble=context.trouble,
            silent_for=context.silent_for,
            window=window,
            full_for=budget.full_for,
            tags=tags,
            tags_full_for=tag_budget.full_for,
            tags_only=run.stage in ("tagging", "leaving"),
            source=now < context.source_at and not context.outbox.unsent,
            lost=_only_lost(run) and now - context.lost_at > STILL,
        )  # fmt: skip
        left = self._time_left.see(self._moment(now, run, window, tags))
        waits = self._waiting.see(now, waits)
        context.counters.set(
            budget_limit=window.allowed,
            budget_used=window.used,
            budget_lowered=window.lowered,
            requests_chart=window.chart,
            waiting_for=waits,
            waits_seconds=self._goes_on_in(now, waits, tags),
            seconds_left=None if paused or run.cancelling else left,
        )

    def _goes_on_in(self, now: float, waits: str, tags: Use) -> float | None:
        context = self._context
        if waits == "lost":
            return max(0.0, context.lost_at + context.job.patience.lost - now)
        return _until_free(tags) if waits == "tags" else None

    def _tell_outage(self) -> None:
        context = self._context
        seen = self._network.see(context.trouble, context.silent_for)
        if seen == "lost":
            context.log("network_lost")
        elif seen == "back":
            context.log("network_back")

    def _moment(self, now: float, run: Snapshot, window: Use, tags: Use) -> Moment:
        context = self._context
        return Moment(
            at=now - self._began,
            total=run.total,
            read=run.read,
            done_reading=run.reading_done_at is not None,
            blocked=context.outbox.full,
            to_send=run.to_send,
            unsent=max(0, run.to_send - run.sent),
            sent=run.sent,
            answered=run.sent - run.unanswered,
            tags_owed=run.tags_owed,
            tagged=run.tagged,
            leavers=context.leavers_left(),
            latency=context.client.latency,
            # Polling takes what batches leave to it, and that fills the window too.
            window=_share(window, window.kept + context.client.budget.reserve),
            tags=_share(tags, 0),
            newcomers=context.newcomers_expected,
            newcomers_owed=context.newcomers_expected if context.gives_tags else 0,
        )


def _only_lost(run: Snapshot) -> bool:
    """Whether all that is left to be sent or confirmed is batches whose answer was lost."""
    closed = run.batches_confirmed + run.batches_unconfirmed
    return (
        bool(run.batches_lost and run.reading_done_at) and run.batches_lost + closed == run.batches
    )


def _until_free(use: Use) -> float | None:
    """None where others want slots too, since they may get them first."""
    return None if use.wanted else freed(use.chart, max(0, use.used - use.allowed))


def _share(use: Use, kept: int) -> Share:
    return Share(max(1, use.allowed - kept), use.chart, use.wanted, use.first, use.under_way)
