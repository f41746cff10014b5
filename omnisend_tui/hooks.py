"""Tells commands and webhooks that a run ended: the run's object, never a key or an address.

Each hook has its own thread and its own limit. Whatever one does, none raises, and the run has
ended before: its status is kept and its lock let go.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omnisend_tui.config.models import Hook
from omnisend_tui.documents import Document, run_document
from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.log import log_exception
from omnisend_tui.masking import mask_addresses
from omnisend_tui.progress import Snapshot
from omnisend_tui.records import LogLine
from omnisend_tui.state import State

if TYPE_CHECKING:
    from omnisend_tui.engine.run import Run

_FAILED = "hook_failed"  # the code of the line in a run's log
_SOON = 0.5  # seconds; who waits longer is told for what
_GRACE = 1.0  # seconds between asking a command to end and ending it
_LOOK = 0.1  # seconds between two looks at a command that goes on


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a hook failed: a code that ``sentences.hook_sentence`` knows, or a fault of ``http``.

    ``number`` is the exit code, the signal or the HTTP status, where there is one.
    """

    why: str
    number: int = 0


def tell(hooks: Sequence[Hook], state: State, run: Snapshot, enough: threading.Event) -> None:
    """Calls every hook that wants to know how ``run`` ended, side by side, and waits for them.

    One that fails is told in the log of the run. It takes at most the longest limit, and ends
    early once ``enough`` is set. Raises nothing.
    """
    called = [(place, hook) for place, hook in enumerate(hooks, 1) if run.status in hook.on]
    if not called:
        return
    document = json.dumps(hook_document(run)).encode()
    calls = [_Call(place, hook, document, enough) for place, hook in called]
    try:
        for call in calls:
            call.thread.start()
        for call in calls:
            if failure := call.wait():
                state.add_log(run.run_id, _line(call.place, call.hook, failure))
    except (AppError, RuntimeError) as error:
        # The state is closed or full, or the machine gives no more threads.
        log_exception(error)


def await_hooks(ended: Sequence["Run"], say: Callable[[str], None]) -> None:
    """Waits for the hooks of runs that ended; none takes longer than its limit.

    ``say`` is told once that it waits. Ctrl+C gives the hooks up.
    """
    try:
        if not all(run.follow(_SOON) for run in ended):
            say(_("Waiting for the hooks; Ctrl+C gives them up."))
        for run in ended:
            run.follow()
    except KeyboardInterrupt:
        give_up(ended)


def give_up(runs: Sequence["Run"]) -> None:
    """Ends the hooks of runs, commands with all that they started; of those that go on, once they
    begin.
    """
    for run in runs:
        run.hurry()
    for run in runs:
        if run.wait(0) is not None:
            run.follow()


def failures(state: State, run_id: str) -> list[LogLine]:
    """The lines in the log of a run that tell of hooks that failed; ``StateError``."""
    return [line for line in state.log(run_id) if line.code == _FAILED]


def hook_document(run: Snapshot) -> Document:
    """The run's object for others: what a server said in an error may quote an address."""
    document = run_document(run, run.updated_at)
    if error := document["error"]:
        document["error"] = {
            key: text if key == "code" else mask_addresses(text) for key, text in error.items()
        }
    return document


def hook_name(hook: Hook) -> str:
    """What may be shown of a hook: its program or its host; arguments and paths may be secrets."""
    return urlsplit(hook.url).hostname or "" if hook.url else Path(hook.command[0]).name


def missing_program(hook: Hook) -> bool:
    """Whether the program of a command isn't there, or can't be executed by this user."""
    return bool(hook.command) and shutil.which(hook.command[0]) is None


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` without what is this app's own: among it may be keys, or the way to them."""
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith("OMNISEND_TUI_") and name.upper() != "CREDENTIALS_DIRECTORY"
    }


class _Call:
    """One hook under way, in a thread that is left behind where nothing can end it in time."""

    def __init__(self, place: int, hook: Hook, document: bytes, enough: threading.Event) -> None:
        self.place = place
        self.hook = hook
        self._document = document
        self._enough = enough
        self._ends = time.monotonic() + hook.seconds
        self._done = threading.Event()
        self._failure: Failure | None = None
        self.thread = threading.Thread(target=self._work, name=f"hook {place}", daemon=True)

    def wait(self) -> Failure | None:
        """What went wrong, once it is known or the limit is over."""
        last = self._ends + 3 * _GRACE
        while not self._done.wait(_LOOK):
            if self._enough.is_set() and self.hook.url:
                return Failure("stopped")
            if time.monotonic() > last:
                return Failure("timeout")
        return self._failure

    def _work(self) -> None:
        try:
            self._failure = self._posted() if self.hook.url else self._executed()
        except Exception as error:
            log_exception(error)
            self._failure = Failure("unexpected")
        finally:
            self._done.set()

    def _posted(self) -> Failure | None:
        from omnisend_tui.http import NetworkError, post

        try:
            status = post(self.hook.url, self._document, self.hook.seconds)
        except NetworkError as error:
            return Failure(error.fault)
        return None if 200 <= status < 300 else Failure("status", status)

    def _executed(self) -> Failure | None:
        try:
            process = subprocess.Popen(
                self.hook.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=child_environment(os.environ),
                start_new_session=True,  # so that all that it starts can be ended with it
            )
        except (OSError, ValueError):
            return Failure("not_started")
        try:
            code = self._await(process)
        finally:
            _end_group(process)
        if code is None:
            return Failure("stopped" if self._enough.is_set() else "timeout")
        return Failure("signal", -code) if code < 0 else Failure("exit", code) if code else None

    def _await(self, process: "subprocess.Popen[bytes]") -> int | None:
        """Its exit code; None where it goes on after the limit."""
        given: bytes | None = self._document
        while True:
            try:
                process.communicate(given, timeout=_LOOK)
            except subprocess.TimeoutExpired:
                given = None  # what is left of it is still written
                if self._enough.is_set() or time.monotonic() > self._ends:
                    return None
            else:
                return process.returncode


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    """Ends a command with all that it started, but for what left its session."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not _signalled(process.pid, sign):
            break
        ends = time.monotonic() + _GRACE
        # The group outlives its first process while it has any other.
        while _signalled(process.pid, 0) and time.monotonic() < ends:
            process.poll()
            time.sleep(_LOOK / 5)
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    process.poll()


def _signalled(group: int, sign: int) -> bool:
    """Whether the group is there to be signalled; 0 only looks."""
    try:
        os.killpg(group, sign)
    except OSError:
        return False
    return True


def _line(place: int, hook: Hook, failure: Failure) -> LogLine:
    return LogLine(
        at=time.time(),
        code=_FAILED,
        parameters={
            "hook": place, "name": hook_name(hook), "why": failure.why, "number": failure.number,
            "seconds": hook.seconds,
        },
    )  # fmt: skip
