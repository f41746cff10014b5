"""Past runs: who started them, what changed since the one before, how they went over time."""

from collections.abc import Iterable
from dataclasses import dataclass

from omnisend_tui.formats import duration, number
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.progress import Snapshot, Stage, Status
from omnisend_tui.state import State

TREND = 30  # runs
AMONG = 50  # runs that are looked through for those of one kind
_HOW = {"app": N_("in the app"), "cli": N_("command line"), "agent": N_("the agent")}


@dataclass(frozen=True, slots=True)
class Changes:
    """A run less the one before: profiles in each account, leavers, and seconds it took."""

    read: int = 0
    created: int = 0
    updated: int = 0
    accepted: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    leavers: int = 0
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One run of a trend."""

    run_id: str
    read: int
    status: Status


def origin(run: Snapshot) -> str:
    """Who started a run and how.

    Empty for a run of an older version, which kept neither.
    """
    return somebody(run.user, run.started_by)


def somebody(user: str, started_by: str) -> str:
    """``maija, in the app``, ``the agent``."""
    how = _HOW.get(started_by)
    parts = (user, started_by if how is None else _(how))
    return ", ".join(part for part in parts if part)


def seconds_of(run: Snapshot, now: float) -> float:
    """How long a run took, or goes on at ``now`` (seconds since the epoch): the sum of its parts,
    without the time between an interruption and its resuming.
    """
    end = run.finished_at or (run.updated_at if run.ended else now)
    return run.seconds_before + max(0.0, end - run.began)


def stage_seconds(run: Snapshot, now: float) -> dict[Stage, float]:
    """Seconds in each stage since the run was started or last resumed; at ``now`` (seconds since
    the epoch) those that aren't over go on. Reading and sending go on beside each other.
    """
    begun = [index for index, (stage, _at) in enumerate(run.stages) if stage == "reading"]
    entered = run.stages[begun[-1] if begun else 0 :]
    end = run.finished_at or (run.updated_at if run.ended else now)
    leaves = [*(at for _stage, at in entered[1:]), end]
    spent: dict[Stage, float] = {}
    # Runs kept by an earlier version know no stages.
    for (stage, at), left in zip(entered, leaves, strict=False):
        spent[stage] = spent.get(stage, 0.0) + max(0.0, left - at)
    if entered or run.reading_done_at is not None:
        began = entered[0][1] if entered else run.began
        spent["reading"] = max(0.0, (run.reading_done_at or end) - began)
    return spent


def previous(state: State, run: Snapshot) -> Snapshot | None:
    """The run of the same export to compare ``run`` with: the last before it of its kind.

    One that didn't read its source to the end says nothing, nor does a trial beside a whole run.
    Raises ``StateError``.
    """
    if run.reading_done_at is None:
        return None
    earlier = state.runs(run.export_id, AMONG, before=run.started_at)
    return next((each for each in earlier if each.ended and _alike(each, run)), None)


def compared(run: Snapshot, before: Snapshot) -> Changes:
    """What changed from ``before`` to ``run``, an ended one."""
    seconds = (round(seconds_of(each, each.updated_at)) for each in (run, before))
    took, took_before = seconds
    return Changes(
        read=run.read - before.read,
        created=run.created - before.created,
        updated=run.updated - before.updated,
        accepted=run.accepted - before.accepted,
        unchanged=run.unchanged - before.unchanged,
        duplicates=run.duplicates - before.duplicates,
        rejected=run.rejected - before.rejected,
        leavers=run.leavers - before.leavers,
        seconds=took - took_before,
    )


def in_words(changes: Changes) -> str:
    """``1,240 more profiles, 12 fewer rejects, 0:05 longer``: what weighs, in one line."""
    told = [_by(changes.read, *_profiles(changes.read))]
    told.append(_by(changes.rejected, *_rejects(changes.rejected)))
    told.append(_by(changes.leavers, *_leavers(changes.leavers)))
    if changes.seconds:
        time = duration(abs(changes.seconds))
        told.append(
            (_("{time} longer") if changes.seconds > 0 else _("{time} quicker")).format(time=time)
        )
    return ", ".join(part for part in told if part) or _("nothing changed")


def signed(change: int) -> str:
    """``+14``, ``-3``, ``0``, grouped as the language in use writes numbers."""
    return f"{_sign(change)}{number(abs(change))}"


def signed_time(seconds: int) -> str:
    """``+0:01``, ``-2:05``, ``0:00``."""
    return f"{_sign(seconds)}{duration(abs(seconds))}"


def trend(run: Snapshot, runs: Iterable[Snapshot]) -> tuple[Point, ...]:
    """The newest ``TREND`` of those of ``runs`` that are of the kind of ``run``; oldest first.

    ``runs`` come newest first. A trial, or a run of rejects, says nothing of the whole.
    """
    points = [
        Point(each.run_id, each.read, each.status) for each in runs if _kind(each) == _kind(run)
    ]
    return tuple(reversed(points[:TREND]))


def _sign(change: int) -> str:
    return "+" if change > 0 else "-" if change else ""


def _alike(one: Snapshot, other: Snapshot) -> bool:
    if one.reading_done_at is None:
        return False
    return _kind(one) == _kind(other)


def _kind(run: Snapshot) -> tuple[int | None, bool]:
    """Whole runs, trials of so many profiles, and runs of rejects are no match for each other."""
    return run.options.limit, run.options.only_rejects


def _by(change: int, more: str, fewer: str) -> str:
    if not change:
        return ""
    return (more if change > 0 else fewer).format(count=number(abs(change)))


def _profiles(change: int) -> tuple[str, str]:
    count = abs(change)
    return (
        ngettext("{count} more profile", "{count} more profiles", count),
        ngettext("{count} fewer profile", "{count} fewer profiles", count),
    )


def _rejects(change: int) -> tuple[str, str]:
    count = abs(change)
    return (
        ngettext("{count} more reject", "{count} more rejects", count),
        ngettext("{count} fewer reject", "{count} fewer rejects", count),
    )


def _leavers(change: int) -> tuple[str, str]:
    count = abs(change)
    return (
        ngettext("{count} more leaver", "{count} more leavers", count),
        ngettext("{count} fewer leaver", "{count} fewer leavers", count),
    )
