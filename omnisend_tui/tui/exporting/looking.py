"""Looking at a source for an export: each of these takes a while and belongs into a thread."""

from dataclasses import dataclass
from threading import Event

from omnisend_tui.config.models import Attribute, Export, Source
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Column, ProfileSource, Segment, Selection
from omnisend_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Looked:
    """What a source was found to have: segments, columns, and what these seem to fit."""

    segments: tuple[Segment, ...]
    columns: tuple[Column, ...]
    proposals: tuple[Attribute, ...]
    opened: ProfileSource


def look_at(workspace: Workspace, source: Source) -> Looked:
    """Opens and counts a source. Raises ``SourceError``."""
    opened = open_source(source, workspace.temp_dir)
    columns = tuple(opened.columns())
    return Looked(tuple(opened.segments()), columns, suggest(columns), opened)


def count_several(opened: ProfileSource, selection: Selection, stop: Event) -> int:
    """Profiles in more than one of the segments. Raises ``SourceError``."""
    return sum(
        sum(1 for mask in chunk.memberships if mask & (mask - 1))
        for chunk in opened.read(selection, (), stop, memberships=True)
    )


def selection_of(export: Export) -> Selection:
    """Whom an export selects."""
    return Selection(export.segments, export.except_segments)
