"""What is wrong with an export, found before anything is sent, and where to mend it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec.structs import replace

from omnisend_tui.config.models import ALL_PROFILES, Export, Source
from omnisend_tui.errors import CredentialsError, SourceError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.sources.base import ProfileSource
from omnisend_tui.workspace import Workspace

Place = Literal["", "connection", "source", "matching", "options"]
"""The part of an export to mend; '' is its source itself."""


class Trouble(NamedTuple):
    """What is wrong with an export, and where to mend it; ``code`` is for programs."""

    sentence: str
    hint: str
    code: str
    place: Place

    @property
    def hinders(self) -> bool:
        """Whether it keeps the export from running; else it is worth a word alone."""
        return self.code != "segment_empty"


def export_troubles(workspace: Workspace, export: Export) -> list[Trouble]:
    """What config.toml alone says against a run; nothing is opened."""
    troubles = []
    config = workspace.config
    if not export.connection:
        troubles.append(
            Trouble(
                _("'{export}' has no connection, so it doesn't run.").format(export=export.name),
                _("Give it one: edit the export here, or by `omnisend-tui export edit`."),
                "detached",
                "connection",
            )
        )
    elif export.connection not in config.connections:
        troubles.append(
            Trouble(
                _("The connection “{name}” of “{export}” is gone, so it doesn't run.").format(
                    name=export.connection, export=export.name
                ),
                _("Give it another: edit the export here, or by `omnisend-tui export edit`."),
                "unknown_connection",
                "connection",
            )
        )
    if export.source not in config.sources:
        troubles.append(
            Trouble(
                _("The source “{name}” of “{export}” is gone, so it doesn't run.").format(
                    name=export.source, export=export.name
                ),
                _("Give it another: edit the export here, or by `omnisend-tui export edit`."),
                "unknown_source",
                "source",
            )
        )
    try:
        check_content(export)
    except UsageError as error:
        place = _content_place(export, error.code)
        troubles.append(Trouble(error.message, error.hint, error.code, place))
    return troubles


def source_troubles(workspace: Workspace, export: Export) -> list[Trouble]:
    """What the source itself says against a run, or of it: it is opened, and its columns read.

    For segments that a column names it is read as a whole: seconds for a million rows.
    """

    source = workspace.config.sources.get(export.source)
    if source is None:
        return []
    try:
        opened = workspace.open_source(source)
        columns = [each.name for each in opened.columns()]
    except (SourceError, CredentialsError) as error:
        return [Trouble(error.message, error.hint, error.code, "")]
    missing = _missing_columns(source, export, columns)
    try:
        return [*missing, *_missing_segments(workspace, source, export, opened)]
    except SourceError as error:
        if missing:
            return missing  # it says where to mend it
        return [Trouble(error.message, error.hint, error.code, "")]


def check_content(export: Export) -> None:
    """Raises ``UsageError`` where a person must change the segments or the mapping."""
    if not any(export.segments):
        # Nobody would be read, and everybody lose the tag.
        raise UsageError(
            "no_segment",
            _("The export has no segment."),
            _("“All profiles” is the segment that every source has."),
        )
    check_mapping(export)


def _content_place(export: Export, code: str) -> Place:
    if code == "no_segment":
        return "source"
    try:
        check_mapping(replace(export, country="", date_format=""))
    except UsageError:
        return "matching"
    return "options"


def _missing_columns(source: Source, export: Export, columns: Sequence[str]) -> list[Trouble]:
    from omnisend_tui.sources.columns import find_column

    used: list[tuple[str, str, Place]] = [
        *((each.column, _("data matching, {field}").format(field=each.field), "matching")
          for each in export.mapping),
        (export.consent_column, _("consent column of the export"), "options"),
        (source.segments_column, _("segments column of the source"), ""),
        (source.key, _("key column of the source"), ""),
    ]  # fmt: skip
    return [
        Trouble(
            _("The source “{source}” has no column “{column}” any more.").format(
                source=source.name, column=column
            ),
            _("Choose another or bring it back: {place}.").format(place=words),
            "column_missing",
            place,
        )
        for column, words, place in used
        if column and find_column(columns, column) is None
    ]


def _missing_segments(
    workspace: Workspace, source: Source, export: Export, opened: ProfileSource
) -> list[Trouble]:
    """Segments that neither the source's record nor what it holds names. Raises ``SourceError``.

    One that a column names may be there without members, and a run has them all leave.
    """

    chosen = (*export.segments, *export.except_segments)
    missing = [each for each in chosen if each != ALL_PROFILES and each not in source.segments]
    code = "segment_missing"
    place: Place = "source"
    told = _("The source “{source}” has no segment “{segment}” any more.")
    if missing and source.lists_segments:
        named = {each.name for each in opened.segments()}
        missing = [each for each in missing if each not in named and not opened.unlisted]
    elif missing and source.segments_column:
        bare = workspace.open_source(replace(source, segments={}))
        named = {each.name for each in bare.segments()}
        missing = [each for each in missing if each not in named]
        code, place = "segment_empty", ""
        told = _("Nobody in the source “{source}” is in the segment “{segment}” now.")
    return [
        Trouble(
            told.format(source=source.name, segment=segment),
            _("Choose another in the export, or bring it back in the source."),
            code,
            place,
        )
        for segment in missing
    ]
