"""The segments of an environment: those that it lists, and names that somebody types."""

from collections.abc import Sequence
from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from omnisend_tui.bare_names import bare_segments
from omnisend_tui.errors import AppError
from omnisend_tui.formats import moment_at, number
from omnisend_tui.forms import Field
from omnisend_tui.i18n import N_, _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.sourcing.dataverse_draft import DataverseDraft
from omnisend_tui.tui.sourcing.looks import Counted, Listed, list_environment
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, left, right, within, wrapped
from omnisend_tui.tui.widgets.picker import Picker
from omnisend_tui.tui.wizard.fields import FieldRow
from omnisend_tui.tui.wizard.page import Page, sentence_of

_NAME = Field(
    "segment", "", N_("Segment"), N_("Its internal name, as Customer Insights writes it."),
)  # fmt: skip
_ROWS = 4  # of what is wrong
_FIGURES, _WHEN = 12, 15  # cells of the profiles and of the last refresh


class EnvironmentSegmentsPage(Page[DataverseDraft]):
    """What the environment lists is looked at once; nothing has to be chosen here."""

    def __init__(self, draft: DataverseDraft) -> None:
        super().__init__(draft)
        self._attempt: Attempt[Listed] | None = None
        self._error: AppError | None = None
        self._segments: tuple[Counted, ...] = ()
        self._bare: dict[str, str] = {}
        self._picker = Picker((), self._segment, id="segments")

    def title_line(self) -> str:
        return _("Segments")

    def compose(self) -> ComposeResult:
        yield FieldRow(_NAME, self.draft.typing)
        yield Lines(self._state, classes="text")
        yield Lines(self._heading)
        yield self._picker

    def on_mount(self) -> None:
        self.set_interval(0.1, self._look)
        self._fill()
        if self.draft.listed is None and self.draft.may_sign_in():
            self.do_again()

    def first_field(self) -> Widget | None:
        awaited = self._attempt is not None
        return self._picker.first if awaited or self._lists() else self._field

    def own_keys(self) -> Sequence[Key]:
        if self.draft.typing:
            return [Key("F5", _("Add it"), "add")]
        keys = [Key("F7", _("Remove"), "drop")] if self._marked_typed() else []
        if self._attempt is None and self.draft.may_sign_in():
            keys.append(Key("F6", _("Look again"), "again"))
        return keys

    def about(self) -> tuple[str, str]:
        return _("segments"), _(
            "An export takes some segments of a source. Customer Insights lists its own; where its"
            " lists may not be read, their names can be typed here. Exports and tags keep the"
            " internal name."
        )

    def problem(self) -> str:
        if self.draft.typing:
            return _("F5 adds the name that stands in the field; empty it to leave it out.")
        return ""

    def keep(self) -> str:
        return ""

    # Keys.

    def do_add(self) -> None:
        self.complaint = ""
        if fault := self.draft.segment_fault():
            self.complain(fault)
            return
        self.draft.add_segment()
        self._field.value = ""
        self._fill(len(self.draft.source.segments))
        self.wizard.renew()

    def do_drop(self) -> None:
        if name := self._marked_typed():
            self.draft.remove_segment(name)
            self._fill(self._picker.index or 0)
            self.wizard.renew()

    def do_again(self) -> None:
        if self._attempt is None:
            draft = self.draft
            self._error = None
            self._attempt = Attempt(lambda _attempt: list_environment(draft.source, draft.access()))
            self.wizard.renew()

    @on(Input.Changed, "#segment")
    def _typed(self, event: Input.Changed) -> None:
        self.draft.typing = event.value.strip()
        self.wizard.renew()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "segment" and self.draft.typing:
            self.do_add()
        elif event.input.id != "segment" and self._picker.index is None:
            self.complain(_("No segment here is called so; a name that isn't listed is typed into"
                            " the field above."))  # fmt: skip
        else:
            self.wizard.action_next()

    def on_key(self, event: events.Key) -> None:
        """A letter on the list searches it; where nothing is listed, it is a name's first."""
        sign, bound = event.character or "", event.key in ("j", "k") and self._lists()
        if not event.is_printable or sign.isspace() or bound:
            return
        if self.wizard.focused is not self._picker.first:
            return
        event.stop()
        if self._lists():
            self._picker.search()
            goal = self._picker.first
        else:
            goal = self._field
        self.wizard.set_focus(goal)
        goal.post_message(events.Key(event.key, event.character))

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    @on(Picker.Marked)
    def _moved(self) -> None:
        self.wizard.renew()

    def _marked_typed(self) -> str:
        """The name of the marked segment where somebody typed it."""
        index = self._picker.index
        if index is None or index >= len(self._segments):
            return ""
        name = self._segments[index].name
        return name if name in self.draft.source.segments else ""

    def _look(self) -> None:
        attempt = self._attempt
        if attempt is None or not attempt.done:
            return
        self._attempt = None
        self._error = attempt.error
        if attempt.result is not None:
            self.draft.listed = attempt.result
        on_list = self.wizard.focused is self._picker.first
        self._fill(self._picker.index or 0)
        if on_list:
            self.wizard.set_focus(self.first_field())
        self.wizard.renew()

    @property
    def _field(self) -> TextInput:
        return self.query_one("#segment", TextInput)

    def _lists(self) -> bool:
        """Whether the environment lists any segment beside all profiles."""
        return any(each.origin == "environment" for each in self._segments)

    def _fill(self, index: int = 0) -> None:
        self._segments = self.draft.segments()
        self._bare = bare_segments(each.name for each in self._segments)
        names = [f"{each.label} {each.name}" for each in self._segments]
        self._picker.set_names(names, min(index, max(0, len(names) - 1)))

    # What it says.

    def _state(self, width: int) -> Sequence[Line]:
        if self.complaint:
            return [*self.complaint_lines(width), ()]
        if self._error is not None:
            return [*within(f"✖ {sentence_of(self._error)}", width, _ROWS, "error"), ()]
        told = _("A name typed here is taken as it is: for segments that aren't listed below."
                 " Nothing has to be chosen; exports choose.")  # fmt: skip
        return [*wrapped(told, width, "muted"), ()]

    def _heading(self, width: int) -> Sequence[Line]:
        if self._attempt is not None:
            return [(("● ", "accent"), (_("Asking the environment"), "muted"))]
        if self.draft.listed is None and self._error is None:
            told = _("Not signed in: the environment's segments aren't known yet.")
            return [((cut(f"! {told}", width), "warning"),)]
        end = right(_("Profiles"), _FIGURES) + "  " + left(_("Last refreshed"), _WHEN)
        start: Line = ((_("Segments of the environment"), "muted"),)
        return [between(start, ((end, "muted"),), width - 2)]

    def _segment(self, index: int, width: int) -> Line:
        segment = self._segments[index]
        return segment_line(segment, self._bare[segment.name], self.omnisend.now(), width)


def segment_line(segment: Counted, bare: str, now: datetime, width: int) -> Line:
    """Its label, its ``bare`` name where that is another, its profiles, when it was refreshed."""
    profiles = "–" if segment.profiles is None else number(segment.profiles)
    when = moment_at(segment.refreshed, now) or (_("typed") if segment.origin == "typed" else "")
    room = width - _FIGURES - _WHEN - 3
    start: Line = ((cut(clean(segment.label or bare), room), ""),)
    if segment.label not in ("", bare):
        start = (*start, ("  ", ""), (clean(bare), "muted"))
    end = right(profiles, _FIGURES) + "  " + left(when, _WHEN)
    return between(start, ((end, "muted"),), width)
