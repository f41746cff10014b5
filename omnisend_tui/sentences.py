"""What every face of the app says alike: of rejects, warnings, checks, and what runs do."""

from collections.abc import Mapping

from omnisend_tui.formats import number
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.problems import Problem
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import Behaviour

_REASONS = {
    "unreadable_row": N_("row can't be read"),
    "missing_email": N_("missing e-mail"),
    "invalid_email": N_("not an e-mail address"),
    "too_many_tags": N_("too many tags"),
    "refused_by_omnisend": N_("refused by Omnisend"),
    "unconfirmed": N_("never confirmed"),
    "invalid_phone": N_("phone number not read"),
    "invalid_birthdate": N_("birth date not read"),
    "unknown_country": N_("unknown country"),
    "invalid_gender": N_("gender not read"),
    "invalid_type": N_("value of another type"),
}

_STAGES = {
    "reading": N_("reading"),
    "sending": N_("sending"),
    "confirming": N_("confirming"),
    "tagging": N_("tagging"),
    "leaving": N_("removing leavers"),
}

_WAITS = {
    "budget": N_("waits for budget"),
    "asked": N_("asked to wait"),
    "export": N_("waits for a run"),
    "tags": N_("tag limit reached"),
    "lost": N_("looks for batches"),
    "source": N_("waits for source"),
    "network": N_("waits for network"),
    "retry": N_("waits for answer"),
    "process": N_("doesn't answer"),
}

_DETAILS = {
    # e-mail addresses
    "column_empty": N_("the column is empty"),
    "no_at_sign": N_("no @ sign"),
    "two_at_signs": N_("two @ signs"),
    "contains_spaces": N_("a space inside"),
    "contains_unseen_signs": N_("an invisible sign inside"),
    "nothing_before_at": N_("nothing before the @ sign"),
    "nothing_after_at": N_("nothing after the @ sign"),
    "no_domain_dot": N_("no dot after the @ sign"),
    "two_dots": N_("two dots in a row"),
    "dot_at_the_edge": N_("a dot where none may stand"),
    "not_ascii": N_("letters that Omnisend can't take before the @ sign"),
    "reserved_domain": N_("a domain that gets no mail"),
    "not_valid": N_("signs or a form that aren't allowed"),
    "too_long": N_("too long"),
    # phone numbers
    "no_country_code": N_("no country code, and no default country"),
    "no_digits": N_("no digits"),
    # dates
    "day_or_month_first": N_("day first or month first can't be told"),
    "two_digit_year": N_("a year of two digits"),
    "no_such_day": N_("no such day in the calendar"),
    "in_the_future": N_("in the future"),
    "before_1900": N_("before the year 1900"),
    "empty_date": N_("the date that a system writes for none"),
    "not_a_date": N_("not a date"),
    "not_in_the_format": N_("not in the export's date format"),
    # other values
    "name_kept": N_("no code found, sent as a name"),
    "other_word": N_("a word that means neither m nor f"),
    "not_a_number": N_("not a number"),
    "comma_is_unclear": N_("the comma may group or mark decimals"),
    "too_large": N_("too large a number"),
    "not_a_boolean": N_("neither yes nor no"),
}

_TO_DO = {
    "unreadable_row": N_(
        "Correct the row in the file: often a quotation mark or a delimiter is missing. "
        "It goes with the next run by itself."
    ),
    "missing_email": N_(
        "Add an address in the source. It goes with the next run by itself. "
        "If many are missing, look whether another column holds the addresses."
    ),
    "invalid_email": N_(
        "Correct the address in the source. It goes with the next run by itself, "
        "or alone with the rejects."
    ),
    "too_many_tags": N_("Omnisend takes up to 100 tags a contact. Choose fewer segments or tags."),
    "refused_by_omnisend": N_(
        "Read Omnisend's words, correct the profile in the source and run the export again."
    ),
    "unconfirmed": N_(
        "Omnisend never said whether it took this contact. Run the export again: "
        "sending a contact twice does no harm."
    ),
    "invalid_phone": N_(
        "The person was exported without the phone number. Write it with its country code, "
        "or give the export a default country."
    ),
    "invalid_birthdate": N_(
        "The person was exported without the birth date. Correct it in the source, "
        "or give the export the date format that the column has."
    ),
    "unknown_country": N_(
        "The person was exported with the country's name as it stands and without its code. "
        "Write the name or the two-letter code of one country."
    ),
    "invalid_gender": N_(
        "The person was exported without the gender: Omnisend knows m and f only. "
        "Nothing needs to be done where neither is meant."
    ),
    "invalid_type": N_(
        "The person was exported without this property. Correct the value in the source, "
        "or give the property the type text."
    ),
}


def stage_word(stage: str) -> str:
    """What a run is doing."""
    return _(_STAGES[stage]) if stage in _STAGES else stage


def wait_word(waiting_for: str) -> str:
    """What a run waits for, of ``Snapshot.waiting_for``."""
    return _(_WAITS[waiting_for]) if waiting_for in _WAITS else _("waiting")


def waits_for(run: Snapshot) -> str:
    """What holds it up now, of ``Snapshot.waiting_for``; '' where it moves, rests or has ended."""
    if run.waiting_for == "process":
        return "" if run.ended else run.waiting_for
    return run.waiting_for if run.status == "running" and not run.cancelling else ""


