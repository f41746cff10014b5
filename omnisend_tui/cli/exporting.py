"""Adding and editing exports: the options become a record that was checked against its source."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Literal

from msgspec.structs import replace

from omnisend_tui.cli.matching import Given, matched
from omnisend_tui.cli.output import message
from omnisend_tui.config.models import Export
from omnisend_tui.errors import UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.saved import check_export_name
from omnisend_tui.sources.base import Column, ProfileSource, Segment, Selection
from omnisend_tui.sources.columns import some_names
from omnisend_tui.workspace import Workspace

_AS_GIVEN = ("connection", "source", "date_format", "consent_column")
_VALUES = (
    "email_status", "send_welcome", "max_profiles", "max_rejects", "max_leavers",
    "max_leavers_people",
)  # fmt: skip
_TEXTS = (*_AS_GIVEN, "name", "country", "segment_tag", "schedule", "consent_source")


class Wishes(Given, frozen=True, kw_only=True):
    """The options of ``export add`` and ``edit``; what wasn't given is None, () or False."""

    name: str | None = None
    connection: str | None = None
    source: str | None = None
    segments: tuple[str, ...] = ()
    except_segments: tuple[str, ...] = ()
    date_format: str | None = None
    country: str | None = None
    tags: tuple[str, ...] = ()
    segment_tag: str | None = None
    no_segment_tag: bool = False
    schedule: str | None = None
    email_status: Literal["", "subscribed"] | None = None
    consent_column: str | None = None
    consent_source: str | None = None
    send_welcome: bool | None = None
    max_profiles: int | None = None
    max_rejects: int | None = None
    max_leavers: int | None = None
    max_leavers_people: int | None = None


def new_export(workspace: Workspace, wishes: Wishes) -> Export:
    """The export that the options ask for, not stored yet.

    Prints the unsure proposals of ``--auto-map`` to stderr. Raises UsageError for a name, column,
    segment or field that can't be, SourceError where the source can't be opened.
    """
    check_export_name(workspace, (wishes.name or "").strip())
    if not (wishes.maps or wishes.auto_map):
        raise UsageError(
            "mapping_missing",
            _("Nothing says which column holds the e-mail address."),
            _("Add --map email=COLUMN, or --auto-map to take what the app proposes."),
        )
    export = changed_export(workspace, Export(id=token_hex(8)), wishes)
    check_mapping(export)
    return export


def changed_export(workspace: Workspace, before: Export, wishes: Wishes) -> Export:
    """``before`` with what the options ask for, not stored yet; raises as ``new_export``.

    The source is opened only where an option has to do with it.
    """
    export = replace(before, **_plain_changes(wishes))
    _check_status(export)
    if wishes.connection is not None:
        workspace.connection(export.connection)
    moved = export.source != before.source
    columns: list[Column] = []
    if moved or wishes.segments or wishes.except_segments or _reads_columns(wishes):
        source = workspace.source(export.source)
        opened = workspace.open_source(source)
        columns = opened.columns()
        if moved or wishes.segments or wishes.except_segments:
            listed = opened.segments()
            export = _named(export, opened, listed)
            if not source.lists_segments:
                _try(export, opened, listed)
    mapping = matched(before.mapping, wishes, columns)
    used = [attribute.column for attribute in mapping if moved or attribute not in before.mapping]
    if export.email_status and (moved or export.consent_column != before.consent_column):
        used.append(export.consent_column)
    if columns:
        known = [column.name for column in columns]
        _check_known(_("column"), [column for column in used if column], known)
    return replace(export, mapping=mapping)


def _named(export: Export, opened: ProfileSource, listed: Sequence[Segment]) -> Export:
    """The export with the names of its segments, which may be given by what people call them."""
    names = {each.name for each in listed}

    def name_of(wanted: str) -> str:
        called = [each.name for each in listed if each.label == wanted]
        if wanted in names:
            return wanted
        if len(called) > 1:
            raise UsageError(
                "label_not_unique",
                _("The source has several segments that are called '{name}'.").format(name=wanted),
                _("Take the name of one: {names}.").format(names=some_names([wanted], called)),
            )
        if called:
            return called[0]
        if not opened.unlisted:
            raise _not_in_source(_("segment"), wanted, [_both(each) for each in listed])
        message(
            _("The source doesn't list its segments: whether “{name}” is one, a run finds.").format(
                name=wanted
            )
        )
        return wanted

    chosen = (
        dict.fromkeys(map(name_of, each)) for each in (export.segments, export.except_segments)
    )
    segments, out = map(tuple, chosen)
    return replace(export, segments=segments, except_segments=out)


def _both(segment: Segment) -> str:
    """A segment's name, and what people call it where that is something else."""
    if segment.label in ("", segment.name):
        return segment.name
    return f"{segment.name} ({segment.label})"


def _try(export: Export, opened: ProfileSource, listed: Sequence[Segment]) -> None:
    """Says what is wrong with the condition of a chosen segment."""
    for segment in listed:
        chosen = segment.name in (*export.segments, *export.except_segments)
        if segment.profiles is None and chosen:
            opened.count(Selection((segment.name,)))


def _reads_columns(wishes: Wishes) -> bool:
    return bool(wishes.maps or wishes.auto_map or wishes.consent_column or wishes.email_status)


def _plain_changes(wishes: Wishes) -> dict[str, Any]:
    """The fields that the options give a value, but the mapping."""
    changes: dict[str, Any] = {}
    if wishes.email_status == "":
        changes |= {"consent_column": "", "consent_source": ""}
    for name in _TEXTS:
        value = getattr(wishes, name)
        if value is not None:
            changes[name] = value if name in _AS_GIVEN else value.strip()
    for name in _VALUES:
        if getattr(wishes, name) is not None:
            changes[name] = getattr(wishes, name)
    for name in ("segments", "except_segments", "tags"):
        if values := getattr(wishes, name):
            kept = [value.strip() if name == "tags" else value for value in values]
            changes[name] = tuple(dict.fromkeys(value for value in kept if value))
    if "country" in changes:
        changes["country"] = changes["country"].upper()
    if wishes.no_segment_tag:
        changes["segment_tag"] = ""
    return changes


def _check_status(export: Export) -> None:
    """The three options go together: membership in a segment is no consent."""
    given = {
        "--email-status subscribed": bool(export.email_status),
        "--consent-column": bool(export.consent_column),
        "--consent-source": bool(export.consent_source),
    }
    missing = [option for option, there in given.items() if not there]
    if missing and len(missing) < len(given):
        raise UsageError(
            "status_incomplete",
            _("These options go together: {options}. Missing here: {missing}.").format(
                options=", ".join(given), missing=", ".join(missing)
            ),
            _("Only a column of the source says who agreed; being in a segment isn't consent."),
        )


def _check_known(what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            raise _not_in_source(what, name, known)


def _not_in_source(what: str, name: str, known: Sequence[str]) -> UsageError:
    return UsageError(
        "not_in_source",
        _("The source has no {what} '{name}'.").format(what=what, name=name),
        _("It has: {names}.").format(names=some_names([name], known)),
    )
