"""What the app says in one line at its top, for some seconds."""

import math
import time

from textual.app import App
from textual.notifications import SeverityLevel

from omnisend_tui.tui.typing_ahead import TypingAhead
from omnisend_tui.tui.widgets.paint import clean


class Noticing(TypingAhead):
    """Shows each notice once, on the uppermost screen alone."""

    SUSPENDED_SCREEN_CLASS = "-under"  # whose notices app.tcss hides: a dialog shows them anew

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._said: dict[str, float] = {}  # notices, and until when each stands

    def say(
        self,
        message: str,
        hint: str = "",
        severity: SeverityLevel = "information",
        seconds: float = App.NOTIFICATION_TIMEOUT,
    ) -> None:
        """Tells something for ``seconds``, unless it still stands; markup in it is text."""
        text = clean(f"{message} {hint}".strip())
        now = time.monotonic()
        if now >= self._said.get(text, -math.inf):
            self._said[text] = now + seconds
            self.notify(text, severity=severity, timeout=seconds, markup=False)

    def clear_asides(self) -> None:
        """Takes away what was told in passing; warnings and errors stand their time."""
        for notice in tuple(self._notifications):
            if notice.severity == "information":
                self._unnotify(notice, refresh=False)
                self._said.pop(notice.message, None)
        self._refresh_notifications()
