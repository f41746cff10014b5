"""Reads the source and fills batches: rows become contacts, duplicates and rejects."""

from collections.abc import Iterator

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import SIV
from omnisend_tui.engine.outbox import Outgoing
from omnisend_tui.engine.seen import Seen
from omnisend_tui.engine.unsubscribed import to_leave_alone
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping import Converted, compile_mapping
from omnisend_tui.omnisend.models import BATCH_BYTES, BATCH_ITEMS
from omnisend_tui.problems import Problem
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Selection

_ENVELOPE = 1000  # bytes of a request around its contacts


def read(context: Context) -> None:
    """Feeds the outbox until the source ends or the run stops. Raises ``AppError``."""
    job = context.job
    source = open_source(job.source, job.temp_dir)
    converter = compile_mapping(job.export)
    selection = Selection(job.export.segments, job.export.except_segments)
    total = source.count(selection)
    if total > job.export.max_profiles:
        raise AppError(
            "too_many_profiles",
            _("The segments hold {total} profiles; this export takes at most {limit}.").format(
                total=number(total), limit=number(job.export.max_profiles)
            ),
            _("Choose fewer segments, or raise the export's limit."),
        )
    context.counters.set(total=total)
    context.log("source_counted", total=total)
    packer = _Packer(context, to_leave_alone(context))
    for chunk in source.read(selection, converter.columns, context.stop):
        packer.add(converter.convert(chunk), len(chunk.rows) + len(chunk.unreadable))
        if not packer.hand_on():
            return
    if context.stop.is_set():
        return
    packer.finish()
    if packer.left_alone:
        context.log("unsubscribed_left_alone", count=packer.left_alone)
    now = context.counters.snapshot()
    context.counters.set(total=now.read, reading_done_at=context.clock())
    context.log("reading_done", read=now.read)


class _Packer:
    """Divides contacts into duplicates and batches; holds them until rejects may be judged.

    Those in ``unsubscribed`` are ``left_alone``: they exist in Omnisend and stay as they are.
    """

    def __init__(self, context: Context, unsubscribed: Seen | None) -> None:
        self._context = context
        self._unsubscribed = unsubscribed
        self.left_alone = 0
        self._seen = Seen()
        self._bodies: list[bytes] = []
        self._keys: list[str] = []
        self._sealed: list[bytes] = []
        self._bytes = 0
        self._ready: list[Outgoing] = []

    def add(self, converted: Converted, rows: int) -> None:
        seal, seen = self._context.ledger.seal, self._seen.add
        unsubscribed = self._unsubscribed
        duplicates: set[int] = set()
        unchanged: set[int] = set()
        contacts = zip(converted.emails, converted.bodies, converted.keys, strict=True)
        for position, (email, body, key) in enumerate(contacts):
            sealed = seal(email)
            if not seen(sealed[:SIV]):
                duplicates.add(position)
                continue
            if unsubscribed is not None and sealed[:SIV] in unsubscribed:
                unchanged.add(position)
                continue
            if self._bytes + len(body) > BATCH_BYTES - _ENVELOPE:
                self._pack()
            self._bodies.append(body)
            self._keys.append(key)
            self._sealed.append(sealed)
            self._bytes += len(body) + 1
            if len(self._bodies) == BATCH_ITEMS:
                self._pack()
        self.left_alone += len(unchanged)
        self._note(converted, rows, duplicates, unchanged)

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
        return all(context.outbox.put(batch) for batch in ready)

    def finish(self) -> None:
        if self._bodies:
            self._pack()
        self.hand_on(complete=True)

    def _pack(self) -> None:
        number = self._context.next_number()
        self._ready.append(Outgoing(number, self._bodies, self._keys, self._sealed))
        self._bodies, self._keys, self._sealed, self._bytes = [], [], [], 0

    def _note(
        self, converted: Converted, rows: int, duplicates: set[int], unchanged: set[int]
    ) -> None:
        context = self._context
        left_out = duplicates | unchanged
        warnings = list(_of_exported(converted, left_out))
        if warnings:
            context.job.state.add_problems(context.job.run_id, "warning", warnings)
        if converted.rejects:
            context.job.state.add_problems(context.job.run_id, "reject", converted.rejects)
        context.counters.add(
            read=rows,
            rejected=len(converted.rejects),
            duplicates=len(duplicates),
            unchanged=len(unchanged),
            warnings=len(warnings),
            to_send=len(converted.emails) - len(left_out),
        )


def _of_exported(converted: Converted, left_out: set[int]) -> Iterator[Problem]:
    """What isn't exported warns nobody, whatever is wrong with it."""
    return (warning for position, warning in converted.warnings if position not in left_out)
