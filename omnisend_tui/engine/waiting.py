"""What a run waits for: said once nothing moves, and never flickering."""

from omnisend_tui.omnisend.share import Use

_STILL = 2.0  # seconds without a request after which a full window is what it waits for
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


def reason(
    *, recovering: bool, trouble: str, window: Use, full_for: float, tags: Use,
    tags_full_for: float, tags_only: bool,
) -> str:  # fmt: skip
    """'' where it moves. ``full_for`` is for how long a request has waited since its window is
    full, in seconds; the tags' one counts where ``tags_only`` are left to be done.
    """
    if trouble:
        return trouble
    if recovering:
        return "recovery"
    if window.held:
        return "budget"
    if _still(window, full_for):
        return "export" if _taken(window) else "budget"
    if tags_only and (tags.held or _still(tags, tags_full_for)):
        return "export" if _taken(tags) else "budget"
    return ""


def _still(use: Use, full_for: float) -> bool:
    return full_for > max(_STILL, _INTERVALS * 60 / use.allowed)


def _taken(use: Use) -> bool:
    """Whether rivals that go on took a good part of the window."""
    slots = sum(rival.slots for rival in use.rivals if rival.ago < _ACTIVE)
    return slots > _PART * use.used
