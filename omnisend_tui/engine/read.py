"""Reads the source to its end and fills batches with what is to be sent."""

from dataclasses import replace
from functools import partial

from omnisend_tui.engine.again import Again
from omnisend_tui.engine.compare import Comparer, Plan
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.divide import Divided, divided
from omnisend_tui.engine.ledger import Fate
from omnisend_tui.engine.ledger.others import Others
from omnisend_tui.engine.outbox import Outgoing
from omnisend_tui.engine.unsubscribed import list_unsubscribed
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.convert import compile_mapping
from omnisend_tui.omnisend.models import BATCH_BYTES, BATCH_ITEMS
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import ProfileSource, Selection

_ENVELOPE = 1000  # bytes of a request around its contacts


def read(context: Context, others: Others) -> None:
    """Feeds the outbox until the source ends or the run stops. Raises ``AppError``.

    ``context.seen`` has everybody who was met once the whole source was read.
    """
    if context.stop.is_set():
        return
    job = context.job
    if job.again is not None:
        _tell_again(context, job.again)
        if not job.again.keys:
            context.counters.set(total=0, reading_done_at=context.clock())
            return
    source = opened(context)
    converter = compile_mapping(job.export)
    total = counted(context, source)
    context.log("source_counted", total=total)
    comparer = Comparer(context, list_unsubscribed(context), others)
    packer = _Packer(context)
    for found in divided(context, source, converter, comparer):
        if (finding := too_many_read(context, found)) is not None:
            raise finding
        packer.add(found)
        _expect(context, comparer, total)
        if not packer.hand_on():
            return
    if context.stop.is_set():
        return
    if source.unclear:
        context.unclear, context.leavers_expected = source.unclear, 0
    packer.finish()
    if comparer.left_alone:
        context.log("unsubscribed_left_alone", count=comparer.left_alone)
    now = context.counters.snapshot()
    if now.left_unsubscribed:
        context.log("status_withheld", count=now.left_unsubscribed)
    if packer.subscribing:
        context.log("opt_ins_found", count=packer.subscribing)
    if context.gone:
        context.log("rejects_gone", count=context.gone)
    context.counters.set(total=now.read, reading_done_at=context.clock())
    context.log("reading_done", read=now.read)
    if not job.partial and not context.stop.is_set():
        context.seen = comparer.seen


def _expect(context: Context, comparer: Comparer, total: int) -> None:
    """What the profiles that were read say of those that weren't, and of who isn't there."""
    if context.job.partial or context.unreadable:
        return
    now = context.counters.snapshot()
    if now.read < total:
        contacts = round((total - now.read) * comparer.met / max(1, now.read))
        context.newcomers_expected = max(0, contacts - comparer.unmet)
    else:
        context.newcomers_expected = 0
        context.leavers_expected = comparer.leavers


def opened(context: Context) -> ProfileSource:
    """The source of a run, which tells its log and waits as long as the run does."""
    job = context.job
    access = replace(
        job.access,
        tell=context.hear_source,
        repeated=partial(context.counters.add, retries=1),
        patience=job.patience.outage,
    )
    return open_source(job.source, job.temp_dir, access)


def counted(context: Context, source: ProfileSource) -> int:
    """How many profiles there are. Raises ``AppError`` (too_many_profiles, or the source's)."""
    job = context.job
    export, limit, again = job.export, job.options.limit, job.again
    selection = Selection(export.segments, export.except_segments)
    total = source.count(selection, context.stop, limit=export.max_profiles)
    if context.stop.is_set():
        return 0
    if total > export.max_profiles:
        raise AppError(
            "too_many_profiles",
            _("The segments hold {total} profiles; this export takes at most {limit}.").format(
                total=number(total), limit=number(export.max_profiles)
            ),
            _("Choose fewer segments, or raise the export's limit."),
        )
    if again is not None:
        context.counters.set(total=len(again.keys))
    else:
        context.counters.set(total=total if limit is None else min(total, limit))
    return total


def too_many_read(context: Context, found: Divided) -> AppError | None:
    """'too_many_profiles' once more were read than the export takes, however many were counted."""
    limit = context.job.export.max_profiles
    # As in a count, rows that can't be read are none.
    if context.counters.snapshot().read + found.read - context.unreadable <= limit:
        return None
    return AppError(
        "too_many_profiles",
        _(
            "The segments hold more profiles than the source counted; this export takes at most"
            " {limit}."
        ).format(limit=number(limit)),
        _("Choose fewer segments, or raise the export's limit."),
    )


