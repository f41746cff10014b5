"""The log of a run in sentences: one for each code of the engine."""

from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.tui.states import look

_SENTENCES = {
    "run_started": N_("The run started."),
    "source_counted": N_("The source holds {total} profiles."),
    "reading_done": N_("All {read} profiles are read."),
    "rate_limited": N_("Omnisend asked for a break of {seconds} s. The run goes on by itself."),
    "retry": N_("Omnisend answered {status}. The request is tried again in {seconds} s."),
    "network_lost": N_("Omnisend can't be reached. The run waits and tries again by itself."),
    "network_back": N_("Omnisend can be reached again."),
    "batch_lost": N_("The answer to batch {batch} got lost. Whether it arrived is looked up."),
    "batch_found": N_("Batch {batch} had arrived after all; it isn't sent again."),
    "batch_not_found": N_("Batch {batch} had not arrived; it is sent again."),
    "batch_stopped": N_("Omnisend stopped batch {batch}; its contacts are sent again."),
    "batch_errors": N_("Omnisend refused {errors} contacts of batch {batch}. See the rejects."),
    "batch_unconfirmed": N_("Omnisend never said whether it took batch {batch}."),
    "stopped": N_("The run was stopped ({code})."),
    "run_ended": N_("The run ended: {status}."),
}


def log_sentence(line: LogLine) -> str:
    """One event for a person; an unknown code stays as it is."""
    if line.code not in _SENTENCES:
        return line.code
    told: dict[str, str] = {}
    for name, value in line.parameters.items():
        told[name] = number(value) if isinstance(value, int) and name != "status" else str(value)
    if line.code == "run_ended":
        told["status"] = _ended(told.get("status", ""))
    try:
        return _(_SENTENCES[line.code]).format(**told)
    except KeyError:
        # A log that an older version wrote may lack a parameter.
        return line.code


def needs_eye(line: LogLine) -> bool:
    """Whether the event is out of the ordinary."""
    ordinary = ("run_started", "source_counted", "reading_done", "network_back", "batch_found")
    if line.code == "run_ended":
        return line.parameters.get("status") not in ("finished", "cancelled")
    return line.code not in ordinary


def _ended(status: str) -> str:
    try:
        return look(Snapshot(run_id="", export_id="", export="", status=status)).word  # type: ignore[arg-type]
    except KeyError:
        return status
