"""Running all exports at once: how many, which for the first time, and what that costs at most."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button

from omnisend_tui.config.models import Export
from omnisend_tui.errors import AppError
from omnisend_tui.formats import about, number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.screens.dialogs import Dialog
from omnisend_tui.tui.screens.source_wait import SourceWait
from omnisend_tui.tui.widgets.chrome import Key
from omnisend_tui.tui.widgets.footer import Footer
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, clean, cut, wrapped
from omnisend_tui.tui.words import event, profiles
from omnisend_tui.workspace import Workspace

if TYPE_CHECKING:
    from omnisend_tui.launch import Estimate
    from omnisend_tui.tui.app import OmnisendApp

_LISTED = 8  # first runs with a line each
_LOOK = 0.1  # seconds between two looks at the counting


class First(NamedTuple):
    """An export's first run; without an estimate it can't start, and its start says why."""

    export: Export
    estimate: "Estimate | None"


class RunAllDialog(Dialog[tuple[Export, ...]]):
    """Ends with the exports that are to start. Their sources are counted in a thread.

    An export that subscribes or welcomes people is left out of it before its first run, since its
    price alone says how many they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, exports: Sequence[Export]) -> None:
        super().__init__()
        self._exports = tuple(exports)
        self._attempt: Attempt[list[First]] | None = None
        self._wait = SourceWait()
        self._told = False

    @property
    def _firsts(self) -> list[First]:
        return (self._attempt and self._attempt.result) or []

    @property
    def _apart(self) -> list[Export]:
        """Those that are asked about one by one."""
        return [each.export for each in self._firsts if _harmful(each.export)]

    @property
    def _ready(self) -> tuple[Export, ...]:
        apart = self._apart
        return tuple(each for each in self._exports if each not in apart)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Lines(self._words, id="words")
            with Horizontal(id="answers"):
                yield Button(Content(_("Cancel")), id="stay")
                yield Button(Content(""), id="run")
        yield Footer(self.footer_keys)

    def on_mount(self) -> None:
        workspace = cast("OmnisendApp", self.app).workspace
        self.query_one("#run", Button).display = False
        self.query_one("#stay", Button).focus()
        self._attempt = Attempt(partial(_first_runs, workspace, self._exports, self._wait))
        self.set_interval(_LOOK, self._look)

    def on_unmount(self) -> None:
        if self._attempt is not None:
            self._attempt.stop.set()

    def _look(self) -> None:
        if self._told or self._attempt is None:
            return
        if not self._attempt.done:
            self.query_one("#words", Lines).show()
            return
        self._told = True
        run = self.query_one("#run", Button)
        ready = self._ready
        run.label = Content(_("Run {count}").format(count=number(len(ready))))
        run.display = self._attempt.error is None and bool(ready)
        if self._attempt.result == [] and not any(map(_harmful, ready)):
            run.focus()  # nothing that somebody hasn't started before
        self.query_one("#words", Lines).show()
        self.query_one(Footer).show()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(self._ready if event.button.id == "run" else None)

    def on_descendant_focus(self) -> None:
        self.query_one(Footer).show()

    def action_enter(self) -> None:
        """What Enter does, by the mouse."""
        if isinstance(self.focused, Button):
            self.focused.press()

    def footer_keys(self) -> Sequence[Key]:
        keys = [Key("Esc", _("Cancel"), "leave")]
        if self._told and isinstance(self.focused, Button):
            keys.insert(0, Key("Tab", _("Next answer"), "app.focus_next"))
            keys.insert(0, Key("Enter", str(self.focused.label), "enter"))
        return keys

    def _words(self, width: int) -> Sequence[Line]:
        count = len(self._ready)
        title = ngettext("Run {count} export?", "Run {count} exports?", count)
        lines: list[Line] = [
            ((title.format(count=number(count)), "bold"),), (("─" * width, "rule"),)
        ]  # fmt: skip
        attempt = self._attempt
        if attempt is None or not self._told:
            told = _("What they cost at most is being counted. Nothing is sent.")
            waits = self._wait.line()
            why = wrapped(event(waits), width, "warning") if waits is not None else ()
            return [*lines, *wrapped(told, width, "muted"), *why]
        if attempt.error is not None:
            return [*lines, *wrapped(clean(attempt.error.message), width, "error")]
        apart = self._apart
        firsts = [each for each in self._firsts if each.export not in apart]
        return [*lines, *_told(firsts, len(self._ready), self._harm(), width)]

    def _harm(self) -> str:
        """Who may be subscribed or welcomed by them."""
        said: list[str] = []
        if apart := self._apart:
            told = ngettext(
                "Not among them: {names}. In its first run it subscribes or welcomes people; r says"
                " how many, and asks.",
                "Not among them: {names}. In their first runs they subscribe or welcome people; r"
                " says how many, and asks.",
                len(apart),
            )
            said.append(told.format(names=_names(apart)))
        if some := [each for each in self._ready if _harmful(each)]:
            told = _(
                "These may subscribe people or send the welcome message, as they did before:"
                " {names}. P says for each to how many."
            )
            said.append(told.format(names=_names(some)))
        return " ".join(said) or _("Nobody is subscribed and no welcome message is sent.")