def _tell_again(context: Context, again: Again) -> None:
    if again.keys:
        context.log("only_rejects", count=len(again.keys))
    else:
        context.log("no_rejects")
    if again.nameless:
        context.log("rejects_nameless", count=again.nameless)
    if again.forgotten:
        context.log("rejects_forgotten", count=again.forgotten)
    if again.moved:
        context.log("rejects_moved")


def too_many_new(context: Context, strangers: int) -> AppError | None:
    """What the stopping rule finds where ``strangers`` came in addition; None where they may."""
    most = context.job.connection.max_new
    if most is None or context.job.options.allow_new:
        return None
    if context.counters.snapshot().new + strangers <= most:
        return None
    return AppError(
        "too_many_new",
        _("This run would make more than {most} new contacts in Omnisend.").format(
            most=number(most)
        ),
        _("`run --allow-new` goes on; the connection's setting says how many may be new."),
    )


class _Packer:
    """Fills batches with what is to be sent; holds them until rejects may be judged."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._batch = Outgoing(0, [], [], [])
        self._bytes = 0
        self._ready: list[Outgoing] = []
        self.subscribing = 0
        """Contacts that are sent as subscribed."""

    def add(self, found: Divided) -> None:
        converted, plan = found.converted, found.plan
        self._judge_new(plan)
        for place, position in enumerate(plan.send):
            adds, result = plan.adds[place], plan.results[place]
            body = converted.bodies[position]
            size = len(body) + len(self._context.head(adds))
            if plan.statuses:
                size += len(plan.statuses[place]) + 1
            if self._bytes + size > BATCH_BYTES - _ENVELOPE:
                self._pack()
            batch = self._batch
            batch.bodies.append(body)
            batch.keys.append(converted.keys[position])
            batch.sealed.append(found.sealed[position])
            batch.adds.append(adds)
            batch.results.append(result)
            if plan.statuses:
                if plan.lookups[place]:
                    batch.unclear.add(len(batch.statuses))
                batch.statuses.append(plan.statuses[place])
                batch.sending.append(plan.sending[place])
            self._bytes += size
            if len(batch.bodies) == BATCH_ITEMS:
                self._pack()
        self.subscribing += sum(map(bool, plan.statuses))
        self._context.ledger.tag_log.owe(plan.owed)
        self._context.ledger.leaving.note(plan.leaving)
        self._context.ledger.withhold(plan.settled)
        self._note(found)

    def hand_on(self, *, complete: bool = False) -> bool:
        """Records and queues full batches once rejects may be judged; False when the run stops."""
        context = self._context
        if not context.judge_rejects(complete=complete):
            return False
        if context.counters.snapshot().read < 1000 and not complete:
            return True
        ready, self._ready = self._ready, []
        if ready:
            context.record(ready)
        # All of them go there, so that what isn't sent any more is known.
        return context.outbox.put(*ready)

    def finish(self) -> None:
        if self._batch.bodies:
            self._pack()
        self.hand_on(complete=True)

    def _pack(self) -> None:
        self._batch.number = self._context.next_number()
        self._ready.append(self._batch)
        self._batch = Outgoing(0, [], [], [])
        self._bytes = 0

    def _judge_new(self, plan: Plan) -> None:
        """With too many new ones the run stops: nothing that is packed from here on is sent."""
        finding = too_many_new(self._context, len(plan.strangers))
        if finding is None:
            self._context.counters.add(new=len(plan.strangers))
        else:
            self._context.fail(finding)

    def _note(self, found: Divided) -> None:
        context, plan = self._context, found.plan
        state, run_id = context.job.state, context.job.run_id
        warnings, rejects = found.warnings(), found.rejects()
        if warnings:
            state.add_problems(run_id, "warning", warnings)
        if rejects:
            state.add_problems(run_id, "reject", rejects)
        before = sum(plan.fates.values())
        context.counters.recall(before)
        context.counters.add(
            read=found.read,
            rejected=len(rejects),
            duplicates=len(plan.duplicates),
            unchanged=len(plan.unchanged),
            left_unsubscribed=plan.withheld,
            warnings=len(warnings),
            to_send=len(plan.send) + before,
            sent=before,
            confirmed=before,
            created=plan.fates[Fate.CREATED],
            updated=plan.fates[Fate.UPDATED],
            accepted=plan.fates[Fate.ACCEPTED],
            tags_owed=len(plan.owed) + (0 if context.riding else sum(map(bool, plan.adds))),
        )
