"""Home screens that do something about the marked row, in a thread and one thing at a time."""

from collections.abc import Callable

from omnisend_tui.i18n import _
from omnisend_tui.tui.attempt import Attempt
from omnisend_tui.tui.live import View
from omnisend_tui.tui.reopening import Place
from omnisend_tui.tui.screens.home import HomeScreen
from omnisend_tui.tui.words import hint_of


class Doing(HomeScreen):
    """Tells at a pulse how what was begun has ended."""

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(place)
        self._doing: Attempt[str] | None = None

    def busy(self) -> bool:
        """Whether something goes on, which is said then."""
        if self._doing is not None:
            self.say(_("One thing at a time: the last one isn't done yet."))
        return self._doing is not None

    def do(self, work: Callable[[], str]) -> None:
        """Does ``work``, whose result is the sentence that is told; nothing while another goes on.

        An ``AppError`` of it is told as it is.
        """
        if not self.busy():
            self._doing = Attempt(lambda _attempt: work())

    def present(self, view: View, gathered: object) -> None:
        super().present(view, gathered)
        ended = self._doing
        if ended is None or not ended.done:
            return
        self._doing = None
        if ended.error is not None:
            self.omnisend.say(ended.error.message, hint_of(ended.error), "error")
        else:
            self.say(ended.result or "")
            self.omnisend.stored()
