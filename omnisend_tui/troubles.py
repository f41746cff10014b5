"""What keeps an export from running, found before anything is sent, and where to mend it."""

from typing import NamedTuple

from omnisend_tui.config.models import ALL_PROFILES, Export, Source
from omnisend_tui.errors import SourceError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.workspace import Workspace


class Trouble(NamedTuple):
    """What keeps an export from running, and where to mend it; ``code`` is for programs."""

    sentence: str
    hint: str
    code: str = ""


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
            )
        )
    try:
        check_content(export)
    except UsageError as error:
        troubles.append(Trouble(error.message, error.hint, error.code))
    return troubles


def source_troubles(workspace: Workspace, export: Export) -> list[Trouble]:
    """What the source itself says against a run: it is opened, and its columns are read.

    A segment that comes from a column is never missed: it may just have nobody in it now.
    """
    from omnisend_tui.sources import open_source  # slow to import

    source = workspace.config.sources.get(export.source)
    if source is None:
        return []
    try:
        columns = [each.name for each in open_source(source, workspace.temp_dir).columns()]
    except SourceError as error:
        return [Trouble(error.message, error.hint, error.code)]
    return [*_missing_columns(source, export, columns), *_missing_segments(source, export)]


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


def _missing_columns(source: Source, export: Export, columns: list[str]) -> list[Trouble]:
    from omnisend_tui.sources.columns import find_column

    used = [
        *((each.column, _("data matching, {field}").format(field=each.field))
          for each in export.mapping),
        (export.consent_column, _("consent column of the export")),
        (source.segments_column, _("segments column of the source")),
        (source.key, _("key column of the source")),
    ]  # fmt: skip
    return [
        Trouble(
            _("The source “{source}” has no column “{column}” any more.").format(
                source=source.name, column=column
            ),
            _("Choose another or bring it back: {place}.").format(place=place),
            "column_missing",
        )
        for column, place in used
        if column and find_column(columns, column) is None
    ]


def _missing_segments(source: Source, export: Export) -> list[Trouble]:
    if source.segments_column:
        return []
    return [
        Trouble(
            _("The source “{source}” has no segment “{segment}” any more.").format(
                source=source.name, segment=segment
            ),
            _("Choose another in the export, or bring it back in the source."),
            "segment_missing",
        )
        for segment in (*export.segments, *export.except_segments)
        if segment != ALL_PROFILES and segment not in source.segments
    ]
