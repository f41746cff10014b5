"""The page that says when an export runs by itself."""

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from omnisend_tui.crontab import cron_line
from omnisend_tui.errors import UsageError
from omnisend_tui.formats import coming
from omnisend_tui.i18n import N_, _
from omnisend_tui.schedule import Schedule
from omnisend_tui.source_sentences import refresh_sentence
from omnisend_tui.tui.exporting.draft import ExportDraft
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.lines import Draw, Lines
from omnisend_tui.tui.widgets.paint import Line, clean, wrapped
from omnisend_tui.tui.wizard.page import Page
from omnisend_tui.typed_schedule import parse, short_days
from omnisend_tui.zones import in_local_time, own_zone

# Each choice: what it is called, its fields, and how these are written as a schedule.
_CHOICES = (
    (N_("Off"), (), "off"),
    (N_("Every so many minutes"), ("minutes",), "every {minutes} minutes"),
    (N_("Every so many hours"), ("hours",), "every {hours} hours"),
    (N_("Every day"), ("time", "zone"), "daily {time} {zone}"),
    (N_("On days of the week"), ("days", "time", "zone"), "weekly {days} {time} {zone}"),
    (N_("By a cron line"), ("line", "zone"), 'cron "{line}" {zone}'),
    (N_("When the source changed"), (), "on refresh"),
)
_LABELS = {
    "minutes": N_("Minutes"), "hours": N_("Hours"), "days": N_("Days"), "time": N_("Time"),
    "line": N_("Cron line"), "zone": N_("Time zone"),
}  # fmt: skip
_HELPS = {
    "minutes": N_("From 1 to 1440, counted from midnight UTC."),
    "hours": N_("From 1 to 24, counted from midnight UTC."),
    "days": N_("The first letters, with commas between them: mon,thu. Or from one to another:"
               " mon-fri."),
    "time": N_("From 00:00 to 23:59. Where the clock jumps over it in spring, the run comes right"
               " after the jump; where it comes twice in autumn, the run comes once."),
    "line": N_("Minute, hour, day of the month, month and weekday: 30 3 * * 1-5 is 03:30 from"
               " Monday to Friday."),
    "zone": N_("A place such as Europe/Helsinki, or UTC. Empty is the zone of this machine."),
}  # fmt: skip


