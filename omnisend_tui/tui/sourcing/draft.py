"""What the wizard of a source collects before anything is stored."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from msgspec.structs import replace

from omnisend_tui import saved
from omnisend_tui.config.checks import NAME_LENGTH
from omnisend_tui.config.models import Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.profiles import Column
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.workspace import Workspace

_ENDINGS = {
    ".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".parquet", ".gz", ".zst", ".bz2", ".xz",
}  # fmt: skip
_FACT = 60  # cells of a fact on the last page


@dataclass
class SourceDraft:
    """``typed`` is the path as it was entered; ``source`` has it absolute."""

    workspace: Workspace
    source: Source
    typed: str = ""
    columns: tuple[Column, ...] = ()
    proposed: str = ""  # the name that the app thought of

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
        # A run may start in another folder.
        path = os.path.abspath(os.path.expanduser(typed))
        if path != self.source.path:
            self.source = replace(self.source, path=path)
            self.columns = ()
        return ""

    def take_columns(self, columns: Sequence[Column]) -> None:
        """Takes what the files have; columns chosen before stay where they are still there."""
        self.columns = tuple(columns)
        names = {column.name for column in columns}
        source = self.source
        name = source.name
        if name in ("", self.proposed):
            name = self.proposed = self._free(name_of(source.path))
        self.source = replace(
            source,
            name=name,
            key=source.key if source.key in names else "",
            segments_column=source.segments_column if source.segments_column in names else "",
        )

    def choose(self, field: str, column: str) -> None:
        """Takes a column as ``key`` or ``segments_column``; the same one again is none."""
        before = getattr(self.source, field)
        self.source = replace(self.source, **{field: "" if before == column else column})

    def _free(self, name: str) -> str:
        """The name, with a number where it is taken."""
        taken = {known.casefold() for known in self.workspace.config.sources}
        tries = (name, *(f"{name[: NAME_LENGTH - 5]} {n}" for n in range(2, 1000)))
        return next((each for each in tries if each.casefold() not in taken), "")

    # What was done so far, in words.

    def columns_fact(self) -> str:
        return ", ".join(
            column for column in (self.source.key, self.source.segments_column) if column
        )

    # Storing it.

    def save_label(self) -> str:
        return _("Save source")

    def note(self) -> str:
        return _("Only this is stored. The profiles stay in the files and are read by each run.")

    def facts(self) -> Sequence[tuple[str, str]]:
        source = self.source
        return [
            (_("Name"), source.name),
            (_("Path"), end_of(source.path, _FACT)),
            (_("Columns"), number(len(self.columns))),
            (_("Key"), cut(clean(source.key), _FACT) or _("none: the row number")),
            (_("Segments"), cut(clean(source.segments_column), _FACT) or _("All profiles only")),
        ]

    def save(self) -> str:
        stored = saved.add_source(self.workspace, self.source)
        return _("Source “{name}” is saved.").format(name=stored.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw: nothing, for a new source."""


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
