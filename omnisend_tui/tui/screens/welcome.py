"""What an empty workspace shows: the four steps to the first run, and the demo."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical

from omnisend_tui.config.models import Config
from omnisend_tui.formats import number
from omnisend_tui.i18n import _
from omnisend_tui.tui.widgets.choices import Choices
from omnisend_tui.tui.widgets.lines import Lines
from omnisend_tui.tui.widgets.paint import Line, between, left

_WIDTH = 75  # cells, so that it looks the same at 80 and 120 columns
_STEPS = 4


class Welcome(Vertical):
    """The steps as a list; the next one is marked. ``config`` is looked at on each ``show``."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._config = Config()
        self._next = 0

    def compose(self) -> ComposeResult:
        yield Lines(self._head, classes="text")
        yield Choices(_STEPS, self._step, id="steps")
        yield Lines(self._foot, classes="text")

    def show(self, config: Config) -> None:
        """Brings it up to date; a step that was done moves the mark on."""
        self._config = config
        following = next_step(config)
        choices = self.query_one(Choices)
        if following != self._next:
            self._next = following
            choices.mark(following)
        for lines in self.query(Lines):
            lines.show()

    @property
    def step(self) -> int:
        """The marked step, from 0 on."""
        return self.query_one(Choices).index

    def _head(self, width: int) -> Sequence[Line]:
        counted = _("{done} of {all} done").format(
            done=number(sum(_done(self._config))), all=number(_STEPS)
        )
        title = between(
            (("   ", ""), (_("Bring your segments into Omnisend"), "bold")),
            ((counted, "muted"),),
            _WIDTH,
        )
        told = _("Four steps, once. Leave whenever you like: what is done stays done.")
        return [(), title, (("   ", ""), (told, "muted")), ()]

    def _step(self, index: int, marked: bool, _width: int) -> Line:
        name, what, beside = _texts(self._config)[index]
        done = _done(self._config)[index]
        following = index == self._next
        sign = ("✔", "success") if done else ("●", "accent") if following else ("•", "muted")
        label = left(f"{index + 1} {name}", self._label_width())
        start: Line = (
            (" ", ""), sign, ("  ", ""), (label, "bold" if following else ""),
            (what, "" if marked else "muted"),
        )  # fmt: skip
        return between(start, ((beside, "muted"),), _WIDTH - 2)

    def _label_width(self) -> int:
        names = [f"1 {name}" for name, *_more in _texts(self._config)]
        return max(17, *(cell_len(name) + 2 for name in [*names, _("Try the demo")]))

    def _foot(self, _width: int) -> Sequence[Line]:
        label = left(_("Try the demo"), self._label_width())
        start: Line = (
            ("   ", ""), ("d", "accent bold"), ("  ", ""), (label, ""),
            (_("sample profiles, no account"), "muted"),
        )  # fmt: skip
        rule: Line = (("  ", ""), ("─" * (_WIDTH - 2), "rule"))
        return [rule, between(start, ((_("no network"), "muted"),), _WIDTH)]


def next_step(config: Config) -> int:
    """The first step that isn't done."""
    done = _done(config)
    return done.index(False) if False in done else _STEPS - 1


def _done(config: Config) -> list[bool]:
    # The last one is done where an export is: then the exports themselves are shown.
    return [bool(config.connections), bool(config.sources), bool(config.exports), False]


def _texts(config: Config) -> list[tuple[str, str, str]]:
    """Each step's name, what it is, and how long it takes or what it needs."""
    ready = bool(config.connections and config.sources)
    return [
        (_("Connection"), _("one Omnisend shop, its API key"), _("2 minutes")),
        (_("Source"), _("files, or Customer Insights"), _("1 minute")),
        (
            _("Export"), _("which segment, which fields"),
            _("1 minute") if ready else _("needs 1 and 2"),
        ),
        (_("First run"), _("here, with the key r"), _("needs 3")),
    ]  # fmt: skip
