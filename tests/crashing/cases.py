"""Cases, drawn by a seed: what is killed when, and how the sandbox behaves meanwhile."""

import random
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from crashing.sandboxes import FAULTS
from crashing.workspaces import Kind
from omnisend_tui.sandbox.faults import BatchStop, Faults


@dataclass(frozen=True)
class Moment:
    """``event`` is time, before or after (a write of the ledger), or what happens in the sandbox.

    ``share`` of an undisturbed run's seconds, writes or happenings passes before the kill.
    """

    event: str
    share: float


Fault = Literal["", "silent", "stops"]


@dataclass(frozen=True)
class Case:
    """``cli``: the first of its runs is one of the command line."""

    kind: Kind = field(default_factory=Kind)
    moments: tuple[Moment, ...] = ()
    fault: Fault = ""
    cli: bool = False
    seed: int = 0

    @property
    def faults(self) -> Faults:
        if self.fault == "silent":
            return msgspec.structs.replace(FAULTS, echo_origin=False)
        if self.fault == "stops":
            return msgspec.structs.replace(FAULTS, stops=(BatchStop(after=40, every=5),))
        return FAULTS


def draw(seed: int, *, cli: bool = False) -> Case:
    """A case; equal for equal seeds."""
    chance = random.Random(seed)
    kind = Kind(chance.choice((1, 2)), chance.random() < 0.3, chance.random() < 0.4)
    faults: tuple[Fault, ...] = ("", "silent", "stops")
    fault = chance.choices(faults, (6, 2, 1))[0]
    moments = [_moment(chance, kind)]
    while chance.random() < 0.35 and len(moments) < 4:
        later = _moment(chance, kind)
        # Less is left to do for a run that is resumed.
        moments.append(Moment(later.event, later.share * 0.4))
    if cli:
        moments = [Moment("time", chance.random())]
    return Case(kind, tuple(moments), fault, cli, seed)


def _moment(chance: random.Random, kind: Kind) -> Moment:
    events = ["time", "time", "before", "after", "POST /batches", "accepted", "GET /batches"]
    events += ["GET /batches/{batch_id}/items"]
    if not kind.riding:
        events += ["POST /contacts/tags", "tagged"]
    if kind.generation == 2:
        events += ["DELETE /contacts/tags", "tagged"]
    return Moment(chance.choice(events), chance.random())