class SchedulePage(Page[ExportDraft]):
    """How often; below, the next times on the user's clock, or what is wrong."""

    def __init__(self, draft: ExportDraft) -> None:
        super().__init__(draft)
        self._unread = ""  # what is wrong with a schedule written by hand into the file
        try:
            stored = parse(draft.export.schedule)
        except UsageError as error:
            stored = Schedule()
            self._unread = clean(f"✖ {error.message} {error.hint}")
        # What was entered and can't be read isn't lost by going back.
        chosen, first = draft.unread_schedule or (_index(stored), _values(stored))
        self._choices = Choices(len(_CHOICES), self._choice, index=chosen)
        self._inputs = {
            name: TextInput(first[name], id=name, numbers=name in ("minutes", "hours"))
            for name in _LABELS
        }
        self._held = self._entries()

    def title_line(self) -> str:
        return _("When it runs by itself")

    def compose(self) -> ComposeResult:
        with Horizontal(id="when"):
            yield self._choices
            with Vertical(id="fields"):
                for name, field in self._inputs.items():
                    with Horizontal(id=f"row-{name}", classes="field"):
                        yield Lines(_label(_LABELS[name]), classes="label")
                        yield field
        yield Lines(self._told, classes="text")

    def on_mount(self) -> None:
        self._reveal()

    def own_keys(self) -> Sequence[Key]:
        return [Key("F5", _("Copy line"), "copy")] if self._crontab() else []

    def about(self) -> tuple[str, str]:
        focused = self.screen.focused
        if isinstance(focused, TextInput) and focused.id in _HELPS:
            return _(_LABELS[focused.id]), _(_HELPS[focused.id])
        return _("schedule"), _(
            "When the export runs without you. A run by schedule keeps all the limits of the"
            " options; you can run the export yourself at any time."
        )

    def problem(self) -> str:
        try:
            schedule = parse(self._written())
        except UsageError as error:
            self._first_field()
            self.draft.unread_schedule = (self._choices.index, self._entries())
            return clean(f"{error.message} {error.hint}")
        self.draft.unread_schedule = None
        text = "" if schedule == Schedule() else schedule.text
        return self.draft.take({"schedule": text})

    def do_copy(self) -> None:
        """The line for cron, whole, where it is wrapped on the page."""
        self.app.copy_to_clipboard(self._crontab())
        self.wizard.say(_("The line for cron is copied."))

    @on(Choices.Taken)
    def _taken(self, event: Choices.Taken) -> None:
        event.stop()
        self.wizard.action_next()

    @on(Choices.Marked)
    def _marked(self) -> None:
        self.complaint = self._unread = ""
        self._reveal()
        self.wizard.renew()

    @on(Input.Changed)
    def _entered(self) -> None:
        # Each field tells what it holds at first, too.
        held, self._held = self._held, self._entries()
        if held != self._held:
            self.wizard.renew()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        self.wizard.query_one("#pane", Lines).show()

    def _reveal(self) -> None:
        fields = _CHOICES[self._choices.index][1]
        for name in self._inputs:
            self.query_one(f"#row-{name}").display = name in fields

    def _first_field(self) -> None:
        fields = _CHOICES[self._choices.index][1]
        focused = self.screen.focused
        if fields and focused not in self._inputs.values():
            self._inputs[fields[0]].focus()

    def _entries(self) -> dict[str, str]:
        return {name: field.value for name, field in self._inputs.items()}

    def _written(self) -> str:
        """What is chosen and entered, as a schedule is written."""
        values = {name: value.strip() for name, value in self._entries().items()}
        # A number that isn't there yet isn't the 1 of 'every minute'.
        values |= {name: values[name] or "0" for name in ("minutes", "hours")}
        return _CHOICES[self._choices.index][2].format(**values)

    def _crontab(self) -> str:
        try:
            schedule = parse(self._written())
        except UsageError:
            return ""
        draft = self.draft
        return cron_line(schedule, draft.export.name, workspace=draft.workspace.named)

    def _choice(self, index: int, marked: bool, _width: int) -> Line:
        sign = "●" if marked else "○"
        return ((f"{sign} ", "accent" if marked else "muted"), (_(_CHOICES[index][0]), ""))

    def _told(self, width: int) -> Sequence[Line]:
        try:
            schedule = parse(self._written())
        except UsageError as error:
            wrong = wrapped(f"✖ {clean(error.message)}", width, "error")
            return [(), *wrong, *wrapped(clean(error.hint), width, "muted")]
        lines: list[Line] = [(), *self.complaint_lines(width)]
        lines += wrapped(self._unread, width, "error")
        if schedule == Schedule():
            return [*lines, *wrapped(_("It runs when you run it, and never by itself."), width)]
        lines += wrapped(_("Runs {when}.").format(when=schedule.words()), width)
        now = self.omnisend.now()
        here = in_local_time(now)
        times = [coming(in_local_time(each), here) for each in schedule.next_times(now, 3)]
        if times:
            told = _("On your clock: {times}").format(times=", ".join(times))
            lines += wrapped(told, width, "bold")
        if schedule.kind == "refresh":
            source = self.draft.workspace.config.sources.get(self.draft.export.source)
            lines += wrapped(refresh_sentence(source), width)
        return [*lines, *self._meanwhile(width)]

    def _meanwhile(self, width: int) -> list[Line]:
        line = self._crontab()
        zoned = "\n" in line
        if not line:
            told = _("Nothing carries out schedules yet, and no line of cron says this one.")
        elif zoned:
            told = _("Nothing carries out schedules yet. Meanwhile, for a cron that knows CRON_TZ:")
        else:
            told = _("Nothing carries out schedules yet. Until the agent is built, for crontab:")
        # Two lines for cron need the room of the empty one.
        lines: list[Line] = [] if zoned else [()]
        lines += wrapped(told, width, "muted")
        for part in line.split("\n"):
            lines += wrapped(part, width)
        return lines


def _label(text: str) -> Draw:
    return lambda _width: [((_(text), "muted"),)]


def _index(schedule: Schedule) -> int:
    if schedule.kind == "every":
        return 2 if schedule.minutes % 60 == 0 else 1
    return {"off": 0, "daily": 3, "weekly": 4, "cron": 5, "refresh": 6}[schedule.kind]


def _values(schedule: Schedule) -> dict[str, str]:
    """What the fields hold at first."""
    timed = schedule.kind in ("daily", "weekly", "cron")
    minutes = schedule.minutes
    whole_hours = minutes > 0 and minutes % 60 == 0
    return {
        "minutes": str(minutes) if minutes and not whole_hours else "15",
        "hours": str(minutes // 60) if whole_hours else "2",
        "days": short_days(schedule.days or (0,)),
        "time": schedule.clock if schedule.kind in ("daily", "weekly") else "03:30",
        "line": schedule.line or "30 3 * * *",
        "zone": schedule.zone if timed else own_zone(),
    }
