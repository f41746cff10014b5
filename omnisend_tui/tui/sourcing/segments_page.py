"""The segments of a source: those of its column, and conditions that are tried while one types."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from omnisend_tui.config.models import ALL_PROFILES, Source
from omnisend_tui.errors import AppError
from omnisend_tui.formats import number
from omnisend_tui.forms import Field
from omnisend_tui.i18n import N_, _, ngettext
from omnisend_tui.saved import try_condition
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.sourcing.draft import SourceDraft
from omnisend_tui.tui.sourcing.looks import Counted, Found, count_segments
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.fields import FieldRow
from omnisend_tui.tui.wizard.page import Page, sentence_of

_NAME = Field("segment", "", N_("Segment"), N_("What the segment is called in exports and tags."))
_CONDITION = Field(
    "condition", "", N_("Condition"),
    N_("SQL that is true for the profiles of the segment, such as country = 'FI'."),
)  # fmt: skip
_PAUSE = 0.3  # seconds without a key before a condition is tried
_TOLD = 240  # cells of what is wrong with a condition


class SourceSegmentsPage(Page[SourceDraft]):
    """Everything is counted in threads, one at a time of each kind; the newest wish wins."""

    def __init__(self, draft: SourceDraft) -> None:
        super().__init__(draft)
        self._counting: tuple[Source, Attempt[Found]] | None = None
        self._count_error: AppError | None = None
        self._trying: tuple[str, Attempt[int]] | None = None
        self._tried: tuple[str, int | AppError] | None = None  # a condition, and what it gave
        self._adding = False  # it is added once it was tried
        self._segments: tuple[Counted, ...] = ()
        self._picker = Picker((), self._segment, id="segments")

    def title_line(self) -> str:
        return _("Segments")

    def compose(self) -> ComposeResult:
        yield FieldRow(_NAME, self.draft.segment[0])
        yield FieldRow(_CONDITION, self.draft.segment[1])
        yield Lines(self._state, classes="text")
        yield Lines(self._heading)
        yield self._picker

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._waiting = self.set_timer(_PAUSE, self._try, pause=True)
        self._count()
        if self.draft.segment[1]:
            self._try()

    def own_keys(self) -> Sequence[Key]:
        name, condition, before = self.draft.segment
        if name or condition:
            return [Key("F5", _("Change it") if before else _("Add it"), "add")]
        if self._marked_condition():
            return [Key("F6", _("Edit"), "edit"), Key("F7", _("Remove"), "drop")]
        return []

    def about(self) -> tuple[str, str]:
        return _("segments"), _(
            "An export takes some segments of a source. They come from the column that names them,"
            " chosen on the step before, and from conditions: SQL over the columns. A column whose"
            " name has spaces stands in double quotes, a text in single ones. Cells are text:"
            " TRY_CAST(orders AS INTEGER) > 3 makes a number of one."
        )

    def problem(self) -> str:
        if any(self.draft.segment[:2]):
            return _("F5 adds the segment that stands in the fields; empty both to leave it out.")
        return ""

    # Keys.

    def do_add(self) -> None:
        self.complaint = ""
        if fault := self.draft.segment_fault():
            self.complain(fault)
            return
        condition = self.draft.segment[1]
        if self._tried is None or self._tried[0] != condition:
            self._adding = True
            self._try()
        elif isinstance(self._tried[1], int):
            self.draft.add_segment()
            self._tried = None
            self._fill_fields()
            self.query_one("#segment", TextInput).focus()
            self._count()
        self._all()

    def do_edit(self) -> None:
        name = self._marked_condition()
        if name:
            self.draft.segment = (name, self.draft.source.segments[name], name)
            self._tried = None
            self._fill_fields()
            self._try()
            self.query_one("#condition", TextInput).focus()
            self._all()

    def do_drop(self) -> None:
        name = self._marked_condition()
        if name:
            self.draft.remove_segment(name)
            self._count()
            self._all()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.input.id not in ("segment", "condition"):
            return
        name = self.query_one("#segment", TextInput).value.strip()
        condition = self.query_one("#condition", TextInput).value.strip()
        _name, known, before = self.draft.segment
        if (name, condition) == (_name, known):
            return
        self.draft.segment = (name, condition, before if name or condition else "")
        self._adding = False
        if condition != known:
            self._waiting.stop()
            self._waiting = self.set_timer(_PAUSE, self._try)
        self._all()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "segment" and self.draft.segment[0] and not self.draft.segment[1]:
            self.query_one("#condition", TextInput).focus()
        elif event.input.id in ("segment", "condition") and any(self.draft.segment[:2]):
            self.do_add()
        else:
            self.wizard.action_next()

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    @on(Picker.Marked)
    def _moved(self) -> None:
        self._all()

    def _marked_condition(self) -> str:
        """The name of the marked segment where that is one by a condition."""
        index = self._picker.index
        if index is None or index >= len(self._segments):
            return ""
        name = self._segments[index].name
        return name if name in self.draft.source.segments else ""

    def _fill_fields(self) -> None:
        self.query_one("#segment", TextInput).value = self.draft.segment[0]
        self.query_one("#condition", TextInput).value = self.draft.segment[1]

    # Counting and trying.

    def _count(self) -> None:
        source = self.draft.source
        if self.draft.counted is not None and self.draft.counted[0] == source:
            self._fill(self.draft.counted[1])
            return
        # What is known shows at once; numbers that aren't come in a moment.
        known = {each.name: each for each in self._segments if each.origin != "condition"}
        named = [Counted(name, "condition", None) for name in source.segments]
        first = known.pop(ALL_PROFILES, Counted(ALL_PROFILES, "all", None))
        self._fill((first, *named, *known.values()))
        if self._counting is None:
            workspace = self.draft.workspace
            self._counting = source, Attempt(lambda _attempt: count_segments(workspace, source))

    def _try(self) -> None:
        self._waiting.stop()
        condition = self.draft.segment[1]
        if not condition or self._trying is not None:
            return
        workspace, source = self.draft.workspace, self.draft.source
        name = self.draft.segment[0] or "…"
        self._trying = (
            condition,
            Attempt(lambda _attempt: try_condition(workspace, source, name, condition)),
        )
        self._all()

    def _look(self) -> None:
        counting, trying = self._counting, self._trying
        if counting is not None and counting[1].done:
            self._counting = None
            source, attempt = counting
            self._count_error = attempt.error
            if attempt.result is not None:
                segments, errors = attempt.result
                self._count_error = errors[0] if errors else None
                self.draft.counted = source, segments
            if source != self.draft.source:
                self._count()
            elif attempt.result is not None:
                self._fill(attempt.result[0])
            self._all()
        if trying is not None and trying[1].done:
            self._trying = None
            condition, tried = trying
            result = tried.error if tried.error is not None else tried.result
            if condition != self.draft.segment[1]:
                self._try()
            elif result is not None:
                self._tried = condition, result
                if self._adding:
                    self._adding = False
                    self.do_add()
            self._all()

    def _fill(self, segments: tuple[Counted, ...]) -> None:
        index = self._picker.index
        names = [each.name for each in segments]
        at = 0
        if index is not None and index < len(self._segments):
            name = self._segments[index].name
            at = names.index(name) if name in names else min(index, max(0, len(names) - 1))
        self._segments = segments
        self._picker.set_names(names, at)

    def _all(self) -> None:
        if self.is_mounted:
            self.wizard.renew()

    # What it says.

    def _state(self, width: int) -> Sequence[Line]:
        if self.complaint:
            return [*self.complaint_lines(width), ()]
        condition = self.draft.segment[1]
        tried = self._tried
        if tried is not None and tried[0] == condition:
            return [*_outcome(tried[1], width), ()]
        if condition:
            return [(("● ", "accent"), (_("Trying the condition"), "")), ()]
        told = _("A condition makes a segment of its own: country = 'FI' AND city <> ''. Leave both"
                 " fields empty to go on.")  # fmt: skip
        return [*wrapped(told, width, "muted"), ()]

    def _heading(self, width: int) -> Sequence[Line]:
        if self._counting is not None:
            end = _("● counting")
        elif self._count_error is not None:
            return [((cut(f"✖ {sentence_of(self._count_error)}", width), "error"),)]
        else:
            end = _("Profiles")
        return [between(((_("Segments of this source"), "muted"),), ((end, "muted"),), width - 2)]

    def _segment(self, index: int, width: int) -> Line:
        segment = self._segments[index]
        profiles = "–" if segment.profiles is None else number(segment.profiles)
        condition = self.draft.source.segments.get(segment.name, "")
        start: Line = ((clean(cut(segment.name, max(20, width // 2))), ""),)
        if condition:
            start = (*start, ("  ", ""), (clean(cut(condition, width)), "muted"))
        if segment.error is not None:
            return between(start, ((_("✖ can't be counted"), "error"),), width)
        return between(start, ((profiles, "muted"),), width)


def _outcome(result: int | AppError, width: int) -> Sequence[Line]:
    if isinstance(result, int):
        told = ngettext("{count} profile", "{count} profiles", result).format(count=number(result))
        return [(("✔ ", "success"), (told, ""))]
    # The name of the segment stands right above; what is said of the condition comes first.
    wrong = result.hint if result.code == "segment_condition" else ""
    return wrapped(f"✖ {cut(clean(wrong) or sentence_of(result), _TOLD)}", width, "error")
