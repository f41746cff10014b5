"""What ``source fields`` and ``source segments`` print."""

from collections.abc import Sequence

from omnisend_tui.cli.output import fit, print_json, print_table
from omnisend_tui.documents import utc
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sources.base import Column, Segment

_NAME = 60  # cells of a name


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
    _print_filled(
        [_("Column"), _("Called"), _("Fits"), _("How sure")],
        [
            [
                str(each["name"]),
                fit(each["label"] or "", _NAME),
                each["field"] or "–",
                each["confidence"] or "",
            ]
            for each in documents
        ],
    )


def print_segments(found: Sequence[Segment], as_json: bool) -> None:
    """The segments, and how many profiles each has where that is known."""
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
    _print_filled(
        [_("Segment"), _("Called"), _("Profiles"), _("Refreshed")],
        [
            [
                fit(each.name, _NAME),
                fit(each.label, _NAME),
                "–" if each.profiles is None else number(each.profiles),
                utc(each.refreshed) or "",
            ]
            for each in found
        ],
    )


def _print_filled(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table without the columns that no row has anything in."""
    kept = [place for place in range(len(headers)) if place == 0 or any(row[place] for row in rows)]
    print_table([headers[each] for each in kept], [[row[each] for each in kept] for row in rows])
