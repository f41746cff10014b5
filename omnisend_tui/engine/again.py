"""The rejects of earlier runs, which a run may read again alone: by the source's key."""

from dataclasses import dataclass

from omnisend_tui.problems import Problem
from omnisend_tui.progress import Keyed, Snapshot
from omnisend_tui.state import State

_LOOKED_AT = 1000  # runs, newest first
_MASKED = "***"  # stands in the key of a row whose key is an address


@dataclass(frozen=True, slots=True)
class Again:
    """``keys`` of the source. ``nameless`` rejects have none that finds them again: rows that can't
    be read, keys that are addresses, which are kept masked, and keys of another column or source.

    ``forgotten`` ones are older than what is kept. ``moved``: the source reads another path since.
    """

    keys: frozenset[str] = frozenset()
    nameless: int = 0
    forgotten: int = 0
    moved: bool = False


def rejects_of(state: State, export_id: str, today: Keyed, but: str = "") -> Again:
    """The rejects of the export's last run that finished, and of those since that didn't.

    What a run didn't come to may still be a reject, so one that ended early, and a trial, leaves
    the rejects before it as they are; one of rejects alone leaves those without a key. ``today`` is
    what the source's keys mean now. ``but`` is a run that doesn't count: the one that asks. Raises
    ``StateError``.
    """
    keys: set[str] = set()
    nameless = forgotten = 0
    moved = done = False
    for run in state.runs(export_id, limit=_LOOKED_AT):
        if run.run_id == but or not run.ended:
            continue
        found = state.problems(run.run_id, "reject") if run.rejected else []
        named = [each.key for each in found if _is_named(each)] if _same(run.keyed, today) else []
        # Those of one run are those of the next, as a rule.
        nameless = max(nameless, len(found) - len(named))
        if not done:
            keys.update(named)
            moved = moved or bool(named and run.keyed != today)
            forgotten = max(forgotten, state.forgotten_problems(run.run_id, "reject"))
        if _came_to_all(run):
            done = True
            if not run.options.only_rejects:
                break
    return Again(frozenset(keys), nameless, forgotten, moved)


def _same(then: Keyed | None, today: Keyed) -> bool:
    """Whether a key of ``then`` names the same profile ``today``.

    At another path too: exports of a shop's system often have the day in their name.
    """
    if then is None or not then.column:
        return False
    return (then.source_id, then.column) == (today.source_id, today.column)


def _is_named(problem: Problem) -> bool:
    return problem.reason != "unreadable_row" and _MASKED not in problem.key


def _came_to_all(run: Snapshot) -> bool:
    return run.status in ("finished", "finished_with_rejects") and run.options.limit is None
