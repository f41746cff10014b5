"""What a source keeps somebody waiting for who has its profiles counted or read."""

import math
import time

import msgspec

from omnisend_tui.records import LogLine


class SourceWait:
    """Hears the lines of a log in the thread that reads, and tells of the wait on the screen."""

    def __init__(self) -> None:
        self._wait: tuple[LogLine, float] | None = None  # and until when it lasts

    def hear(self, line: LogLine) -> None:
        if line.code == "source_waits":
            self._wait = line, time.monotonic() + int(line.parameters["seconds"])

    def end(self) -> None:
        """Another source is read from now on."""
        self._wait = None

    def line(self) -> LogLine | None:
        """The wait with the seconds that are left, None where there is none."""
        wait = self._wait  # once, for the other thread may end it
        if wait is None:
            return None
        line, until = wait
        left = math.ceil(until - time.monotonic())
        if left <= 0:
            return None
        return msgspec.structs.replace(line, parameters={**line.parameters, "seconds": left})
