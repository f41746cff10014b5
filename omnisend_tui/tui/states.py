"""How the state of a run looks: a sign, a word and a tone, in that order of importance."""

from dataclasses import dataclass

from omnisend_tui.i18n import _
from omnisend_tui.progress import Snapshot
from omnisend_tui.tui.themes import Palette, Tone

_ASCII = {"●": "*", "◌": "o", "‖": "=", "✔": "v", "✖": "x", "■": "#", "↯": "~"}


@dataclass(frozen=True, slots=True)
class Look:
    """A state as screens show it; ``rank`` sorts what needs an eye to the top."""

    sign: str
    word: str
    tone: Tone
    rank: int

    def drawn(self, palette: Palette) -> str:
        """The sign, in its ASCII form where the terminal needs it."""
        return _ASCII.get(self.sign, self.sign) if palette.ascii else self.sign


def look(snapshot: Snapshot | None) -> Look:
    """The look of an export's last run; None is an export that never ran."""
    if snapshot is None:
        return Look("-", _("never run"), "muted", 8)
    if snapshot.status in ("running", "queued", "waiting"):
        return _moving(snapshot)
    return {
        "paused": Look("‖", _("paused"), "warning", 2),
        "failed": Look("✖", _("failed"), "error", 3),
        "interrupted": Look("↯", _("interrupted"), "warning", 4),
        "finished_with_rejects": Look("!", _("with rejects"), "warning", 5),
        "finished": Look("✔", _("finished"), "success", 6),
        "cancelled": Look("■", _("cancelled"), "muted", 7),
    }[snapshot.status]


def starting() -> Look:
    """An export that was told to run and has no run yet."""
    return Look("◌", _("starting"), "muted", 1)


def all_looks() -> list[Look]:
    """Every sign with its word, for the help."""
    return [
        Look("●", _("sending (reading, confirming)"), "accent", 0),
        Look("◌", _("waits for the request budget, the network or Omnisend"), "muted", 1),
        Look("‖", _("paused: nothing more is sent until p"), "warning", 2),
        Look("✔", _("finished: every profile arrived"), "success", 6),
        Look("!", _("finished, and some profiles were rejected"), "warning", 5),
        Look("✖", _("failed: the run says why"), "error", 3),
        Look("■", _("cancelled by somebody"), "muted", 7),
        Look("↯", _("interrupted: the program or the network went away"), "warning", 4),
        Look("-", _("never run"), "muted", 8),
    ]


def _moving(snapshot: Snapshot) -> Look:
    waits = {
        "budget": _("waits for budget"),
        "network": _("waits for network"),
        "retry": _("waits to retry"),
    }
    if snapshot.waiting_for:
        return Look("◌", waits.get(snapshot.waiting_for, _("waits")), "muted", 1)
    if snapshot.status != "running":
        return Look("◌", _("waits"), "muted", 1)
    words = {
        "reading": _("reading"),
        "sending": _("sending"),
        "confirming": _("confirming"),
    }
    return Look("●", words[snapshot.stage], "accent", 0)