def _harmful(export: Export) -> bool:
    return bool(export.email_status) or export.send_welcome


def _names(exports: Sequence[Export]) -> str:
    return ", ".join(clean(each.name) for each in exports)


def _first_runs(
    workspace: Workspace,
    exports: Sequence[Export],
    wait: SourceWait,
    attempt: Attempt[list[First]],
) -> list[First]:
    # Not needed before, and slow to import.
    from omnisend_tui.launch import estimate, never_ran

    found: list[First] = []
    for export in exports:
        if attempt.stop.is_set():
            break
        try:
            wait.end()
            if not never_ran(workspace, export):
                continue
            cost = estimate(workspace, export.name, None, attempt.stop, wait.hear)
            found.append(First(export, cost))
        except AppError:
            found.append(First(export, None))
    return found


def _told(firsts: Sequence[First], count: int, harm: str, width: int) -> list[Line]:
    if not firsts:
        again = _("All of them ran before: they send what is new or has changed.")
        return [*wrapped(again, width), (), *wrapped(harm, width)]
    told = ngettext(
        "{count} runs for the first time, and sends all it reads:",
        "{count} run for the first time, and send all they read:",
        len(firsts),
    ).format(count=number(len(firsts)))
    lines = [*wrapped(told, width), *(_first(each, width) for each in firsts[:_LISTED])]
    if len(firsts) > _LISTED:
        more = _("and {count} more").format(count=number(len(firsts) - _LISTED))
        lines.append(((more, "muted"),))
    lines.append(())
    if any(each.estimate for each in firsts):
        lines += wrapped(_together(firsts), width, "bold")
    if len(firsts) < count:
        others = _("The others send what is new or has changed.")
        lines += wrapped(others, width)
    return [*lines, *wrapped(harm, width)]


def _first(first: First, width: int) -> Line:
    if first.estimate is None:
        end = _("can't be counted")
    else:
        end = _("at most {count}").format(count=profiles(first.estimate.profiles))
    name = cut(clean(first.export.name), max(8, width - len(end) - 3))
    return between(((name, ""),), ((end, "muted"),), width)


def _together(firsts: Sequence[First]) -> str:
    """Exports of one connection share its limit; those of others run beside them."""
    known = [(each.export.connection, each.estimate) for each in firsts if each.estimate]
    seconds: dict[str, float] = {}
    for connection, cost in known:
        seconds[connection] = seconds.get(connection, 0.0) + cost.price.seconds
    return _("Together at most {profiles} and {requests} requests: {time}.").format(
        profiles=profiles(sum(cost.profiles for _name, cost in known)),
        requests=number(sum(cost.price.requests for _name, cost in known)),
        time=about(max(seconds.values(), default=0.0)),
    )


def ask_all(app: "OmnisendApp", exports: Sequence[Export]) -> None:
    """Asks, and then starts them."""
    app.push_screen(RunAllDialog(exports), partial(_answered, app))


def _answered(app: "OmnisendApp", exports: Sequence[Export] | None) -> None:
    count = sum(app.begin(export) for export in exports or ())
    if not count:
        return
    told = ngettext("{count} export started.", "{count} exports started.", count)
    app.say(told.format(count=number(count)))
