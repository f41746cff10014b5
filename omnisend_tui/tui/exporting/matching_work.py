"""The matching that is being edited: its rows, its first profiles, and counts from a thread."""

import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from omnisend_tui.config.models import Attribute, Confidence
from omnisend_tui.engine.apart import examine_apart
from omnisend_tui.engine.examine import Counts, examine
from omnisend_tui.engine.preview import FIRST, Rows, Sample, read_rows, samples
from omnisend_tui.errors import AppError, UsageError
from omnisend_tui.i18n import _
from omnisend_tui.mapping.custom import custom_field_name, infer_type
from omnisend_tui.mapping.fields import CUSTOM, FIELDS, check_mapping
from omnisend_tui.mapping.suggest import ranked, suggest
from omnisend_tui.sources.base import Column
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.exporting.column_picker import shown_names
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.exporting.looking import selection_of
from omnisend_tui.tui.wizard.page import sentence_of

ALWAYS = FIELDS[:8]  # rows that are there though no column feeds them
PAUSE = 0.5  # seconds without another change before all is counted again


class Matching:
    """``fault`` is why the matching can't be, ``error`` why the profiles can't be read, or ''.

    Nothing of it waits: ``look`` takes what threads have found meanwhile.
    """

    def __init__(self, draft: ExportDraft, clock: Callable[[], float] = time.monotonic) -> None:
        self.draft = draft
        self.rows: Rows | None = None
        self.names: dict[str, str] = {}  # columns as they are shown
        self.samples: Sequence[Sample] = ()
        self.counts: Counts | None = None
        self.error = ""
        self.fault = ""
        self._source = draft.workspace.config.sources.get(draft.export.source)
        self._clock = clock
        self._proposals: dict[str, Attribute] = {}
        self._reading: Attempt[Rows] | None = None
        self._counting: Attempt[Counts] | None = None
        self._due: float | None = None  # when the next counting begins

    # The mapping.

    @property
    def mapping(self) -> tuple[Attribute, ...]:
        return self.draft.mapping()

    def of(self, field: str) -> Attribute | None:
        return next((each for each in self.mapping if each.field == field), None)

    def fields(self) -> list[str]:
        """The rows: those that are always there, then what else is matched."""
        mapped = [each.field for each in self.mapping]
        more = [field for field in FIELDS if field in mapped and field not in ALWAYS]
        return [*ALWAYS, *more, *(field for field in mapped if field not in FIELDS)]

    def free(self) -> list[str]:
        """Standard fields without a match."""
        return [field for field in FIELDS if self.of(field) is None]

    def sure(self, attribute: Attribute) -> Confidence | None:
        """How sure its column was proposed; None where the user chose another or a value."""
        proposal = self._proposals.get(attribute.field)
        same = proposal is not None and proposal.column == attribute.column
        return proposal.confidence if same and proposal is not None else None

    def choose(self, field: str, column: str) -> None:
        """Feeds a field from a column; '' from none."""
        if not column:
            self.take(field, None)
            return
        fitting = ranked(field, self.rows.columns) if self.rows is not None else []
        known = {each.name: sure for each, sure in fitting}
        old = self.of(field) or Attribute(field=field, column=column)
        sure = known.get(column) or "sure"  # the user's word
        self.take(field, replace(old, column=column, value="", confidence=sure))

    def custom(self, column: Column) -> Attribute:
        """A custom property named and typed by a column."""
        name = custom_field_name(self.names.get(column.name, column.name))
        return Attribute(field=CUSTOM + name, column=column.name, type=infer_type(column))

    def take(self, old: str, wanted: Attribute | None) -> None:
        """Puts ``wanted`` in the place of the field ``old``; None removes it."""
        mapping = [wanted if each.field == old else each for each in self.mapping]
        if wanted is not None and wanted not in mapping:
            mapping.append(wanted)
        kept = [each for each in mapping if each is not None]
        standard = sorted(
            (each for each in kept if each.field in FIELDS),
            key=lambda each: FIELDS.index(each.field),
        )
        self.draft.take_mapping([*standard, *(e for e in kept if e.field not in FIELDS)])
        self._end_counting()
        self.check()
        self._due = self._clock() + PAUSE

    def fault_of(self, old: str, wanted: Attribute) -> str:
        """Why ``wanted`` can't take the place of ``old``, or ''."""
        others = [each for each in self.mapping if each.field != old]
        if not any(each.field == "email" for each in (*others, wanted)):
            others.append(Attribute(field="email", column="email"))
        try:
            check_mapping(replace(self.draft.export, mapping=(*others, wanted)))
        except UsageError as error:
            return error.message
        return ""

    def check(self) -> None:
        """Looks whether the mapping can be, and makes the first profiles anew."""
        self.fault, self.samples = "", ()
        try:
            if self.rows is not None:
                self.samples = samples(self.rows, self.draft.whole())
            elif self.mapping:
                check_mapping(self.draft.whole())
        except UsageError as error:
            self.fault = error.message
            if error.code == "email_not_mapped":
                self.fault = _(
                    "No column is matched with the e-mail address, by which Omnisend knows a"
                    " contact. Choose one on the first row."
                )
        except AppError as error:
            self.fault = sentence_of(error)

    # What goes on in threads.

    @property
    def reading(self) -> bool:
        return self._reading is not None

    def start(self) -> None:
        """Reads the first profiles, and then counts all."""
        self.check()
        source, temp_dir = self._source, self.draft.workspace.temp_dir
        if source is None:
            self.error = _("The source of this export is gone. F9 goes back to choose another.")
            return
        selection = selection_of(self.draft.export)
        access = self.draft.workspace.access(source)
        self._reading = Attempt(lambda it: read_rows(source, selection, temp_dir, it.stop, access))

    def stop(self) -> None:
        self._due = None
        if self._reading is not None:
            self._reading.stop.set()
        self._end_counting()

    def look(self) -> bool:
        """Takes what was found; whether there may be something new."""
        reading, counting = self._reading, self._counting
        if reading is not None:
            if not reading.done:
                return False
            self._reading = None
            if reading.error is not None:
                self.error = sentence_of(reading.error)
            elif reading.result is not None:
                self._got(reading.result)
            return True
        if self._due is not None and self._clock() >= self._due:
            self._due = None
            self._count()
            return True
        if counting is None:
            return False
        if counting.done:
            self._counting = None
            if counting.error is not None:
                self.error = sentence_of(counting.error)
        return True

    def _got(self, rows: Rows) -> None:
        self.rows = rows
        self.names = shown_names(rows.columns)
        self._proposals = {each.field: each for each in suggest(rows.columns)}
        if not self.mapping and self.draft.rows is None:
            self.draft.take_mapping(tuple(self._proposals.values()))
        self.check()
        self._count()

    def _count(self) -> None:
        source, export = self._source, self.draft.whole()
        if source is None or self.rows is None or self.fault:
            return
        self._end_counting()
        self.error = ""
        workspace = self.draft.workspace
        temp_dir, access = workspace.temp_dir, workspace.access(source)
        count = examine if len(self.rows.chunk.rows) < FIRST else examine_apart

        def work(attempt: Attempt[Counts]) -> Counts:
            def note(counts: Counts) -> None:
                # An older one that ends late tells nobody.
                if not attempt.stop.is_set():
                    self.counts = counts

            return count(source, export, temp_dir, attempt.stop, note, access)

        self._counting = Attempt(work)

    def _end_counting(self) -> None:
        if self._counting is not None:
            self._counting.stop.set()
        self._counting, self.counts = None, None
