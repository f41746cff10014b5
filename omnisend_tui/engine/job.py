"""All that a run needs, taken at its start, so that later edits don't touch it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omnisend_tui.config.models import Connection, Export, Source
from omnisend_tui.engine.again import Again
from omnisend_tui.history import seconds_of
from omnisend_tui.progress import Keyed, Snapshot
from omnisend_tui.records import Behaviour, Brand, RunOptions
from omnisend_tui.sources.base import Access
from omnisend_tui.state import State

_APART = 0.001  # seconds between the starts of two runs


def keyed(source: Source) -> Keyed:
    """What a key of ``source`` means today."""
    return Keyed(source.id, source.key, source.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a run waits, in seconds."""

    lost: float = 60.0  # a batch whose answer was lost is not listed: it was not accepted
    standstill: float = 900.0  # no batch moves: the open ones count as unconfirmed
    outage: float = 900.0  # no answer at all: the run is interrupted
    cancel: float = 30.0  # what is in flight is confirmed after a cancel
    poll: float = 0.5  # between listings while the budget is free


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``other_ledgers`` tells where those of the workspace's other exports in the same brand lie.

    It is asked all along, since exports come and go; it raises ``AppError`` where nobody knows.
    ``again`` are the only profiles that are wanted; None: all of the selection.
    ``latest`` is the last sign of the export's latest run, which may be the one that is resumed.
    """

    run_id: str
    export: Export
    connection: Connection
    source: Source
    brand: Brand
    behaviour: Behaviour | None = None
    started_by: str
    user: str = ""
    api_key: str = field(repr=False)
    ledger_key: bytes = field(repr=False)
    ledger_path: Path
    lock_path: Path
    budget_path: Path
    temp_dir: Path
    state: State
    options: RunOptions = field(default_factory=RunOptions)
    other_ledgers: Callable[[], Sequence[Path]] = tuple
    access: Access = field(default_factory=Access)
    again: Again | None = None
    latest: Snapshot | None = None
    patience: Patience = Patience()

    @property
    def partial(self) -> bool:
        """Whether it reads some of the selection only, so that it can't tell who left."""
        return self.options.limit is not None or self.again is not None

    @property
    def resumed(self) -> Snapshot | None:
        """The run that it goes on with, as it was left."""
        return self.latest if self.latest and self.latest.run_id == self.run_id else None

    def first_snapshot(self, now: float) -> Snapshot:
        """A resumed run counts its profiles anew, but not what they cost before, and is still the
        run that somebody started then. The batches that it left open are counted once it looks for
        them.

        A new one starts after the export's latest run even where the clock was set back meanwhile:
        the history goes by the start, and what comes next by the latest run.
        """
        before = self.resumed
        # An older version kept neither who started a run nor when.
        starter = before if before and before.started_by else self
        since = before.started_at if before else 0.0
        started = max(now, self.latest.started_at + _APART) if self.latest else now
        return Snapshot(
            run_id=self.run_id,
            export_id=self.export.id,
            export=self.export.name,
            connection=self.connection.name,
            connection_id=self.connection.id,
            brand_id=self.brand.id,
            source=self.source.name,
            keyed=keyed(self.source),
            segments=self.export.segments,
            started_by=starter.started_by,
            user=starter.user,
            resumed_user=self.user if before else "",
            options=self.options,
            started_at=since or started,
            resumed_at=now if before else None,
            seconds_before=seconds_of(before, now) if before and before.began else 0.0,
            updated_at=now,
            stages=(*(before.stages if before else ()), ("reading", now)),
            batches=before.batches_confirmed + before.batches_unconfirmed if before else 0,
            batches_confirmed=before.batches_confirmed if before else 0,
            batches_unconfirmed=before.batches_unconfirmed if before else 0,
            batches_with_errors=before.batches_with_errors if before else 0,
            requests=before.requests if before else 0,
            retries=before.retries if before else 0,
            answers=before.answers if before else (),
        )