def what_is_left(run: Snapshot) -> str:
    """What a cancelled run left undone and what a new one does; '' where it left nothing."""
    left = [
        told.format(count=number(count))
        for told, count in (
            (ngettext("{count} profile not read", "{count} profiles not read", run.unread),
             run.unread),
            (f"{{count}} {unsettled_label(run)}", run.on_their_way),
            (ngettext("{count} contact without its tags", "{count} contacts without their tags",
                      run.untagged), run.untagged),
        )
        if count
    ]  # fmt: skip
    if not left:
        return ""
    return _(
        "What was confirmed stays. Left: {left}. A new run reads from the start and does what isn't"
        " confirmed yet."
    ).format(left=", ".join(left))


def unsettled_label(run: Snapshot) -> str:
    """What the profiles on their way are called, once the run has ended."""
    return _("not confirmed") if run.perhaps_sent else _("not sent")


def looks_back(run: Snapshot) -> bool:
    """Whether a run looks for what the last one left, before it reads."""
    return run.status == "running" and run.waiting_for == "recovery" and not run.cancelling


def looking_back() -> str:
    return _("looking for what the last run left")


def reason_label(reason: str) -> str:
    """A reason code in a few words, such as 'missing e-mail'; an unknown code stays as it is."""
    return _(_REASONS[reason]) if reason in _REASONS else reason


def what_was_wrong(problem: Problem) -> str:
    """The detail in a few words, such as 'two @ signs'; Omnisend's own words as they are; or ''."""
    return _(_DETAILS[problem.detail]) if problem.detail in _DETAILS else problem.detail


def problem_sentence(problem: Problem) -> str:
    """What happened in one sentence, such as 'Not an e-mail address: two @ signs.'"""
    label, detail = reason_label(problem.reason), what_was_wrong(problem)
    if problem.field.startswith("custom:"):
        label = f"{label} ({problem.field})"
    text = f"{label}: {detail}" if detail else label
    return text[:1].upper() + text[1:].rstrip(" .") + "."


def what_to_do(problem: Problem) -> str:
    """One or two sentences of advice; '' for an unknown reason."""
    return _(_TO_DO[problem.reason]) if problem.reason in _TO_DO else ""


def behaviour_sentence(behaviour: Behaviour | None) -> str:
    """What the behaviour check saw, or that it wasn't made."""
    if behaviour is None:
        return _("not done, so tags are sent the safe way")
    tags = {
        "add": _("tags add to those of a contact"),
        "replace": _("tags replace those of a contact"),
    }
    people = {
        "kept": _("unsubscribed people stay so"),
        "revived": _("unsubscribed people would be revived, so runs leave them out"),
    }
    return f"{tags[behaviour.tags]}; {people[behaviour.unsubscribed]}"


def check_step(step: str) -> str:
    """A step of the behaviour check (``omnisend.behaviour.Step``) that is done."""
    return {
        "unknown": _("Omnisend doesn't know the address yet"),
        "created": _("The contact is created, unsubscribed"),
        "tagged": _("It is updated with another tag and without a status"),
        "measured": _("Both answers are read back"),
        "left_unsubscribed": _("The test tags are removed; the contact is unsubscribed"),
    }[step]


def hook_sentence(parameters: Mapping[str, str | int]) -> str:
    """How a hook failed, from the parameters of its line in a run's log."""
    why = {
        "not_started": _("its program can't be started"),
        "exit": _("it ended with exit code {number}"),
        "signal": _("signal {number} ended it"),
        "timeout": _("it took longer than its limit of {seconds} s and was given up"),
        "stopped": _("it was given up, as somebody asked"),
        "status": _("the server answered {number}"),
        "dns": _("its name can't be found"),
        "refused": _("the server refuses the connection"),
        "tls": _("no secure connection can be made"),
        "proxy": _("the proxy refuses the connection"),
        "cut": _("the server ended the connection"),
    }.get(str(parameters.get("why")), _("something unexpected ended it; details are in the log"))
    return _("Hook {hook} ({name}) failed: {why}.").format(
        hook=parameters.get("hook", "?"),
        name=parameters.get("name", "?"),
        why=why.format(
            number=parameters.get("number", "?"), seconds=parameters.get("seconds", "?")
        ),
    )


def forgotten_sentence(count: int) -> str:
    """Rejects or warnings of a run that were dropped by their age."""
    return ngettext(
        "{count} of this run is too old to be kept in detail.",
        "{count} of this run are too old to be kept in detail.",
        count,
    ).format(count=number(count))


def again_sentence(code: str, parameters: Mapping[str, str | int]) -> str:
    """What a line in the log of a run of rejects says of them; '' for other lines."""
    count = parameters.get("count", 0)
    count = count if isinstance(count, int) else 0
    return {
        "no_rejects": _("Nothing to do: no profile was rejected that can be found by its key."),
        "only_rejects": ngettext(
            "Only {count} profile that was rejected before is run again.",
            "Only {count} profiles that were rejected before are run again.",
            count,
        ),
        "rejects_nameless": ngettext(
            "{count} reject has no key to find it by; a run of all profiles tries it again.",
            "{count} rejects have no key to find them by; a run of all profiles tries them again.",
            count,
        ),
        "rejects_forgotten": ngettext(
            "{count} reject is too old to be kept; a run of all profiles tries it again.",
            "{count} rejects are too old to be kept; a run of all profiles tries them again.",
            count,
        ),
        "rejects_moved": _("The source reads another path since; its keys are taken as the same."),
        "rejects_gone": ngettext(
            "{count} profile that was rejected isn't in the source's segments any more.",
            "{count} profiles that were rejected aren't in the source's segments any more.",
            count,
        ),
    }.get(code, "").format(count=number(count))
