"""Before a run reads: what became of the batches that earlier runs left open (spec.md)."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from omnisend_tui.engine.context import Context
from omnisend_tui.engine.ledger import Ledger, OpenBatch
from omnisend_tui.engine.outcome import Outcome
from omnisend_tui.engine.send import origin_of
from omnisend_tui.engine.watch import Watch
from omnisend_tui.errors import AppError
from omnisend_tui.omnisend.models import Batch

_LONG_AGO = timedelta(days=30)
# Seconds that a run may go on after its last sign: one comes every quarter of a second, but a disk
# that hangs holds it up while the senders post.
_LAST_WORDS = 10.0


@dataclass(slots=True)
class _Left:
    """A batch that was left open, by the run that is ``resumed`` or an earlier one; ``posted`` for
    all that is known. Its addresses are unsealed where they are needed.
    """

    row: int
    number: int
    size: int
    ledger: Ledger
    resumed: bool
    posted: bool

    @property
    def lost(self) -> bool:
        """Whether ``Snapshot.batches_lost`` counts it."""
        return self.resumed and self.posted

    def emails(self) -> list[str]:
        return [self.ledger.unseal(sealed) for sealed in self.ledger.sealed_in(self.row)]


def recover(context: Context) -> None:
    """Finds each open batch and waits for its end, or drops it: its contacts are sent again.

    Nothing is counted here: reading does that when it meets the contact. Ends early once the run
    stops; what is open then stays so.
    """
    left = context.ledger.open_batches()
    if not left:
        return
    context.recovering = True
    _count(context, [batch.state for batch in left if batch.run_id == context.job.run_id])
    context.log("recovering", batches=len(left))
    try:
        _Recovery(context, left).work()
    except AppError:
        if not context.stop.is_set():
            raise
    finally:
        context.recovering = False
    context.ledger.merge()


class _Recovery:
    """Keeps the accounts of what is watched."""

    def __init__(self, context: Context, left: Sequence[OpenBatch]) -> None:
        self._context = context
        began = [_began(batch.run_id) for batch in left]
        silent = _silent(context)
        self._watch: Watch[_Left] = Watch(
            context,
            self,
            context.stop,
            min(began),
            posts_left=lambda: 0,
            known=context.ledger.ended_ids(left[0].row),
        )
        for batch, created in zip(left, began, strict=True):
            self._watch.look_for(
                origin_of(batch.run_id, batch.number),
                _Left(
                    batch.row,
                    batch.number,
                    batch.contacts,
                    context.ledger,
                    resumed=batch.run_id == context.job.run_id,
                    posted=batch.state != "recorded",
                ),
                created,
                batch.batch_id,
                silent,
            )

    def work(self) -> None:
        nothing_comes = threading.Event()
        nothing_comes.set()
        self._watch.work(nothing_comes)

    def found(self, batch: _Left, batch_id: str) -> None:
        self._context.ledger.found(batch.row, batch_id)
        if not batch.posted:
            batch.posted = True
            self._context.counters.add(batches_lost=batch.lost)
        self._context.log("batch_found", batch=batch.number)

    def ended(self, batches: Sequence[tuple[_Left, Batch]]) -> None:
        outcomes = [(batch, self._watch.outcome(batch, state)) for batch, state in batches]
        self._context.ledger.close_batches(
            [outcome.closed(batch.row) for batch, outcome in outcomes]
        )
        for batch, outcome in outcomes:
            self._tell(batch, outcome)

    def not_found(self, batches: Sequence[_Left]) -> None:
        self._drop("batch_not_found", batches)
        mine, lost = _counted(batches)
        self._context.counters.add(batches=-mine, batches_lost=-lost)

    def stuck(self, batches: Sequence[_Left]) -> None:
        self._drop("batch_unconfirmed", batches)
        mine, lost = _counted(batches)
        self._context.counters.add(batches_unconfirmed=mine, batches_lost=-lost)

    def _drop(self, code: str, batches: Sequence[_Left]) -> None:
        self._context.ledger.drop([batch.row for batch in batches])
        for batch in batches:
            self._context.log(code, batch=batch.number)

    def _tell(self, batch: _Left, outcome: Outcome) -> None:
        if batch.resumed:
            self._context.counters.add(
                batches_confirmed=1, batches_lost=-1, batches_with_errors=bool(outcome.refused)
            )
        if outcome.again:
            self._context.log("batch_stopped", batch=batch.number)
        if outcome.refused:
            self._context.log("batch_errors", batch=batch.number, errors=len(outcome.refused))


def _counted(batches: Sequence[_Left]) -> tuple[int, int]:
    """How many of them are this run's, and how many of those count as lost."""
    return sum(batch.resumed for batch in batches), sum(batch.lost for batch in batches)


def _count(context: Context, states: Sequence[str]) -> None:
    """Those that the run left open, by their states; it may have told of unconfirmed ones."""
    told = min(states.count("unconfirmed"), context.counters.snapshot().batches_unconfirmed)
    context.counters.add(
        batches=len(states) - told,
        batches_unconfirmed=-told,
        batches_lost=len(states) - states.count("recorded"),
    )


def _silent(context: Context) -> float | None:
    """From when on no earlier run posted anything (``Context.ticks``); None where nobody knows."""
    latest = context.job.latest
    if latest is None:
        return None
    ago = context.clock() - (latest.updated_at + _LAST_WORDS)
    return context.ticks() - max(0.0, ago)


def _began(run_id: str) -> float:
    """When a run began: its id starts with that. An early guess where it doesn't."""
    try:
        began = datetime.strptime(run_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        began = datetime.now(UTC) - _LONG_AGO
    return began.timestamp()
