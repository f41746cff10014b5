"""What a run waits for: said once nothing moves, and never flickering."""

from typing import Literal

from omnisend_tui.omnisend.share import Use

STILL = 2.0  # seconds with no answer or no request, after which that is what holds it up
_INTERVALS = 3  # of an even pace: a slow one is no wait
_PART = 0.1  # of the window: rivals that took less aren't the reason
_ACTIVE = 10.0  # seconds since a rival's latest request
_CALM = 1.0  # seconds for which what is said stays, at least


class Waiting:
    """What is said changes about once a second at most."""

    def __init__(self) -> None:
        self._said = ""
        self._since: float | None = None

    def see(self, now: float, waits: str) -> str:
        if waits != self._said and (self._since is None or now - self._since >= _CALM):
            self._said, self._since = waits, now
        return self._said


class Network:
    """Tells each outage once: that it began, and that it is over."""

    def __init__(self) -> None:
        self._lost = False

    def see(self, trouble: str, silent_for: float) -> Literal["", "lost", "back"]:
        """As ``reason``; a single request that was lost is no outage."""
        if self._lost and not trouble:
            self._lost = False
            return "back"
        if not self._lost and trouble == "network" and silent_for > STILL:
            self._lost = True
            return "lost"
        return ""


def reason(
    *, recovering: bool, trouble: str, silent_for: float, window: Use, full_for: float, tags: Use,
    tags_full_for: float, tags_only: bool, source: bool = False,
    lost: bool = False,
) -> str:  # fmt: skip
    """'' where it moves.

    ``trouble`` is why the last request had no answer, ``silent_for`` the seconds since the first
    that had none. ``full_for`` is for how long a request has waited since its window is full, in
    seconds; the tags' one counts where ``tags_only`` are left to be done. ``source``: it keeps the
    run waiting, and nothing else is left to do; ``lost``: batches do whose answer was lost.
    """
    if trouble and silent_for > STILL:
        return trouble
    if recovering:
        return "recovery"
    if source:
        return "source"
    if lost:
        return "lost"
    if window.held or (tags_only and tags.held):
        return "asked"
    if _still(window, full_for):
        return "export" if _taken(window) else "budget"
    if tags_only and _still(tags, tags_full_for):  # whoever filled it
        return "tags"
    return ""


def _still(use: Use, full_for: float) -> bool:
    return full_for > max(STILL, _INTERVALS * 60 / use.allowed)


def _taken(use: Use) -> bool:
    """Whether rivals that go on took a good part of the window."""
    slots = sum(rival.slots for rival in use.rivals if rival.ago < _ACTIVE)
    return slots > _PART * use.used
