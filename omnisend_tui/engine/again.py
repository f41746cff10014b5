"""The rejects of earlier runs, which a run may read again alone: by the source's key."""

from dataclasses import dataclass

from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.state import State

_LOOKED_AT = 1000  # runs, newest first
_MASKED = "***"  # stands in the key of a row whose key is an address


@dataclass(frozen=True, slots=True)
class Again:
    """``keys`` of the source. ``nameless`` rejects have none that finds them again: rows that can't
    be read, and keys that are addresses, which are kept masked.
    """

    keys: frozenset[str] = frozenset()
    nameless: int = 0


def rejects_of(state: State, export_id: str, but: str = "") -> Again:
    """The rejects of the export's last run that finished, and of those since that didn't.

    What a run didn't come to may still be a reject, so one that ended early, and a trial, leaves
    the rejects before it as they are. ``but`` is a run that doesn't count: the one that asks.
    Raises ``StateError``.
    """
    keys: set[str] = set()
    nameless = 0
    for run in state.runs(export_id, limit=_LOOKED_AT):
        if run.run_id == but or not run.ended:
            continue
        found = state.problems(run.run_id, "reject") if run.rejected else []
        named = [each.key for each in found if _is_named(each)]
        keys.update(named)
        nameless = max(nameless, len(found) - len(named))  # the same ones in each run, as a rule
        if _came_to_all(run):
            break
    return Again(frozenset(keys), nameless)


def _is_named(problem: Problem) -> bool:
    return problem.reason != "unreadable_row" and _MASKED not in problem.key


def _came_to_all(run: Snapshot) -> bool:
    return run.status in ("finished", "finished_with_rejects") and run.options.limit is None
