"""States, stages and events of runs in words and signs."""

import re
from datetime import datetime

from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.history import somebody
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.progress import RunError, Snapshot, Status
from omnisend_tui.records import BatchRow, LogLine
from omnisend_tui.sentences import (
    again_sentence,
    hook_sentence,
    looks_back,
    stage_word,
    wait_word,
    waits_for,
)
from omnisend_tui.source_sentences import source_sentence
from omnisend_tui.tui.widgets.paint import Line

State = tuple[str, str, str]  # sign, word, ink

_STATES = {
    "queued": ("◌", N_("queued"), "muted"),
    "waiting": ("◌", N_("waiting"), "muted"),
    "running": ("●", N_("running"), "accent"),
    "paused": ("‖", N_("paused"), "warning"),
    "finished": ("✔", N_("finished"), "success"),
    "finished_with_rejects": ("!", N_("with rejects"), "warning"),
    "failed": ("✖", N_("failed"), "error"),
    "cancelled": ("■", N_("cancelled"), "muted"),
    "interrupted": ("↯", N_("interrupted"), "warning"),
}
_EVENTS = {
    "run_started": N_("The run started."),
    "sending_began": N_("Sending began."),
    "network_lost": N_("Omnisend can't be reached; the run waits and tries again."),
    "network_back": N_("Omnisend answers again."),
    "batch_lost": N_("The answer to batch {batch} was lost; it is looked for."),
    "batch_found": N_("Batch {batch} was found: Omnisend has it."),
    "batch_not_found": N_("Batch {batch} never arrived; it is sent again."),
    "batch_stopped": N_("Omnisend stopped batch {batch}; its contacts are sent again."),
    "batch_unconfirmed": N_("Omnisend never confirmed batch {batch}."),
    "stopped": N_("A stopping rule ended the run."),
    "run_ended": N_("The run ended: {status}."),
}
_OPTION = re.compile(r"(?<![\w-])--[a-z]")
# Of these events the parameter that they count; their sentences are in ``_counting``.
_COUNTED = {
    "source_counted": "total", "reading_done": "read", "all_sent": "sent",
    "all_confirmed": "confirmed", "tags_given": "tagged", "leavers_removed": "leavers",
    "rate_limited": "seconds",
    "retry": "seconds", "batch_errors": "errors", "unsubscribed_left_alone": "count",
    "leavers_unclear": "rows", "status_withheld": "count", "opt_ins_found": "count",
    "recovering": "batches",
}  # fmt: skip
_BATCHES = {
    "recorded": N_("recorded, not sent yet"),
    "posted": N_("sent, not confirmed yet"),
    "confirmed": N_("confirmed"),
    "unconfirmed": N_("never confirmed"),
    "lost": N_("sent, the answer is lost"),
    "replaced": N_("replaced by new ones"),
    "dropped": N_("given up"),
}
SIGNS = (
    ("●", "accent", N_("at work: reading, sending, confirming, tagging, removing leavers")),
    ("◌", "muted", N_("waits, for what stands beside it")),
    ("‖", "warning", N_("paused by somebody")),
    ("✔", "success", N_("finished, every profile accounted for")),
    ("!", "warning", N_("finished, some profiles were rejected")),
    ("✖", "error", N_("failed, why stands beside it")),
    ("■", "muted", N_("cancelled by somebody")),
    ("↯", "warning", N_("interrupted: its process is gone")),
    ("-", "muted", N_("never run, or detached: it has no connection")),
)


def hint_of(error: RunError | AppError) -> str:
    """The hint of an error in the app, where the options of commands are no help."""
    way = {
        "too_many_rejects": _("Look at the rejects; P shows the price and runs it all the same."),
        "too_many_leavers": _("Look at the source; P shows the price and runs it all the same."),
        "too_many_new": _(
            "P shows the price and runs it all the same; the connection's setting says how many"
            " may be new."
        ),
        "interrupted": _("r goes on with it, or gives it up and starts a new one."),
    }.get(error.code)
    if way is not None:
        return way
    return "" if _OPTION.search(error.hint) else error.hint


def state_of(run: Snapshot | None) -> State:
    """Sign, word and ink of a run's state; None is an export that never ran."""
    if run is None:
        return "-", _("never run"), "muted"
    if silent(run):
        return "◌", wait_word(run.waiting_for), "warning"
    if run.cancelling:
        return "■", _("cancelling"), "muted"
    if run.status == "running":
        if looks_back(run):
            return "●", _("looking back"), "accent"
        if waits := waits_for(run):
            return "◌", wait_word(waits), "muted"
        return "●", stage_word(run.stage), "accent"
    return status_state(run.status)


def status_state(status: Status) -> State:
    """The same of a run of which no more than its status is known."""
    sign, word, ink = _STATES[status]
    return sign, _(word), ink


def silent(run: Snapshot) -> bool:
    """Whether another process runs it, lives, and gives no sign of life: it was stopped."""
    return run.waiting_for == "process" and not run.ended


