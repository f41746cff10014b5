"""What the wizard and the editor of a source collect before anything is stored."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Protocol

from msgspec.structs import replace

from omnisend_tui import saved
from omnisend_tui.config.checks import NAME_LENGTH, name_fault
from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.names import compact
from omnisend_tui.profiles import Column
from omnisend_tui.sources.columns import find_column
from omnisend_tui.tui.sourcing.looks import Counted
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.tui.wizard.drafts import on_top
from omnisend_tui.tui.wizard.page import sentence_of
from omnisend_tui.workspace import Workspace

_ENDINGS = {
    ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".parquet", ".gz", ".zst", ".bz2", ".xz",
}  # fmt: skip
_FACT = 60  # cells of a fact on the last page
# As ``compact`` writes them; the first ones are the likeliest.
_KEYS = (
    "customerid", "customernumber", "customerno", "contactid", "profileid", "asiakasnumero",
    "asiakasnro", "asiakasid", "id", "guid", "uuid",
)  # fmt: skip
_SEGMENTS = (
    "segments", "segmentnames", "segment", "segmentit", "segmentti", "groups", "group", "ryhmat",
    "ryhma",
)  # fmt: skip


class Entered(Protocol):
    """A draft that is set aside while another one is filled."""

    def entered(self) -> bool:
        """Whether anything was entered in it that isn't stored."""


