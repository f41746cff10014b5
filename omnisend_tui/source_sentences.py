"""What is said of how a source is read, and of when it was refreshed."""

from collections.abc import Mapping

from omnisend_tui.config.models import Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext


def source_sentence(code: str, parameters: Mapping[str, str | int]) -> str:
    """What a line in a run's log says of its source; '' for lines of other things."""
    told = {
        "source_way": _way(parameters),
        "source_waits": {
            "rate_limited": _("The source asks to wait {seconds} s; it is read on then."),
            "server_error": _("The source can't answer now; it is asked again in {seconds} s."),
            "sign_in": _("The sign-in can't be reached; next try in {seconds} s."),
        }.get(
            str(parameters.get("reason")),
            _("The source gives no answer; it is asked again in {seconds} s."),
        ),
        "source_segment_empty": _("Nobody is in the segment “{name}”; look at its spelling."),
        "source_unclear": _unclear(parameters),
        "source_names_left_out": _(
            "{rows} memberships can't be read; their profiles are left out."
        ),
        "source_names_unread": _(
            "{rows} memberships can't be read; their profiles count as outside."
        ),
    }.get(code, "")
    return told.format_map(_Numbers(parameters))


def refresh_sentence(source: Source | None) -> str:
    """What tells that a source was refreshed; '' of none."""
    if source is None:
        return ""
    if source.type == "files":
        return _("That is told by the names, sizes and times of its files.")
    return _(
        "That is told by Customer Insights' time of the last refresh; without one by what changed"
        " last, else by who is in the segments."
    )


def empty_sentence(segment: str) -> str:
    """That nobody is in a segment of an export, which may be a misspelled name."""
    return _("Nobody is in the segment “{name}”; look at its spelling.").format(name=segment)


def sign_in_silent(host: str) -> str:
    """That ``host`` can't be asked just now whether somebody signed in."""
    return _(
        "The sign-in at {host} can't be reached just now; trying goes on until the code runs out."
    ).format(host=host)


def _unclear(parameters: Mapping[str, str | int]) -> str:
    return ngettext(
        "Nobody counts as having left: {profiles} profile is missing or unreadable.",
        "Nobody counts as having left: {profiles} profiles are missing or unreadable.",
        _count(parameters, "profiles"),
    )


def _way(parameters: Mapping[str, str | int]) -> str:
    """What a line of 80 columns holds, the way first; older versions told less."""
    requests = _count(parameters, "requests")
    instead = _count(parameters, "instead") if "instead" in parameters else 0
    if not requests:
        return _("The source is read in full.")
    if parameters.get("way") != "full":
        if not instead:
            return ngettext("Read by ids: {requests} request.", "Read by ids: {requests} requests.",
                            requests)  # fmt: skip
        return ngettext(
            "Read by ids: {requests} request; in full about {instead}.",
            "Read by ids: {requests} requests; in full about {instead}.",
            requests,
        )
    if not instead:
        return ngettext(
            "Read in full: about {requests} request.",
            "Read in full: about {requests} requests.",
            requests,
        )
    return ngettext(
        "Read in full: about {requests} request; by ids it would be {instead}.",
        "Read in full: about {requests} requests; by ids it would be {instead}.",
        requests,
    )


def _count(parameters: Mapping[str, str | int], name: str) -> int:
    count = parameters.get(name)
    return count if isinstance(count, int) else 2


class _Numbers(dict[str, str]):
    """Parameters of a line as text; what an older version didn't tell is a dash."""

    def __init__(self, parameters: Mapping[str, str | int]) -> None:
        super().__init__(
            (key, number(value) if isinstance(value, int) else value)
            for key, value in parameters.items()
        )

    def __missing__(self, _key: str) -> str:
        return "–"
