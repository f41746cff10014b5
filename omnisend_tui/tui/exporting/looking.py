"""What a source has for an export, and whom of it the export selects.

``look_at`` and ``count_several`` take a while and belong into a thread.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from msgspec.structs import replace

from omnisend_tui.bare_names import called_segments
from omnisend_tui.config.models import ALL_PROFILES, Attribute, Export, Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sources.base import MOST_MEMBERSHIPS, Column, ProfileSource, Segment, Selection
from omnisend_tui.sources.columns import find_column
from omnisend_tui.tui.widgets.paint import clean
from omnisend_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Looked:
    """What a source was found to have: segments, columns, and what these seem to fit.

    ``by_column``: its rows name their segments, so one that isn't named has nobody in it now.
    """

    segments: tuple[Segment, ...]
    columns: tuple[Column, ...]
    proposals: tuple[Attribute, ...]
    opened: ProfileSource
    by_column: bool = False

    @property
    def lists_all(self) -> bool:
        """Whether a segment that it doesn't list can't be exported."""
        return not (self.by_column or self.opened.unlisted)


def look_at(workspace: Workspace, source: Source) -> Looked:
    """Opens and counts a source. Raises ``SourceError``."""
    opened = workspace.open_source(source, hurried=True)
    columns = tuple(opened.columns())
    segments = tuple(opened.segments())
    if source.lists_segments:
        called = called_segments({each.name: each.label for each in segments})
        segments = tuple(dataclasses.replace(each, label=called[each.name]) for each in segments)
    return Looked(segments, columns, suggest(columns), opened, bool(source.segments_column))


def column_label(found: Looked | None, name: str) -> str:
    """What people call a column of the source, '' where that isn't known."""
    columns = found.columns if found is not None else ()
    return next((each.label for each in columns if each.name == name), "")


def segment_label(found: Looked | None, name: str) -> str:
    """What people call a segment of the source, '' where that isn't known."""
    segments = found.segments if found is not None else ()
    return next((each.label for each in segments if each.name == name), "")


def names_others(found: Looked) -> bool:
    """Whether there is another segment to choose than that of everybody."""
    return any(each.name != ALL_PROFILES for each in found.segments)


def listed_size(export: Export, found: Looked | None) -> int | None:
    """Profiles of the only segment that is chosen, None where its source doesn't tell."""
    if found is None or len(export.segments) != 1 or export.except_segments:
        return None
    known = (each.profiles for each in found.segments if each.name == export.segments[0])
    return next(known, None)


def count_several(opened: ProfileSource, selection: Selection, stop: Event) -> int:
    """Profiles in more than one of the segments. Raises ``SourceError``."""
    return sum(
        sum(1 for mask in chunk.memberships if mask & (mask - 1))
        for chunk in opened.read(selection, (), stop, memberships=True)
    )


def match_anew(rows: Sequence[Attribute], looked: Looked) -> tuple[Attribute, ...]:
    """The matching of another source for this one; all that is proposed where there is none.

    A row stays as it is where its column is here too; another one gets the column proposed for its
    field, and stays where there is none.
    """
    if not rows:
        return looked.proposals
    names = [column.name for column in looked.columns]
    proposed = {each.field: each for each in looked.proposals}
    matched = []
    for row in rows:
        found = proposed.get(row.field)
        if row.column and find_column(names, row.column) is None and found is not None:
            row = replace(row, column=found.column, confidence=found.confidence)
        matched.append(row)
    return tuple(matched)


def consent_job(export: Export) -> Export | None:
    """Addresses and consent alone, for counting; None as long as a column is missing."""
    email = tuple(each for each in export.mapping if each.field == "email")
    if not (email and export.consent_column):
        return None
    return Export(
        source=export.source, segments=export.segments, except_segments=export.except_segments,
        mapping=email, email_status="subscribed", consent_column=export.consent_column,
    )  # fmt: skip


def reach_of(export: Export) -> tuple[object, ...]:
    """Whom ``subscribed`` reaches, where, and by which consent; () where it isn't sent."""
    if not export.email_status:
        return ()
    addresses = tuple(each.column for each in export.mapping if each.field == "email")
    return (
        export.connection, export.source, frozenset(export.segments),
        frozenset(export.except_segments), addresses, export.consent_column, export.consent_source,
    )  # fmt: skip


def selection_fault(export: Export, found: Looked | None, total: int | None) -> str:
    """Why the chosen segments can't be exported, '' where they can or aren't counted yet.

    ``total`` are their profiles, each once.
    """
    if not export.segments:
        return _("Choose at least one segment.")
    if len(export.segments) > MOST_MEMBERSHIPS:
        return _(
            "{count} segments are chosen; an export has at most {most}. Make two exports of it."
        ).format(count=number(len(export.segments)), most=number(MOST_MEMBERSHIPS))
    known = {each.name for each in found.segments} if found is not None else set()
    for name in (*export.segments, *export.except_segments):
        if found is not None and name not in known and found.lists_all:
            return _("The source has no segment “{name}” any more: take its mark away.").format(
                name=clean(name)
            )
    if total is not None and total > export.max_profiles:
        return _(
            "These are {count} profiles, and this export has a limit of {most}. Choose fewer;"
            " the limit stands under Options."
        ).format(count=number(total), most=number(export.max_profiles))
    return ""


def selection_of(export: Export) -> Selection:
    """Whom an export selects."""
    return Selection(export.segments, export.except_segments)
