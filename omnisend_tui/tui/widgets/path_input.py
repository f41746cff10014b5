"""A field for a path, which completes while one types."""

import os
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from omnisend_tui.formats import number
from omnisend_tui.i18n import _, ngettext
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.widgets.completions import Completions, completions
from omnisend_tui.tui.widgets.inputs import TextInput
from omnisend_tui.tui.widgets.paint import Line, clean, cut

_LOOKING = 0.05  # seconds
_HANGING = 4  # folders that don't answer; then no other one is asked


class PathInput(TextInput):
    """Folders are read in threads. Tab completes, the arrow keys mark one of the entries found,
    and Enter takes the marked one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "mark(1)", show=False),
        Binding("up", "mark(-1)", show=False),
    ]

    class Found(Message):
        """What the path may go on with is another now."""

    class Completed(Message):
        """What waited for the completion can be done now."""

    def __init__(self, value: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, id=id)
        self.select_on_focus = False  # one goes on typing at the end of a path
        self.cursor_position = len(value)
        self.found = Completions("")
        self.marked: int | None = None
        self._attempt: Attempt[Completions] | None = None
        self._hanging: list[Attempt[Completions]] = []
        self._eager = False  # Tab came before the entries
        self.awaited = False  # something is to be done once they completed the path
        self._completed: str | None = None  # what they made of it
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        self._timer = self.set_interval(_LOOKING, self._take_found, pause=True)

    @on(Input.Changed)
    def _changed(self) -> None:
        if self._attempt is not None:
            self._attempt.stop.set()
            self._hanging = [each for each in (*self._hanging, self._attempt) if not each.done]
        self._attempt, self._eager = None, False
        self.awaited = self.awaited and self.value == self._completed
        self._show(Completions(""))
        typed = self.value.lstrip()
        if typed and len(self._hanging) < _HANGING and self._timer is not None:
            self._attempt = Attempt(lambda attempt: completions(typed, attempt.stop))
            self._timer.resume()

    def _take_found(self) -> None:
        attempt = self._attempt
        if attempt is not None and not attempt.done:
            return
        if self._timer is not None:
            self._timer.pause()
        eager, self._attempt, self._eager = self._eager, None, False
        if attempt is not None and attempt.result is not None:
            self._show(attempt.result)
            if eager:
                self.complete()
        if self.awaited:
            self._completed = self.value
            # Behind the change of the value, which takes the same ways.
            self.post_message(self.Completed())

    def _show(self, found: Completions) -> None:
        self.found, self.marked = found, None
        self.post_message(self.Found())

    # Choosing.

    def completes(self) -> bool:
        """Whether Tab would do something here."""
        return self.offers() if self._attempt is None else not self._eager

    def offers(self) -> bool:
        """Whether there is something that isn't typed yet."""
        found = self.found
        if self.marked is not None:
            return True
        return bool(found.names) and not found.pattern and self._end() not in found.names

    def complete(self) -> bool:
        """Takes the marked entry or what all have in common, else marks the first; False where
        there is nothing to complete.
        """
        if not self.completes():
            return False
        if self._attempt is not None:
            self._eager = True
            return True
        names = self.found.names
        # Letter by letter, as one types.
        shared = os.path.commonprefix(names)  # noqa: RUF071
        common = shared if self.marked is None else names[self.marked]
        if self.marked is not None or len(common) > len(self._end()) or len(names) == 1:
            self.value = self.found.taking(common)
            self.cursor_position = len(self.value)
        else:
            self.action_mark(1)
        return True

    def waits(self) -> bool:
        """Whether Tab still completes the path; ``Completed`` follows then, unless one types on."""
        self.awaited, self._completed = self._eager, None
        return self.awaited

    def take_completed(self) -> bool:
        """Whether what waited for the completion is still wanted; it waits no more."""
        wanted = self.awaited and self.value == self._completed
        self.awaited = False
        return wanted

    def give_up(self) -> None:
        """Tab completes nothing that hasn't been found yet, and nothing waits for it."""
        self._eager = self.awaited = False

    def action_mark(self, by: int) -> None:
        names = () if self.found.pattern else self.found.names
        if names:
            first = 0 if by > 0 else len(names) - 1
            self.marked = first if self.marked is None else (self.marked + by) % len(names)
            self.post_message(self.Found())

    async def action_submit(self) -> None:
        if self.marked is None or not self.complete():
            await super().action_submit()

    def _end(self) -> str:
        """What stands after the last ``/``."""
        return self.found.typed.rpartition("/")[2]

    # What it says.

    def lines(self, width: int, rows: int) -> Sequence[Line]:
        """What was found, in at most ``rows`` lines around the marked one."""
        found = self.found
        names = found.names
        if not names or (len(names) == 1 and names[0] == self._end()):
            return []
        shown = rows - 1
        first = max(0, min((self.marked or 0) - shown // 2, len(names) - shown))
        lines: list[Line] = []
        for at, name in list(enumerate(names))[first : first + shown]:
            bar = "▌ " if at == self.marked else "  "
            ink = "bold" if at == self.marked else "" if name.endswith("/") else "muted"
            lines.append(((bar, "accent"), (cut(clean(name), width - 2), ink)))
        count = number(len(names))
        if found.pattern and found.more:
            told = _("More than {count} files match.").format(count=count)
        elif found.pattern:
            told = ngettext("{count} file matches.", "{count} files match.", len(names)).format(
                count=count
            )
        elif found.more:
            told = _("The first {count}; type on to find others.").format(count=count)
        else:
            return lines
        return [*lines, ((f"  {told}", "muted"),)]
