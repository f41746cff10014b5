"""What the wizard of an export collects before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from omnisend_tui import saved
from omnisend_tui.config.models import ALL_PROFILES, Attribute, Connection, Export, Source
from omnisend_tui.engine.examine import Counts
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import natural, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.mapping.fields import check_mapping
from omnisend_tui.permissions import may_use
from omnisend_tui.sources.base import Selection
from omnisend_tui.troubles import Place, Trouble, export_troubles, source_troubles
from omnisend_tui.tui.exporting.facts import (
    changed_facts,
    export_facts,
    field_word,
    schedule_word,
    sure_word,
)
from omnisend_tui.tui.exporting.looking import (
    Looked,
    consent_job,
    listed_size,
    look_at,
    match_anew,
    names_others,
    reach_of,
    segment_label,
    selection_fault,
    selection_of,
)
from omnisend_tui.tui.wizard.drafts import on_top
from omnisend_tui.workspace import Workspace

__all__ = ["ExportDraft", "Looked", "field_word", "look_at", "sure_word"]

# The step that mends a part of an export; what the source itself lacks is told beside it.
_STEPS: dict[Place, str] = {
    "": "Source", "connection": "Connection", "source": "Source", "matching": "Matching",
    "options": "Options",
}  # fmt: skip

# Segments, those left out, the matching, and whether the user chose.
_Left = tuple[tuple[str, ...], tuple[str, ...], tuple[Attribute, ...] | None, bool]


@dataclass
class ExportDraft:
    """``before`` is the stored export that is edited, None for a new one.

    ``looked`` is what the sources were found to have, by their ids; ``rows`` the matching as the
    user has it, None as long as it is what is proposed. Counts are kept by source and selection.
    """

    workspace: Workspace
    export: Export
    before: Export | None = None
    looked: dict[str, Looked] = field(default_factory=dict)
    rows: tuple[Attribute, ...] | None = None
    counts: dict[tuple[str, Selection], int] = field(default_factory=dict)
    several: dict[tuple[str, Selection], int] = field(default_factory=dict)
    consents: dict[Export, Counts] = field(default_factory=dict)  # by ``consent_job``
    meant: tuple[object, ...] = ()  # the ``reach_of`` for which 'subscribed' was meant
    unread_schedule: tuple[int, dict[str, str]] | None = None  # the choice, and what was entered
    stored: Export | None = None
    _carried: tuple[Attribute, ...] = ()  # the matching of the source before
    _seen_of: str = ""  # the source whose matching was seen
    field_at: str = ""  # the row of data matching that was marked
    chosen: bool = False  # the user had a hand in the segments
    wrong: dict[str, str] = field(default_factory=dict)  # step -> what its page is to say at first
    refused: Sequence[Trouble] = ()  # why it wasn't stored
    _left: dict[str, _Left] = field(default_factory=dict)  # of sources left for another

    # The fields of its record.

    def value(self, name: str) -> Any:
        """A field as it is typed or chosen."""
        value = getattr(self.export, name)
        return ", ".join(value) if name == "tags" else value

    def take(self, values: dict[str, Any]) -> str:
        """Takes what changed of fields of the record; why they can't be, or ''."""
        if values.get("email_status") == "":
            values["consent_column"] = values["consent_source"] = ""
        values = {name: value for name, value in values.items() if value != self.value(name)}
        if "tags" in values:
            tags = (tag.strip() for tag in values["tags"].split(","))
            values["tags"] = tuple(dict.fromkeys(tag for tag in tags if tag))
        if "country" in values:
            values["country"] = values["country"].upper()
        self.export = replace(self.export, **values)
        return saved.export_fault(self.workspace, self.export)

    def formats_fault(self) -> str:
        """Why country, date format or matching can't be, or ''."""
        try:
            check_mapping(self.whole())
        except UsageError as error:
            return f"{error.message} {error.hint}"
        return ""

    def connections(self) -> list[Connection]:
        """Those that this actor may use."""
        known = self.workspace.config.connections.values()
        usable = (each for each in known if may_use(self.workspace.actor, each))
        return sorted(usable, key=lambda each: natural(each.name))

    def sources(self) -> list[Source]:
        known = self.workspace.config.sources.values()
        return sorted(known, key=lambda each: natural(each.name))

    def take_connection(self, name: str) -> None:
        self.export = replace(self.export, connection=name)

    def take_source(self, name: str) -> None:
        """Takes a source; another one has other segments, which stay its own."""
        export = self.export
        if name == export.source:
            return
        if self.rows is not None:
            self._carried = self.rows
        self._left[export.source] = (
            export.segments, export.except_segments, self.rows, self.chosen
        )  # fmt: skip
        fresh: _Left = ((ALL_PROFILES,), (), None, False)
        segments, excepted, self.rows, self.chosen = self._left.get(name, fresh)
        self.export = replace(export, source=name, segments=segments, except_segments=excepted)

    # Segments.

    def propose(self, found: Looked) -> None:
        """Without a choice, everybody is exported only where that is all there is to choose."""
        stored = self.before is not None and self.before.source == self.export.source
        if not (self.chosen or stored) and names_others(found):
            left = [each for each in self.export.segments if each != ALL_PROFILES]
            self.export = replace(self.export, segments=tuple(left))

    def choose(self, name: str) -> None:
        """Chooses a segment, or no longer."""
        chosen, out = list(self.export.segments), list(self.export.except_segments)
        if name in chosen:
            chosen.remove(name)
        else:
            chosen.append(name)
        self._take_segments(chosen, [each for each in out if each != name])

    def leave_out(self, name: str) -> None:
        """Leaves a segment's profiles out, or no longer."""
        chosen, out = list(self.export.segments), list(self.export.except_segments)
        if name in out:
            out.remove(name)
        else:
            out.append(name)
        self._take_segments([each for each in chosen if each != name], out)

    def segments_fault(self) -> str:
        """Why the chosen segments can't be exported, '' where they can or aren't counted yet."""
        return selection_fault(self.export, self.found(), self.total())

    def total(self) -> int | None:
        """Profiles of the selection, each once; None until they are counted."""
        size = listed_size(self.export, self.found())
        if size is not None:
            return size
        return self.counts.get((self.export.source, selection_of(self.export)))

    def in_several(self) -> int | None:
        """Profiles in more than one of the segments; None until they are counted."""
        return self.several.get((self.export.source, selection_of(self.export)))

    def _take_segments(self, chosen: Sequence[str], out: Sequence[str]) -> None:
        self.chosen = True
        self.export = replace(self.export, segments=tuple(chosen), except_segments=tuple(out))

    # Columns and matching.

    def found(self) -> Looked | None:
        """What the chosen source has; None until it was looked at."""
        source = self.workspace.config.sources.get(self.export.source)
        return self.looked.get(source.id) if source is not None else None

    def mapping(self) -> tuple[Attribute, ...]:
        """The matching as the user has it, or as it is proposed."""
        if self.rows is not None:
            return self.rows
        found = self.found()
        return match_anew(self._carried, found) if found is not None else ()

    def see_mapping(self) -> None:
        """The matching of this source is before the user's eyes."""
        self._seen_of = self.export.source

    def unseen_mapping(self) -> bool:
        """Whether something of it was proposed for another source than the user saw it of."""
        unseen = self.rows is None and self._seen_of != self.export.source
        return unseen and self.mapping() != self._carried

    def take_mapping(self, rows: Sequence[Attribute]) -> None:
        self.rows = tuple(rows)

    def whole(self) -> Export:
        """The export as it would be stored."""
        return replace(self.export, mapping=self.mapping())

    def consent_job(self) -> Export | None:
        """What is counted to know who agreed; None as long as a column is missing."""
        return consent_job(self.whole())

    def consent_count(self) -> Counts | None:
        """Who agreed by the consent column; None until they are counted."""
        job = self.consent_job()
        return self.consents.get(job) if job is not None else None

    def means_it(self) -> bool:
        """Whether 'subscribed' is stored or was meant for just these people, or isn't sent."""
        reach = reach_of(self.whole())
        stored = reach_of(self.before) if self.before is not None else ()
        return reach in ((), stored, self.meant)

    def mean_it(self) -> None:
        """The user said yes to the question."""
        self.meant = reach_of(self.whole())

    # What was done so far, in words.

    def segment_fact(self) -> str:
        export, found = self.export, self.found()
        names = (segment_label(found, name) or name for name in export.segments)
        return ", ".join((export.source, *names)) if export.source else ""

    def mapping_fact(self) -> str:
        count = len(self.mapping())
        return ngettext("{count} field", "{count} fields", count).format(count=number(count))

    def schedule_fact(self) -> str:
        """When it runs by itself."""
        return schedule_word(self.export.schedule)

    def options_fact(self) -> str:
        """What isn't the safe default."""
        told = []
        if self.export.email_status:
            told.append(_("subscribed"))
        if self.export.send_welcome:
            told.append(_("welcome messages"))
        return ", ".join(told) or _("nobody gets mail")

    # What is wrong with it.

    def mend(self, troubles: Sequence[Trouble]) -> str:
        """Has each of the pages where they are mended say them; the label of the first, or ''."""
        labels = []
        for each in troubles:
            if each.code == "detached" or not each.hinders:
                continue  # it rests, or runs all the same
            label = _STEPS[each.place]
            told = each.sentence if each.place else f"{each.sentence} {each.hint}"
            self.wrong[label] = f"{self.wrong.get(label, '')} {told}".strip()
            labels.append(label)
        return labels[0] if labels else ""

    # Storing it.

    def unsaved(self) -> bool:
        return self.whole() != (self.before or Export(id=self.export.id))

    def save_label(self) -> str:
        return _("Save export") if self.before is None else _("Save changes")

    def note(self) -> str:
        if not self.export.connection:
            return _("Saving sends nothing, and a detached export doesn't run.")
        return _("Saving sends nothing; “Save and run” asks next: a dry run, a run, or none.")

    def facts(self) -> Sequence[tuple[str, str]]:
        if self.before is not None:
            return changed_facts(self.before, self.whole(), self.total(), self.found())
        return export_facts(self.whole(), self.total(), self.found())

    def save(self) -> str:
        """As ``Savable``; refuses what is wrong in the export itself."""
        export = self.whole()
        troubles = [
            each
            for each in (
                *export_troubles(self.workspace, export), *source_troubles(self.workspace, export)
            )
            if each.hinders and each.code != "detached"
        ]  # fmt: skip
        self.refused = [each for each in troubles if each.place]
        if self.refused:
            first = self.refused[0]
            raise UsageError(first.code, first.sentence, first.hint)
        if not self.means_it():
            raise UsageError(
                "subscribed_not_meant", _("“subscribed” isn't confirmed for these people."),
                _("Go through the options once more."),
            )  # fmt: skip
        if self.before is not None:
            self.stored = saved.edit_export(self.workspace, self.before, export)
            told = _("Export “{name}” is saved.").format(name=self.stored.name)
            if troubles:
                told += " " + _("It doesn't run yet: {why}").format(why=troubles[0].sentence)
            return told
        self.stored = saved.add_export(self.workspace, export)
        return _("Export “{name}” is saved. It hasn't run yet.").format(name=self.stored.name)

    def overrule(self) -> None:
        """Takes what is stored now as what the user saw; what he changed stays changed."""
        known = self.workspace.reload_config().exports.values()
        if self.before is not None and (both := on_top(self.whole(), self.before, known)):
            self.before, self.export = both
            self.rows = self.export.mapping