@dataclass
class SourceDraft:
    """``typed`` is the path as it was entered; ``source`` has it absolute. ``lost`` are columns
    that the source needs and the files don't have, ``error`` why they can't be opened. ``counted``
    is of the source as it was then.
    """

    workspace: Workspace
    source: Source
    typed: str = ""
    columns: tuple[Column, ...] = ()
    proposed: str = ""  # the name that the app thought of
    _seen: str = ""  # the path whose columns the user was shown
    lost: tuple[str, ...] = ()
    error: AppError | None = None
    counted: tuple[Source, tuple[Counted, ...]] | None = None
    segment: tuple[str, str, str] = ("", "", "")  # being entered: name, condition, name before
    aside: "Entered | None" = None  # what the other type of a new source was filled with

    # The fields of its record.

    def value(self, name: str) -> Any:
        return self.typed if name == "path" else getattr(self.source, name)

    def take(self, values: dict[str, Any]) -> str:
        """Takes the path, or the name."""
        if "path" in values:
            return self._take_path(values["path"])
        self.source = replace(self.source, **values)
        return saved.source_fault(self.workspace, self.source)

    def _take_path(self, typed: str) -> str:
        self.typed = typed
        if not typed:
            return _("Enter where the file is.")
        if typed == self.source.path:
            return ""  # written by hand into config.toml it may be a relative one
        # A run may start in another folder.
        path = os.path.abspath(os.path.expanduser(typed))
        if path != self.source.path:
            self.source = replace(self.source, path=path)
            self._forget()
        return ""

    def take_error(self, error: AppError) -> bool:
        """Whether one goes on though the files can't be opened: where a stored path stays."""
        if self.source.path != self._kept().path:
            return False
        self._forget()
        self.error = error
        return True

    def _forget(self) -> None:
        """What was known of the files."""
        self.columns, self.lost, self.error, self.counted = (), (), None, None

    def take_columns(self, columns: Sequence[Column]) -> None:
        """Takes what the files have; columns chosen before stay where they are still there."""
        self._forget()  # the files may have changed meanwhile
        self.columns = tuple(columns)
        source = self.source
        name = source.name
        if name in ("", self.proposed):
            name = self.proposed = free_name(self.workspace, name_of(source.path))
        names = [column.name for column in columns]
        key, segments = find_column(names, source.key), find_column(names, source.segments_column)
        wanted = ((source.key, key), (source.segments_column, segments))
        self.lost = tuple(column for column, found in wanted if column and found is None)
        # What is stored without them was chosen so, whatever its path becomes.
        if not self._kept().path and source.path != self._seen:
            key = key if source.key else _telling_apart(columns, _KEYS)
            segments = segments if source.segments_column else _named(columns, _SEGMENTS)
        self._seen = source.path
        self.source = replace(source, name=name, key=key or "", segments_column=segments or "")

    def choose(self, field: str, column: str) -> None:
        """Takes a column as ``key`` or ``segments_column``; the same one again is none."""
        before = getattr(self.source, field)
        self.source = replace(self.source, **{field: "" if before == column else column})

    # Segments by conditions.

    def segment_fault(self) -> str:
        """Why the segment being entered can't be added, '' where it can."""
        name, condition, before = self.segment
        if fault := name_fault(name):
            return fault
        if not condition:
            return _("A segment needs a condition.")
        taken = {each.casefold() for each in (ALL_PROFILES, *self.source.segments)}
        if name.casefold() in taken - {before.casefold()}:
            return _("The name “{name}” is taken.").format(name=name)
        return ""

    def add_segment(self) -> None:
        """Takes the segment being entered; one that is changed keeps its place."""
        name, condition, before = self.segment
        kept = dict(self.source.segments)
        if before in kept:
            pairs = [(name, condition) if each == before else (each, kept[each]) for each in kept]
            kept = dict(pairs)
        else:
            kept[name] = condition
        self.source = replace(self.source, segments=kept)
        self.segment = ("", "", "")

    def remove_segment(self, name: str) -> None:
        left = {each: text for each, text in self.source.segments.items() if each != name}
        self.source = replace(self.source, segments=left)

    # What was done so far, in words.

    def wrong(self) -> str:
        """What doesn't fit between the source and its files, or ''."""
        if self.error is not None:
            return sentence_of(self.error)
        if self.source.key and self.source.key == self.source.segments_column:
            return _("Key and segments are the same column; is that meant?")
        names = ", ".join(cut(clean(column), 30) for column in self.lost)
        told = _("No longer in the files: {columns}. Choose another column, or none.")
        return told.format(columns=names) if names else ""

    def columns_fact(self) -> str:
        return self.source.key

    def segments_fact(self) -> str:
        source = self.source
        parts = [cut(clean(source.segments_column), _FACT)] if source.segments_column else []
        count = len(source.segments)
        if count:
            parts.append(
                ngettext("{count} condition", "{count} conditions", count).format(
                    count=number(count)
                )
            )
        return ", ".join(parts)

    # Storing it.

    def unsaved(self) -> bool:
        return self.entered() or (self.aside is not None and self.aside.entered())

    def entered(self) -> bool:
        """Whether anything was entered here that isn't stored, a half segment too."""
        return self.source != self._kept() or self.segment != self._segment_kept()

    def _kept(self) -> Source:
        """What is stored: nothing, for a new source."""
        return Source(id=self.source.id)

    def _segment_kept(self) -> tuple[str, str, str]:
        """The fields of a segment as they would be if nobody had typed in them."""
        name = self.segment[2]
        return (name, self.source.segments.get(name, ""), name)

    def save_label(self) -> str:
        return _("Save source")

    def note(self) -> str:
        return _("Only this is stored. The profiles stay in the files and are read by each run.")

    def facts(self) -> Sequence[tuple[str, str]]:
        source, wrong = self.source, self.wrong()
        return [
            (_("Name"), source.name),
            (_("Path"), end_of(source.path, _FACT)),
            *([(_("Wrong"), wrong)] if wrong else ()),
            (_("Columns"), "–" if self.error is not None else number(len(self.columns))),
            (_("Key"), cut(clean(source.key), _FACT) or _("none: the row number")),
            (_("Segments"), self.segments_fact() or _("All profiles only")),
        ]

    def save(self) -> str:
        stored = saved.add_source(self.workspace, self.source)
        return _("Source “{name}” is saved.").format(name=stored.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw: nothing, for a new source."""


@dataclass
class EditDraft(SourceDraft):
    """A stored source; ``before`` is what the user saw first."""

    before: Source = field(default_factory=Source)

    def _kept(self) -> Source:
        return self.before

    def note(self) -> str:
        return exports_note(self.workspace, self.before)

    def save(self) -> str:
        stored = saved.edit_source(self.workspace, self.before, self.source)
        return _("Source “{name}” is saved.").format(name=stored.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw; what he changed stays changed."""
        known = self.workspace.reload_config().sources.values()
        if both := on_top(self.source, self.before, known):
            self.before, self.source = both


def _named(columns: Sequence[Column], known: Sequence[str]) -> str | None:
    """The column whose name is the first one of those known."""
    named = {compact(column.name): column.name for column in reversed(columns)}
    return next((named[name] for name in known if name in named), None)


def _telling_apart(columns: Sequence[Column], known: Sequence[str]) -> str | None:
    """The same, if its samples show that it tells profiles apart."""
    able = [each for each in columns if len(set(each.samples)) == len(each.samples) > 0]
    return _named(able, known)


def free_name(workspace: Workspace, name: str) -> str:
    """The name, with a number where a source has it."""
    taken = {known.casefold() for known in workspace.config.sources}
    tries = (name, *(f"{name[: NAME_LENGTH - 5]} {n}" for n in range(2, 1000)))
    return next((each for each in tries if each.casefold() not in taken), "")


def exports_note(workspace: Workspace, before: Source) -> str:
    """What saving the changed source means for the exports that use it."""
    exports = saved.source_dependents(workspace, before)
    if not exports:
        return _("No export uses this source yet. Nothing is sent by saving.")
    return ngettext(
        "{count} export uses this source and follows a new name. Nothing is sent by saving.",
        "{count} exports use this source and follow a new name. Nothing is sent by saving.",
        len(exports),
    ).format(count=number(len(exports)))


def name_of(path: str) -> str:
    """A name for the source of this path or pattern: of its file, or of the folder."""
    pure = PurePath(path)
    for part in (pure.name, pure.parent.name):
        stem = part
        while PurePath(stem).suffix.casefold() in _ENDINGS:
            stem = PurePath(stem).stem
        kept = "".join(" " if sign in "*?[]{}" or not sign.isprintable() else sign for sign in stem)
        words = " ".join(kept.split()).strip("-_. ")
        if words:
            return words[:NAME_LENGTH].strip()
    return ""


def end_of(text: str, width: int) -> str:
    """At most ``width`` cells: the end of a path tells more than its start."""
    return cut(clean(text)[::-1], width)[::-1]