def state_line(run: Snapshot | None) -> Line:
    """A state as sign and word; what ended well stands back."""
    sign, word, ink = state_of(run)
    calm = run is not None and run.status == "finished"
    return ((sign, ink), (" ", ""), (word, "muted" if calm else ink))


def event(line: LogLine) -> str:
    """One event of a run as a sentence."""
    if line.code == "hook_failed":
        return hook_sentence(line.parameters)
    if told := again_sentence(line.code, line.parameters):
        return told
    if line.code == "run_resumed":
        by, user = (str(line.parameters.get(key, "")) for key in ("by", "user"))
        return _("The run was resumed by {whom}.").format(whom=somebody(user, by))
    values: dict[str, str] = {
        key: number(value) if isinstance(value, int) else value
        for key, value in line.parameters.items()
    }
    if line.code == "run_ended":
        known = _STATES.get(values.get("status", ""))
        values["status"] = _(known[1]) if known else values.get("status", "")
        if why := values.get("why", "").rstrip("."):
            values["status"] += f" – {why}"
    text = _(_EVENTS[line.code]) if line.code in _EVENTS else line.code
    if line.code in _COUNTED:
        count = line.parameters.get(_COUNTED[line.code])
        text = _counting(line.code, count if isinstance(count, int) else 2)
    if told := source_sentence(line.code, line.parameters):
        text = told.replace("{", "{{").replace("}", "}}")
    more = line.parameters.get("more")
    if isinstance(more, int) and more:
        text += " " + ngettext(
            "{more} more came just before it.", "{more} more came just before it.", more
        )
    try:
        return text.format(**values)
    except (KeyError, IndexError):
        return line.code


def _counting(code: str, count: int) -> str:
    """The sentence of one of the events in ``_COUNTED`` for so many."""
    return {
        "source_counted": ngettext(
            "The segments hold {total} profile.", "The segments hold {total} profiles.", count
        ),
        "reading_done": ngettext(
            "{read} profile is read: all.", "All {read} profiles are read.", count
        ),
        "all_sent": ngettext(
            "{sent} profile is sent: all; Omnisend's confirmation is awaited.",
            "All {sent} profiles are sent; Omnisend's confirmation is awaited.",
            count,
        ),
        "all_confirmed": ngettext(
            "Omnisend has confirmed {confirmed} contact.",
            "Omnisend has confirmed {confirmed} contacts.",
            count,
        ),
        "tags_given": ngettext(
            "{tagged} contact got its tags.", "{tagged} contacts got their tags.", count
        ),
        "leavers_removed": ngettext(
            "{leavers} contact left and lost a tag.",
            "{leavers} contacts left and lost a tag.",
            count,
        ),
        "rate_limited": _("Omnisend asks to wait a moment; others use its limit too.")
        if not count
        else ngettext(
            "Omnisend asks to wait {seconds} second; others use its limit too.",
            "Omnisend asks to wait {seconds} seconds; others use its limit too.",
            count,
        ),
        "retry": _("Omnisend answered {status}; it is asked again at once.")
        if not count
        else ngettext(
            "Omnisend answered {status}; next try in {seconds} second.",
            "Omnisend answered {status}; next try in {seconds} seconds.",
            count,
        ),
        "batch_errors": ngettext(
            "Omnisend refused {errors} contact of batch {batch}.",
            "Omnisend refused {errors} contacts of batch {batch}.",
            count,
        ),
        "unsubscribed_left_alone": ngettext(
            "{count} profile is unsubscribed in Omnisend and was left alone.",
            "{count} profiles are unsubscribed in Omnisend and were left alone.",
            count,
        ),
        "leavers_unclear": ngettext(
            "{rows} row can't be read, so nobody counts as having left.",
            "{rows} rows can't be read, so nobody counts as having left.",
            count,
        ),
        "status_withheld": ngettext(
            "{count} person agreed, but is unsubscribed in Omnisend and stays so.",
            "{count} people agreed, but are unsubscribed in Omnisend: they stay unsubscribed.",
            count,
        ),
        "opt_ins_found": ngettext(
            "{count} person agreed and is sent as subscribed, once.",
            "{count} people agreed and are sent as subscribed, once.",
            count,
        ),
        "recovering": ngettext(
            "The last run left {batches} batch open; it is looked for first.",
            "The last run left {batches} batches open; they are looked for first.",
            count,
        ),
    }[code]


def batch_state(batch: BatchRow) -> str:
    lost = batch.state == "posted" and not batch.batch_id
    return _(_BATCHES["lost" if lost else batch.state])


def profiles(count: int) -> str:
    return ngettext("{count} profile", "{count} profiles", count).format(count=number(count))


def a_minute(run: Snapshot) -> str:
    """How many of the brand's requests this app takes."""
    return _("of {limit} a minute").format(limit=number(run.budget_limit))


def others_too() -> str:
    """Why its share is lower for a while."""
    return _("others use it too")


def local(seconds: float, now: datetime) -> datetime:
    """Seconds since the epoch as a moment in the time zone of ``now``."""
    return datetime.fromtimestamp(seconds, now.tzinfo)
