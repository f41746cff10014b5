"""One key at a time: those typed ahead wait until the one before them has done its work."""

import asyncio
import time
from collections import deque
from typing import Any, Protocol, runtime_checkable

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

PATIENCE = 5.0  # seconds that a key waits at most for the one before it
CHECK = 0.05  # seconds between two looks whether the one before it is lost


@runtime_checkable
class Turning(Protocol):
    """A screen that takes several steps to show something else."""

    turning: bool
    """Whether it is at that; keys wait until it calls ``TypingAhead.turned``."""


class TypingAhead(App[int]):
    """Gives what has the focus one key or paste after the other.

    Textual gives each to what has the focus when it arrives, although a key that waits in the
    queue of a widget may move the focus; and priority bindings overtake such keys.
    """

    class Done(Message):
        """Follows a key through the same queues, so that it reaches the app after the key."""

        def __init__(self, count: int, again: int) -> None:
            super().__init__()
            self.count = count
            self.again = again

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._typed: deque[events.Key | events.Paste] = deque()
        self._given = 0
        self._at_work = False
        self._turns = False  # the key is done, but its screen still turns
        self._through: tuple[Screen[Any], Widget] | None = None  # where the key went
        self._checking: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
        elif self._at_work:
            self._typed.append(event)
        elif self._turning():
            # By itself, as once a check is done: nothing has the focus yet.
            self._typed.append(event)
            self._at_work = self._turns = True
            self._check_later(time.monotonic() + PATIENCE)
        else:
            await self._give(event)

    async def _give(self, event: events.Key | events.Paste) -> None:
        self._at_work, self._turns = True, False
        self._given += 1
        self._check_later(time.monotonic() + PATIENCE)
        self._through = self.screen, self.focused or self.screen
        try:
            await super().on_event(event)
        finally:
            # Once more for what the key made a widget tell, as a button that it was pressed.
            self._follow(again=1)

    def _follow(self, again: int) -> None:
        if self._lost():
            # What was opened gets its focus before this message.
            self._through = self.screen, self.screen
        if self._through is not None:
            self._through[1].post_message(self.Done(self._given, again))

    def _lost(self) -> bool:
        """Whether what the key went through isn't shown any more, with all that was in it."""
        if self._through is None:
            return True
        screen, target = self._through
        return screen is not self.screen or not (target.is_attached and target.is_running)

    def _check_later(self, end: float) -> None:
        loop = asyncio.get_running_loop()
        self._checking = loop.call_later(CHECK, self._check, end)

    def _check(self, end: float) -> None:
        if not self.screen_stack:  # the app ends
            return
        if time.monotonic() > end:
            self._give_next()
            return
        if self._lost():
            self._follow(again=0)
        self._check_later(end)

    def on_typing_ahead_done(self, event: Done) -> None:
        if event.count != self._given or not self._at_work:
            return
        if self._turning():
            self._turns = True
        elif event.again or self._lost():
            self._follow(max(0, event.again - 1))
        else:
            self._give_next()

    def _turning(self) -> bool:
        screen = self.screen
        return isinstance(screen, Turning) and screen.turning

    def turned(self) -> None:
        """The screen shows what it turned to, and that has the focus."""
        if self._turns:
            self._turns = False
            self._follow(again=0)

    def _give_next(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        self._at_work = bool(self._typed)
        if self._typed:
            self.call_next(self._give, self._typed.popleft())
