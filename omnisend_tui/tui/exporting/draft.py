"""What the wizard of an export collects before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from omnisend_tui import saved
from omnisend_tui.config.models import ALL_PROFILES, Attribute, Connection, Export, Source
from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.suggest import suggest
from omnisend_tui.permissions import may_use
from omnisend_tui.sources import open_source
from omnisend_tui.sources.base import Segment
from omnisend_tui.tui.widgets.paint import clean, cut
from omnisend_tui.workspace import Workspace

_FACT = 60  # cells of a fact on the last page


@dataclass(frozen=True, slots=True)
class Looked:
    """What a source was found to have: segments, columns, and what these seem to fit."""

    segments: tuple[Segment, ...]
    columns: int
    proposals: tuple[Attribute, ...]


def look_at(workspace: Workspace, source: Source) -> Looked:
    """Opens and counts a source, which takes a while. Raises ``SourceError``."""
    opened = open_source(source, workspace.temp_dir)
    columns = opened.columns()
    return Looked(tuple(opened.segments()), len(columns), suggest(columns))


@dataclass
class ExportDraft:
    """``looked`` is what the sources were found to have, by their ids."""

    workspace: Workspace
    export: Export
    looked: dict[str, Looked] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)  # fields whose proposal isn't wanted

    # The fields of its record.

    def value(self, name: str) -> Any:
        return getattr(self.export, name)

    def take(self, values: dict[str, Any]) -> str:
        """Takes the name."""
        self.export = replace(self.export, **values)
        return saved.export_fault(self.workspace, self.export)

    def connections(self) -> list[Connection]:
        """Those that this actor may use."""
        known = self.workspace.config.connections.values()
        usable = (each for each in known if may_use(self.workspace.actor, each))
        return sorted(usable, key=lambda each: each.name.casefold())

    def sources(self) -> list[Source]:
        known = self.workspace.config.sources.values()
        return sorted(known, key=lambda each: each.name.casefold())

    def take_connection(self, name: str) -> None:
        self.export = replace(self.export, connection=name)

    def take_source(self, name: str) -> None:
        """Takes a source; another one has other segments and columns."""
        if name != self.export.source:
            self.export = replace(self.export, source=name, segments=(ALL_PROFILES,))
            self.left_out.clear()

    def take_segment(self, name: str) -> None:
        self.export = replace(self.export, segments=(name,))

    def found(self) -> Looked | None:
        """What the chosen source has; None until it was looked at."""
        source = self.workspace.config.sources.get(self.export.source)
        return self.looked.get(source.id) if source is not None else None

    def mapping(self) -> tuple[Attribute, ...]:
        """The proposals that are wanted."""
        found = self.found()
        proposals = found.proposals if found is not None else ()
        return tuple(each for each in proposals if each.field not in self.left_out)

    # What was done so far, in words.

    def segment_fact(self) -> str:
        return f"{self.export.source}, {self.export.segments[0]}" if self.export.source else ""

    def mapping_fact(self) -> str:
        count = len(self.mapping())
        return ngettext("{count} field", "{count} fields", count).format(count=number(count))

    # Storing it.

    def save_label(self) -> str:
        return _("Save export")

    def note(self) -> str:
        return _("Saving sends nothing. On the list of exports the key r runs it.")

    def facts(self) -> Sequence[tuple[str, str]]:
        found, export = self.found(), self.export
        segments = found.segments if found is not None else ()
        segment = cut(clean(export.segments[0]), _FACT * 2)
        size = next((s.profiles for s in segments if s.name == export.segments[0]), None)
        if size is not None:
            counted = ngettext("{count} profile", "{count} profiles", size)
            segment = f"{segment}, {counted.format(count=number(size))}"
        return [
            (_("Name"), export.name),
            (_("Connection"), export.connection),
            (_("Source"), export.source),
            (_("Segment"), segment),
            (_("Fields"), ", ".join(field_word(each.field) for each in self.mapping())),
            (_("Tags"), _("none")),
            (_("E-mail status"), _("none is sent")),
            (_("Welcome messages"), _("off")),
        ]

    def save(self) -> str:
        stored = saved.add_export(self.workspace, replace(self.export, mapping=self.mapping()))
        return _("Export “{name}” is saved. It hasn't run yet.").format(name=stored.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw: nothing, for a new export."""


def field_word(name: str) -> str:
    """A field of Omnisend in words."""
    return {
        "email": _("E-mail"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "address": _("Address"),
        "country": _("Country"),
        "state": _("State"),
        "city": _("City"),
        "postal_code": _("Postal code"),
        "phone": _("Phone"),
        "birthdate": _("Birthdate"),
        "gender": _("Gender"),
    }.get(name, name)


def sure_word(confidence: str) -> str:
    """How sure a proposal is."""
    return {"sure": _("sure"), "likely": _("likely"), "guess": _("a guess")}[confidence]
