"""What ``source fields`` and ``source segments`` print."""

from collections.abc import Sequence

from omnisend_tui.bare_names import bare_names, shared_prefix
from omnisend_tui.cli.output import message, on_terminal, print_json, print_table
from omnisend_tui.config.models import ALL_PROFILES
from omnisend_tui.documents import utc
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sources.base import Column, Segment


def print_columns(columns: Sequence[Column], as_json: bool) -> None:
    """The columns, and the fields of a contact that they seem to fit."""
    proposals = {proposal.column: proposal for proposal in suggest(columns)}
    documents = [
        {
            "name": column.name,
            "label": column.label or None,
            "field": proposals[column.name].field if column.name in proposals else None,
            "confidence": proposals[column.name].confidence if column.name in proposals else None,
        }
        for column in columns
    ]
    if as_json:
        print_json(documents)
        return
    bare = _bare([column.name for column in columns])
    _print_filled(
        [_("Column"), _("Called"), _("Fits"), _("How sure")],
        [
            [
                bare[str(each["name"])],
                each["label"] or "",
                each["field"] or "–",
                each["confidence"] or "",
            ]
            for each in documents
        ],
    )


def print_segments(found: Sequence[Segment], as_json: bool, *, listed: bool) -> None:
    """The segments, and how many profiles each has where that is known.

    ``listed``: an environment named them; the names of others are those that people gave.
    """
    if as_json:
        print_json(
            [
                {
                    "name": each.name,
                    "label": each.label or None,
                    "profiles": each.profiles,
                    "refreshed": utc(each.refreshed),
                }
                for each in found
            ]
        )
        return
    bare = _bare([each.name for each in found if listed and each.name != ALL_PROFILES])
    _print_filled(
        [_("Segment"), _("Called"), _("Profiles"), _("Refreshed")],
        [
            [
                bare.get(each.name, each.name),
                "" if each.label == bare.get(each.name) else each.label,
                "–" if each.profiles is None else number(each.profiles),
                utc(each.refreshed) or "",
            ]
            for each in found
        ],
    )


def _bare(names: Sequence[str]) -> dict[str, str]:
    """The names as people see them, who are told what all of them begin with for commands."""
    if not on_terminal():
        return {name: name for name in names}
    if prefix := shared_prefix(names):
        told = _("All these names begin with “{prefix}”, which isn't repeated here.")
        message(told.format(prefix=prefix))
    return bare_names(names)


def _print_filled(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table without the columns that no row has anything in."""
    kept = [place for place in range(len(headers)) if place == 0 or any(row[place] for row in rows)]
    print_table([headers[each] for each in kept], [[row[each] for each in kept] for row in rows])
