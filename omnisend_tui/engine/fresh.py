"""Keeps a run's snapshot fresh: rate, budget, time left, and what it waits for."""

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.slots import Share
from omnisend_tui.engine.time_left import EVERY, Moment, TimeLeft
from omnisend_tui.engine.waiting import Network, Waiting, reason
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
        window, tags = context.client.budget.use(), context.tag_budget.use()
        run = context.counters.snapshot()
        paused = context.outbox.halt.paused
        self._tell_outage()
        waits = "" if paused else reason(
            recovering=context.recovering,
            trouble=context.trouble,
            silent_for=context.silent_for,
            window=window,
            full_for=context.client.budget.full_for,
            tags=tags,
            tags_full_for=context.tag_budget.full_for,
            tags_only=run.stage in ("tagging", "leaving"),
            source=now < context.source_at and not context.outbox.unsent,
        )  # fmt: skip
        left = self._time_left.see(self._moment(now, run, window, tags))
        context.counters.set(
            budget_limit=window.allowed,
            budget_used=window.used,
            budget_lowered=window.lowered,
            requests_chart=window.chart,
            waiting_for=self._waiting.see(now, waits),
            seconds_left=None if paused or run.cancelling else left,
        )

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
            window=_share(window, 2 * context.client.budget.reserve),
            tags=_share(tags, 0),
            newcomers=context.newcomers_expected,
            newcomers_owed=context.newcomers_expected if context.gives_tags else 0,
        )


def _share(use: Use, kept: int) -> Share:
    rivals = tuple((rival.ago, rival.remaining) for rival in use.rivals)
    return Share(max(1, use.allowed - kept), use.chart, rivals, use.under_way)
