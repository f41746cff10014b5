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
        "source_segment_empty": _("Nobody is in the segment {name}."),
        "source_unclear": _unclear(parameters),
        "source_names_left_out": _(
            "{rows} memberships can't be read; their profiles are left out."
        ),
        "source_names_unread": _(
            "{rows} memberships can't be read; their profiles count as not in the segments."
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


def _unclear(parameters: Mapping[str, str | int]) -> str:
    count = parameters.get("profiles")
    return ngettext(
        "{profiles} profile of the segments is missing or can't be read, so nobody counts as"
        " having left.",
        "{profiles} profiles of the segments are missing or can't be read, so nobody counts as"
        " having left.",
        count if isinstance(count, int) else 2,
    )


def _way(parameters: Mapping[str, str | int]) -> str:
    count = parameters.get("requests")
    count = count if isinstance(count, int) else 2
    if parameters.get("way") != "full":
        return ngettext(
            "The profiles of the segments, {members}, are read by their ids in {requests} request.",
            "The profiles of the segments, {members}, are read by their ids in {requests}"
            " requests.",
            count,
        )
    if not count:
        return _("The source is read in full.")
    if parameters.get("members") == parameters.get("profiles"):
        return ngettext(
            "The source is read in full: about {profiles} profiles in {requests} request.",
            "The source is read in full: about {profiles} profiles in {requests} requests.",
            count,
        )
    return ngettext(
        "The source is read in full, about {profiles} profiles in {requests} request, and"
        " {members} of them are in the segments: by their ids they would cost more.",
        "The source is read in full, about {profiles} profiles in {requests} requests, and"
        " {members} of them are in the segments: by their ids they would cost more.",
        count,
    )


class _Numbers(dict[str, str]):
    """Parameters of a line as text; what an older version didn't tell is a dash."""

    def __init__(self, parameters: Mapping[str, str | int]) -> None:
        super().__init__(
            (key, number(value) if isinstance(value, int) else value)
            for key, value in parameters.items()
        )

    def __missing__(self, _key: str) -> str:
        return "–"
