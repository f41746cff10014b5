"""What a run's screen says in words: why it waits or ended, its origin, batches and answers."""

import math

from omnisend_tui.formats import number
from omnisend_tui.history import origin
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.progress import Snapshot
from omnisend_tui.sentences import what_is_left
from omnisend_tui.source_sentences import empty_sentence
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, length
from omnisend_tui.tui.words import hint_of

Figure = tuple[str, int, str]  # label, count, ink
_SIGN_IN = frozenset(
    {
        "sign_in_needed", "sign_in_refused", "not_signed_in", "client_secret_refused",
        "no_client_secret",
    }
)  # fmt: skip


def standing(run: Snapshot, *, resumes: bool) -> tuple[str, str]:
    """Why it doesn't move or ended as it did, what to do, and the ink; '' where nothing is to say.

    ``resumes``: r goes on with it, since no later run has taken its place.
    """
    if run.error is not None:
        ink = "warning" if run.status == "interrupted" else "error"
        told = f"{clean(run.error.message)} {clean(hint_of(run.error))}".strip()
        if run.status == "failed" and run.error.code in _SIGN_IN:
            told = f"{told} {_after_sign_in(run)}".strip()
        if run.status == "interrupted" and not hint_of(run.error):
            told = _with_resuming(told, resumes=resumes)
        return told, ink
    if run.status == "interrupted":
        told = _("Its process ended before it was done.")
        return _with_resuming(told, resumes=resumes), "warning"
    if run.status == "cancelled":
        return what_is_left(run), "muted"
    if run.ended:
        told = " ".join(empty_sentence(clean(segment)) for segment in run.empty_segments)
        return told, "warning" if told else ""
    if run.waiting_for == "process":
        return _(
            "Its process doesn't answer: it was stopped, or the machine slept. Let it go on where"
            " it was started (fg), or end it; then r resumes the run."
        ), "warning"
    if run.cancelling:
        return _cancelling(), ""
    if run.status == "paused":
        return _("Nothing more is sent until p resumes it; what is sent is still confirmed."), ""
    if run.waiting_for == "tags":
        return _tag_limit(run.waits_seconds), ""
    if run.waiting_for == "lost":
        return _lost(run.waits_seconds or 0.0), ""
    return _waits(run.waiting_for), ""


def _with_resuming(told: str, *, resumes: bool) -> str:
    if not resumes:
        return f"{told} {_('A later run has taken its place.')}"
    way = _("r resumes it: it reads from the start and sends nothing that Omnisend has confirmed.")
    return f"{told} {way}"


def _after_sign_in(run: Snapshot) -> str:
    """What its end means for who was read already."""
    there = run.created + run.updated + run.accepted + run.unchanged
    if not there:
        return _("Nothing was sent; after the sign-in, r runs it again.")
    return ngettext(
        "{count} profile is in Omnisend; after the sign-in, r sends the rest.",
        "{count} profiles are in Omnisend; after the sign-in, r sends the rest.",
        there,
    ).format(count=number(there))


def _cancelling() -> str:
    return _("Nothing more is sent; what is on its way is confirmed, for 30 seconds at most.")


def _tag_limit(seconds: float | None) -> str:
    told = _("Omnisend takes so many requests for tags a minute, and no more.")
    if seconds is None:
        return f"{told} {_('The run goes on by itself.')}"
    left = math.ceil(seconds)
    on = ngettext("It goes on in {seconds} second.", "It goes on in {seconds} seconds.", left)
    return f"{told} {on.format(seconds=number(left))}"


def _lost(seconds: float) -> str:
    left = math.ceil(seconds)
    return ngettext(
        "The answer to what was sent last is lost: it is looked for in Omnisend, and sent again in"
        " {seconds} second if it isn't there.",
        "The answer to what was sent last is lost: it is looked for in Omnisend, and sent again in"
        " {seconds} seconds if it isn't there.",
        left,
    ).format(seconds=number(left))


def _waits(waiting_for: str) -> str:
    return {
        "budget": _("This minute's requests are used up; it goes on by itself."),
        "asked": _(
            "Omnisend asked to wait: other tools of the shop use its limit too. The run goes on by"
            " itself."
        ),
        "recovery": _(
            "It looks in Omnisend for what the interrupted run had sent, so that nothing is sent"
            " twice; that may take a minute."
        ),
        "export": _("Another run of the same shop uses the limit; this one goes on by itself."),
        "source": _(
            "The source of the profiles keeps it waiting; what was read is sent meanwhile, and the"
            " run goes on by itself."
        ),
        "network": _(
            "Omnisend can't be reached: look whether this machine is online. The run tries again"
            " and goes on by itself."
        ),
        "retry": _("Omnisend gives no usable answer just now; it is asked again by itself."),
    }.get(waiting_for, "")


