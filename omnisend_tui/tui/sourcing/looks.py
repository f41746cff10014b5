"""What a source has: its files, columns and segments, and what is wrong with each."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Literal

from msgspec.structs import replace

from omnisend_tui.bare_names import called_segments
from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import AppError, SourceError
from omnisend_tui.profiles import Column
from omnisend_tui.saved import try_condition
from omnisend_tui.sources.base import Access, ProfileSource, Selection
from omnisend_tui.sources.columns import find_column
from omnisend_tui.sources.paths import File, find_files
from omnisend_tui.workspace import Workspace

_PATIENCE = 5.0  # seconds in which an environment is asked again; r looks anew

Origin = Literal["all", "condition", "column", "environment", "typed"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A segment, where it comes from, and its profiles.

    None where ``error`` says why not, or where counting would cost a read. ``refreshed`` is in
    seconds since the epoch.
    """

    name: str
    origin: Origin
    profiles: int | None
    error: AppError | None = None
    label: str = ""
    refreshed: float | None = None


Found = tuple[tuple[Counted, ...], tuple[AppError, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """What an environment of Customer Insights says of itself, without its profiles."""

    columns: tuple[Column, ...]
    segments: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A source as it was when it was looked at. ``errors``: what is wrong, the worst first.

    ``who`` is signed in where somebody has to be, None where that couldn't be found out.
    """

    source: Source
    files: tuple[File, ...] = ()
    columns: tuple[Column, ...] = ()
    segments: tuple[Counted, ...] = ()
    errors: tuple[AppError, ...] = ()
    who: str | None = None


def look_at(workspace: Workspace, source: Source, known: Look | None = None) -> Look:
    """Opens and counts a source; ``known`` is returned where nothing has changed since then.

    An environment is asked for its lists each time, and counts nothing.
    """
    if source.is_asked:
        return _look_at_environment(workspace, source)
    try:
        files = tuple(find_files(source.path))
    except SourceError as error:
        return Look(source, errors=(error,))
    if known is not None and known.source == source and known.files == files:
        return known
    try:
        opened = workspace.open_source(source)
        columns = tuple(opened.columns())
        errors = _key_errors(opened, source, columns)
        segments, others = count_segments(workspace, source)
    except SourceError as error:
        return Look(source, files, errors=(error,))
    wrong = [each.error for each in segments if each.error is not None]
    return Look(source, files, columns, segments, (*errors, *others, *wrong))


def list_environment(source: Source, access: Access) -> Listed:
    """The columns and segments that an environment lists. Raises ``AppError``."""
    from omnisend_tui.sources.dataverse import DataverseSource

    opened = DataverseSource(source, access)
    columns = tuple(opened.columns())
    found = opened.segments()
    called = called_segments({each.name: each.label for each in found})
    segments = tuple(
        Counted(each.name, _origin(each.name, source), each.profiles, None, called[each.name],
                each.refreshed)
        for each in found
    )  # fmt: skip
    return Listed(columns, segments)


def _look_at_environment(workspace: Workspace, source: Source) -> Look:
    from omnisend_tui.sign_in import signed_in

    who = None
    try:
        who = signed_in(workspace, source)
        access = dataclasses.replace(workspace.access(source).hurried(), patience=_PATIENCE)
        found = list_environment(source, access)
    except AppError as error:
        return Look(source, errors=(error,), who=who)
    return Look(source, (), found.columns, found.segments, who=who)


def _origin(name: str, source: Source) -> Origin:
    if name == ALL_PROFILES:
        return "all"
    return "typed" if name in source.segments else "environment"


def count_segments(workspace: Workspace, source: Source) -> Found:
    """The segments of a source, and what keeps those of its column from being found.

    A wrong condition takes the count of its own segment only. Raises ``SourceError`` for files.
    """
    errors: tuple[AppError, ...] = ()
    try:
        found = _counted(workspace, source)
    except SourceError as error:
        if error.code != "column_missing":
            raise
        errors = (error,)
        found = _counted(workspace, replace(source, segments_column=""))
    told = (
        each if each.profiles is not None else _try_one(workspace, source, each.name)
        for each in found
    )
    return tuple(told), errors


def _try_one(workspace: Workspace, source: Source, name: str) -> Counted:
    try:
        profiles = try_condition(workspace, source, name, source.segments[name])
        return Counted(name, "condition", profiles)
    except SourceError as error:
        return Counted(name, "condition", None, error)


def _counted(workspace: Workspace, source: Source) -> tuple[Counted, ...]:
    def origin(name: str) -> Origin:
        if name == ALL_PROFILES:
            return "all"
        return "condition" if name in source.segments else "column"

    found = workspace.open_source(source).segments()
    return tuple(Counted(each.name, origin(each.name), each.profiles) for each in found)


def _key_errors(
    opened: ProfileSource, source: Source, columns: Sequence[Column]
) -> tuple[AppError, ...]:
    """Why the key column can't be read; a key that only later lines have is looked for."""
    if not source.key or find_column([column.name for column in columns], source.key) is not None:
        return ()
    at_once = Event()
    at_once.set()
    try:
        for _chunk in opened.read(Selection((ALL_PROFILES,)), (), at_once):
            pass
    except SourceError as error:
        if error.code != "column_missing":
            raise
        return (error,)
    return ()
