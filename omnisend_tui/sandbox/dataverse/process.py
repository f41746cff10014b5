"""A sandbox of Dataverse in a process of its own, for the demo and the benchmarks."""

import os
import shlex
import subprocess
import sys
from types import TracebackType

import msgspec

from omnisend_tui.errors import AppError
from omnisend_tui.i18n import _
from omnisend_tui.sandbox.dataverse.options import DataverseOptions


class _Line(msgspec.Struct, frozen=True):
    url: str
    authority: str
    tenant: str
    client_id: str
    client_secret: str


class DataverseProcess:
    """Runs while it is entered; what was made up is read from the child's first line."""

    def __init__(self, options: DataverseOptions) -> None:
        self._options = options
        self.url = self.authority = self.tenant = self.client_id = self.client_secret = ""

    def __enter__(self) -> "DataverseProcess":
        # -P: nothing is taken from the folder that somebody happens to be in.
        command = [sys.executable, "-P", "-m", "omnisend_tui.sandbox.dataverse"]
        self._child: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A child needs none of the secrets that this process may have been given.
            env={k: v for k, v in os.environ.items() if not k.startswith("OMNISEND_TUI_")},
            start_new_session=True,  # Ctrl+C in the terminal is for the app, which ends it
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            # Not as an argument: the list of processes would show the secret.
            self._child.stdin.write(msgspec.json.encode(self._options))
            self._child.stdin.close()
            line = msgspec.json.decode(self._child.stdout.readline(), type=_Line)
        except (OSError, ValueError):
            self.stop()
            raise AppError(
                "sandbox_failed",
                _("The sandbox of Customer Insights didn't start."),
                _("To see why: {command}").format(command=shlex.join(command)),
            ) from None
        self.url, self.authority, self.tenant = line.url, line.authority, line.tenant
        self.client_id, self.client_secret = line.client_id, line.client_secret
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Of the child, for whoever measures it."""
        return self._child.pid

    def stop(self) -> int:
        """Ends the child: its exit code."""
        self._child.terminate()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream:
                stream.close()
        return self._child.returncode