def rule(run: Snapshot, width: int) -> Line:
    """The rule under the header, with who started the run and how, and what it was to do."""
    told: list[str] = []
    if run.options.limit is not None:
        trial = ngettext("trial: {count} profile", "trial: {count} profiles", run.options.limit)
        told.append(trial.format(count=number(run.options.limit)))
    if run.options.only_rejects:
        told.append(_("only what was rejected before"))
    if by := clean(origin(run)):
        told.append(_("started by {whom}").format(whom=by))
    end: Line = ((cut(", ".join(told), max(0, width - 8)), "muted"), (" ─", "rule"))
    return between((), end if told else (), width, ("─", "rule"))


def batches_by_state(run: Snapshot) -> list[Figure]:
    """Every batch once; beside those confirmed stands how many of them had errors."""
    closed = run.batches_confirmed + run.batches_unconfirmed
    recorded = run.batches - run.batches_open - run.batches_lost - closed
    errors, unconfirmed = run.batches_with_errors, run.batches_unconfirmed
    confirmed = _("confirmed")
    if errors:
        confirmed = _("confirmed ({count} with errors)").format(count=number(errors))
    return [
        (_("not sent yet"), max(0, recorded), ""),
        (_("looked for"), run.batches_lost, "warning" if run.batches_lost else ""),
        (_("open"), run.batches_open, "accent" if run.batches_open else ""),
        (confirmed, run.batches_confirmed, "warning" if errors else ""),
        (_("never confirmed"), unconfirmed, "warning" if unconfirmed else ""),
    ]


def batches_line(run: Snapshot, width: int) -> Line:
    """``19 open, 285 confirmed (2 with errors)``: those there are, of which the calm ones give way
    where ``width`` doesn't hold all.
    """
    recorded, lost, still_open, confirmed, unconfirmed = batches_by_state(run)
    errors = (_("with errors"), run.batches_with_errors, "warning")
    line: Line = ()
    for figures in (
        (recorded, lost, still_open, confirmed, unconfirmed),
        (recorded, lost, still_open, errors, unconfirmed),
        (lost, still_open, errors, unconfirmed),
        (lost, errors, unconfirmed),
        (errors, unconfirmed),
    ):
        shown = [figure for figure in figures if figure[1]]
        pieces = [(f"{number(count)} {label}", ink or "muted") for label, count, ink in shown]
        line = tuple(
            piece
            for index, told in enumerate(pieces)
            for piece in (((", ", "muted"), told) if index else (told,))
        )
        if length(line) <= width:
            break
    return line


def answers(run: Snapshot) -> list[Figure]:
    """What came instead of a usable answer, and how often; the most frequent first."""
    words = {"429": _("too many requests (429)"), "network": _("no connection")}
    most = sorted(run.answers, key=lambda answer: (-answer[1], answer[0]))
    return [
        (words.get(what) or _("answered {status}").format(status=clean(what)), count, "")
        for what, count in most
    ]


def answers_line(run: Snapshot) -> str:
    """``12 requests repeated – too many requests (429): 9, no connection: 3``; '' without any."""
    told = ", ".join(
        f"{label}:\N{NO-BREAK SPACE}{number(count)}" for label, count, _ink in answers(run)
    )
    if not run.retries:
        return told
    again = ngettext("{count} request repeated", "{count} requests repeated", run.retries).format(
        count=number(run.retries)
    )
    return f"{again} – {told}" if told else again


def more(shown: int, of: int, what: str) -> str:
    """That a table of rejects, warnings or batches holds a part only, and how to get all."""
    if shown >= of or not shown:
        return ""
    told = {
        "reject": _("The first {shown} of {count} are listed; x writes all to a CSV file."),
        "warning": _(
            "The first {shown} of {count} are listed; `omnisend-tui rejects --warnings` tells all."
        ),
    }.get(what, _("The newest {shown} of {count} are listed."))
    return told.format(shown=number(shown), count=number(of))
