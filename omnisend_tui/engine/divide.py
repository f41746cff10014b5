"""The profiles of a run, chunk by chunk: rows become contacts, and each finds its lot."""

from collections.abc import Iterator
from dataclasses import dataclass

from omnisend_tui.engine.again import Again
from omnisend_tui.engine.compare import Comparer, Plan
from omnisend_tui.engine.context import Context
from omnisend_tui.engine.refused import fingerprint
from omnisend_tui.mapping.convert import Converted, Converter, mask
from omnisend_tui.problems import Problem
from omnisend_tui.profiles import Chunk
from omnisend_tui.sources.base import ProfileSource, Selection


@dataclass(slots=True)
class Divided:
    """A chunk's contacts and their plan; ``sealed`` by position, ``read`` are all its rows."""

    read: int
    converted: Converted
    sealed: list[bytes]
    plan: Plan

    def warnings(self) -> list[Problem]:
        """What isn't exported warns nobody, whatever is wrong with it."""
        plan = self.plan
        left_out = plan.duplicates | plan.unchanged | plan.overtagged | plan.passed
        return [each for position, each in self.converted.warnings if position not in left_out]

    def rejects(self) -> list[Problem]:
        plan = self.plan
        return [
            *self.converted.rejects,
            *(self._overtagged(position) for position in sorted(plan.overtagged)),
            *(self._refused(position, words) for position, words in plan.refused.items()),
        ]

    def _overtagged(self, position: int) -> Problem:
        return Problem(
            key=self.converted.keys[position],
            field="tags",
            reason="too_many_tags",
            detail="",
            email_masked=mask(self.converted.emails[position]),
            row_hash="",
        )

    def _refused(self, position: int, words: str) -> Problem:
        """As Omnisend refused it before the run was interrupted."""
        return Problem(
            key=self.converted.keys[position],
            field="",
            reason="refused_by_omnisend",
            detail=words,
            email_masked=mask(self.converted.emails[position]),
            row_hash=fingerprint(self.converted.bodies[position]),
        )


def divided(
    context: Context, source: ProfileSource, converter: Converter, comparer: Comparer
) -> Iterator[Divided]:
    """The profiles of the run, until it stops. Raises ``AppError``.

    Where only some are wanted again, the others are passed over, but all are read: of the rows of
    an address the first in the source's order goes, whether it is wanted or not.
    """
    seal, again = context.ledger.seal, context.job.again
    missing = set(again.keys) if again is not None else set()
    for chunk in _chunks(context, source, converter):
        converted = converter.convert(chunk)
        sealed = [seal(email) for email in converted.emails]
        masks = chunk.memberships and [chunk.memberships[place] for place in converted.places]
        passed: frozenset[int] = frozenset()
        read = len(chunk.rows) + len(chunk.unreadable)
        if again is not None:
            passed = _others(converted, again)
            read = len(converted.keys) - len(passed) + len(converted.rejects)
            missing.difference_update(converted.keys, (each.key for each in converted.rejects))
        plan = comparer.divide(sealed, converted.bodies, masks, converted.opt_ins, passed)
        yield Divided(read, converted, sealed, plan)
    context.gone = len(missing)


def _others(converted: Converted, again: Again) -> frozenset[int]:
    """The contacts that aren't wanted again; drops such rejects."""
    converted.rejects = [
        each
        for each in converted.rejects
        if each.key in again.keys and each.reason != "unreadable_row"
    ]
    return frozenset(at for at, key in enumerate(converted.keys) if key not in again.keys)


def _chunks(context: Context, source: ProfileSource, converter: Converter) -> Iterator[Chunk]:
    """Counts the rows that can't be read."""
    export, limit = context.job.export, context.job.options.limit
    selection = Selection(export.segments, export.except_segments)
    several = len(selection.segments) > 1
    found = source.read(selection, converter.columns, context.stop, memberships=several)
    for chunk in found if limit is None else _first(found, limit):
        context.unreadable += len(chunk.unreadable)
        yield chunk


def _first(chunks: Iterator[Chunk], limit: int) -> Iterator[Chunk]:
    """The first ``limit`` profiles."""
    for chunk in chunks:
        rows = chunk.rows[:limit]
        unreadable = chunk.unreadable[: limit - len(rows)]
        limit -= len(rows) + len(unreadable)
        yield Chunk(rows, unreadable, chunk.memberships[: len(rows)])
        if limit <= 0:
            return
